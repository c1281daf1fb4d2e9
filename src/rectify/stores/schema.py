"""The layout of a database: whether it holds a campaign's ledger, and making it hold one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, exc, insert, inspect, select, text

from rectify.digests import ALGORITHMS, Algorithm, hash_function
from rectify.errors import CampaignMismatch, StoreUnreadable
from rectify.i18n import message
from rectify.secret_key import SecretKey
from rectify.store import check_digest
from rectify.stores import tables
from rectify.stores.cells import text_of
from rectify.stores.connection import check_whole, shown
from rectify.stores.sql_secrets import check_key
from rectify.stores.trouble import store_error

_CREATION_LOCK: Final = 7_033_201_718
"""A number for PostgreSQL's advisory lock, so that two programs don't create at once."""


def settle(
    engine: Engine,
    campaign: str,
    fingerprint: str,
    *,
    create: bool,
    bring_up: Callable[[Engine], object] | None = None,
    key: SecretKey | None = None,
    digest: Algorithm | None = None,
) -> Algorithm:
    """Make sure that a database holds this campaign's ledger, creating it if allowed.

    Gives the hash of its digests; ``digest`` is that of a ledger that is made, and what one
    that is there must have. ``bring_up`` is what migrates it where it is of an older layout.
    Raises `StoreUnreadable` for what is no ledger or of another layout, `CampaignMismatch` for
    that of another campaign, `DigestMismatch` for another hash, `SecretKeyError` for another
    key; then nothing is written.
    """
    name = shown(engine.url)
    try:
        with engine.connect().execution_options(rectify_read_only=True) as connection:
            check_whole(connection, name)
            there = _holds_one(connection)
        if not there and not create:
            raise _no_ledger(name)
        if there and bring_up is not None and _is_older(engine, campaign, fingerprint):
            bring_up(engine)
        if not there:
            if engine.dialect.name == "sqlite":
                _write_ahead(engine)
            with engine.begin() as connection:
                _create(connection, campaign, fingerprint, key, digest)
        with engine.connect().execution_options(rectify_read_only=True) as connection:
            return _check(name, connection, campaign, fingerprint, key, digest)
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None


def settle_within(
    connection: Connection,
    campaign: str,
    fingerprint: str,
    *,
    create: bool,
    key: SecretKey | None = None,
    digest: Algorithm | None = None,
) -> Algorithm:
    """The same within a transaction of a host's; what is created is committed with it."""
    name = shown(connection.engine.url)
    try:
        if not _holds_one(connection):
            if not create:
                raise _no_ledger(name)
            _create(connection, campaign, fingerprint, key, digest)
        return _check(name, connection, campaign, fingerprint, key, digest)
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None


def _no_ledger(name: str) -> StoreUnreadable:
    return StoreUnreadable(name, message("the database holds no ledger"))


def _holds_one(connection: Connection) -> bool:
    """Whether a ledger was begun here; a host may have made the tables, empty."""
    there = inspect(connection).get_table_names()
    if tables.ledger.name not in there:
        return False
    kinds = (tables.ledger, tables.record, tables.journal)
    begun = (select(1).select_from(kind).limit(1) for kind in kinds if kind.name in there)
    return any(connection.execute(query).first() is not None for query in begun)


def layout(connection: Connection) -> int | None:
    """The number of the layout that is there; None where there is none.

    A ledger says it itself; of tables without a ledger Alembic's note does.
    """
    there = inspect(connection).get_table_names()
    number: object = None
    if tables.ledger.name in there:
        number = connection.execute(select(tables.ledger.c.schema_version)).scalar()
    if number is None and tables.VERSION_TABLE in there:
        noted = text(f"SELECT version_num FROM {tables.VERSION_TABLE}")  # noqa: S608
        number = connection.execute(noted).scalar()
    return None if number is None else _number(shown(connection.engine.url), number)


def _number(name: str, kept: object) -> int:
    """A layout's number as it is kept; `StoreUnreadable` for what is none."""
    try:
        return int(str(kept))
    except ValueError:
        problem = message("it does not say of which layout it is; restore a copy")
        raise StoreUnreadable(name, problem) from None


