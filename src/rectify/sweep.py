"""The sweep: what opened, closed, is soon due or overdue, recorded once each, in order.

Its cost follows what is due. However often and by however many processes it runs, an event
is recorded once: sweeps take turns at the head of the events' chain, and an event's key is
unique. A sweep that stops halfway has recorded whole batches, and the next goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from rectify.delivery import owed_for
from rectify.errors import CampaignMismatch
from rectify.event import DueSoon, Event, Overdue, PhaseClosed, PhaseOpened
from rectify.hooks import Hooks
from rectify.i18n import message
from rectify.journal import EVENT_CHAIN, Entry, duty_chain, met_at, writer
from rectify.store import Basis, Delivery, Store, Transaction
from rectify.timeline import Deadline, happened, in_order, next_once_closed

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
            entries, go_on = _record_batch(tx, fingerprint, basis, now)
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


def follow(tx: Transaction, plan: Plan, at: datetime) -> None:
    """Make the ledger's deadlines those of a plan, at an instant: set, moved and taken away.

    What was met stays met where its date moves. What had run out by then has: its event was
    recorded, or will be.
    """
    kept = {deadline.key: deadline for deadline in tx.timeline.of_campaign()}
    wanted = {deadline.key: deadline for deadline in plan.deadlines()}
    submitted = {one.subject for one in kept.values() if one.closed_at is not None}
    tx.timeline.put(
        attrs.evolve(one, next_at=next_once_closed(one, at))
        for key, one in kept.items()
        if key not in wanted and one.next_at is not None
    )
    tx.timeline.put(
        _set(tx, one, submitted) for key, one in wanted.items() if _is_idle(kept.get(key))
    )
    tx.timeline.rest_on(plan.outlook.campaign.fingerprint, plan.name)


def _is_idle(kept: Deadline | None) -> bool:
    # One without a next event may have been taken away before; its events are recorded once.
    return kept is None or (kept.next_at is None and kept.closed_at is None)


def _set(tx: Transaction, deadline: Deadline, submitted: Set[str]) -> Deadline:
    pending = deadline.pending()
    if deadline.kind != "duty" or deadline.subject not in submitted:
        return pending
    met = met_at(tx.timeline.entries(duty_chain(deadline.subject)))
    return pending if met is None else pending.closed(met)


def _record_batch(
    tx: Transaction, fingerprint: str, basis: Basis, now: datetime
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
    entries = _chained(in_order(events), fingerprint, basis)
    if not tx.timeline.record(entries):
        # What was set anew may have been soon or overdue before; that is recorded.
        recorded = tx.timeline.recorded([event.key for event in events])
        fresh = in_order(event for event in events if event.key not in recorded)
        entries = _chained(fresh, fingerprint, basis)
        tx.timeline.record(entries)
    tx.timeline.go_on(nexts)
    return entries, full


def _chained(
    events: Iterable[Event], fingerprint: str, basis: Basis
) -> Sequence[tuple[Event, Entry]]:
    write = writer(EVENT_CHAIN, fingerprint, basis.events, basis.digest)
    return [(event, write(type(event).__name__, event.at, event.data)) for event in events]


def _deliveries(
    hooks: Hooks, entries: Iterable[tuple[Event, Entry]], now: datetime
) -> Iterator[Delivery]:
    for event, entry in entries:
        for name in hooks.on[type(event)]:
            yield owed_for(event.subject, entry.number, entry.digest, name, min(event.at, now))
