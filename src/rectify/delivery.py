"""Running the after hooks that committed records are owed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import attrs

from rectify.errors import StoreError
from rectify.event import event_of
from rectify.hooks import LEASE, Applied, Hooks, Occurred, failed
from rectify.i18n import message
from rectify.journal import Entry
from rectify.record import Record, StepOf, replay
from rectify.store import Delivery, Head, Store, Transaction

_JITTER = 0.2


@attrs.frozen
class Delivered:
    """What a run of `Ledger.deliver` did: deliveries done, to be tried again, given up."""

    done: int = 0
    failed: int = 0
    dead: int = 0


def owed(head: Head, hook: str) -> Delivery:
    """The delivery that is owed to a hook for an issue's last record."""
    issue, key = head.issue, f"{head.digest}.{hook}"
    return Delivery(issue.id, issue.version, hook, key, available_at=head.at)


def deliver(
    store: Store, hooks: Hooks, step_of: StepOf, clock: Callable[[], datetime]
) -> Delivered:
    """Claim, run and settle deliveries one by one until none is due.

    `StoreError` where what they are owed for is not committed yet.
    """
    if store.hosted:
        problem = message("hooks run once all is committed; deliver after the batch or transaction")
        raise StoreError(store.url, problem)
    counts = {"done": 0, "ready": 0, "dead": 0}
    owner = uuid.uuid4().hex
    names = tuple(hooks.named)
    while True:
        now = clock()
        with store.transaction() as tx:
            delivery = tx.claim(names, now, owner, now + LEASE)
            read = _reader(tx, hooks, delivery, step_of) if delivery else None
        if delivery is None or read is None:
            return Delivered(counts["done"], counts["ready"], counts["dead"])
        try:
            hooks.named[delivery.hook](read())
        except Exception as error:
            settled = failed(delivery, error, clock(), _JITTER)
        else:
            settled = attrs.evolve(delivery, status="done", last_error=None)
        with store.transaction() as tx:
            if tx.settle(settled):
                counts[settled.status] += 1


def _reader(
    tx: Transaction, hooks: Hooks, delivery: Delivery, step_of: StepOf
) -> Callable[[], Applied[Any] | Occurred[Any]]:
    """What reads what a hook sees; the rows are fetched now, and made sense of later."""
    if any(delivery.hook in names for names in hooks.on.values()):
        entry = tx.timeline.event(delivery.seq)
        return lambda: _occurred(delivery, entry)
    records = tx.records(delivery.issue_id)[: delivery.seq]
    return lambda: _applied(delivery, records, step_of)


def _occurred(delivery: Delivery, entry: Entry) -> Occurred[Any]:
    event = event_of(entry.kind, entry.at, entry.data)
    return Occurred(event, delivery.key, delivery.attempts)


def _applied(delivery: Delivery, records: Sequence[Record], step_of: StepOf) -> Applied[Any]:
    *_, (record, step, issue, _) = replay(records, step_of)
    return Applied(step, issue, record, delivery.key, delivery.attempts)
