"""A ledger in memory, for tests and simulations: the same contract, gone with the process."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from operator import itemgetter
from threading import RLock
from types import TracebackType

import attrs

from rectify.digests import Algorithm
from rectify.errors import StaleIssue, StoreError
from rectify.i18n import message
from rectify.issue import Issue
from rectify.record import Record
from rectify.sealed import Sealed
from rectify.secret_key import SecretKey
from rectify.store import Chain, Head, History, Secret
from rectify.stores.memory_deliveries import MemoryDeliveries, Undo
from rectify.stores.memory_timeline import MemoryTimeline


@attrs.define
class _Kept:
    """One issue: where it stands, and the bodies and digests of its records."""

    head: Head
    rows: list[tuple[bytes, str]] = attrs.field(factory=list[tuple[bytes, str]])

    def take_back(self, before: Head) -> None:
        self.rows.pop()
        self.head = before


_OWNED: ContextVar[object] = ContextVar("_OWNED", default=None)
"""What shows that a batch is this task's."""


class MemoryStore(MemoryDeliveries):
    """Rows in dictionaries under one lock; safe to share between threads.

    The store is its own transaction: the lock keeps others out, and a list of undo steps
    takes back what an exception interrupts.
    """

    url = "memory"
    connection = None

    def __init__(self, digest: Algorithm = "sha256") -> None:
        self.digest: Algorithm = digest
        self._issues: dict[str, _Kept] = {}
        self._secrets: dict[tuple[str, str], Secret] = {}
        undo: Undo = []
        super().__init__(undo)
        self._marks: list[int] = []
        self._lock = RLock()
        self._owner: object = None
        self.timeline = MemoryTimeline(undo)

    def transaction(self) -> MemoryStore:
        """Itself: entering takes the lock."""
        return self

    reading = transaction

    def batch(self) -> AbstractContextManager[object]:
        """See `Store.batch`; another task of the thread that holds it is refused meanwhile."""
        return self._begin_batch()

    @contextmanager
    def _begin_batch(self) -> Generator[None]:
        with self:
            outer, mine = self._owner, self._owner or object()
            token = _OWNED.set(mine)
            self._owner = mine
            try:
                yield
            finally:
                self._owner = outer
                _OWNED.reset(token)

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

    def scrub(self) -> bool:
        """Nothing is in a file."""
        return True

    def rekey(self, key: SecretKey) -> None:
        """Nothing is at rest."""

    def close(self) -> None:
        """Nothing is held outside the process."""

    def __enter__(self) -> MemoryStore:
        self._lock.acquire()
        if self._owner is not None and _OWNED.get() is not self._owner:
            self._lock.release()
            raise StoreError(self.url, message("another task of this thread has a batch open"))
        self._marks.append(len(self._undo))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        mark = self._marks.pop()
        if kind is not None:
            self._take_back(mark)
        elif not self._marks:
            if self._pending:
                self._finish()
            self._undo.clear()
        self._lock.release()

    def _finish(self) -> None:
        try:
            self._hand_over()
        except BaseException:
            self._take_back(0)
            self._lock.release()
            raise

    def _take_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            take_back, *arguments = self._undo.pop()
            take_back(*arguments)

    def find(self, issue_id: str) -> Issue | None:
        """See `Lookup.find`."""
        kept = self._issues.get(issue_id)
        return kept.head.issue if kept else None

    def secret(self, issue_id: str, field: str) -> Sealed | None:
        """See `Lookup.secret`."""
        secret = self._secrets.get((issue_id, field))
        return secret.text if secret else None

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """See `Transaction.head`."""
        kept = self._issues.get(issue_id)
        return kept.head if kept else None

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        """See `Store.heads`."""
        with self._lock:
            heads = [kept.head for _, kept in sorted(self._issues.items(), key=itemgetter(0))]
        for head in heads:
            finding = head.issue.finding
            if (
                head.issue.id > after
                and (state is None or type(head.issue).__name__ == state)
                and (unit is None or finding.unit == unit)
                and (areas is None or finding.area in areas)
            ):
                yield head

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
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
        self._undo.append((self._keep_again, key, self._secrets.get(key)))
        self._secrets[key] = secret

    def _keep_again(self, key: tuple[str, str], secret: Secret | None) -> None:
        if secret is None:
            del self._secrets[key]
        else:
            self._secrets[key] = secret

    def kept(self, issue_id: str, field: str) -> Secret | None:
        """See `Transaction.kept`."""
        return self._secrets.get((issue_id, field))

    def erase(self, secret: Secret) -> None:
        """See `Transaction.erase`."""
        key = (secret.issue_id, secret.field)
        self._undo.append((self._secrets.__setitem__, key, self._secrets[key]))
        self._secrets[key] = secret

    def keeping(self, states: Sequence[str], after: str, at_most: int) -> Sequence[str]:
        """See `Transaction.keeping`."""
        ids = {issue_id for (issue_id, _), one in self._secrets.items() if one.erased_at is None}
        fit = [one for one in ids if one > after and self._state(one) in states]
        return sorted(fit)[:at_most]

    def _state(self, issue_id: str) -> str:
        return type(self._issues[issue_id].head.issue).__name__
