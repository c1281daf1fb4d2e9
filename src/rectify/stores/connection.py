"""Opening a database as a ledger: the engine, the schema, and what can be wrong with either."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
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
    insert,
    inspect,
    make_url,
    select,
    text,
)

from rectify.errors import CampaignMismatch, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.sealed import ESCAPED
from rectify.stores import tables


def read_only(dialect: str) -> dict[str, Any]:
    """Options of a connection that only reads: it takes no write lock and sees one moment."""
    options: dict[str, Any] = {"rectify_read_only": True}
    if dialect == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return options


BUSY_SECONDS_MAX: Final = 10
"""How long a statement waits for another writer."""

_CREATION_LOCK: Final = 7_033_201_718
"""A number for PostgreSQL's advisory lock, so that two programs don't create at once."""


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
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            name, message("ledgers are kept on SQLite (sqlite:///…) or PostgreSQL (postgresql+…)")
        )
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
        raise StoreError(
            name,
            message(
                "the driver {driver} is not installed; install rectify[postgres]",
                driver=error.name,
            ),
        ) from None
    _prepare(engine)
    return engine


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

    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("rectify_read_only")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def settle_schema(engine: Engine, campaign: str, fingerprint: str, *, create: bool) -> None:
    """Make sure that the database holds this campaign's ledger, creating it if allowed.

    Raises `StoreUnreadable` for what is no ledger or of another layout and
    `CampaignMismatch` for that of another campaign; then nothing is written.
    """
    name = shown(engine.url)
    try:
        with engine.connect().execution_options(**read_only(engine.dialect.name)) as connection:
            there = inspect(connection).has_table(tables.ledger.name)
        if not there and not create:
            raise StoreUnreadable(name, message("the database holds no ledger"))
        if not there:
            _create(engine, campaign, fingerprint)
        with engine.connect().execution_options(**read_only(engine.dialect.name)) as connection:
            rows = connection.execute(select(tables.ledger).limit(2)).all()
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None
    row = rows[0] if len(rows) == 1 else None
    if row is None or row.schema_version != tables.SCHEMA:
        raise StoreUnreadable(
            name,
            message(
                "its layout is number {found}; this program reads {known}",
                found="?" if row is None else row.schema_version,
                known=tables.SCHEMA,
            ),
        )
    if (row.campaign, row.fingerprint) != (campaign, fingerprint):
        raise CampaignMismatch(
            name,
            message(
                "it is the ledger of campaign {theirs} ({their_print}),"
                " not of {ours} ({our_print})",
                theirs=row.campaign,
                their_print=row.fingerprint[:12],
                ours=campaign,
                our_print=fingerprint[:12],
            ),
        )


def _create(engine: Engine, campaign: str, fingerprint: str) -> None:
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATION_LOCK}
            )
        if inspect(connection).has_table(tables.ledger.name):
            return
        tables.metadata.create_all(connection)
        connection.execute(
            insert(tables.ledger),
            {
                "id": 1,
                "schema_version": tables.SCHEMA,
                "campaign": campaign,
                "fingerprint": fingerprint,
                "created_at": datetime.now(UTC),
            },
        )


def _write_ahead(engine: Engine) -> None:
    """Let readers go on while a writer writes; the mode stays with the file."""
    connection = engine.raw_connection()
    try:
        # It fails only while another program is just creating the same ledger, and does it.
        with suppress(sqlite3.OperationalError):
            connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def store_error(name: str, error: exc.SQLAlchemyError) -> StoreError:
    """What the database said, as an error of ours, without any value of a row.

    Raise it ``from None``: a driver's own error may quote what a row holds.
    """
    original = getattr(error, "orig", None)
    diagnosis = getattr(original, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(original or "").strip()
    said = said.splitlines()[0] if said else type(original or error).__name__
    damaged = ("not a database", "malformed", "disk image", "no such table", "no such column")
    kind = StoreUnreadable if any(part in said for part in damaged) else StoreError
    return kind(name, message("the database says: {said}", said=said))
