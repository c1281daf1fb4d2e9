"""Running the after hooks that committed records are owed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import attrs

from rectify.hooks import LEASE, Applied, Hooks, failed
from rectify.record import Record, StepOf, replay
from rectify.store import Delivery, Head, Store

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
    """Claim, run and settle deliveries one by one until none is due."""
    counts = {"done": 0, "ready": 0, "dead": 0}
    owner = uuid.uuid4().hex
    names = tuple(hooks.named)
    while True:
        now = clock()
        with store.transaction() as tx:
            delivery = tx.claim(names, now, owner, now + LEASE)
            records = tx.records(delivery.issue_id) if delivery else ()
        if delivery is None:
            return Delivered(counts["done"], counts["ready"], counts["dead"])
        try:
            hooks.named[delivery.hook](_event(delivery, records[: delivery.seq], step_of))
        except Exception as error:
            settled = failed(delivery, error, clock(), _JITTER)
        else:
            settled = attrs.evolve(delivery, status="done", last_error=None)
        with store.transaction() as tx:
            if tx.settle(settled):
                counts[settled.status] += 1


def _event(delivery: Delivery, records: Sequence[Record], step_of: StepOf) -> Applied[Any]:
    *_, (record, step, issue, _) = replay(records, step_of)
    return Applied(step, issue, record, delivery.key, delivery.attempts)
