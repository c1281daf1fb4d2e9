"""Stores that each do one thing wrong, for the contract to catch."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import ClassVar

import attrs
from sqlalchemy import Connection

from rectify.case import NOTHING_YET
from rectify.event import Event
from rectify.issue import Issue
from rectify.journal import Entry
from rectify.lifecycle import STANDARD
from rectify.record import Record
from rectify.sealed import Sealed
from rectify.store import Backlog, Basis, Chain, Delivery, Handoff, Head, History, Secret, Status
from rectify.stores.memory import MemoryStore
from rectify.stores.memory_timeline import MemoryTimeline
from rectify.stores.source import Pool, Within
from rectify.stores.sql import SqlStore
from rectify.stores.sql_transaction import SqlTransaction
from rectify.timeline import Deadline, changes

EVER = timedelta(days=36_500)


# Issues, records, secrets.


class FindsByPrefix(MemoryStore):
    """It takes the beginning of an id for the id."""

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        return next((k.head for one, k in self._issues.items() if one.startswith(issue_id)), None)


class NormalisesTexts(MemoryStore):
    """It keeps another spelling of the same characters."""

    def records(self, issue_id: str) -> Sequence[Record]:
        return [
            attrs.evolve(record, body=unicodedata.normalize("NFC", record.body))
            for record in super().records(issue_id)
        ]


class ForgetsFacts(MemoryStore):
    """It keeps the issue, and not what its records say beside."""

    def append(self, head: Head, body: bytes) -> None:
        super().append(attrs.evolve(head, facts=NOTHING_YET), body)


class TrustsTheKnown(MemoryStore):
    """It gives back what it is asked about."""

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        head = super().head(issue_id)
        return head if head is None or known is None else attrs.evolve(head, issue=known)


class FoldsBlanks(MemoryStore):
    """It takes ids that differ in blanks at the end for one."""

    def records(self, issue_id: str) -> Sequence[Record]:
        return super().records(issue_id.rstrip())


class IgnoresVersions(MemoryStore):
    """It appends whatever the version is."""

    def append(self, head: Head, body: bytes) -> None:
        kept = self._issues.get(head.issue.id)
        version = 1 if kept is None else len(kept.rows) + 1
        super().append(attrs.evolve(head, issue=attrs.evolve(head.issue, version=version)), body)


class KeepsOneSecret(MemoryStore):
    """It keeps one confidential text an issue."""

    def secret(self, issue_id: str, field: str) -> Sealed | None:
        return next((s.text for (one, _), s in self._secrets.items() if one == issue_id), None)


class KeepsNoSecret(MemoryStore):
    """It drops what is confidential."""

    def keep(self, secret: Secret) -> None:
        pass


class ErasesWholly(MemoryStore):
    """It keeps nothing of an erased secret, not even when that was."""

    def erase(self, secret: Secret) -> None:
        del self._secrets[secret.issue_id, secret.field]


class WritesLate(MemoryStore):
    """It appends at the end of the transaction, which does not see it before."""

    def __init__(self) -> None:
        super().__init__()
        self._late: list[tuple[Head, bytes]] = []

    def append(self, head: Head, body: bytes) -> None:
        self._late.append((head, body))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        late, self._late = self._late, []
        for head, body in () if kind else late:
            super().append(head, body)
        super().__exit__(kind, error, trace)


class LosesAnAppend(MemoryStore):
    """Of every ten records it loses one."""

    _count = 0

    def append(self, head: Head, body: bytes) -> None:
        self._count += 1
        if self._count % 10:
            super().append(head, body)


class CountsOverAllIssues(MemoryStore):
    """It expects the next version of whichever issue was written last."""

    _last = 0

    def append(self, head: Head, body: bytes) -> None:
        version = head.issue.version
        if version == self._last + 1 or version == 1:
            super().append(head, body)
            self._last = version
        else:
            super().append(attrs.evolve(head, issue=attrs.evolve(head.issue, version=0)), body)


class StopsSeeing(IgnoresVersions):
    """It shows no version after an issue's second, to whoever asks where it stands."""

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        kept = self._issues.get(issue_id)
        if kept is None or len(kept.rows) < 2:
            return super().head(issue_id)
        return self._second.setdefault(issue_id, kept.head)

    def __init__(self) -> None:
        super().__init__()
        self._second: dict[str, Head] = {}


