"""What ``migrate`` leaves behind: the ledger's first row and the permissions of its moves."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction

from rectify.integrations.django import conf, permissions
from rectify.integrations.django.source import connected
from rectify.stores.schema import settle_within


def settle(*, using: str, **_: Any) -> None:
    """Make the ledger on the alias that it is kept on, and its permissions; again is harmless."""
    found, _problems = conf.read(conf.given())
    if found is None:
        return
    permissions.settle(found, using)
    campaign = found.campaign
    there = connections[using].introspection.table_names()
    if using == found.database and "rectify_ledger" in there:
        with transaction.atomic(using), connected(using) as connection:
            settle_within(
                connection,
                campaign.id,
                campaign.fingerprint,
                create=True,
                key=found.secrets,
                digest=found.digest,
            )