def lock(connection: Connection) -> None:
    """Wait until no other program makes or changes the tables, and keep them from it.

    SQLite has one writer at a time anyway, from the beginning of its transaction.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATION_LOCK})


def check_not_newer(name: str, number: int | None) -> None:
    """`StoreUnreadable` for a layout that only a newer program knows."""
    if number is not None and number > tables.SCHEMA:
        raise StoreUnreadable(
            name,
            message(
                "its layout is number {found}, of a newer program; this one reads {known}:"
                " install a newer version of rectify",
                found=number,
                known=tables.SCHEMA,
            ),
        )


def _is_older(engine: Engine, campaign: str, fingerprint: str) -> bool:
    """Whether it is this campaign's ledger, of an older layout."""
    with engine.connect().execution_options(rectify_read_only=True) as connection:
        row = _only_row(connection)
    name = shown(engine.url)
    if row is None or _number(name, row.schema_version) >= tables.SCHEMA:
        return False
    _check_campaign(name, row, campaign, fingerprint)
    return True


def _only_row(connection: Connection) -> Any:
    """What every layout says of its ledger; None unless there is one."""
    c = tables.ledger.c
    query = select(c.schema_version, c.campaign, c.fingerprint).limit(2)
    rows = connection.execute(query).all()
    return rows[0] if len(rows) == 1 else None


def _check(
    name: str,
    connection: Connection,
    campaign: str,
    fingerprint: str,
    key: SecretKey | None,
    digest: Algorithm | None,
) -> Algorithm:
    """The hash of the ledger's digests, once it is known to be as it is asked for."""
    row = _only_row(connection)
    if row is None:
        raise StoreUnreadable(
            name, message("it has not the one row that says what it is; restore a copy")
        )
    number = _number(name, row.schema_version)
    check_not_newer(name, number)
    if number < tables.SCHEMA:
        raise StoreUnreadable(
            name,
            message(
                "its layout is number {found}, of an older program; this one reads {known}:"
                " keep a copy, then run “rectify migrate”, or open it with migrate=True",
                found=number,
                known=tables.SCHEMA,
            ),
        )
    _check_campaign(name, row, campaign, fingerprint)
    row = connection.execute(select(tables.ledger.c.secret_key, tables.ledger.c.digest)).one()
    check_key(row.secret_key, key, reads=True)
    return _agreed(name, row.digest, digest)


def _agreed(name: str, theirs: Any, ours: Algorithm | None) -> Algorithm:
    for known in ALGORITHMS:
        if theirs == known:
            check_digest(name, known, ours)
            hash_function(known)  # what can't be written or read here is not opened
            return known
    problem = message("it does not say which hash its digests are made with; restore a copy")
    raise StoreUnreadable(name, problem)


def _check_campaign(name: str, row: Any, campaign: str, fingerprint: str) -> None:
    if (row.campaign, row.fingerprint) != (campaign, fingerprint):
        raise CampaignMismatch(
            name,
            message(
                "it is the ledger of campaign {theirs} ({their_print}),"
                " not of {ours} ({our_print})",
                theirs=row.campaign,
                their_print=text_of(row.fingerprint)[:12],
                ours=campaign,
                our_print=fingerprint[:12],
            ),
        )


def _create(
    connection: Connection,
    campaign: str,
    fingerprint: str,
    key: SecretKey | None,
    digest: Algorithm | None,
) -> None:
    lock(connection)
    if not inspect(connection).has_table(tables.ledger.name):
        tables.metadata.create_all(connection)
    elif _holds_one(connection):
        return
    connection.execute(
        insert(tables.ledger),
        {
            "id": 1,
            "schema_version": tables.SCHEMA,
            "campaign": campaign,
            "fingerprint": fingerprint,
            "created_at": datetime.now(UTC),
            "secret_key": None if key is None else key.id,
            "digest": digest or "sha256",
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
