"""The ledger (台账): load, check, apply, store, hook. The one place where they meet.

Everything above this module is pure; everything it does to the world goes through its
store, its clock and its hooks.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from os import PathLike
from types import ModuleType, TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Self,
    TypedDict,
    TypeVar,
    Unpack,
    cast,
    overload,
)

import attrs

from rectify import fields, running
from rectify.actor import Actor
from rectify.audit import Audit, audit
from rectify.case import NOTHING_YET, Case
from rectify.checkpoint import Checkpoint
from rectify.confidential import (
    Erasures,
    Revealed,
    copied,
    erase,
    erase_due,
    is_same,
    reveal,
    set_apart,
)
from rectify.delivery import Delivered, Deliverer, owed
from rectify.digests import Algorithm
from rectify.errors import (
    InvalidValue,
    MissingExtra,
    Refused,
    StaleIssue,
    StoreError,
    UnknownIssue,
)
from rectify.event import Event, event_of
from rectify.evidence import Origin
from rectify.finding import Finding
from rectify.hooks import (
    LEASE,
    TIME_MAX,
    After,
    Before,
    Dispatcher,
    Hook,
    Hooks,
    OnEvent,
    Policy,
    Proposed,
)
from rectify.i18n import message
from rectify.issue import LEAD, ORIGIN, AnyIssue, Found, Issue, Link, Transferred
from rectify.labels import named
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move, Step, target
from rectify.moves import Erase, Import, Register, Reveal, Tie, Transfer
from rectify.outbox import Outbox
from rectify.plan import compile_plans
from rectify.reason import Decision, Option
from rectify.record import Record, replay
from rectify.sealed import REPORTER
from rectify.sealing import check_campaign, seal
from rectify.store import Backlog, Delivery, Head, Status, Store, Transaction, check_digest
from rectify.stores.memory import MemoryStore
from rectify.structure import check_readable
from rectify.sweep import Swept, sweep
from rectify.watching import Sweeping, Taking, Watcher, Watching, warn_of_what_is_left

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from rectify.campaign import Campaign
    from rectify.difference import Difference
    from rectify.duty import DutyEvent, DutyStanding, Owed, SentBack, Submission
    from rectify.entering import Entering
    from rectify.filing import Filing
    from rectify.happening import Classified, Occasion, Visit
    from rectify.occasions import Occasions
    from rectify.outlook import Outlook
    from rectify.past import Past
    from rectify.secret_key import SecretKey
    from rectify.stores.source import Host
    from rectify.unit import UnitTree

    I = TypeVarWithDefault("I", bound=Issue, default=AnyIssue)  # noqa: E741
else:
    I = TypeVar("I", bound=Issue)  # noqa: E741

S = TypeVar("S", bound=Issue)
J = TypeVar("J", bound=Issue)
M = TypeVar("M", bound=Step[Issue])
E = TypeVar("E", bound=Event)

DUE_MAX: Final = 1_000
"""How many deliveries `Ledger.due` gives, unless it is told."""
EVENTS_AT_ONCE: Final = 1_000
"""How many events `Ledger.events` reads at a time."""


_POLICY: Final = Policy()
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    """A UUID of version 7: unique, and sorted by when it was made."""
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds << 80) | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | (0x2 << 62)))


class Settings(TypedDict, total=False):
    """What a ledger may be given beside its campaign and lifecycle; see `Ledger`."""

    units: UnitTree | None
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    secrets: SecretKey | None
    dispatcher: Dispatcher | None
    digest: Algorithm | None


class Ledger(Generic[I]):
    """All issues of a campaign, with their history.

    ``Ledger(campaign)`` is in memory; `Ledger.open` is durable. ``lifecycle`` may be one
    with a host's own states and moves; ``units`` is the tree that scope is checked against
    (without one it is not checked, and ``scope_checked`` is false); ``clock`` gives the
    present as an aware datetime; ``new_id`` names issues; ``dispatcher`` hands what after
    hooks are owed to a queue (without one, `deliver` runs it); ``digest`` is the hash that
    chains its records, ``"sha256"`` or ``"sm3"``: chosen when a ledger is made, kept by it.

    Safe to share between threads as far as its store is. Raises `CampaignError` where the
    campaign sets a rule that the lifecycle does not have, `DigestMismatch` where the store is
    that of a ledger with another digest, `InvalidValue` where this Python lacks the hash.
    """

    @overload
    def __init__(
        self: Ledger[AnyIssue],
        campaign: Campaign,
        *,
        store: Store | None = ...,
        **settings: Unpack[Settings],
    ) -> None: ...

    @overload
    def __init__(
        self,
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[I],
        store: Store | None = ...,
        **settings: Unpack[Settings],
    ) -> None: ...

    def __init__(
        self,
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[Any] = STANDARD,
        store: Store | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        self.campaign = campaign
        self.lifecycle: Lifecycle[I] = lifecycle
        self.units = settings.get("units")
        digest = settings.get("digest")
        self._store: Store = MemoryStore(digest or "sha256") if store is None else store
        check_digest(self._store.url, self._store.digest, digest)
        self._clock = settings.get("clock", _now)
        self._new_id = settings.get("new_id", _new_id)
        self._secret_key = settings.get("secrets")
        self._plans = compile_plans(lifecycle, campaign, self.digest)
        self._hooks = Hooks(lifecycle, settings.get("dispatcher"))
        self._zone = campaign.zone.key

    @overload
    @classmethod
    def open(
        cls,
        url: str | PathLike[str],
        campaign: Campaign,
        *,
        create: bool = ...,
        migrate: bool = ...,
        **settings: Unpack[Settings],
    ) -> Ledger[AnyIssue]: ...

    @overload
    @classmethod
    def open(
        cls,
        url: str | PathLike[str],
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[J],
        create: bool = ...,
        migrate: bool = ...,
        **settings: Unpack[Settings],
    ) -> Ledger[J]: ...

    @classmethod
    def open(
        cls,
        url: str | PathLike[str],
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[Any] = STANDARD,
        create: bool = True,
        migrate: bool = False,
        **settings: Unpack[Settings],
    ) -> Ledger[Any]:
        """A durable ledger: ``sqlite:///ledger.db``, ``postgresql+psycopg://…``, or a file's path.

        With ``create``, a database without a ledger gets one. With ``migrate``, a ledger of an
        older layout is brought up to this program's, for good. Raises `StoreError` for one that
        can't be reached or has none, `StoreUnreadable` for what is damaged, no ledger or of
        another layout, `CampaignMismatch` for another campaign's, `DigestMismatch` for another
        ``digest`` than the ledger was made with; then nothing is written.
        """
        stores = _sql_stores()
        key, digest = settings.get("secrets"), settings.get("digest")
        # What can't be judged, or written, makes no ledger.
        compile_plans(lifecycle, campaign, digest or "sha256")
        store = stores.open_store(
            url, campaign, lifecycle, create=create, migrate=migrate, key=key, digest=digest
        )
        return Ledger[Any](campaign, lifecycle=lifecycle, store=store, **settings)

    @overload
    @classmethod
    def on(
        cls,
        host: Host,
        campaign: Campaign,
        *,
        create: bool = ...,
        **settings: Unpack[Settings],
    ) -> Ledger[AnyIssue]: ...

    @overload
    @classmethod
    def on(
        cls,
        host: Host,
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[J],
        create: bool = ...,
        **settings: Unpack[Settings],
    ) -> Ledger[J]: ...

    @classmethod
    def on(
        cls,
        host: Host,
        campaign: Campaign,
        *,
        lifecycle: Lifecycle[Any] = STANDARD,
        create: bool = False,
        **settings: Unpack[Settings],
    ) -> Ledger[Any]:
        """The ledger in the host's own transaction, on its SQLAlchemy connection or session.

        What it writes is committed with the host's rows or rolled back with them; each step
        is a savepoint, so that what is refused is undone alone. After hooks are run by
        `deliver`, of a ledger of its own, once the host has committed. With ``create``, a
        ledger that is not there is made, in that transaction. Raises what `open` raises.
        """
        stores = _sql_stores()
        key, digest = settings.get("secrets"), settings.get("digest")
        compile_plans(lifecycle, campaign, digest or "sha256")
        store = stores.store_on(host, campaign, lifecycle, create=create, key=key, digest=digest)
        return Ledger[Any](campaign, lifecycle=lifecycle, store=store, **settings)

    def within(self, host: Host) -> Self:
        """This ledger, with its hooks, in the host's own transaction; see `on`.

        It costs three small reads, and holds for as long as the connection or session does.
        Raises what `on` raises.
        """
        ledger = copy(self)
        ledger._store = _sql_stores().store_within(
            host, self.campaign, self.lifecycle, self._secret_key, self.digest, self._store
        )
        for derived in ("_filing", "_occasions", "_journal"):
            ledger.__dict__.pop(derived, None)
        return ledger

    def without_hooks(self) -> Self:
        """This ledger, with none of its hooks: for steps that are history already."""
        ledger = copy(self)
        ledger._hooks = Hooks(self.lifecycle)
        return ledger

    def batch(self) -> AbstractContextManager[object]:
        """``with ledger.batch():`` many steps in one commit, all of them or none.

        It holds for the thread, and in it the task, that opens it. A step that raises is taken
        back alone, and the batch goes on if that is caught; an exception that leaves the batch,
        or another program's step on one of its issues (`StaleIssue`), takes back all of it.
        """
        return self._store.batch()

    @property
    def digest(self) -> Algorithm:
        """The hash that chains its records, events and entries."""
        return self._store.digest

    @property
    def scope_checked(self) -> bool:
        """Whether findings are checked against the units in the campaign's scope (治理范围)."""
        return self.units is not None

    def now(self) -> datetime:
        """The clock's instant, aware."""
        return self._clock()

    def close(self) -> None:
        """Let go of the store's connections."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Moving issues.

    def register(
        self,
        finding: Finding,
        *,
        by: Actor,
        at: datetime | None = None,
        issue_id: str | None = None,
        origin: Origin | None = None,
    ) -> Found:
        """Enter a finding in the ledger (建立台账); ``issue_id`` is for a number of the host's.

        ``origin`` says where it was kept before, and is in the record. ``at`` is aware, by
        default now. Raises `Refused` with every reason, `InvalidValue`
        for an id already used or a naive instant.
        """
        with self._taking(Register) as tx:
            return self._register(tx, finding, by, at, issue_id, origin)

    def apply(self, move: Move[S], *, by: Actor, at: datetime | None = None) -> S:
        """Carry out a move and give the issue in its new state.

        ``at`` is aware, by default now. Raises `Refused` with every reason, `StaleIssue`
        when the issue has moved on, `UnknownIssue`, `InvalidValue` for a naive instant; then
        nothing is written.
        """
        kind, issue = type(move), move.issue
        with self._taking(kind, issue) as tx:
            return self._write(tx, move, self._current(tx, issue), by, at)

    def check(self, move: Move[Issue], *, by: Actor, at: datetime | None = None) -> Decision:
        """What the rules say of a move, by the very rules that `apply` asks; writes nothing.

        Raises what `apply` raises, but for `Refused`.
        """
        with self._store.reading() as tx:
            head = self._current(tx, move.issue)
            case = self._case(tx, head, by, at)
            return Decision(tuple(self._plans[type(move)].reasons(case, move)))

    def options(self, issue: Issue, *, by: Actor, at: datetime | None = None) -> tuple[Option, ...]:
        """The moves that start from the issue's state, each with the reasons against it so far."""
        with self._store.reading() as tx:
            case = self._case(tx, self._current(tx, issue), by, at)
            return tuple(
                Option(kind, target(kind), tuple(self._plans[kind].reasons(case, None)))
                for kind in self.lifecycle.moves_from(type(issue))
            )

    def split_lead(
        self, issue: S, *, organ: str, lead: str, by: Actor, at: datetime | None = None
    ) -> tuple[S, Transferred]:
        """Split off a lead: register it as an issue of its own, tied to this one, and transfer it.

        All in one commit. The issue stays in its state and may then be put right; the lead
        goes its own way with the discipline organ (四·第一阶段). Raises what `apply` raises.
        """
        with self._taking(None, issue) as tx:
            self._current(tx, issue)
            finding = attrs.evolve(copied(tx, issue), discipline_lead=True)
            found = self._register(tx, finding, by, at, None)
            tied = self._apply(tx, Tie(found, Link(ORIGIN, issue.id)), by, at)
            transferred = self._apply(tx, Transfer(tied, organ, lead), by, at)
            return self._apply(tx, Tie(issue, Link(LEAD, found.id)), by, at), transferred

    def link(self, issue: S, to: str, *, kind: str, by: Actor, at: datetime | None = None) -> S:
        """Note a tie to another issue of this ledger, by its id; the issue stays in its state.

        ``kind`` is the host's own word, and none of the library's two (`InvalidValue`).
        Raises `UnknownIssue` where there is no such other issue, else what `apply` raises.
        """
        if kind in (LEAD, ORIGIN):
            problem = message("“{kind}” is for leads that are split off; use split_lead", kind=kind)
            raise InvalidValue("kind", problem)
        link = Link(kind, to)
        with self._taking(Tie, issue) as tx:
            if to == issue.id or tx.head(to) is None:
                raise UnknownIssue(to)
            return self._apply(tx, Tie(issue, link), by, at)

    # What is confidential.

    def reveal(
        self,
        issue: S,
        *,
        field: str = REPORTER,
        by: Actor,
        reason: str,
        at: datetime | None = None,
    ) -> Revealed[S]:
        """Show a confidential text (查阅), once it is recorded who asked and why.

        ``field`` is ``"reporter"``, or ``"persons/甲"`` for a person by the pseudonym. The
        issue goes on to a new version, in its state. Raises `Erased` for what was erased,
        `Refused`, `InvalidValue` for a field the issue does not have, `SecretKeyError` without
        its key, `StoreError` in a batch or in a host's transaction: one that is rolled back
        would leave the text shown and nothing recorded. Then nothing is shown, or recorded.
        """
        if self._store.hosted:
            problem = message(
                "a text is revealed in a commit of its own; not in a batch or a host's transaction"
            )
            raise StoreError(self._store.url, problem)
        with self._taking(Reveal, issue) as tx:
            revealed = reveal(tx, self._apply, issue, field, by, reason, at)
        # Only now: what was not committed is not shown.
        return revealed  # noqa: RET504

    def erase(
        self,
        issue: S,
        *,
        field: str = REPORTER,
        by: Actor,
        reason: str,
        at: datetime | None = None,
    ) -> S:
        """Destroy a confidential text with its salt (销毁), and its copies in split leads.

        A step in the history of each of these issues says so; the commitment stays, and the
        chain verifies. `scrub` is called once that is committed; a warning in the log ``rectify``
        says where it must be called again. Raises what `reveal` raises,
        but may be in a batch or a host's transaction: then call `scrub` after the commit.
        """
        with self._taking(Erase, issue) as tx:
            erased = erase(tx, self._apply, issue, field, by, reason, at)
        self._scrub_at_once()
        return erased

    def erase_due(self, now: datetime | None = None, *, by: Actor) -> Erasures:
        """Erase what was kept for as long as the campaign says (``[confidential.reporter] keep``).

        Each erasure is recorded with the campaign's words, once. ``now`` is aware, not after
        the clock (`InvalidValue`), and by default the clock's. What rules or before hooks
        refuse is in the result and is asked again next time. Its cost follows the closed
        issues of which texts are kept.
        """
        clock = self._clock()
        now = clock if now is None else now
        fields.check_instant("now", now)
        if now > clock:
            problem = message("it is after the ledger's clock; nothing is erased ahead of time")
            raise InvalidValue("now", problem)
        done = erase_due(self._store, self.lifecycle, self.campaign, self._apply, now, by)
        if done.issues:
            self._scrub_at_once()
        return done

    def _scrub_at_once(self) -> None:
        if not self._store.hosted and not self._store.scrub():
            warn_of_what_is_left()

    def scrub(self) -> bool:
        """Have erased texts gone from the database's files, too; whether they are.

        False where another program's open transaction still needs them, or in a batch or a
        host's transaction: call it again later. See docs/confidential.md on what it can't reach.
        """
        return not self._store.hosted and self._store.scrub()

    def rekey(self, key: SecretKey) -> None:
        """Encrypt every confidential text with a key (again), from now on the ledger's.

        Other programs need the new key from then on. Raises `SecretKeyError` where the ledger
        was not opened with the key that it has so far, `StoreError` in a batch or a host's
        transaction.
        """
        if self._store.hosted:
            problem = message("keys are changed in a commit of its own")
            raise StoreError(self._store.url, problem)
        self._store.rekey(key)
        self._secret_key = key
        self.scrub()

    # Reading.

    def get(self, issue_id: str) -> I:
        """The issue as it stands; `UnknownIssue` if there is none."""
        with self._store.reading() as tx:
            head = tx.head(issue_id) if fields.is_line(issue_id) else None
        if head is None:
            raise UnknownIssue(issue_id)
        return cast("I", head.issue)

    def history(self, issue_id: str) -> tuple[Record, ...]:
        """The issue's records, oldest first; `UnknownIssue` if there is none."""
        with self._store.reading() as tx:
            records = tx.records(issue_id) if fields.is_line(issue_id) else ()
        if not records:
            raise UnknownIssue(issue_id)
        return tuple(records)

    def is_registered_as(self, issue_id: str, finding: Finding) -> bool:
        """Whether this very finding was registered under an id; `UnknownIssue` if none was.

        Confidential texts are compared by the commitments in the record, and nothing is shown;
        one that was erased, or lacks its key, counts as the same.
        """
        records = self.history(issue_id)
        _, _, first, _ = next(iter(replay(records[:1], self.lifecycle.step)))
        with self._store.reading() as tx:
            return is_same(tx, first, finding)

    @overload
    def issues(
        self, state: type[S], unit: str | None = ..., area: str | None = ..., *, after: str = ...
    ) -> Iterator[S]: ...

    @overload
    def issues(
        self,
        state: str | None = ...,
        unit: str | None = ...,
        area: str | None = ...,
        *,
        after: str = ...,
    ) -> Iterator[I]: ...

    def issues(
        self,
        state: type[Issue] | str | None = None,
        unit: str | None = None,
        area: str | None = None,
        *,
        after: str = "",
    ) -> Iterator[Issue]:
        """The issues by id, or those in a state, of a unit, in an area (with the items below it).

        ``state`` is a class, or its name; with ``after`` those that come after an id. Raises
        `UnknownState`, or `InvalidValue` for an area that the campaign does not have.
        """
        named = getattr(state, "__name__", state)
        name = None if state is None else self.lifecycle.state(str(named)).__name__
        for what, text in (("unit", unit), ("after", after or None)):
            if text is not None and not fields.is_line(text):
                raise InvalidValue(what, message("it is no line of text"))
        areas = None if area is None else self._areas(area)
        heads = self._store.heads(state=name, unit=unit, areas=areas, after=after)
        return (head.issue for head in heads)

    def audit(self, *, against: Checkpoint | None = None, replay: bool = True) -> Audit:
        """Read every record and check its digest, its chain, and the issue it leads to.

        With ``against``, also that all the checkpoint holds is there as it was sealed. Without
        ``replay``, digests and chains alone, many times as fast: what was changed since
        a checkpoint shows, but not whether the rows of issues are what their records lead to.
        Raises `CheckpointError` for the checkpoint of another campaign.
        """
        if against is not None:
            check_campaign(against, self.campaign)
        return audit(
            self._store.histories(links_only=not replay),
            self.lifecycle.step,
            self._store.chains(),
            digest=self.digest,
            replay=replay,
            against=against,
        )

    def seal(
        self,
        *,
        at: datetime | None = None,
        after: Checkpoint | None = None,
        algorithm: Algorithm | None = None,
    ) -> Checkpoint:
        """A checkpoint (封存件) of where every issue and duty stands, to be kept elsewhere.

        ``at`` is aware, by default the clock's. ``algorithm`` is the hash of the tree over all
        of them, by default that of the records. With ``after``, one that continues an earlier
        checkpoint, whose algorithm it takes over. Raises `NotIntact` where a chain, or what
        that checkpoint holds, is broken; `CheckpointError` where it is of another campaign;
        `InvalidValue` for an instant before it, or for an algorithm that this Python lacks.
        """
        at = self._clock() if at is None else at
        fields.check_instant("at", at)
        return seal(
            self._store.histories(),
            self.lifecycle.step,
            self._store.chains(),
            self.campaign,
            at,
            after=after,
            algorithm=algorithm or self.digest,
            digest=self.digest,
        )

    # Time, and what it brings.

    def sweep(self, now: datetime | None = None) -> Swept:
        """Record what has opened, closed, come near its end or run out by ``now``, once each.

        ``now`` is aware, by default the clock's; an earlier one than before is harmless. Each
        event is dated to when it happened, and they are recorded in that order, after a long
        stop too. Its cost follows what is due. Hooks are owed in the same transaction and run
        by `deliver`. Any number of processes may sweep at once. Raises `NaiveInstant`,
        `CampaignMismatch` where another program has adopted another campaign.
        """
        clock = self._clock()
        fields.check_instant("clock", clock)
        if now is not None:
            fields.check_instant("now", now)
        now = (now or clock).astimezone(UTC)
        sweeping = Sweeping()
        with Watching(self._hooks.watchers, sweeping):
            swept = sweep(self._store, self._hooks, self._outlook.at(now), now, clock)
            sweeping.swept = swept
        return swept

    def events(self) -> Iterator[Event]:
        """What sweeps have recorded, in that order; `InvalidValue` for an event that is damaged."""
        number = 0
        while True:
            with self._store.reading() as tx:
                page = tx.timeline.events(number, EVENTS_AT_ONCE)
            yield from (event_of(entry.kind, entry.at, entry.data) for entry in page)
            if len(page) < EVENTS_AT_ONCE:
                return
            number = page[-1].number

    def duties(self, on: date | datetime | None = None) -> tuple[DutyStanding, ...]:
        """Where all that is owed by a date (报送任务) stands, by when it is due.

        ``on`` is an aware instant, by default the clock's, or a date, which stands for its
        last instant in the campaign's zone. A step for which no time is given is on the agenda
        (`rectify.todo.agenda_of`) and not here. Raises `NaiveInstant`.
        """
        return self._filing.standings(on)

    def happened(
        self,
        event: str,
        *,
        on: date | datetime,
        by: Actor,
        subject: str | None = None,
        among: Iterable[str] = (),
        at: datetime | None = None,
    ) -> tuple[Owed, ...]:
        """Record that an event of the campaign happened (事项), and give what is owed for it.

        ``on`` is its day, or its aware instant where hours count. ``subject`` is what it
        happened to, such as an issue's id or a number of the host's; ``among`` the codes of the
        units it concerns, by default all. What it starts is swept and handed in like any other
        duty. The same again changes nothing; the same subject on another day moves what follows.
        Raises `InvalidValue`, `Refused` for an ``at`` in the future, `NaiveInstant`.
        """
        from rectify.happening import Happening

        one = Happening(event=event, on=on, subject=subject, among=tuple(among))
        return self._occasions.happened(one, by, at)

    def visited(
        self,
        inspection: str,
        *,
        turn: int,
        ended_on: date,
        by: Actor,
        team: int = 1,
        at: datetime | None = None,
    ) -> Visit:
        """Record that a team's visit (明察暗访) ended; its report is owed from that day on.

        The report is handed in by its key, ``report/inspection/turn/team/1``, then the next one
        if the campaign asks for more. The same again changes nothing; another day moves what
        follows. Raises what `happened` raises.
        """
        from rectify.happening import Visit

        one = Visit(inspection=inspection, turn=turn, ended_on=ended_on, team=team)
        return self._occasions.visited(one, by, at)

    def classify(
        self,
        issue_id: str,
        issue_class: str,
        *,
        by: Actor,
        since: date | datetime | None = None,
        at: datetime | None = None,
    ) -> Classified:
        """Give an issue its class (问题类别): its time runs until it is verified or transferred.

        ``since`` is the day or instant of the event that the class runs from; what the ledger
        knows, when an issue was found or registered, need not be given. Raises `UnknownIssue`,
        else what `happened` raises.
        """
        from rectify.happening import Classified

        since = since or self._occasions.since(issue_id, issue_class)
        one = Classified(issue_id=issue_id, issue_class=issue_class, since=since)
        return self._occasions.classified(one, by, at)

    def withdraw(
        self, what: Occasion, *, by: Actor, reason: str, at: datetime | None = None
    ) -> None:
        """Record that something did not happen after all (撤销登记): nothing is owed for it.

        ``what`` is one of `occasions`. What had run out by then stays recorded; what was handed
        in for it is sent back with it. Raises
        `Refused` where it is not recorded, else what `happened` raises.
        """
        self._occasions.withdraw(what, by, reason, at)

    def occasions(self) -> tuple[Occasion, ...]:
        """What happened and started something: events, visits and classes, as last recorded."""
        return tuple(one for one, _ in self.past().occasions)

    def past(self) -> Past:
        """All that is recorded of duties and of what happened, what no longer holds too."""
        return self._filing.past()

    def filed(self) -> tuple[DutyEvent, ...]:
        """All that was submitted and sent back, by the keys of what is owed, oldest first."""
        return self._filing.filed()

    def submit(
        self,
        what: str | Owed,
        *,
        by: Actor,
        document_hash: str,
        note: str = "",
        at: datetime | None = None,
    ) -> Submission:
        """Record what a unit handed in (报送) for what it owes, by the key of that.

        ``document_hash`` is the SHA-256 of the document in hex, ``at`` aware, by default now.
        What an event started that is not recorded is given as the `Owed` itself. No village may
        submit (五(七)); who else may, for whom and by which date, is the host's to decide. The same
        again is another record, of which the first counts.
        Raises `UnknownDuty` with the keys near it, `Refused` for an instant in the future or
        before the duty's last record, `InvalidValue`.
        """
        return self._filing.submit(what, by, document_hash, note, at)

    def send_back(
        self, what: str | Owed, *, by: Actor, reason: str, at: datetime | None = None
    ) -> SentBack:
        """Record that what was handed in will not do (退回); it is owed again, by its old date.

        The steps that followed it are sent back with it.

        Raises what `submit` raises; `Refused` also where nothing was handed in.
        """
        return self._filing.send_back(what, by, reason, at)

    def adopt(
        self, campaign: Campaign, *, by: Actor, reason: str, at: datetime | None = None
    ) -> Difference:
        """Go over to a newer version of the campaign, or to the same read by a newer calendar.

        What it changes is recorded with the reason, in the commit that moves the deadlines; from
        then on the ledger opens with that campaign only. Records keep the fingerprint that they
        were judged under; milestones stay as they were set. Raises `InvalidValue` for another
        campaign, `CampaignError` where it sets a rule that the lifecycle does not have,
        `CampaignMismatch` where another program has adopted one meanwhile.
        """
        from rectify.adoption import adopt

        at = self._clock() if at is None else at
        fields.check_instant("at", at)
        plans = compile_plans(self.lifecycle, campaign, self.digest)
        difference = adopt(self._store, self._outlook, campaign, by, reason, at.astimezone(UTC))
        self.campaign, self._plans, self._zone = campaign, plans, campaign.zone.key
        for derived in ("_outlook", "_filing", "_occasions", "_journal"):
            self.__dict__.pop(derived, None)
        return difference

    def behind(self, campaign: Campaign | None = None, *, at: datetime | None = None) -> Difference:
        """What `adopt` would change; writes nothing.

        Without a campaign, that of the ledger: where the deadlines it keeps are not those that
        its campaign now comes to, by a newer calendar. A host that asks this at each start
        learns that it should adopt. ``at`` is aware, by default now. Raises `InvalidValue` for
        another campaign, and where the table of units is missing that it was planned with.
        """
        from rectify.adoption import behind

        at = self._clock() if at is None else at
        fields.check_instant("at", at)
        return behind(self._store, self._outlook, campaign or self.campaign, at.astimezone(UTC))

    # What reads official wording is imported only where it is used: it takes a while.

    @cached_property
    def _outlook(self) -> Outlook:
        from rectify.outlook import Outlook

        return Outlook(self.campaign, self.units)

    @cached_property
    def _filing(self) -> Filing:
        from rectify.filing import Filing

        return Filing(self._journal)

    @cached_property
    def _occasions(self) -> Occasions:
        from rectify.occasions import Occasions

        return Occasions(self._journal)

    @cached_property
    def _journal(self) -> Entering:
        from rectify.entering import Entering

        return Entering(self._store, self._outlook, self._clock)

    # Hooks.

    def before(self, step: type[M]) -> Callable[[Before[M]], Before[M]]:
        """Decorate a function to run inside the transaction, before a step is written.

        It gets a `Proposed`; raising `Refused` vetoes the step, anything else aborts it.
        `UnknownMove` for a class that is not one of the lifecycle's.
        """

        def add(hook: Before[M]) -> Before[M]:
            self._hooks.add_before(step, hook)
            return hook

        return add

    @overload
    def after(
        self, step: type[M], *, name: str, replay: bool = ..., policy: Policy = ...
    ) -> Callable[[After[M]], After[M]]: ...

    @overload
    def after(
        self, step: type[E], *, name: str, replay: bool = ..., policy: Policy = ...
    ) -> Callable[[OnEvent[E]], OnEvent[E]]: ...

    def after(
        self, step: type[Any], *, name: str, replay: bool = False, policy: Policy = _POLICY
    ) -> Callable[[Any], Any]:
        """Decorate a function to run once a step or event is recorded, at least once (`deliver`).

        It gets an `Applied`, of an event an `Occurred`. ``name`` is what its deliveries are
        kept under: unique in the ledger, the same in every process. What was recorded before
        it was added is not its own; with ``replay`` it is, the first time that the ledger
        meets the name. ``policy`` says how often it is tried and how long it may take.
        """

        def add(hook: Any) -> Any:
            if issubclass(step, Event):
                self._hooks.add_on(step, name, Hook(hook, policy))
            else:
                self._hooks.add_after(step, name, Hook(hook, policy))
            if replay:
                self._outbox.replay_once(name)
            return hook

        return add

    def deliver(self, *, lease: timedelta = LEASE) -> Delivered:
        """Run the after hooks that are due, until none is; any number of processes may.

        `StoreError` in a host's transaction and in a batch: what they are owed for may be
        rolled back yet.
        What a hook takes longer than ``lease`` for, another process may run again; so too what
        a process leaves behind that dies. The lease is longer than any hook's timeout
        (`InvalidValue`).
        """
        return self._deliverer(lease).deliver()

    def deliver_one(self, delivery_id: int, *, lease: timedelta = LEASE) -> datetime | None:
        """Run what is due in the line of one delivery: of its issue and hook, in order.

        For the workers of a queue. Gives when to ask for it again; None where there is nothing
        to ask for: it is done, dead, or held up by a dead one. Raises `UnknownDelivery`, or
        `UnknownHook` where this program does not have its hook.
        """
        return self._deliverer(lease).deliver_one(delivery_id)

    def due(self, *, at_most: int = DUE_MAX) -> tuple[int, ...]:
        """The ids of deliveries to run now, oldest first, of each issue and hook the first alone.

        For a relay that feeds a queue which can't take part in the ledger's transaction. What
        stands here is not taken: it is there until a worker has begun with it (`deliver_one`).
        """
        return self._deliverer(TIME_MAX).due(at_most)

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        at_most: int | None = None,
    ) -> tuple[Delivery, ...]:
        """The deliveries of after hooks that fit, or the first of them, oldest first."""
        with self._store.reading() as tx:
            return tuple(tx.deliveries(status, hook=hook, issue_id=issue_id, at_most=at_most))

    def backlog(self) -> tuple[Backlog, ...]:
        """How many deliveries are open, by hook and status; what is done is left out."""
        with self._store.reading() as tx:
            return tuple(tx.backlog())

    def retry(self, delivery_id: int | None = None, *, hook: str | None = None) -> int:
        """Have dead deliveries tried anew, all or one or a hook's; gives how many.

        Their keys stay the same, their attempts count from 1 again. Raises `UnknownDelivery`,
        `InvalidValue` for one that is not dead.
        """
        return self._outbox.retry(delivery_id, hook)

    def replay(self, hook: str, *, since: datetime | None = None) -> int:
        """Owe a hook what was recorded before it was added, all or since an instant; how many.

        What it is owed already, done or not, it is not owed again. What is recorded now is not
        waited for: of one issue, what is replayed may come after what is newer. It is written
        in pages, and a replay that was cut short can be taken again; at its end the ledger's
        journal notes it. Raises `UnknownHook`, `NaiveInstant`.
        """
        return self._outbox.replay(hook, since)

    def rename_hook(self, old: str, new: str) -> int:
        """Give all deliveries kept under one name to another, their keys unchanged; how many.

        For a hook whose name has changed, against the advice to keep it. Raises `InvalidValue`,
        with nothing changed, where a record is owed to both names.
        """
        return self._outbox.rename(old, new)

    def hand_over(self) -> int:
        """Hand all open deliveries to the dispatcher, as when there is a new one; how many.

        Raises `InvalidValue` where the ledger has none.
        """
        return self._outbox.hand_over()

    @property
    def _outbox(self) -> Outbox:
        return Outbox(self._store, self._hooks, self.campaign.fingerprint, self._clock)

    def _deliverer(self, lease: timedelta) -> Deliverer:
        return Deliverer(self._store, self._hooks, self.lifecycle.step, self._clock, lease)

    def watch(self, watcher: Watcher) -> None:
        """Have each step, delivery and sweep watched from now on, for traces, metrics and logs.

        See `rectify.watching`; a watcher that fails stops nothing.
        """
        self._hooks.watchers = (*self._hooks.watchers, watcher)

    def _taking(
        self, step: type[Step[Issue]] | None, issue: Issue | None = None
    ) -> AbstractContextManager[Transaction]:
        """A transaction to take a step in; a lead is split off by more than one (None)."""
        if self._hooks.watchers:
            return self._watched(step, issue)
        return self._store.transaction()

    @contextmanager
    def _watched(
        self, step: type[Step[Issue]] | None, issue: Issue | None = None
    ) -> Generator[Transaction]:
        """A transaction to take a step in, with its commit, under the watchers' eyes."""
        source = "" if issue is None else type(issue).__name__
        # Other steps than these, and a lead that is split off, leave the issue in its state.
        act = Taking(
            "SplitLead" if step is None else step.__name__,
            source or None,
            target(step).__name__ if step and issubclass(step, Move | Register) else source,
            None if issue is None else issue.id,
        )
        with Watching(self._hooks.watchers, act), self._store.transaction() as tx:
            yield tx

    # What the public methods share. A transaction is always given, never opened, below.

    def _register(
        self,
        tx: Transaction,
        finding: Finding,
        by: Actor,
        at: datetime | None,
        issue_id: str | None,
        origin: Origin | None = None,
    ) -> Found:
        step = Register(self._new_id() if issue_id is None else issue_id, finding)
        if origin is not None:
            step = Import(step.issue_id, finding, origin)
        new_id = step.issue_id
        if tx.head(new_id) is not None:
            raise InvalidValue("issue_id", message("issue {id} is there already", id=new_id))
        finding, apart = set_apart(finding, new_id)
        if apart:
            step = attrs.evolve(step, finding=finding)
        found = self._write(tx, step, Head(step.enter(), NOTHING_YET, "", _BEGINNING), by, at)
        for secret in apart:
            tx.keep(secret)
        return found

    def _apply(
        self,
        tx: Transaction,
        step: Move[S] | Tie[S] | Reveal[S] | Erase[S],
        by: Actor,
        at: datetime | None,
    ) -> S:
        return self._write(tx, step, self._current(tx, step.issue), by, at)

    def _write(
        self, tx: Transaction, step: Step[S], head: Head, by: Actor, at: datetime | None
    ) -> S:
        """Judge a step, take it, record it. Every step of every issue goes through here."""
        plan = self._plans[type(step)]
        case = self._case(tx, head, by, at)
        if reasons := plan.reasons(case, step):
            raise Refused(reasons, plan.name, head.issue.id, named(plan.kind))
        entered = step.enter()
        assert plan.enters is None or type(entered) is plan.enters
        at = case.at
        for hook in self._hooks.before[plan.kind]:
            hook(Proposed(step, by, at, entered))
        source = type(head.issue).__name__ if head.digest else None
        body, digest = plan.write(step, source, entered, by, at, head.digest)
        if plan.unchecked:
            record = Record(entered.id, entered.version, body.decode(), digest)
            check_readable(step, record.evidence)
        after = Head(entered, head.facts.after(step, entered, by), digest, at)
        tx.append(after, body)
        if plan.dated:
            tx.timeline.redate(head.issue, entered, at, self._zone)
        if plan.beside:
            running.follow(tx.timeline, self.campaign, head.issue, entered, at)
        if names := self._hooks.after[plan.kind]:
            self._hooks.owe(tx, [owed(after, name) for name in names])
        return entered

    def _current(self, tx: Transaction, issue: Issue) -> Head:
        """Where the issue stands, if the copy that is given is that; else it is refused."""
        head = tx.head(issue.id, issue)
        if head is None:
            raise UnknownIssue(issue.id)
        if head.issue is not issue:
            _check_copy(issue, head.issue)
        return head

    def _case(self, tx: Transaction, head: Head, by: object, at: datetime | None) -> Case:
        if not isinstance(by, Actor):
            raise InvalidValue("by", message("expected an Actor"))
        now = self._clock()
        if type(now) is not datetime or now.tzinfo is not UTC:
            fields.check_instant("clock", now)
            now = fields.in_utc(now)
        last_at = head.at if head.digest else None
        if at is not None:
            fields.check_instant("at", at)
            at = fields.in_utc(at)
        elif last_at is not None and now < last_at:
            # Another program's clock is a little ahead; time does not run backwards for that.
            tolerance = timedelta(seconds=self.campaign.tolerance_seconds)
            at = last_at if last_at <= now + tolerance else now
        else:
            at = now
        return Case(head.issue, by, at, now, last_at, head.facts, self.campaign, self.units, tx)

    def _areas(self, area: str) -> tuple[str, ...]:
        known = self.campaign.area_ids
        if area not in known:
            raise InvalidValue(
                "area",
                message(
                    "“{area}” is not one of the campaign's: {known}",
                    area=area,
                    known=self.campaign.areas_near(area),
                ),
            )
        return tuple(one for one in known if one == area or one.startswith(f"{area}/"))


def _sql_stores() -> ModuleType:
    """What needs SQLAlchemy, imported where it is used."""
    try:
        from rectify.stores import opening
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "sqlalchemy", "sql") from None
    return opening


def _check_copy(issue: Issue, current: Issue) -> None:
    if current.version != issue.version:
        raise StaleIssue(issue.id, issue.version, current.version)
    if type(current) is not type(issue) or current != issue:
        raise InvalidValue(
            "issue",
            message(
                "issue {id} is not as the ledger holds it at version {version};"
                " get it from the ledger",
                id=issue.id,
                version=issue.version,
            ),
        )
