"""Running the after hooks that committed records are owed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import attrs

from rectify.errors import InvalidValue, StoreError, UnknownDelivery
from rectify.event import event_of
from rectify.hooks import TIME_MAX, Applied, Hook, Hooks, Occurred, failed
from rectify.i18n import message
from rectify.journal import Entry
from rectify.record import Record, StepOf, replay
from rectify.store import LEASE_LOST, Delivery, Head, Status, Store, Transaction
from rectify.watching import Delivering, Watching


@attrs.frozen
class Delivered:
    """What a run of `Ledger.deliver` did: deliveries done, to be tried again, given up.

    ``unclaimed`` tells what is left of hooks that this program does not have, renamed or
    removed: how many open deliveries by name. They wait until they are run by a program that
    has the hook, or given another (`Ledger.rename_hook`).
    """

    done: int = 0
    failed: int = 0
    dead: int = 0
    unclaimed: Mapping[str, int] = attrs.field(factory=dict[str, int], hash=False)


def owed(head: Head, hook: str) -> Delivery:
    """The delivery that is owed to a hook for an issue's last record."""
    return owed_for(head.issue.id, head.issue.version, head.digest, hook, head.at)


def owed_for(subject: str, seq: int, digest: str, hook: str, at: datetime) -> Delivery:
    """The delivery that is owed to a hook for a record or event, by its digest."""
    return Delivery(subject, seq, hook, key=f"{digest}.{hook}", available_at=at)


