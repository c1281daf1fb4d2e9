"""Single bytes changed behind a ledger's back: in a value of a row, and in the file itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs
import psycopg

from rectify.stores import tables

AUDITED: Final = (
    tables.record,
    tables.issue,
    tables.secret,
    tables.event_row,
    tables.journal,
)
WEIGHTS: Final = (8, 6, 2, 2, 1)
"""How often a table's turn comes, in their order."""
UNAUDITED: Final = "erased_at"


@attrs.frozen
class Change:
    """One byte of one value: in which row, by its key, and what the value was and is."""

    table: str
    key: dict[str, Any]
    column: str
    was: Any
    now: Any


class Database:
    """The tables of a ledger, with nothing that protects them."""

    def __init__(self, url: str) -> None:
        self.lite = url.startswith("sqlite")
        self._connection: Any
        if self.lite:
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self._connection.text_factory = bytes
            for table in ("rectify_record", "rectify_event", "rectify_journal"):
                for action in ("update", "delete"):
                    self.run(f"DROP TRIGGER {table}_no_{action}")
        else:
            self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            for table in ("rectify_record", "rectify_event", "rectify_journal"):
                self.run(f"DROP TRIGGER {table}_grows ON {table}")

    def run(self, statement: str, *values: Any) -> Any:
        """Run a statement, with ``?`` for each value; texts are bytes on SQLite."""
        if self.lite:
            for value in values:
                mark = "CAST(\x00 AS TEXT)" if isinstance(value, bytes) else "\x00"
                statement = statement.replace("?", mark, 1)
            return self._connection.execute(statement.replace("\x00", "?"), values)
        return self._connection.execute(statement.replace("?", "%s"), values)

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, as the driver gives them."""
        cursor = self.run(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def changes(self, chance: Random) -> Iterator[Change]:
        """Changes to the rows as they are now, without end."""
        kept = {table: self.rows(table.name) for table in AUDITED}
        weights = [weight * bool(kept[t]) for t, weight in zip(AUDITED, WEIGHTS, strict=True)]
        while True:
            (table,) = chance.choices(AUDITED, weights)
            row = chance.choice(kept[table])
            key = {column.name: row[column.name] for column in table.primary_key}
            column = chance.choice([*row, *(name for name in row if name == "body")])
            if column == UNAUDITED or row[column] in (None, b"", ""):
                continue
            yield Change(table.name, key, column, row[column], self._changed(row[column], chance))

    def _changed(self, value: Any, chance: Random) -> Any:
        """The value with one byte changed, of a kind that the column takes."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value ^ (chance.randrange(1, 256) << 8 * chance.randrange(3))
        if isinstance(value, datetime):
            return value + timedelta(
                microseconds=chance.randrange(1, 256) << 8 * chance.randrange(5)
            )
        content = value if isinstance(value, bytes) else value.encode()
        while True:
            place = chance.randrange(len(content))
            byte = bytes([content[place] ^ chance.randrange(1, 256)])
            changed = content[:place] + byte + content[place + 1 :]
            if self.lite:
                return changed
            if b"\0" not in changed and _is_text(changed):
                return changed.decode()

    @contextmanager
    def changed(self, change: Change) -> Generator[None]:
        """The change, for a while. Raises the driver's error where a key is taken already."""
        self._set(change, change.key, change.now)
        try:
            yield
        finally:
            self._set(change, {**change.key, **_if_key(change)}, change.was)

    def _set(self, change: Change, key: dict[str, Any], value: Any) -> None:
        where = " AND ".join(f"{name} = ?" for name in key)
        update = f"UPDATE {change.table} SET {change.column} = ? WHERE {where}"
        assert self.run(update, value, *key.values()).rowcount == 1


def _if_key(change: Change) -> dict[str, Any]:
    return {change.column: change.now} if change.column in change.key else {}


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


TAKEN: Final = (sqlite3.IntegrityError, psycopg.IntegrityError)
"""What a database says where another row has the key."""


# The file itself.


def places_of_bodies(file: Path) -> list[int]:
    """Where in a SQLite file the bytes of records are, as far as they are in one piece."""
    content = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        bodies = [
            body.encode() for (body,) in connection.execute("SELECT body FROM rectify_record")
        ]
    places: list[int] = []
    for body in bodies:
        found = content.find(body)
        places += range(found, found + len(body)) if found >= 0 else ()
    return places
