"""The layout of a database: whether it holds a campaign's ledger, and making it hold one."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, exc, insert, inspect, select, text

from rectify.errors import CampaignMismatch, StoreUnreadable
from rectify.i18n import message
from rectify.stores import tables
from rectify.stores.connection import shown, store_error
from rectify.stores.sql_secrets import check_key

if TYPE_CHECKING:
    from rectify.campaign.model import Campaign
    from rectify.secret_key import SecretKey

_CREATION_LOCK: Final = 7_033_201_718
"""A number for PostgreSQL's advisory lock, so that two programs don't create at once."""


def settle(engine: Engine, campaign: Campaign, *, create: bool, key: SecretKey | None) -> None:
    """Make sure that a database holds this campaign's ledger, creating it if allowed.

    Raises `StoreUnreadable` for what is no ledger or of another layout, `CampaignMismatch`
    for that of another campaign, `SecretKeyError` for another key; then nothing is written.
    """
    name = shown(engine.url)
    try:
        with engine.connect().execution_options(rectify_read_only=True) as connection:
            there = _holds_one(connection)
        if not there and not create:
            raise _no_ledger(name)
        if not there:
            if engine.dialect.name == "sqlite":
                _write_ahead(engine)
            with engine.begin() as connection:
                _create(connection, campaign, key)
        with engine.connect().execution_options(rectify_read_only=True) as connection:
            _check(name, connection, campaign, key)
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None


def settle_within(
    connection: Connection, campaign: Campaign, *, create: bool, key: SecretKey | None
) -> None:
    """The same within a transaction of a host's; what is created is committed with it."""
    name = shown(connection.engine.url)
    try:
        if not _holds_one(connection):
            if not create:
                raise _no_ledger(name)
            _create(connection, campaign, key)
        _check(name, connection, campaign, key)
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None


def _no_ledger(name: str) -> StoreUnreadable:
    return StoreUnreadable(name, message("the database holds no ledger"))


def _holds_one(connection: Connection) -> bool:
    """Whether a ledger was begun here; a host may have made the tables, empty."""
    if not inspect(connection).has_table(tables.ledger.name):
        return False
    begun = (select(table).limit(1) for table in (tables.ledger, tables.record, tables.journal))
    return any(connection.execute(query).first() is not None for query in begun)


def _check(name: str, connection: Connection, campaign: Campaign, key: SecretKey | None) -> None:
    rows: list[Any] = list(connection.execute(select(tables.ledger).limit(2)).all())
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
    if (row.campaign, row.fingerprint) != (campaign.id, campaign.fingerprint):
        raise CampaignMismatch(
            name,
            message(
                "it is the ledger of campaign {theirs} ({their_print}),"
                " not of {ours} ({our_print})",
                theirs=row.campaign,
                their_print=row.fingerprint[:12],
                ours=campaign.id,
                our_print=campaign.fingerprint[:12],
            ),
        )
    check_key(row.secret_key, key, reads=True)


def _create(connection: Connection, campaign: Campaign, key: SecretKey | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATION_LOCK})
    if not inspect(connection).has_table(tables.ledger.name):
        tables.metadata.create_all(connection)
    elif _holds_one(connection):
        return
    connection.execute(
        insert(tables.ledger),
        {
            "id": 1,
            "schema_version": tables.SCHEMA,
            "campaign": campaign.id,
            "fingerprint": campaign.fingerprint,
            "created_at": datetime.now(UTC),
            "secret_key": None if key is None else key.id,
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