class Deliverer:
    """Runs the hooks of one ledger. Any number of them may work at once.

    What an attempt takes longer than ``lease``, or never comes back from, another may try.
    """

    def __init__(
        self,
        store: Store,
        hooks: Hooks,
        step_of: StepOf,
        clock: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        _check_lease(lease, hooks)
        _check_committed(store)
        self._store = store
        self._hooks = hooks
        self._step_of = step_of
        self._clock = clock
        self._lease = lease
        self._past_dead = tuple(
            name for name, hook in hooks.named.items() if hook.policy.when_dead == "go-on"
        )

    def deliver(self) -> Delivered:
        """See `Ledger.deliver`."""
        counts = self._run_due(None)
        with self._store.reading() as tx:
            backlog = tx.backlog()
        unclaimed: dict[str, int] = {}
        for one in backlog:
            if one.hook not in self._hooks.named:
                unclaimed[one.hook] = unclaimed.get(one.hook, 0) + one.count
        return Delivered(counts["done"], counts["ready"], counts["dead"], unclaimed)

    def due(self, at_most: int) -> tuple[int, ...]:
        """See `Ledger.due`."""
        with self._store.reading() as tx:
            names = tuple(self._hooks.named)
            return tuple(tx.due(names, self._clock(), past_dead=self._past_dead, at_most=at_most))

    def deliver_one(self, delivery_id: int) -> datetime | None:
        """See `Ledger.deliver_one`."""
        asked = self._find(delivery_id)
        hook = self._hooks.get(asked.hook)
        if asked.status in ("done", "dead"):
            return None
        self._run_due(asked)
        if self._find(delivery_id).status in ("done", "dead"):
            return None
        past = ("done", "dead") if hook.policy.when_dead == "go-on" else ("done",)
        with self._store.reading() as tx:
            line = tx.deliveries(hook=asked.hook, issue_id=asked.issue_id)
        first = min(
            (one for one in line if one.status not in past), key=lambda one: one.seq, default=None
        )
        if first is None or first.status == "dead":
            return None  # what is dead in front of it hands it over again when it is retried
        return first.lease_until or first.available_at

    def _find(self, delivery_id: int) -> Delivery:
        with self._store.reading() as tx:
            found = tx.deliveries(ids=[delivery_id])
        if not found:
            raise UnknownDelivery(delivery_id)
        return found[0]

    def _run_due(self, line: Delivery | None) -> dict[Status, int]:
        """Claim, run and settle deliveries one by one until none is due, of a line or of all."""
        counts: dict[Status, int] = {"done": 0, "ready": 0, "dead": 0}
        names = tuple(self._hooks.named)
        while True:
            now, owner = self._clock(), uuid.uuid4().hex
            with self._store.transaction() as tx:
                delivery = tx.claim(
                    names, now, owner, now + self._lease, past_dead=self._past_dead, line=line
                )
                read = self._reader(tx, delivery) if delivery else None
            if delivery is None or read is None:
                return counts
            settled = self._attempt(delivery, read)
            with self._store.transaction() as tx:
                if tx.settle(settled):
                    counts[settled.status] += 1

    def _attempt(self, delivery: Delivery, read: Callable[[], Any]) -> Delivery:
        """Run a hook, and give its delivery as it stands then."""
        hook = self._hooks.named[delivery.hook]
        attempts = hook.policy.attempts
        if delivery.attempts > attempts:
            # Its last attempt was lost: one that takes the process with it must end, too.
            return attrs.evolve(delivery, status="dead", attempts=attempts)
        timeout = hook.policy.timeout
        if timeout is None and delivery.last_error == LEASE_LOST:
            # It may hang again, and this one is not to stay behind with it.
            timeout = self._lease
        try:
            with Watching(self._hooks.watchers, _act(delivery)):
                _run(hook, read, timeout)
        except Exception as error:
            return failed(delivery, error, self._clock(), hook.policy)
        return attrs.evolve(delivery, status="done", last_error=None)

    def _reader(
        self, tx: Transaction, delivery: Delivery
    ) -> Callable[[], Applied[Any] | Occurred[Any]]:
        """What reads what a hook sees; the rows are fetched now, and made sense of later."""
        if self._hooks.is_on_events(delivery.hook):
            entry = tx.timeline.event(delivery.seq)
            return lambda: _occurred(delivery, entry)
        records = tx.records(delivery.issue_id)[: delivery.seq]
        return lambda: _applied(delivery, records, self._step_of)


def _act(delivery: Delivery) -> Delivering:
    return Delivering(delivery.hook, delivery.issue_id, delivery.attempts)


def _check_committed(store: Store) -> None:
    if store.hosted:
        problem = message("hooks run once all is committed; deliver after the batch or transaction")
        raise StoreError(store.url, problem)


def _check_lease(lease: timedelta, hooks: Hooks) -> None:
    if not timedelta(0) < lease <= TIME_MAX:
        problem = message("expected a time above nothing, at most {most}", most=TIME_MAX)
        raise InvalidValue("lease", problem)
    for name, hook in hooks.named.items():
        if hook.policy.timeout is not None and hook.policy.timeout >= lease:
            problem = message(
                "the hook “{name}” may take {timeout}; the lease must be longer",
                name=name,
                timeout=hook.policy.timeout,
            )
            raise InvalidValue("lease", problem)


def _run(hook: Hook, read: Callable[[], Any], timeout: timedelta | None) -> None:
    """Run a hook; with a timeout in a thread, which is left behind where it takes longer."""
    if timeout is None:
        hook.run(read())
        return
    ended: list[BaseException | None] = []

    def run() -> None:
        try:
            hook.run(read())
        except BaseException as error:
            ended.append(error)
        else:
            ended.append(None)

    thread = Thread(target=copy_context().run, args=(run,), name="rectify-hook", daemon=True)
    thread.start()
    thread.join(timeout.total_seconds())
    if not ended:
        raise TimeoutError
    if ended[0] is not None:
        raise ended[0]


def _occurred(delivery: Delivery, entry: Entry) -> Occurred[Any]:
    event = event_of(entry.kind, entry.at, entry.data)
    return Occurred(event, delivery.key, delivery.attempts)


def _applied(delivery: Delivery, records: Sequence[Record], step_of: StepOf) -> Applied[Any]:
    *_, (record, step, issue, _) = replay(records, step_of)
    return Applied(step, issue, record, delivery.key, delivery.attempts)