# Listings.


class TakesNoAreasForAll(MemoryStore):
    """It lists everything where nothing fits."""

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        return super().heads(state=state, unit=unit, areas=areas or None, after=after)


class ListsOnePage(MemoryStore):
    """It lists five hundred issues and no more."""

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        found = super().heads(state=state, unit=unit, areas=areas, after=after)
        return iter(list(found)[:500])


class ListsFromTheBeginning(MemoryStore):
    """It lists all that fits, whatever it was to go on after."""

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        return super().heads(state=state, unit=unit, areas=areas)


class ListsWhatCameFirst(MemoryStore):
    """It lists issues as they were registered."""

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, Head] = {}

    def append(self, head: Head, body: bytes) -> None:
        super().append(head, body)
        self._first.setdefault(head.issue.id, head)

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        return iter(self._first.values())


class ForgetsTheLastRecord(MemoryStore):
    """What it gives to the audit lacks each issue's last record."""

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
        return (
            one._replace(rows=one.rows[:-1]) for one in super().histories(links_only=links_only)
        )


class HoldsAnything(MemoryStore):
    """It says of every head that it is the one that it keeps."""

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
        return (one._replace(holds=_holds) for one in super().histories(links_only=links_only))


def _holds(head: Head) -> bool:
    return True


# Transactions.


class NeverRollsBack(MemoryStore):
    """It keeps what an exception interrupted."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(None, None, None)


class ForgetsAnUndo(MemoryStore):
    """It takes back everything but what is owed."""

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        mark = len(self._undo)
        added = super().owe(deliveries, handoff, missing=missing)
        del self._undo[mark:]
        return added


class LocksNobodyOut(MemoryStore):
    """Any thread reads and writes at any time."""

    def __enter__(self) -> MemoryStore:
        self._marks.append(len(self._undo))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._marks.pop()


class CommitsEachStep(MemoryStore):
    """Its batches are none."""

    def batch(self) -> AbstractContextManager[MemoryStore]:
        return nullcontext(self)


class ForgetsBatches(MemoryStore):
    """It rolls back what a batch wrote."""

    @contextmanager
    def batch(self) -> Generator[None]:
        try:
            with self.transaction():
                yield
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass


class UndoesBatchesOnly(MemoryStore):
    """Within a batch, it keeps what a step began."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        inner = len(self._marks) > 1
        super().__exit__(None if inner else kind, error, trace)


class SaysItCommits(MemoryStore):
    """It says of a batch that it is committed already."""

    @property
    def hosted(self) -> bool:
        return False


# Deliveries.


class OwesTwice(MemoryStore):
    """It adds every delivery twice."""

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        added = super().owe(deliveries, handoff, missing=missing)
        self._owed.clear()
        return added + super().owe(deliveries, handoff, missing=missing)


class NewestFirst(MemoryStore):
    """It lists deliveries from the last to the first."""

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        ids: Sequence[int] | None = None,
        at_most: int | None = None,
    ) -> Sequence[Delivery]:
        found = super().deliveries(status, hook=hook, issue_id=issue_id, ids=ids, at_most=at_most)
        return list(reversed(found))


