"""Reaching a database: its address, its engine, and what it says when something is wrong."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    exc,
    make_url,
)

from rectify.errors import MissingExtra, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.sealed import ESCAPED

BUSY_SECONDS_MAX: Final = 10
"""How long a statement waits for another writer."""


def shown(url: URL) -> str:
    """An address as messages show it: without its password."""
    try:
        return url.render_as_string(hide_password=True)
    except UnicodeEncodeError:
        return "–"


def connect(url: str | PathLike[str], *, create: bool) -> Engine:
    """An engine for an address or a SQLite file's path; nothing is written.

    With ``create`` false no file is made either.

    Raises `StoreError` for an address that can't be read, a driver that is not installed, a
    file that is not there.
    """
    try:
        if isinstance(url, str):
            parsed = make_url(url)
        else:
            parsed = URL.create("sqlite", database=fspath(url))
    except exc.ArgumentError:
        raise StoreError(
            "–",
            message("the address can't be read; expected for example sqlite:///ledger.db"),
        ) from None
    name = shown(parsed)
    check_backend(parsed.get_backend_name(), name)
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed, name, create=create)
    options: dict[str, Any] = {"hide_parameters": True}
    if parsed.get_backend_name() == "postgresql":
        options["connect_args"] = {"connect_timeout": BUSY_SECONDS_MAX}
    try:
        engine = create_engine(parsed, **options)
    except exc.NoSuchModuleError:
        raise StoreError(
            name, message("no such driver is known; expected postgresql+psycopg://…")
        ) from None
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise MissingExtra(error.name, "postgres") from None
        raise StoreError(
            name,
            message(
                "the driver {driver} is not installed; rectify[postgres] brings psycopg,"
                " for postgresql+psycopg://…",
                driver=error.name,
            ),
        ) from None
    _prepare(engine)
    return engine


def check_backend(backend: str, name: str) -> None:
    """`StoreError` for a kind of database that ledgers are not kept on."""
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(
            name, message("ledgers are kept on SQLite (sqlite:///…) or PostgreSQL (postgresql+…)")
        )


def _check_file(url: URL, name: str, *, create: bool) -> None:
    if url.database in (None, "", ":memory:"):
        raise StoreError(
            name, message("a ledger in memory is Ledger(campaign), without an address")
        )
    path = Path(str(url.database))
    if name == "–" or "\0" in str(path):
        raise StoreError(name, message("the path has characters that can't be written"))
    if path.is_dir():
        raise StoreUnreadable(name, message("it is a folder"))
    if not path.parent.is_dir():
        raise StoreError(name, message("the folder {folder} is not there", folder=path.parent))
    if not create and not path.exists():
        raise StoreError(name, message("there is no such file"))


def _as_it_is(text: bytes) -> str:
    """A text that may be damaged: read for the audit to find, rather than quoted by an error."""
    return text.decode(errors=ESCAPED)


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    def on_connect(connection: Any, _: object) -> None:
        # Transactions are begun below, not by the driver, which would begin them too late.
        connection.isolation_level = None
        connection.text_factory = _as_it_is
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS_MAX * 1000}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten: what is erased is in no free page.
        connection.execute("PRAGMA secure_delete = ON")

    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("rectify_read_only")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


# SQLite's driver, of a text that is not UTF-8; a host's connection may read that way.
_QUOTES_WHAT_IT_READ: Final = "Could not decode"


def store_error(name: str, error: exc.SQLAlchemyError) -> StoreError:
    """What the database said, as an error of ours, without any value of a row.

    Raise it ``from None``: a driver's own error may quote what a row holds.
    """
    original = getattr(error, "orig", None)
    diagnosis = getattr(original, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(original or "").strip()
    said = said.splitlines()[0] if said else type(original or error).__name__
    if said.startswith(_QUOTES_WHAT_IT_READ):
        return StoreUnreadable(name, message("a text in it is damaged; audit the ledger"))
    damaged = ("not a database", "malformed", "disk image", "no such table", "no such column")
    kind = StoreUnreadable if any(part in said for part in damaged) else StoreError
    return kind(name, message("the database says: {said}", said=said))
