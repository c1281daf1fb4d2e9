"""What the ledger asks of a store: one transaction's worth of loading and appending.

A store keeps rows and decides nothing. Writes of a transaction take effect together when
it ends, or not at all when it ends by an exception; transactions of other writers do not
come between its reads and its writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias

import attrs

from rectify.case import Facts, Lookup
from rectify.digests import Algorithm
from rectify.errors import DigestMismatch, InvalidValue
from rectify.event import Event
from rectify.i18n import message
from rectify.issue import Issue
from rectify.journal import Entry
from rectify.record import Record
from rectify.sealed import Sealed
from rectify.secret_key import SecretKey
from rectify.timeline import Deadline

Status: TypeAlias = Literal["ready", "leased", "done", "dead"]
Handoff: TypeAlias = Callable[[Any, Sequence[int]], None]
"""What is told of new deliveries: the transaction's connection (None in memory), their ids."""

LEASE_LOST: Final = "lease ran out"
"""The ``last_error`` of a delivery whose attempt never came back: its process hangs, or died."""


def check_digest(url: str, theirs: Algorithm, ours: Algorithm | None) -> None:
    """Raise `DigestMismatch` unless the hash that is asked for, if any, is the ledger's."""
    if ours not in (None, theirs):
        problem = message(
            "its digests are made with {theirs}, not with {ours}, and stay so;"
            " open it with {theirs}",
            theirs=theirs,
            ours=ours,
        )
        raise DigestMismatch(url, problem)


# One is made at every step: a frozen one would take twice as long. Nothing changes it.
@attrs.define
class Head:
    """Where an issue stands: the issue, its facts, its last record's digest and instant.

    The instant is in UTC.
    """

    issue: Issue
    facts: Facts
    digest: str
    at: datetime


@attrs.frozen
class Secret:
    """A confidential text with the salt of its commitment, by issue and field.

    Both are sealed: with the salt, a name could be guessed from the commitment. ``text`` is
    None once it is erased, at ``erased_at`` (UTC), or where it can't be decrypted;
    ``locked_by`` is then the id of the key it is encrypted with, if the store was not given
    that one.
    """

    issue_id: str
    field: str
    salt: Sealed
    text: Sealed | None
    erased_at: datetime | None = None
    locked_by: str | None = None

    def erased(self, at: datetime) -> Secret:
        """What is left of it once it is erased."""
        return Secret(self.issue_id, self.field, Sealed(""), None, at)


class History(NamedTuple):
    """What is kept of one issue, unread: its records as (version, body, digest), by version.

    ``holds`` tells whether the issue's row is the one that a head would be written as;
    ``secrets`` are what is kept apart from the records.
    """

    issue_id: str
    rows: Sequence[tuple[int, str, str]]
    holds: Callable[[Head], bool]
    secrets: Sequence[Secret]


@attrs.frozen
class Delivery:
    """One hook owed to one record, from ready through leased to done, or dead.

    ``seq`` is the version of the record; ``key`` goes with every attempt, for a receiver to
    tell a repeat. Instants are UTC.
    """

    issue_id: str
    seq: int
    hook: str
    key: str
    available_at: datetime
    status: Status = "ready"
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None
    last_error: str | None = None
    id: int | None = None


@attrs.frozen
class Backlog:
    """How many deliveries of a hook are in one status, and the earliest instant they are due."""

    hook: str
    status: Status
    count: int
    since: datetime


def owed_to_both(old: str, new: str) -> InvalidValue:
    """What is said of a renaming that would owe a hook one record twice."""
    problem = message(
        "the hooks “{old}” and “{new}” are owed the same records; deliver them under the old name",
        old=old,
        new=new,
    )
    return InvalidValue("new", problem)


@attrs.frozen
class Basis:
    """What the whole ledger rests on: the fingerprint of its campaign, what its deadlines were
    planned for, and the number and digest of the last event.

    In memory the first two are None until a campaign is adopted or planned.
    """

    fingerprint: str | None
    planned: str | None
    events: int
    digest: str


class Chain(NamedTuple):
    """A chain of entries, unread, in order; an event comes with its row's key, kind and so on.

    ``head`` is the number and digest of the last one, where that is kept apart.
    """

    name: str
    rows: Iterable[tuple[Entry, tuple[str, str, str, datetime] | None]]
    head: tuple[int, str] | None


class Timeline(Protocol):
    """What falls due, what has been recorded of it, and the entries of duties and campaigns."""

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        """Close and set an issue's deadlines as it goes from one state to another."""
        ...

    def basis(self, *, lock: bool = False) -> Basis:
        """What the ledger rests on; with ``lock`` no other transaction changes it meanwhile."""
        ...

    def rest_on(self, fingerprint: str, planned: str | None) -> None:
        """Change the campaign and what its deadlines were planned for."""
        ...

    def of_campaign(self, subject: str | None = None) -> Sequence[Deadline]:
        """The deadlines that the campaign set, all or those of one subject."""
        ...

    def put(self, deadlines: Iterable[Deadline]) -> None:
        """Add deadlines, or replace those with the same keys."""
        ...

    def due(self, until: datetime, at_most: int) -> Sequence[Deadline]:
        """The deadlines with the earliest events up to an instant.

        Until the transaction ends they are this one's; it passes over those of another's.
        """
        ...

    def is_due(self, until: datetime) -> bool:
        """Whether any deadline has an event up to an instant."""
        ...

    def recorded(self, keys: Sequence[str]) -> Set[str]:
        """Those of the keys under which an event is recorded."""
        ...

    def record(self, events: Sequence[tuple[Event, Entry]]) -> bool:
        """Add events; False, and nothing written, where one is recorded under its key already."""
        ...

    def go_on(self, nexts: Iterable[tuple[str, datetime | None]]) -> None:
        """Say of each deadline, by its key, when its next event happens."""
        ...

    def event(self, number: int) -> Entry:
        """One recorded event."""
        ...

    def events(self, after: int, at_most: int) -> Sequence[Entry]:
        """The recorded events after one, in order."""
        ...

    def entries(self, chain: str | None = None) -> Sequence[Entry]:
        """The entries of the journal, or of one of its chains, in order."""
        ...

    def enter(self, entry: Entry) -> None:
        """Add an entry to the journal; `StaleIssue` if its number is taken."""
        ...