class Claiming(MemoryStore):
    """What the claims below have in common: which delivery, by a choice of their own."""

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
        for number in self.order():
            delivery = self._deliveries[number]
            if delivery.hook in hooks and delivery.status == "ready" and self.fits(delivery, now):
                leased = attrs.evolve(
                    delivery,
                    status="leased",
                    attempts=delivery.attempts + 1,
                    lease_owner=owner,
                    lease_until=lease_until,
                )
                self.lease(leased)
                return leased
        return None

    def order(self) -> list[int]:
        return list(self._open)

    def fits(self, delivery: Delivery, now: datetime) -> bool:
        return delivery.available_at <= now

    def lease(self, leased: Delivery) -> None:
        assert leased.id is not None
        self._deliveries[leased.id] = leased


class ClaimsOutOfOrder(Claiming):
    """It claims a later version while an earlier one is not done."""


class ClaimsTheNewest(Claiming):
    """It claims what was owed last."""

    def order(self) -> list[int]:
        return list(reversed(self._open))


class ClaimsEarly(MemoryStore):
    """It claims what is not due yet."""

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
        later = now + timedelta(days=1)
        return super().claim(hooks, later, owner, lease_until, past_dead=past_dead, line=line)


class ClaimsForAnyHook(MemoryStore):
    """It claims deliveries of hooks that nobody asked for."""

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
        every = [one.hook for one in self.deliveries()]
        return super().claim(every, now, owner, lease_until, past_dead=past_dead, line=line)


class LeasesForEver(MemoryStore):
    """Its leases never end."""

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
        return super().claim(hooks, now, owner, now + EVER, past_dead=past_dead, line=line)


class SettlesForAnyone(MemoryStore):
    """It lets who has lost a lease settle."""

    def settle(self, delivery: Delivery) -> bool:
        assert delivery.id is not None
        self._deliveries[delivery.id] = delivery
        return True


class KeepsLeases(MemoryStore):
    """What is settled has its lease still."""

    def settle(self, delivery: Delivery) -> bool:
        settled = super().settle(delivery)
        assert delivery.id is not None
        if settled:
            self._deliveries[delivery.id] = delivery
        return settled


class LosesLeasesSilently(MemoryStore):
    """It does not say that a lease was lost."""

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
        claimed = super().claim(hooks, now, owner, lease_until, past_dead=past_dead, line=line)
        return claimed and attrs.evolve(claimed, last_error=None)


class PassesEveryDead(MemoryStore):
    """It claims what a dead delivery holds up, whatever the hook."""

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
        return super().claim(hooks, now, owner, lease_until, past_dead=hooks, line=line)


class ClaimsFromAnyLine(MemoryStore):
    """It does not look at the line that is named."""

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
        return super().claim(hooks, now, owner, lease_until, past_dead=past_dead)


class TakesAllForDue(MemoryStore):
    """It takes every delivery that is open for one that is due."""

    def due(
        self, hooks: Sequence[str], now: datetime, *, past_dead: Sequence[str] = (), at_most: int
    ) -> Sequence[int]:
        return list(self._open)[:at_most]


class OwesAnew(MemoryStore):
    """It adds what a hook is owed already."""

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        if missing:
            self._owed.clear()
        return super().owe(deliveries, handoff, missing=missing)


class HandsOverAll(MemoryStore):
    """It hands over what is done, too."""

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        added = super().owe(deliveries, None, missing=missing)
        if handoff is not None:
            handoff(None, list(self._deliveries))
        return added


class FindsByStatusAlone(MemoryStore):
    """It does not look at the hook, the issue and the numbers that are asked for."""

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        ids: Sequence[int] | None = None,
        at_most: int | None = None,
    ) -> Sequence[Delivery]:
        return super().deliveries(status, at_most=at_most)


class CountsWhatIsDone(MemoryStore):
    """It counts every delivery."""

    def backlog(self) -> Sequence[Backlog]:
        self._open = dict.fromkeys(self._deliveries)
        return super().backlog()


class RevivesAll(MemoryStore):
    """It revives whatever is dead."""

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        return super().revive(now)


