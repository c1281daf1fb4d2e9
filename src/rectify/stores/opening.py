"""Making the store of a durable ledger: of a database's address, or in a host's transaction."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from rectify.campaign.model import Campaign
from rectify.digests import Algorithm
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.secret_key import SecretKey
from rectify.stores.connection import connect
from rectify.stores.schema import settle, settle_within
from rectify.stores.source import Pool, Within
from rectify.stores.sql import SqlStore

if TYPE_CHECKING:
    from rectify.stores.source import Host


def open_store(
    url: str | PathLike[str],
    campaign: Campaign,
    lifecycle: Lifecycle[Issue],
    *,
    create: bool,
    migrate: bool = False,
    key: SecretKey | None = None,
    digest: Algorithm | None = None,
) -> SqlStore:
    """The store at an address, once it holds the campaign's ledger; see `Ledger.open`."""
    engine = connect(url, create=create)
    bring_up = _bring_up if migrate else None
    try:
        digest = settle(
            engine,
            campaign.id,
            campaign.fingerprint,
            create=create,
            bring_up=bring_up,
            key=key,
            digest=digest,
        )
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(Pool(engine), lifecycle, key, digest)


def _bring_up(engine: Engine) -> None:
    # Alembic takes a while to import, and is seldom needed.
    from rectify.stores.migration import bring_up

    bring_up(engine)


def store_on(
    host: Host,
    campaign: Campaign,
    lifecycle: Lifecycle[Issue],
    *,
    create: bool,
    key: SecretKey | None = None,
    digest: Algorithm | None = None,
) -> SqlStore:
    """The store in a host's transaction, once that shows the ledger; see `Ledger.on`."""
    source = Within(host)
    digest = settle_within(
        source.connection,
        campaign.id,
        campaign.fingerprint,
        create=create,
        key=key,
        digest=digest,
    )
    return SqlStore(source, lifecycle, key, digest)


def store_within(
    host: Host,
    campaign: Campaign,
    lifecycle: Lifecycle[Issue],
    key: SecretKey | None = None,
    digest: Algorithm = "sha256",
    beside: object = None,
) -> SqlStore:
    """The store in a host's transaction, of a ledger that is open as ``beside``."""
    source = Within(host)
    settle_within(
        source.connection, campaign.id, campaign.fingerprint, create=False, key=key, digest=digest
    )
    guard = beside.guard if isinstance(beside, SqlStore) else None
    return SqlStore(source, lifecycle, key, digest, guard)
