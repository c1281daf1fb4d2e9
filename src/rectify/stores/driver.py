"""Running a statement as the driver takes it.

Half the time of a small statement is in its wrapping: these are compiled once for each kind
of database. They go over SQLAlchemy's connection, so that its logs and errors show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Insert, Select, Update

from rectify.stores.tables import Instant

_Statement: TypeAlias = Insert | Update | Select[Any]
_INSTANT = Instant()
_COMPILED: dict[tuple[object, ...], tuple[str, Sequence[str] | None]] = {}


def run(connection: Connection, statement: Insert | Update, row: Mapping[str, Any]) -> int:
    """Run a statement on one row; gives how many rows it touched."""
    sql, names = compiled(connection.dialect, statement, tuple(row))
    values = _values(row, connection.dialect)
    given: Any = values if names is None else tuple([values[name] for name in names])
    return connection.exec_driver_sql(sql, given).rowcount


def many(
    connection: Connection, statement: Insert | Update, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Run a statement on rows of the same columns; gives how many rows it touched."""
    dialect = connection.dialect
    values = [_values(row, dialect) for row in rows]
    if not values:
        return 0
    sql, names = compiled(dialect, statement, tuple(values[0]))
    given: Any = values
    if names is not None:
        given = [tuple([row[name] for name in names]) for row in values]
    return connection.exec_driver_sql(sql, given).rowcount


def first(connection: Connection, statement: Select[Any], **values: object) -> Any:
    """The first row that a statement finds, as the driver gives it, or None."""
    sql, names = compiled(connection.dialect, statement, ())
    given: Any = values if names is None else tuple([values[name] for name in names])
    return connection.exec_driver_sql(sql, given).fetchone()


def instant(value: Any, dialect: Dialect) -> datetime:
    """An instant, from as the driver gives it."""
    read = _INSTANT.process_result_value(value, dialect)
    assert read is not None
    return read


def compiled(
    dialect: Dialect, statement: _Statement, columns: tuple[str, ...]
) -> tuple[str, Sequence[str] | None]:
    """Its SQL, and the names of its parameters in order where the driver takes them by place."""
    key = (statement, dialect.name, dialect.driver, columns)
    if key not in _COMPILED:
        made = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        _COMPILED[key] = str(made), made.positiontup
    return _COMPILED[key]


def _values(row: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    write = _INSTANT.process_bind_param
    return {
        name: write(value, dialect) if type(value) is datetime else value
        for name, value in row.items()
    }
