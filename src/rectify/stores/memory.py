"""A ledger in memory, for tests and simulations: the same contract, gone with the process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from threading import RLock
from types import TracebackType

import attrs

from rectify.errors import StaleIssue
from rectify.issue import Issue
from rectify.record import Record
from rectify.store import Backlog, Chain, Delivery, Handoff, Head, History, Secret, Status
from rectify.stores.memory_outbox import MemoryOutbox
from rectify.stores.memory_timeline import MemoryTimeline


@attrs.define
class _Kept:
    """One issue: where it stands, and the bodies and digests of its records."""

    head: Head
    rows: list[tuple[bytes, str]] = attrs.field(factory=list[tuple[bytes, str]])

    def take_back(self, before: Head) -> None:
        self.rows.pop()
        self.head = before


class MemoryStore:
    """Rows in dictionaries under one lock; safe to share between threads.

    The store is its own transaction: the lock keeps others out, and a list of undo steps
    takes back what an exception interrupts.
    """

    url = "memory"
    connection = None

    def __init__(self) -> None:
        self._issues: dict[str, _Kept] = {}
        self._secrets: dict[tuple[str, str], Secret] = {}
        self._undo: list[tuple[Callable[..., object], *tuple[object, ...]]] = []
        self._marks: list[int] = []
        self._lock = RLock()
        self.timeline = MemoryTimeline(self._undo)
        self._outbox = MemoryOutbox(self._undo)

    def transaction(self) -> MemoryStore:
        """Itself: entering takes the lock."""
        return self

    reading = transaction
    batch = transaction

    @property
    def hosted(self) -> bool:
        """See `Store.hosted`: in a transaction or batch of this thread; it waits for others'."""
        with self._lock:
            return bool(self._marks)

    def chains(self) -> Iterator[Chain]:
        """See `Store.chains`."""
        with self._lock:
            chains = self.timeline.chains()
        return iter(chains)

    def close(self) -> None:
        """Nothing is held outside the process."""

    def __enter__(self) -> MemoryStore:
        self._lock.acquire()
        self._marks.append(len(self._undo))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        mark = self._marks.pop()
        try:
            if kind is not None:
                self._take_back(mark)
            elif not self._marks:
                self._finish()
        finally:
            self._lock.release()

    def _finish(self) -> None:
        try:
            self._outbox.hand_over()
        except BaseException:
            self._take_back(0)
            raise
        self._undo.clear()

    def _take_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            take_back, *arguments = self._undo.pop()
            take_back(*arguments)

    def find(self, issue_id: str) -> Issue | None:
        """See `Lookup.find`."""
        kept = self._issues.get(issue_id)
        return kept.head.issue if kept else None

    def secret(self, issue_id: str, field: str) -> str | None:
        """See `Lookup.secret`."""
        secret = self._secrets.get((issue_id, field))
        return secret.text if secret else None

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """See `Transaction.head`."""
        kept = self._issues.get(issue_id)
        return kept.head if kept else None

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None
    ) -> Iterator[Head]:
        """See `Store.heads`."""
        with self._lock:
            heads = [kept.head for _, kept in sorted(self._issues.items(), key=itemgetter(0))]
        for head in heads:
            finding = head.issue.finding
            if (
                (state is None or type(head.issue).__name__ == state)
                and (unit is None or finding.unit == unit)
                and (areas is None or finding.area in areas)
            ):
                yield head

    def histories(self) -> Iterator[History]:
        """See `Store.histories`."""
        with self._lock:
            issues = [(key, kept.head, tuple(kept.rows)) for key, kept in self._issues.items()]
            secrets = list(self._secrets.values())
        of_issue: dict[str, list[Secret]] = {}
        for secret in secrets:
            of_issue.setdefault(secret.issue_id, []).append(secret)
        for issue_id, head, rows in sorted(issues, key=itemgetter(0)):
            numbered = [(n, body.decode(), digest) for n, (body, digest) in enumerate(rows, 1)]
            yield History(issue_id, numbered, head.__eq__, of_issue.get(issue_id, ()))

    def records(self, issue_id: str) -> Sequence[Record]:
        """See `Transaction.records`."""
        kept = self._issues.get(issue_id)
        rows = kept.rows if kept else ()
        return [Record(issue_id, n, body.decode(), d) for n, (body, d) in enumerate(rows, 1)]

    def append(self, head: Head, body: bytes) -> None:
        """See `Transaction.append`."""
        issue = head.issue
        kept = self._issues.get(issue.id)
        if kept is None:
            kept = self._issues[issue.id] = _Kept(head)
            self._undo.append((self._issues.pop, issue.id))
        if issue.version != len(kept.rows) + 1:
            raise StaleIssue(issue.id, issue.version - 1, len(kept.rows))
        self._undo.append((kept.take_back, kept.head))
        kept.rows.append((body, head.digest))
        kept.head = head

    def keep(self, secret: Secret) -> None:
        """See `Transaction.keep`."""
        key = (secret.issue_id, secret.field)
        self._secrets[key] = secret
        self._undo.append((self._secrets.pop, key))

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """See `Transaction.owe`."""
        return self._outbox.owe(deliveries, handoff, missing=missing)

    def claim(
        self,
        hooks: Sequence[str],
        now: datetime,
        owner: str,
        lease_until: datetime,
        *,
        past_dead: Sequence[str] = (),
        line: Delivery | None = None,
    ) -> Delivery | None:
        """See `Transaction.claim`."""
        return self._outbox.claim(hooks, now, owner, lease_until, past_dead, line)

    def due(
        self, hooks: Sequence[str], now: datetime, *, past_dead: Sequence[str] = (), at_most: int
    ) -> Sequence[int]:
        """See `Transaction.due`."""
        return self._outbox.due(hooks, now, past_dead, at_most)

    def settle(self, delivery: Delivery) -> bool:
        """See `Transaction.settle`."""
        return self._outbox.settle(delivery)

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        ids: Sequence[int] | None = None,
        at_most: int | None = None,
    ) -> Sequence[Delivery]:
        """See `Transaction.deliveries`."""
        return self._outbox.deliveries(status, hook, issue_id, ids, at_most)

    def backlog(self) -> Sequence[Backlog]:
        """See `Transaction.backlog`."""
        return self._outbox.backlog()

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        """See `Transaction.revive`."""
        return self._outbox.revive(now, hook, ids)

    def rename_hook(self, old: str, new: str) -> int:
        """See `Transaction.rename_hook`."""
        return self._outbox.rename(old, new)
