"""Filing (报送): what units hand in for what they owe, as entries of the ledger's journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

import attrs

from rectify import fields
from rectify.actor import Actor
from rectify.duty import DutyEvent, DutyStanding, Owed, SentBack, Submission, standing
from rectify.entering import Entering, refused
from rectify.errors import InvalidValue, UnknownDuty
from rectify.happening import Visit
from rectify.i18n import message
from rectify.instants import end_of, plain_date
from rectify.journal import (
    HAPPENING,
    SENT_BACK,
    SUBMISSION,
    VISIT,
    duty_chain,
    met_at,
    occasion_chain,
)
from rectify.outlook import rows_of
from rectify.past import Past
from rectify.started import REPORT, Step, keys_after, reports_on, started, steps_after
from rectify.store import Transaction
from rectify.sweep import settle
from rectify.timeline import Deadline

if TYPE_CHECKING:
    from rectify.campaign import Campaign

_NEAR_MAX = 5
_INSTANT = timedelta(microseconds=1)


class Filing:
    """Submissions of one ledger."""

    def __init__(self, journal: Entering) -> None:
        self._journal = journal

    def submit(
        self, what: str | Owed, by: Actor, document_hash: str, note: str, at: datetime | None
    ) -> Submission:
        """See `Ledger.submit`."""
        dated = self._journal.dated(by, at)
        with self._journal.store.transaction() as tx:
            step, before = self._find(tx, what, dated)
            self._check_no_village(step, by)
            made = Submission(step.key, step.unit, by.id, dated, document_hash, note)
            chain = duty_chain(step.key)
            entries = self._journal.entries(tx, chain)
            data = {"key": made.key, "unit": made.unit, "document_hash": document_hash}
            self._journal.enter(tx, chain, entries, SUBMISSION, {**data, "note": note}, by, dated)
            if (row := _row(tx, step)) is not None and row.closed_at is None:
                tx.timeline.put([row.closed(met_at(entries) or dated)])
            self._go_on(tx, before, dated)
        return made

    def send_back(self, what: str | Owed, by: Actor, reason: str, at: datetime | None) -> SentBack:
        """See `Ledger.send_back`."""
        dated = self._journal.dated(by, at)
        with self._journal.store.transaction() as tx:
            step, before = self._find(tx, what, dated)
            made = SentBack(step.key, by.id, dated, reason)
            chain = duty_chain(step.key)
            entries = self._journal.entries(tx, chain)
            if met_at(entries) is None:
                problem = message("nothing was handed in that could be sent back")
                raise refused("nothing-submitted", problem, SENT_BACK, chain)
            data = {"key": made.key, "reason": reason}
            self._journal.enter(tx, chain, entries, SENT_BACK, data, by, dated)
            # What followed was made of what will not do.
            after = keys_after(self._journal.outlook.campaign, before)
            later = after[after.index(step.key) + 1 :] if step.key in after else after
            send_back_all(self._journal, tx, later, by, reason, dated)
            if (row := _row(tx, step)) is not None:
                tx.timeline.put([attrs.evolve(row, closed_at=None, set_at=dated).pending()])
            self._go_on(tx, before, dated)
        return made

    def filed(self) -> tuple[DutyEvent, ...]:
        """See `Ledger.filed`."""
        return self.past().filed

    def past(self) -> Past:
        """All that is recorded of duties and of what happened."""
        with self._journal.store.reading() as tx:
            return Past(tx.timeline.entries())

    def standings(self, on: date | datetime | None) -> tuple[DutyStanding, ...]:
        """See `Ledger.duties`."""
        outlook = self._journal.outlook
        now = self._instant(on)
        past = self.past()
        by_key: dict[str, list[DutyEvent]] = {}
        for event in past.filed:
            by_key.setdefault(event.key, []).append(event)
        year = now.astimezone(outlook.campaign.zone).year
        steps = [one for one in outlook.steps(year, past) if isinstance(one, Owed)]
        owing = sorted(
            (*outlook.owed(year), *outlook.started(past), *steps),
            key=lambda one: (one.due.ends_at, one.key),
        )
        return tuple(standing(owed, by_key.get(owed.key, ()), now) for owed in owing)

    def _instant(self, on: date | datetime | None) -> datetime:
        if on is None:
            return self._journal.clock()
        if isinstance(on, datetime):
            fields.check_instant("on", on)
            plain_date("on", on.date())
            return on
        # The day's last instant: what is due by its end is not late on it.
        return (
            end_of(plain_date("on", on), None, self._journal.outlook.campaign.zone.key) - _INSTANT
        )

    def _find(self, tx: Transaction, what: str | Owed, at: datetime) -> tuple[Step, Owed | Visit]:
        """What has that key, and what its steps go back to.

        An `Owed` may also be one that an event started which is not recorded.
        """
        outlook = self._journal.outlook
        campaign = outlook.campaign
        key = what.key if isinstance(what, Owed) else str(what)
        owing = {one.key: one for one in outlook.owed(at.astimezone(campaign.zone).year)}
        for first in self._firsts(tx, key, owing):
            if isinstance(first, Owed) and first.key == key:
                return first, first
            step = next((one for one in self._steps(tx, first) if one.key == key), None)
            if step is not None:
                return step, first
        if isinstance(what, Owed) and what.duty in [duty.id for duty in campaign.event_duties]:
            return what, what
        raise UnknownDuty(key, get_close_matches(key, owing, _NEAR_MAX, 0.4))

    def _firsts(self, tx: Transaction, key: str, owing: dict[str, Owed]) -> Iterator[Owed | Visit]:
        """What the steps under a key may go back to; a key says where to look."""
        outlook, parts = self._journal.outlook, key.split("/")
        if parts[0] == REPORT and len(parts) == 5:
            chain = occasion_chain(VISIT, *parts[1:4])
            yield from Past(tx.timeline.entries(chain)).visits
        first = "/".join(parts[:3])
        if first in owing:
            yield owing[first]
        after = {duty.id: duty.after for duty in outlook.campaign.event_duties}
        if parts[0] in after and len(parts) > 1:
            chain = occasion_chain(HAPPENING, after[parts[0]], parts[1])
            for happening in Past(tx.timeline.entries(chain)).happenings:
                found = started(outlook.campaign, outlook.units, happening)
                yield from (one for one in found if one.key == first)

    def _steps(self, tx: Transaction, first: Owed | Visit) -> Sequence[Step]:
        return steps_from(tx, self._journal.outlook.campaign, first)

    def _go_on(self, tx: Transaction, first: Owed | Visit, at: datetime) -> None:
        go_on(tx, self._journal.outlook.campaign, first, at)

    def _check_no_village(self, step: Step, by: Actor) -> None:
        units = self._journal.outlook.units
        unit = None if units is None else units.get(by.unit)
        if step.level == "village" or (unit is not None and unit.level == "village"):
            raise InvalidValue("by", message("no village may be made to report (五(七))"))


def send_back_all(
    journal: Entering, tx: Transaction, keys: Iterable[str], by: Actor, reason: str, at: datetime
) -> None:
    """Send back what came under some keys: it no longer answers for what is owed there."""
    for key in keys:
        chain = duty_chain(key)
        entries = journal.entries(tx, chain)
        if met_at(entries) is not None:
            data = {"key": key, "reason": reason}
            journal.enter(tx, chain, entries, SENT_BACK, data, by, at)


def steps_from(tx: Transaction, campaign: Campaign, first: Owed | Visit) -> Sequence[Step]:
    """The steps that have begun after something owed or a visit."""
    if isinstance(first, Visit):
        return tuple(reports_on(campaign, first, lambda key: _met(tx, key)))
    return tuple(steps_after(campaign, first, lambda key: _met(tx, key)))


def go_on(tx: Transaction, campaign: Campaign, first: Owed | Visit, at: datetime) -> None:
    """Set the deadlines of the steps that have begun, and take away those that no longer have."""
    keys = keys_after(campaign, first)
    kept = [row for key in keys for row in tx.timeline.of_campaign(key)]
    wanted = [
        row
        for step in (steps_from(tx, campaign, first) if keys else ())
        for row in rows_of(step, at)
    ]
    settle(tx, kept, wanted, lambda one: _met(tx, one.subject), at)


def _met(tx: Transaction, key: str) -> datetime | None:
    return met_at(tx.timeline.entries(duty_chain(key)))


def _row(tx: Transaction, step: Step) -> Deadline | None:
    """The row of something owed, or the one it will have; None where it has no settled date."""
    kept = sorted(tx.timeline.of_campaign(step.key), key=lambda one: one.due_at)
    planned = [one.pending() for one in rows_of(step, None)]
    live = [one for one in kept if one.closed_at is None]
    same = [one for one in kept if planned and one.key == planned[0].key]
    return next(iter((*live, *same, *kept[::-1], *planned)), None)
