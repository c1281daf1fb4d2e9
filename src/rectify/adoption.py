"""Adopting a newer campaign in a ledger: recorded, with what it moves, never silently."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rectify.actor import Actor
from rectify.canonical import encode
from rectify.difference import Difference, campaign_difference, kept_instants
from rectify.digests import Algorithm
from rectify.errors import InvalidValue
from rectify.fields import text_problem
from rectify.i18n import message
from rectify.journal import ADOPTION, CAMPAIGN_CHAIN, writer
from rectify.outlook import Outlook
from rectify.past import Past
from rectify.store import Basis, Store, Transaction
from rectify.sweep import check_campaign, follow
from rectify.timeline import OF_AN_ISSUE

if TYPE_CHECKING:
    from rectify.campaign import Campaign

REASON_CHARACTERS_MAX = 20_000


def adopt(
    store: Store, old: Outlook, campaign: Campaign, by: Actor, reason: str, at: datetime
) -> Difference:
    """See `Ledger.adopt`; ``at`` is in UTC."""
    if not isinstance(by, Actor):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidValue("by", message("expected an Actor"))
    if problem := text_problem(reason, REASON_CHARACTERS_MAX, lines=True):
        raise InvalidValue("reason", problem)
    with store.transaction() as tx:
        basis = check_campaign(store, tx, old.campaign.fingerprint, lock=True)
        difference = difference_in(tx, old, campaign, at)
        if not difference and difference.old == difference.new:
            return difference
        _check_units(basis, old)
        _record(tx, difference, by, reason, at, store.digest)
        # What had run out under the old campaign is settled before its dates go.
        if not (plan := old.at(at)).is_followed(basis.planned):
            follow(tx, plan, at)
        follow(tx, Outlook(campaign, old.units).at(at), at, adopting=True)
    return difference


def behind(store: Store, outlook: Outlook, campaign: Campaign, at: datetime) -> Difference:
    """See `Ledger.behind`; ``at`` is in UTC."""
    with store.reading() as tx:
        _check_units(tx.timeline.basis(), outlook)
        return difference_in(tx, outlook, campaign, at)


def difference_in(tx: Transaction, old: Outlook, new: Campaign, at: datetime) -> Difference:
    """What a campaign changes in a ledger: in what that keeps, where it was planned."""
    past, plan = Past(tx.timeline.entries()), old.at(at)
    kept = kept_instants(
        row
        for row in tx.timeline.of_campaign()
        if row.kind not in OF_AN_ISSUE and row.closed_at in (None, plan.met(row, past))
    )
    return campaign_difference(
        old.campaign,
        new,
        units=old.units,
        year=at.astimezone(old.campaign.zone).year,
        kept=kept,
        past=past,
    )


def _check_units(basis: Basis, outlook: Outlook) -> None:
    if basis.planned is not None and basis.planned.split(":")[1] and outlook.units is None:
        problem = message(
            "the ledger's duties are those of a table of units; open it with that table"
        )
        raise InvalidValue("units", problem)


def _record(
    tx: Transaction,
    difference: Difference,
    by: Actor,
    reason: str,
    at: datetime,
    digest: Algorithm,
) -> None:
    entries = tx.timeline.entries(CAMPAIGN_CHAIN)
    previous = entries[-1].digest if entries else ""
    write = writer(CAMPAIGN_CHAIN, difference.new, len(entries), previous, digest)
    data = {"reason": reason, "difference": difference.as_data()}
    tx.timeline.enter(write(ADOPTION, at, encode(data), by))
