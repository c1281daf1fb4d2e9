"""The sweep: what opened, closed, is soon due or overdue, recorded once each, in order.

Its cost follows what is due. However often and by however many processes it runs, an event
is recorded once: sweeps take turns at the head of the events' chain, and an event's key is
unique. A sweep that stops halfway has recorded whole batches, and the next goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from rectify.delivery import owed_for
from rectify.digests import Algorithm
from rectify.errors import CampaignMismatch
from rectify.event import DueSoon, Event, Overdue, PhaseClosed, PhaseOpened, ReceiptMissing
from rectify.hooks import Hooks
from rectify.i18n import message
from rectify.journal import EVENT_CHAIN, Entry, writer
from rectify.store import Basis, Delivery, Store, Transaction
from rectify.timeline import OF_AN_ISSUE, Deadline, happened, in_order

if TYPE_CHECKING:
    from rectify.outlook import Plan

BATCH: Final = 1_000
"""How many deadlines one transaction takes."""

E = TypeVar("E", bound=Event)


@attrs.frozen
class Swept:
    """What one sweep recorded, as it happened; what another recorded before is not in it."""

    now: datetime
    events: tuple[Event, ...]

    @property
    def opened(self) -> tuple[PhaseOpened, ...]:
        """The phases that opened."""
        return self._of(PhaseOpened)

    @property
    def closed(self) -> tuple[PhaseClosed, ...]:
        """The phases that closed."""
        return self._of(PhaseClosed)

    @property
    def soon(self) -> tuple[DueSoon, ...]:
        """What came near its end."""
        return self._of(DueSoon)

    @property
    def overdue(self) -> tuple[Overdue, ...]:
        """What ran out."""
        return self._of(Overdue)

    @property
    def unreceived(self) -> tuple[ReceiptMissing, ...]:
        """The transferred leads whose receipt is missing for long."""
        return self._of(ReceiptMissing)

    def _of(self, kind: type[E]) -> tuple[E, ...]:
        return tuple(event for event in self.events if isinstance(event, kind))


def sweep(store: Store, hooks: Hooks, plan: Plan, now: datetime, clock: datetime) -> Swept:
    """Record every event up to an instant that is not recorded yet. See `Ledger.sweep`.

    What hooks are owed they may have by the clock, also of a day that it has not reached.
    """
    found: list[Event] = []
    fingerprint = plan.outlook.campaign.fingerprint
    with store.reading() as tx:
        check_campaign(store, tx, fingerprint)
        go_on = not plan.is_followed(tx.timeline.basis().planned) or tx.timeline.is_due(now)
    while go_on:
        with store.transaction() as tx:
            basis = check_campaign(store, tx, fingerprint, lock=True)
            if not plan.is_followed(basis.planned):
                follow(tx, plan, now)
            entries, go_on = _record_batch(tx, fingerprint, basis, now, store.digest)
            if owing := list(_deliveries(hooks, entries, clock)):
                hooks.owe(tx, owing)
        found += [event for event, _ in entries]
    return Swept(now, tuple(found))


def check_campaign(store: Store, tx: Transaction, fingerprint: str, *, lock: bool = False) -> Basis:
    """What the ledger rests on; `CampaignMismatch` where that is another campaign by now."""
    basis = tx.timeline.basis(lock=lock)
    if basis.fingerprint not in (None, fingerprint):
        problem = message(
            "another program has adopted campaign {theirs} in place of {ours};"
            " open the ledger with that one",
            theirs=str(basis.fingerprint)[:12],
            ours=fingerprint[:12],
        )
        raise CampaignMismatch(store.url, problem)
    return basis


def follow(tx: Transaction, plan: Plan, at: datetime, *, adopting: bool = False) -> None:
    """Make the ledger's deadlines those of a plan, at an instant: set and taken away.

    One that is there at another instant moves only where that is ``adopting``: else a newer
    calendar would move it silently. What was met stays met where its date moves. What had run
    out by then has: its event was recorded, or will be.
    """
    # What reads official wording takes a while to import, and a plan seldom changes.
    from rectify.past import Past

    past = Past(tx.timeline.entries())
    kept = [one for one in tx.timeline.of_campaign() if one.kind not in OF_AN_ISSUE]
    wanted = {one.key: one for one in plan.deadlines(past)}
    if not adopting:
        standing = {_what(one): one for one in kept if one.closed_at in (None, plan.met(one, past))}
        stay = [standing.get(_what(one), one) for one in wanted.values()]
        wanted = {one.key: one for one in stay}
    settle(tx, kept, wanted.values(), lambda one: plan.met(one, past), at)
    tx.timeline.rest_on(plan.outlook.campaign.fingerprint, plan.name)


def _what(one: Deadline) -> tuple[str, str, str]:
    return one.kind, one.subject, one.ref


def settle(
    tx: Transaction,
    kept: Iterable[Deadline],
    wanted: Iterable[Deadline],
    met: Callable[[Deadline], datetime | None],
    at: datetime,
) -> None:
    """Of some things, take away the deadlines no longer wanted, and set those that are new."""
    rows = {one.key: one for one in kept}
    new = {one.key: one for one in wanted}
    timeline = tx.timeline
    gone = [
        one for one in rows.values() if one.key not in new and one.closed_at in (None, met(one))
    ]
    timeline.put(
        # Of one that was met, what is still to be recorded is; but it is no longer the one.
        one.closed(at) if one.closed_at is None else attrs.evolve(one, closed_at=at)
        for one in gone
    )
    for one in new.values():
        row, came = rows.get(one.key), met(one)
        if row is None or (row.closed_at is None) != (came is None):
            # Of one that was taken away before, what is recorded is not recorded again.
            pending = one.pending()
            timeline.put([pending if came is None else pending.closed(came)])


def _record_batch(
    tx: Transaction, fingerprint: str, basis: Basis, now: datetime, digest: Algorithm
) -> tuple[Sequence[tuple[Event, Entry]], bool]:
    """Record one batch, and tell whether there may be more."""
    rows = tx.timeline.due(now, BATCH)
    full = len(rows) == BATCH
    # Of a full batch only what happened before all that is left: the order is kept.
    until = max(row.next_at for row in rows if row.next_at is not None) if full else now
    events: list[Event] = []
    nexts: list[tuple[str, datetime | None]] = []
    for row in rows:
        of_row, next_at = happened(row, until)
        events += of_row
        nexts.append((row.key, next_at))
    entries = _chained(in_order(events), fingerprint, basis, digest)
    if not tx.timeline.record(entries):
        # What was set anew may have been soon or overdue before; that is recorded.
        recorded = tx.timeline.recorded([event.key for event in events])
        fresh = in_order(event for event in events if event.key not in recorded)
        entries = _chained(fresh, fingerprint, basis, digest)
        tx.timeline.record(entries)
    tx.timeline.go_on(nexts)
    return entries, full


def _chained(
    events: Iterable[Event], fingerprint: str, basis: Basis, digest: Algorithm
) -> Sequence[tuple[Event, Entry]]:
    write = writer(EVENT_CHAIN, fingerprint, basis.events, basis.digest, digest)
    return [(event, write(type(event).__name__, event.at, event.data)) for event in events]


def _deliveries(
    hooks: Hooks, entries: Iterable[tuple[Event, Entry]], now: datetime
) -> Iterator[Delivery]:
    for event, entry in entries:
        for name in hooks.on[type(event)]:
            yield owed_for(event.subject, entry.number, entry.digest, name, min(event.at, now))
