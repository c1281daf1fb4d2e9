"""A SQLite file that nothing can be written beside: on a medium or in a folder only to be read.

SQLite keeps two more files beside one that it reads, to take turns with writers. Where it can't,
it reads the file as one that doesn't change; whether it did is looked at after each reading.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

import attrs

from rectify.errors import StoreError
from rectify.i18n import message


@attrs.frozen
class Frozen:
    """A file, taken not to change, and what it was like when it was opened."""

    path: Path
    name: str
    state: tuple[int, ...]

    def connect(self) -> sqlite3.Connection:
        """Open it as what doesn't change; SQLite then neither locks it nor looks beside it."""
        address = f"file:{quote(str(self.path.absolute()))}?immutable=1"
        return sqlite3.connect(address, uri=True, check_same_thread=False)

    def check(self) -> None:
        """`StoreError` where it has changed after all: what was read of it may be of two times."""
        if _state(self.path) != self.state or is_written_beside(self.path):
            raise StoreError(
                self.name,
                message("another program is writing to it while it can only be read here; copy it"),
            )


def frozen(database: str, name: str) -> Frozen | None:
    """The file, if it is there and its folder can't be written to; None where it can.

    Raises `StoreError` where a program that was writing to it has left it unfinished.
    """
    path = Path(database)
    if os.access(path.parent, os.W_OK) or not path.is_file():
        return None
    if is_written_beside(path):
        if Path(f"{path}-shm").exists():
            # A program has it open, and SQLite reads by that one's turns.
            return None
        raise StoreError(
            name,
            message(
                "a program that wrote to it was cut off, and what it wrote last is in {wal};"
                " copy both files to a folder that can be written to, and open it there",
                wal=f"{path.name}-wal",
            ),
        )
    return Frozen(path, name, _state(path))


def is_written_beside(path: Path) -> bool:
    """Whether a file beside it holds what the file itself does not have yet."""
    wal = Path(f"{path}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _state(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
