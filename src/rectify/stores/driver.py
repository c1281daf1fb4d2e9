"""Running a statement as the driver takes it.

Most of the time of a small statement is in its wrapping: these are compiled once for each kind
of database and handed to the driver, unless somebody listens to the engine or has it log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Insert, Select, Update, exc

from rectify.stores.tables import Instant

_Statement: TypeAlias = Insert | Update | Select[*tuple[Any, ...]]
_INSTANT = Instant()
_COMPILED: dict[tuple[object, ...], tuple[str, Sequence[str] | None]] = {}


def run(connection: Connection, statement: Insert | Update, row: Mapping[str, Any]) -> int:
    """Run a statement on one row; gives how many rows it touched."""
    sql, names = compiled(connection.dialect, statement, tuple(row))
    given = _given(row, names, connection.dialect)
    with _Said(connection):
        rows: int = _execute(connection, sql, given).rowcount
    return rows


def many(
    connection: Connection, statement: Insert | Update, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Run a statement on rows of the same columns; gives how many rows it touched."""
    rows = list(rows)
    if not rows:
        return 0
    dialect = connection.dialect
    sql, names = compiled(dialect, statement, tuple(rows[0]))
    given = [_given(row, names, dialect) for row in rows]
    with _Said(connection):
        if _is_watched(connection):
            return connection.exec_driver_sql(sql, given).rowcount
        cursor = connection.connection.cursor()
        cursor.executemany(sql, given)
        return cursor.rowcount


def first(connection: Connection, statement: Select[*tuple[Any, ...]], **values: object) -> Any:
    """The first row that a statement finds, as the driver gives it, or None."""
    sql, names = compiled(connection.dialect, statement, ())
    given = _given(values, names, connection.dialect)
    with _Said(connection):
        return _execute(connection, sql, given).fetchone()


def _execute(connection: Connection, sql: str, given: Any) -> Any:
    """Run it in the transaction that was begun before."""
    if _is_watched(connection):
        return connection.exec_driver_sql(sql, given)
    cursor = connection.connection.cursor()
    cursor.execute(sql, given)
    return cursor


class _Said:
    """Within it, a driver's error becomes SQLAlchemy's, without what the statement held."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        dialect = self._connection.dialect
        driver: Any = dialect.loaded_dbapi
        said: Any = error
        if isinstance(error, UnicodeError):
            # What SQLite says of a damaged file can't be read, either.
            said = driver.DatabaseError("malformed text")
        if not isinstance(said, driver.Error):
            return
        raw = self._connection.connection.dbapi_connection
        cut_off = dialect.is_disconnect(said, raw, None)
        if cut_off:
            # As SQLAlchemy does: nor are the pool's other connections any good.
            self._connection.invalidate(said)
            self._connection.engine.dispose()
        raise exc.DBAPIError.instance(
            None,
            None,
            said,
            driver.Error,
            hide_parameters=True,
            connection_invalidated=cut_off,
            dialect=dialect,
        ) from None


def _is_watched(connection: Connection) -> bool:
    watched: Any = connection
    listeners = watched.dispatch
    return bool(listeners.before_cursor_execute or listeners.after_cursor_execute or watched._echo)


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


def _given(row: Mapping[str, Any], names: Sequence[str] | None, dialect: Dialect) -> Any:
    """The values of a row as the driver takes them."""
    write = _INSTANT.process_bind_param
    if names is None:
        return {n: write(v, dialect) if type(v) is datetime else v for n, v in row.items()}
    values = map(row.__getitem__, names)
    return tuple([write(v, dialect) if type(v) is datetime else v for v in values])