class GivesNewKeys(MemoryStore):
    """What it renames has another key."""

    def rename_hook(self, old: str, new: str) -> int:
        renamed = super().rename_hook(old, new)
        for number, one in self._deliveries.items():
            self._deliveries[number] = attrs.evolve(one, key=f"{one.key}.{new}")
        return renamed


class SettlesUnderTheOldName(MemoryStore):
    """It writes back all of what is settled."""

    def settle(self, delivery: Delivery) -> bool:
        settled = super().settle(delivery)
        assert delivery.id is not None
        kept = self._deliveries[delivery.id]
        self._deliveries[delivery.id] = attrs.evolve(kept, hook=delivery.hook)
        return settled


class LeasesAtTheEnd(Claiming, LocksNobodyOut):
    """What one has claimed is marked when its transaction ends, for another to claim meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._leased: list[Delivery] = []

    def order(self) -> list[int]:
        return [n for n in self._open if self._deliveries[n].seq == 1]

    def lease(self, leased: Delivery) -> None:
        self._leased.append(leased)


# What falls due.


class OwnTimeline(MemoryStore):
    """What the stores below have in common: a timeline of their own."""

    kind: ClassVar[type[MemoryTimeline]]

    def __init__(self) -> None:
        super().__init__()
        self.timeline = self.kind(self._undo)


def with_timeline(kind: type[MemoryTimeline]) -> Callable[[], MemoryStore]:
    """A store in memory with such a timeline."""
    return type(kind.__name__, (OwnTimeline,), {"kind": kind})


class DueByKey(MemoryTimeline):
    """What is due comes by its key."""

    def due(self, until: datetime, at_most: int) -> Sequence[Deadline]:
        return sorted(super().due(until, at_most), key=lambda one: one.key, reverse=True)


class AlwaysDue(MemoryTimeline):
    """Something is due at all times."""

    def is_due(self, until: datetime) -> bool:
        return True


class ForgetsUnits(MemoryTimeline):
    """No deadline has a unit."""

    def put(self, deadlines: Iterable[Deadline]) -> None:
        super().put(attrs.evolve(one, unit=None) for one in deadlines)


class PutsOnce(MemoryTimeline):
    """What is there already stays as it is."""

    def put(self, deadlines: Iterable[Deadline]) -> None:
        super().put(one for one in deadlines if one.key not in self._rows)


class NeverGoesOn(MemoryTimeline):
    """What was looked at is due again and again."""

    def go_on(self, nexts: Iterable[tuple[str, datetime | None]]) -> None:
        pass


class IgnoresSubjects(MemoryTimeline):
    """It gives everything the campaign set, whatever was asked for."""

    def of_campaign(self, subject: str | None = None) -> Sequence[Deadline]:
        return super().of_campaign()


class NeverRedates(MemoryTimeline):
    """No milestone ever falls due."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        pass


class ForgetsWhenItWasSet(MemoryTimeline):
    """What is set late counts as set early."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        super().redate(left, entered, datetime(2017, 1, 1, tzinfo=UTC), zone)


class NeverCloses(MemoryTimeline):
    """A milestone that was reached is overdue all the same."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        self.put(changes(left, entered, at, zone)[1])


class ClosesWhatRanOut(MemoryTimeline):
    """A milestone that was reached too late was not overdue."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        closed, opened = changes(left, entered, at, zone)
        self.put([*(attrs.evolve(one, closed_at=at, next_at=None) for one in closed), *opened])


class NeverTakesBackDates(MemoryTimeline):
    """What an interrupted transaction moved stays moved."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        self._notes.append((entered, at, zone))


# Events and the journal.


class CountsFromOne(MemoryTimeline):
    """It counts an event too many."""

    def basis(self, *, lock: bool = False) -> Basis:
        basis = super().basis()
        return attrs.evolve(basis, events=basis.events + 1)


class GivesEventsBackwards(MemoryTimeline):
    """The last event comes first."""

    def events(self, after: int, at_most: int) -> Sequence[Entry]:
        return list(reversed(super().events(after, at_most)))