class Transaction(Lookup, Protocol):
    """Reads and writes that take effect together."""

    @property
    def connection(self) -> Any:
        """The SQLAlchemy connection that it is on, for what joins in; None where there is none."""
        ...

    @property
    def timeline(self) -> Timeline:
        """What falls due, in the same transaction."""
        ...

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """Where an issue stands; a store may give ``known`` back where it equals its own."""
        ...

    def records(self, issue_id: str) -> Sequence[Record]:
        """An issue's records by version; empty for an unknown id."""
        ...

    def append(self, head: Head, body: bytes) -> None:
        """Make a head the issue's, and add the record that led there, whose digest it has.

        Raises `StaleIssue` if the version is taken.
        """
        ...

    def keep(self, secret: Secret) -> None:
        """Keep a confidential text apart from the records."""
        ...

    def kept(self, issue_id: str, field: str) -> Secret | None:
        """What is kept of a confidential field, erased or not; None if there is no such thing."""
        ...

    def erase(self, secret: Secret) -> None:
        """Write what is left of a confidential text over it; see `Secret.erased`."""
        ...

    def keeping(self, states: Sequence[str], after: str, at_most: int) -> Sequence[str]:
        """The ids of issues in some states that keep a text not erased, in order, after one."""
        ...

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """Add deliveries; with ``missing`` only those whose record the hook is not owed yet.

        ``handoff`` is called in this transaction, once they are written, with the ids of those
        that are open. Gives how many were added; a batch, which writes later, gives how many
        it took.
        """
        ...

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
        """Lease the oldest delivery that is due and first in its issue's line for its hook.

        One that is leased is due when its lease is over; then ``last_error`` is `LEASE_LOST`.
        Each claim counts an attempt; no two get the same one, nor wait for each other. A dead
        delivery holds up its line, but not those of the hooks in ``past_dead``. With ``line``,
        only those of the same issue and hook.
        """
        ...

    def due(
        self, hooks: Sequence[str], now: datetime, *, past_dead: Sequence[str] = (), at_most: int
    ) -> Sequence[int]:
        """The ids of what `claim` would lease, one after the other, if nothing changed meanwhile.

        Of each line that is its first alone.
        """
        ...

    def settle(self, delivery: Delivery) -> bool:
        """Write back a delivery leased before; False if the lease has passed to another.

        The owner and the lease's end tell whose it is. What is written is how it stands and the
        error; not the hook, which may have been renamed meanwhile.
        """
        ...

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        ids: Sequence[int] | None = None,
        at_most: int | None = None,
    ) -> Sequence[Delivery]:
        """The deliveries that fit, in the order they were added."""
        ...

    def backlog(self) -> Sequence[Backlog]:
        """What is open: how many by hook and status, done ones left out, by hook."""
        ...

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        """Make the dead deliveries that fit ready, due now, no attempt counted; gives their ids."""
        ...

    def rename_hook(self, old: str, new: str) -> int:
        """Give every delivery of one hook to another, keys unchanged; gives how many.

        Raises `InvalidValue`, and changes nothing, where a record is owed to both.
        """
        ...


class Store(Protocol):
    """Where a ledger's rows are."""

    @property
    def url(self) -> str:
        """What to call it in messages, without any password."""
        ...

    @property
    def digest(self) -> Algorithm:
        """The hash of the ledger's digests: chosen when it was made, the same ever after.

        The store only says so; digests of either come to it as 64 hexadecimal digits.
        """
        ...

    @property
    def hosted(self) -> bool:
        """Whether what is written is committed later, or never: by the host, or by a batch."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commit at the end, or roll back on an exception.

        Within a batch of the same thread it ends without a commit; an exception takes back
        what was written in it, and no more.
        """
        ...

    def batch(self) -> AbstractContextManager[object]:
        """Begin what commits the thread's transactions within it together, or none of them."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin only to read: one consistent view, and no writer waits for it."""
        ...

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        """Every issue that fits, by id, from after one; what others write may or may not show."""
        ...

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
        """Every issue that has a row or a record, by id, as it is kept.

        With ``links_only`` its records alone will do: for whoever looks at nothing else.
        """
        ...

    def chains(self) -> Iterator[Chain]:
        """The events and every chain of the journal, as they are kept."""
        ...

    def scrub(self) -> bool:
        """Have what was erased gone from the files, too; False where others keep it from that."""
        ...

    def rekey(self, key: SecretKey) -> None:
        """Encrypt every confidential text with a key, and with it what is kept from now on."""
        ...

    def close(self) -> None:
        """Let go of what is held; the rows stay."""
        ...
