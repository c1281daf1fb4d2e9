"""Running a statement over many rows, as the driver takes them.

Half the time of a small statement is in its wrapping: here it is compiled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Update

from rectify.stores.tables import Instant

_INSTANT = Instant()


def many(
    connection: Connection, statement: Insert | Update, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Run a statement over rows of the same columns; gives how many rows it touched."""
    write = _INSTANT.bind_processor(connection.dialect)
    assert write is not None
    values = [
        {name: write(v) if type(v) is datetime else v for name, v in row.items()} for row in rows
    ]
    if not values:
        return 0
    compiled = statement.compile(connection, column_keys=list(values[0]))
    sql, names = str(compiled), compiled.positiontup
    if names is None:
        return connection.exec_driver_sql(sql, values).rowcount
    placed = [tuple([row[name] for name in names]) for row in values]
    return connection.exec_driver_sql(sql, placed).rowcount
