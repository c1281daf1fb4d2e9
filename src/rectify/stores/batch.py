"""Many steps in one commit: what they write is gathered and written together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Final

import attrs
from sqlalchemy import Connection, NestedTransaction, exc, select

from rectify.errors import StaleIssue, StoreError
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.secret_key import SecretKey
from rectify.store import Delivery, Handoff, Head, Secret
from rectify.stores import sql_deliveries
from rectify.stores import tables as _T  # noqa: N812
from rectify.stores.connection import shown
from rectify.stores.driver import many
from rectify.stores.sql_secrets import SqlSecrets
from rectify.stores.sql_timeline import SqlTimeline
from rectify.stores.sql_transaction import (
    INSERT_ISSUE,
    INSERT_RECORD,
    MOVE_ON,
    SqlTransaction,
    record_row,
    row_of,
)
from rectify.stores.trouble import is_undone
from rectify.timeline import OF_AN_ISSUE, Deadline, changes

_RECORDS_AT_ONCE: Final = 5_000
"""How many records are gathered before they are written; the commit is at the end."""
_IDS_AT_ONCE: Final = 500


class Batch(SqlTransaction):
    """A transaction of many steps, each of which may be taken back by itself.

    What a step writes is gathered apart until the step has succeeded. What only the database
    can answer is asked of it once all that was gathered is written there; a step that needs
    that goes on in a savepoint.
    """

    def __init__(
        self, connection: Connection, lifecycle: Lifecycle[Issue], key: SecretKey | None
    ) -> None:
        super().__init__(connection, lifecycle, key)
        self.timeline = _BatchTimeline(self, connection)
        self._before = _Gathered()
        self._step: _Gathered | None = None
        self._savepoint: NestedTransaction | None = None
        self._may_keep = False
        self.is_open = True
        self._failed = False

    @property
    def connection(self) -> Connection:
        """The connection, once all that was gathered is written to it.

        Where that fails, part of it may be there, and none of the batch may stay.
        """
        if self._failed:
            problem = message("an error has undone the batch; begin it again")
            raise StoreError(shown(self._own.engine.url), problem)
        self._failed = True
        self._write(self._before)
        self._failed = False
        self._before = _Gathered()
        if self._step is not None:
            if self._savepoint is None:
                self._savepoint = self._own.begin_nested()
            self._write(self._step)
            self._step = _Gathered()
        return self._own

    @contextmanager
    def step(self) -> Generator[None]:
        """Within it, one step writes; an exception takes back what it wrote, and no more."""
        if len(self._before.records) >= _RECORDS_AT_ONCE:
            self.finish()
        self._step = _Gathered()
        try:
            yield
        except BaseException:
            with suppress(exc.SQLAlchemyError):
                if self._savepoint is not None:
                    self._savepoint.rollback()
            self._failed = self._failed or is_undone(self._own)
            raise
        else:
            if self._savepoint is not None:
                self._savepoint.commit()
            self._before.add(self._step)
        finally:
            self._step = self._savepoint = None

    @contextmanager
    def read(self) -> Generator[Batch]:
        """Within it, what the batch has written so far is read."""
        try:
            yield self
        except exc.SQLAlchemyError:
            self._failed = self._failed or is_undone(self._own)
            raise

    def finish(self) -> None:
        """Write what was gathered so far."""
        _ = self.connection

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """See `Transaction.head`."""
        for gathered in (self._step, self._before):
            if gathered is not None and issue_id in gathered.heads:
                return gathered.heads[issue_id]
        head = super().head(issue_id, known)
        if self._step is not None:
            self._step.was[issue_id] = 0 if head is None else head.issue.version
        return head

    def kept(self, issue_id: str, field: str) -> Secret | None:
        """See `Transaction.kept`."""
        for gathered in (self._step, self._before):
            if gathered is not None and (issue_id, field) in gathered.secrets:
                return gathered.secrets[issue_id, field]
        return super().kept(issue_id, field)

    def append(self, head: Head, body: bytes) -> None:
        """See `Transaction.append`; that another program took the version may show at the end."""
        issue_id, version = head.issue.id, head.issue.version
        gathering = self._gathering
        if issue_id not in gathering.was or issue_id in gathering.heads:
            before = self.head(issue_id)
            was = 0 if before is None else before.issue.version
        else:
            was = gathering.was[issue_id]
        if was != version - 1:
            raise StaleIssue(issue_id, version - 1, was)
        gathering.was.setdefault(issue_id, was)
        gathering.records.append(record_row(head, body))
        gathering.heads[issue_id] = head

    def keep(self, secret: Secret) -> None:
        """See `Transaction.keep`."""
        if not self._may_keep:
            SqlSecrets(self._own, self._key).check()
            self._may_keep = True
        self._gathering.secrets[secret.issue_id, secret.field] = secret

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """See `Transaction.owe`."""
        if missing:
            return sql_deliveries.owe(self.connection, deliveries, handoff, missing=True)
        self._gathering.deliveries.extend(deliveries)
        if handoff is not None:
            self._gathering.handoffs.append((handoff, deliveries))
        return len(deliveries)

    def redate(self, closed: Iterable[tuple[str, datetime]], opened: Iterable[Deadline]) -> None:
        """Gather what a step does to deadlines."""
        for key, at in closed:
            self._gathering.close(key, at)
        for deadline in opened:
            self._gathering.open(deadline)

    def _write(self, gathered: _Gathered) -> None:
        _write(self._own, gathered)
        if gathered.secrets:
            SqlSecrets(self._own, self._key).keep(gathered.secrets.values())

    @property
    def _gathering(self) -> _Gathered:
        assert self._step is not None, "only a step writes"
        return self._step


class _BatchTimeline(SqlTimeline):
    """The timeline of a batch: what steps do to deadlines is gathered, too."""

    def __init__(self, batch: Batch, connection: Connection) -> None:
        super().__init__(connection)
        self._batch = batch

    @property
    def _connection(self) -> Connection:
        return self._batch.connection

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        """See `Timeline.redate`."""
        closed, opened = changes(left, entered, at, zone)
        self._batch.redate([(one.key, at) for one in closed], opened)

    def put(self, deadlines: Iterable[Deadline]) -> None:
        """See `Timeline.put`; what runs for an issue is gathered, other deadlines are read back."""
        of_issues: list[Deadline] = []
        others: list[Deadline] = []
        for deadline in deadlines:
            (of_issues if deadline.kind in OF_AN_ISSUE else others).append(deadline)
        self._batch.redate((), of_issues)
        if others:
            super().put(others)


@attrs.define
class _Gathered:
    """What steps wrote and the database does not have yet.

    ``was`` is the version an issue has there, 0 for a new one. A deadline is either closed or
    set: one that is set and closed is set as closed.
    """

    heads: dict[str, Head] = attrs.field(factory=dict[str, Head])
    was: dict[str, int] = attrs.field(factory=dict[str, int])
    records: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    secrets: dict[tuple[str, str], Secret] = attrs.field(factory=dict[tuple[str, str], Secret])
    deliveries: list[Delivery] = attrs.field(factory=list[Delivery])
    handoffs: list[tuple[Handoff, Sequence[Delivery]]] = attrs.field(
        factory=list[tuple[Handoff, Sequence[Delivery]]]
    )
    closed: dict[str, datetime] = attrs.field(factory=dict[str, datetime])
    opened: dict[str, Deadline] = attrs.field(factory=dict[str, Deadline])

    def close(self, key: str, at: datetime) -> None:
        if key in self.opened:
            self.opened[key] = self.opened[key].closed(at)
        else:
            self.closed.setdefault(key, at)

    def open(self, deadline: Deadline) -> None:
        self.closed.pop(deadline.key, None)
        self.opened[deadline.key] = deadline

    def add(self, later: _Gathered) -> None:
        """Take up what a step wrote after this."""
        for issue_id in later.heads:
            self.was.setdefault(issue_id, later.was[issue_id])
        self.heads.update(later.heads)
        self.records += later.records
        self.secrets.update(later.secrets)
        self.deliveries += later.deliveries
        self.handoffs += later.handoffs
        for key, at in later.closed.items():
            self.close(key, at)
        for deadline in later.opened.values():
            self.open(deadline)


def _write(connection: Connection, gathered: _Gathered) -> None:
    """Write what was gathered; `StaleIssue` where another program has moved an issue on."""
    if gathered.heads:
        _write_heads(connection, gathered)
        many(connection, INSERT_RECORD, gathered.records)
    if gathered.deliveries:
        sql_deliveries.owe(connection, gathered.deliveries, None, missing=False)
    for handoff, some in groupby(gathered.handoffs, itemgetter(0)):
        handed = chain.from_iterable(map(itemgetter(1), some))
        sql_deliveries.hand_over(connection, handed, handoff)
    timeline = SqlTimeline(connection)
    timeline.close(gathered.closed.items())
    timeline.put(gathered.opened.values())


def _write_heads(connection: Connection, gathered: _Gathered) -> None:
    new: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    # In one order everywhere, so that two batches don't wait for each other.
    for issue_id, head in sorted(gathered.heads.items(), key=itemgetter(0)):
        was = gathered.was.get(issue_id, 0)
        if was:
            moved.append({**row_of(head), "the_id": issue_id, "was": was})
        else:
            new.append(row_of(head))
    if moved and many(connection, MOVE_ON, moved) != len(moved):
        raise _stale(connection, gathered)
    if new:
        try:
            with connection.begin_nested():
                many(connection, INSERT_ISSUE, new)
        except exc.IntegrityError:
            raise _stale(connection, gathered) from None


def _stale(connection: Connection, gathered: _Gathered) -> StaleIssue:
    """Which of the issues another program has moved on, or registered."""
    ids = list(gathered.heads)
    c = _T.issue.c
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        found = connection.execute(select(c.id, c.version, c.digest).where(c.id.in_(some)))
        for row in found:
            was, ours = gathered.was.get(row.id, 0), gathered.heads[row.id]
            if row.version != was and row.digest != ours.digest:
                return StaleIssue(row.id, was, row.version)
    raise AssertionError("no row tells why the database counted fewer than were written")