class ForgetsTheHead(MemoryTimeline):
    """It records events without moving the head of their chain."""

    def record(self, events: Sequence[tuple[Event, Entry]]) -> bool:
        basis = self._basis
        recorded = super().record(events)
        self._basis = basis
        return recorded


class RecordsAgain(MemoryTimeline):
    """It records an event as often as it is told."""

    def record(self, events: Sequence[tuple[Event, Entry]]) -> bool:
        self._keys.clear()
        return super().record(events)

    def recorded(self, keys: Sequence[str]) -> Set[str]:
        return set()


class RecordsAgainAndAgain(RecordsAgain, NeverGoesOn):
    """It neither knows what it recorded nor that it is done with it."""


class LooksForSomeKeys(MemoryTimeline):
    """It looks for the first five hundred keys it is asked for."""

    def recorded(self, keys: Sequence[str]) -> Set[str]:
        return super().recorded(keys[:500])


class RemembersWhatWasTakenBack(MemoryTimeline):
    """An event that was taken back can't be recorded any more."""

    def _unrecord(self) -> None:
        self._events.pop()


class MixesChains(MemoryTimeline):
    """One chain shows in another whose name begins like its own."""

    def entries(self, chain: str | None = None) -> Sequence[Entry]:
        return [one for one in super().entries() if one.chain.startswith(chain or "")]


class EntersAnything(MemoryTimeline):
    """It does not look whether a number is taken."""

    def enter(self, entry: Entry) -> None:
        chain = self._chains.setdefault(entry.chain, [])
        chain.append(entry)
        self._undo.append((chain.pop,))


class ForgetsThePlan(MemoryTimeline):
    """It does not keep what deadlines were planned for."""

    def rest_on(self, fingerprint: str, planned: str | None) -> None:
        super().rest_on(fingerprint, None)


class LosesAChain(MemoryTimeline):
    """What it gives to the audit lacks a chain."""

    def chains(self) -> Sequence[Chain]:
        return super().chains()[:-1]


class SeesLate(MemoryTimeline):
    """What it shows as the last event is the one before."""

    def basis(self, *, lock: bool = False) -> Basis:
        if len(self._events) < 2:
            return super().basis()
        last = self._events[-2][1]
        return attrs.evolve(self._basis, events=last.number, digest=last.digest)


# Durable ones, and those in a host's transaction.

_SHARED = MemoryStore()


def share() -> MemoryStore:
    """The one store of all, which is said to be another each time."""
    return _SHARED


class CommitsEachAppend(SqlStore):
    """It commits as it goes."""

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        with self._source.writing() as connection:
            yield _CommitsEachAppend(connection, self._lifecycle, self._key)


class _CommitsEachAppend(SqlTransaction):
    def append(self, head: Head, body: bytes) -> None:
        super().append(head, body)
        self.connection.exec_driver_sql("COMMIT")
        self.connection.exec_driver_sql("BEGIN IMMEDIATE")


class WithoutSavepoints(Within):
    """What is refused in a host's transaction is committed with it."""

    @contextmanager
    def writing(self) -> Generator[Connection]:
        with super().writing() as connection:
            pass
        yield connection


class SaysItsOwn(Within):
    """It says that it commits what the host may roll back."""

    hosted = False


@contextmanager
def on_its_own(connection: Connection) -> Generator[SqlStore]:
    """A store that does not care for the host's transaction."""
    with closing(SqlStore(Pool(connection.engine), STANDARD)) as store:
        yield store


def begin_by(
    source: Callable[[Connection], Within],
) -> Callable[[Connection], AbstractContextManager[SqlStore]]:
    """What gives a store within a host's connection, by such a source."""

    def begin(connection: Connection) -> AbstractContextManager[SqlStore]:
        return nullcontext(SqlStore(source(connection), STANDARD))

    return begin
