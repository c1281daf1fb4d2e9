"""What the ledger asks of a store: one transaction's worth of loading and appending.

A store keeps rows and decides nothing. Writes of a transaction take effect together when
it ends, or not at all when it ends by an exception; transactions of other writers do not
come between its reads and its writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, TypeAlias

import attrs

from rectify.case import Facts, Lookup
from rectify.issue import Issue
from rectify.record import Record

Status: TypeAlias = Literal["ready", "leased", "done", "dead"]


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
    """A confidential text with the salt of its commitment, by issue and field."""

    issue_id: str
    field: str
    salt: str
    text: str | None = attrs.field(repr=False)


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


class Transaction(Lookup, Protocol):
    """Reads and writes that take effect together."""

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

    def owe(self, deliveries: Sequence[Delivery]) -> None:
        """Add deliveries."""
        ...

    def claim(
        self, hooks: Sequence[str], now: datetime, owner: str, lease_until: datetime
    ) -> Delivery | None:
        """Lease the oldest delivery that is due and first in its issue's line for its hook."""
        ...

    def settle(self, delivery: Delivery) -> bool:
        """Write back a delivery leased before; False if the lease has passed to another."""
        ...

    def deliveries(self, status: Status | None = None) -> Sequence[Delivery]:
        """The deliveries, oldest first."""
        ...


class Store(Protocol):
    """Where a ledger's rows are."""

    @property
    def url(self) -> str:
        """What to call it in messages, without any password."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commit at the end, or roll back on an exception."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin only to read: one consistent view, and no writer waits for it."""
        ...

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None
    ) -> Iterator[Head]:
        """Every issue that fits, by id; what others write meanwhile may or may not show."""
        ...

    def histories(self) -> Iterator[History]:
        """Every issue that has a row or a record, by id, as it is kept."""
        ...

    def close(self) -> None:
        """Let go of what is held; the rows stay."""
        ...
