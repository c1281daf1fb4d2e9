"""What a database says when something is wrong, as an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, exc

from rectify.errors import StoreError, StoreUnreadable
from rectify.i18n import Message, message

BUSY_SECONDS_MAX: Final = 10
"""How long a statement waits for another writer."""

SILENT_SECONDS_MAX: Final = 60
"""How long a server may say nothing while it has something to answer."""
SILENT: Final = "RC001"
"""The code, in the manner of SQLSTATE, of a server that said nothing for so long."""

# SQLite's driver, of a text that is not UTF-8; a host's connection may read that way.
_QUOTES_WHAT_IT_READ: Final = "Could not decode"


def store_error(name: str, error: exc.SQLAlchemyError) -> StoreError:
    """What the database said, as an error of ours, without any value of a row.

    Raise it ``from None``: a driver's own error may quote what a row holds.
    """
    error = _first(error)
    original = getattr(error, "orig", None)
    diagnosis = getattr(original, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(original or "").strip()
    said = said.splitlines()[0] if said else type(original or error).__name__
    if said.startswith(_QUOTES_WHAT_IT_READ):
        return StoreUnreadable(name, message("a text in it is damaged; audit the ledger"))
    if isinstance(error, exc.PendingRollbackError):
        return StoreError(
            name, message("an error has undone all of the transaction; begin it again")
        )
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    known = _known(code or "", connected=not getattr(error, "connection_invalidated", False))
    if known is not None:
        return StoreError(name, known)
    damaged = ("not a database", "malformed", "disk image", "no such table", "no such column")
    kind = StoreUnreadable if any(part in said for part in damaged) else StoreError
    return kind(name, message("the database says: {said}", said=said))


def _first(error: exc.SQLAlchemyError) -> exc.SQLAlchemyError:
    """What went wrong first, where that left no savepoint to go back to."""
    statement = getattr(error, "statement", None) or ""
    if not statement.startswith("ROLLBACK TO"):
        return error
    earlier = error.__context__
    while earlier is not None and not isinstance(earlier, exc.SQLAlchemyError):
        earlier = earlier.__context__
    return error if earlier is None else _first(earlier)


def is_undone(connection: Connection) -> bool:
    """Whether an error has undone all of the transaction, so that it must not be gone on with.

    SQLite undoes it where the disk is full, and what follows would be committed by itself;
    PostgreSQL would take the commit and write nothing.
    """
    if connection.invalidated or connection.closed:
        return True
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return not driver.in_transaction
    return bool(driver.closed or driver.info.transaction_status.name == "INERROR")


def abandon_if_undone(connection: Connection) -> None:
    """Have a host's transaction that was undone as a whole refuse what the host does next."""
    if is_undone(connection) and not (connection.invalidated or connection.closed):
        connection.invalidate()


def _known(code: str, *, connected: bool) -> Message | None:
    """What a code of SQLite or PostgreSQL comes to and what to do about it, where that is known."""
    for beginning, text in _TEXTS.items():
        if code.startswith(beginning):
            return text
    return None if connected else _CUT_OFF


_FULL: Final = message("the disk is full; make room, then do it again")
_HELD: Final = message(
    "another program has kept it from being written to for {seconds} seconds; do it again later",
    seconds=BUSY_SECONDS_MAX,
)
_ONLY_READ: Final = message("it can only be read here, not written to")
_CUT_OFF: Final = message(
    "the connection was cut off; what was being written is there as a whole or not at all:"
    " get the issue again to see"
)
_TEXTS: Final[Mapping[str, Message]] = {
    "SQLITE_FULL": _FULL,
    "SQLITE_BUSY": _HELD,
    "SQLITE_READONLY": _ONLY_READ,
    "SQLITE_CANTOPEN": message(
        "it can't be opened: the file must be readable, and the folder writable while"
        " another program has it open"
    ),
    "53100": _FULL,
    "55P03": _HELD,
    "25006": _ONLY_READ,
    "42501": message(
        "the database refuses: its user lacks a right; a ledger needs SELECT, INSERT and UPDATE"
        " on the tables rectify_…"
    ),
    "57014": message("the database took longer than it may (statement_timeout); do it again later"),
    SILENT: message(
        "the database has said nothing for {seconds} seconds and was hung up on; what was being"
        " written is there as a whole or not at all: get the issue again to see",
        seconds=SILENT_SECONDS_MAX,
    ),
    "57P01": _CUT_OFF,
    "57P02": _CUT_OFF,
}
