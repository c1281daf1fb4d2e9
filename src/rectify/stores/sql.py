"""A durable ledger, on SQLite or PostgreSQL, through SQLAlchemy Core."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, cast

import attrs
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    bindparam,
    exc,
    exists,
    insert,
    select,
    update,
)

from rectify.canonical import encode
from rectify.case import Facts
from rectify.errors import InvalidValue, StaleIssue, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.record import Record
from rectify.store import Backlog, Chain, Delivery, Handoff, Head, History, Secret, Status
from rectify.stores import sql_outbox, tables
from rectify.stores.connection import read_only, shown, store_error
from rectify.stores.sql_timeline import SqlTimeline, chains
from rectify.structure import read_object, restore

_PAGE: Final = 500
_T = tables


class SqlStore:
    """The rows of one ledger in a database; safe to share between threads and processes."""

    def __init__(self, engine: Engine, lifecycle: Lifecycle[Issue]) -> None:
        self._engine = engine
        self._lifecycle = lifecycle
        self._read_only = read_only(engine.dialect.name)
        self._thread = threading.local()
        self.url = shown(engine.url)

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        """See `Store.transaction`; what the database says goes into a `StoreError`.

        A thread has one at a time: within it, a hook may read this ledger and not write to it.
        """
        if getattr(self._thread, "writes", False):
            raise StoreError(
                self.url,
                message("a before hook can't write to its own ledger; do it in an after hook"),
            )
        self._thread.writes = True
        try:
            with self._engine.begin() as connection:
                yield SqlTransaction(connection, self._lifecycle)
        except exc.SQLAlchemyError as error:
            raise store_error(self.url, error) from None
        finally:
            self._thread.writes = False

    @contextmanager
    def reading(self) -> Generator[SqlTransaction]:
        """See `Store.reading`."""
        try:
            with self._engine.connect().execution_options(**self._read_only) as connection:
                yield SqlTransaction(connection, self._lifecycle)
        except exc.SQLAlchemyError as error:
            raise store_error(self.url, error) from None

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None
    ) -> Iterator[Head]:
        """See `Store.heads`; a page of rows at a time."""
        query = select(_T.issue).order_by(_T.issue.c.id).limit(_PAGE)
        if state is not None:
            query = query.where(_T.issue.c.state == state)
        if unit is not None:
            query = query.where(_T.issue.c.unit == unit)
        if areas is not None:
            query = query.where(_T.issue.c.area.in_(areas))
        after = ""
        while True:
            with self.reading() as tx:
                page = tx.connection.execute(query.where(_T.issue.c.id > after)).all()
            for row in page:
                yield _head(row, self._lifecycle, self.url)
            if len(page) < _PAGE:
                return
            after = page[-1].id

    def histories(self) -> Iterator[History]:
        """See `Store.histories`; a page of issues at a time, in one snapshot."""
        recorded = select(_T.record.c.issue_id).distinct().order_by(_T.record.c.issue_id)
        has_record = exists().where(_T.record.c.issue_id == _T.issue.c.id)
        unrecorded = select(_T.issue.c.id).where(~has_record).order_by(_T.issue.c.id)
        with self.reading() as tx:
            for query, key in ((recorded, _T.record.c.issue_id), (unrecorded, _T.issue.c.id)):
                page = tx.connection.execute(query.limit(_PAGE)).scalars().all()
                while page:
                    yield from tx.histories(page)
                    following = query.where(key > page[-1]).limit(_PAGE)
                    page = tx.connection.execute(following).scalars().all()

    def chains(self) -> Iterator[Chain]:
        """See `Store.chains`; rows stream, in one snapshot."""
        with self.reading() as tx:
            yield from chains(tx.connection)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


class SqlTransaction:
    """One transaction's reads and writes, on a connection that its owner commits."""

    def __init__(self, connection: Connection, lifecycle: Lifecycle[Issue]) -> None:
        self.connection = connection
        self.timeline = SqlTimeline(connection)
        self._lifecycle = lifecycle

    def find(self, issue_id: str) -> Issue | None:
        """See `Lookup.find`."""
        head = self.head(issue_id)
        return head.issue if head else None

    def secret(self, issue_id: str, field: str) -> str | None:
        """See `Lookup.secret`."""
        c = _T.secret.c
        query = select(c.text).where(c.issue_id == issue_id, c.field == field)
        return cast("str | None", self.connection.execute(query).scalar())

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """See `Transaction.head`."""
        row = self.connection.execute(_HEAD, {"id": issue_id}).one_or_none()
        if row is None:
            return None
        if known is not None and row.state == type(known).__name__ and row.body == encode(known):
            return Head(known, _facts(row), row.digest, row.changed_at)
        return _head(row, self._lifecycle, shown(self.connection.engine.url))

    def records(self, issue_id: str) -> Sequence[Record]:
        """See `Transaction.records`."""
        rows = self.connection.execute(_RECORDS, {"id": issue_id})
        return [Record(row.issue_id, row.version, row.body, row.digest) for row in rows]

    def histories(self, issue_ids: Sequence[str]) -> Iterator[History]:
        """What is kept of some issues."""
        rows: dict[str, list[tuple[int, str, str]]] = {issue_id: [] for issue_id in issue_ids}
        secrets: dict[str, list[Secret]] = {issue_id: [] for issue_id in issue_ids}
        r, i, s = _T.record.c, _T.issue.c, _T.secret.c
        for row in self.connection.execute(
            select(_T.record).where(r.issue_id.in_(issue_ids)).order_by(r.version)
        ):
            rows[row.issue_id].append((row.version, row.body, row.digest))
        for row in self.connection.execute(
            select(s.issue_id, s.field, s.salt, s.text).where(s.issue_id.in_(issue_ids))
        ):
            secrets[row.issue_id].append(Secret(*row))
        found = self.connection.execute(select(_T.issue).where(i.id.in_(issue_ids)))
        heads = {row.id: row for row in found}
        for issue_id in issue_ids:
            holds = _holder(heads.get(issue_id))
            yield History(issue_id, rows[issue_id], holds, secrets[issue_id])

    def append(self, head: Head, body: bytes) -> None:
        """See `Transaction.append`."""
        row = _row(head)
        issue_id, version = head.issue.id, head.issue.version
        before = version - 1
        try:
            self.connection.execute(
                insert(_T.record),
                {
                    "issue_id": issue_id,
                    "version": version,
                    "body": body.decode(),
                    "digest": head.digest,
                },
            )
            if before == 0:
                self.connection.execute(insert(_T.issue), row)
                return
        except exc.IntegrityError:
            raise StaleIssue(issue_id, before, None) from None
        changed = self.connection.execute(_MOVE_ON, {**row, "the_id": row["id"], "was": before})
        if changed.rowcount != 1:
            raise StaleIssue(issue_id, before, None)

    def keep(self, secret: Secret) -> None:
        """See `Transaction.keep`."""
        self.connection.execute(insert(_T.secret), attrs.asdict(secret))

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """See `Transaction.owe`."""
        return sql_outbox.owe(self.connection, deliveries, handoff, missing=missing)

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
        return sql_outbox.claim(self.connection, hooks, now, owner, lease_until, past_dead, line)

    def settle(self, delivery: Delivery) -> bool:
        """See `Transaction.settle`."""
        return sql_outbox.settle(self.connection, delivery)

    def deliveries(
        self,
        status: Status | None = None,
        *,
        hook: str | None = None,
        issue_id: str | None = None,
        ids: Sequence[int] | None = None,
    ) -> Sequence[Delivery]:
        """See `Transaction.deliveries`."""
        return sql_outbox.deliveries(self.connection, status, hook, issue_id, ids)

    def backlog(self) -> Sequence[Backlog]:
        """See `Transaction.backlog`."""
        return sql_outbox.backlog(self.connection)

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        """See `Transaction.revive`."""
        return sql_outbox.revive(self.connection, now, hook, ids)

    def rename_hook(self, old: str, new: str) -> int:
        """See `Transaction.rename_hook`."""
        return sql_outbox.rename(self.connection, old, new)


_HEAD: Final = select(_T.issue).where(_T.issue.c.id == bindparam("id"))
_RECORDS: Final = (
    select(_T.record).where(_T.record.c.issue_id == bindparam("id")).order_by(_T.record.c.version)
)
_MOVE_ON: Final = update(_T.issue).where(
    _T.issue.c.id == bindparam("the_id"), _T.issue.c.version == bindparam("was")
)


def _row(head: Head) -> dict[str, Any]:
    """The issue's row: what is queried, beside the issue and its facts in canonical JSON."""
    issue, finding = head.issue, head.issue.finding
    return {
        "id": issue.id,
        "version": issue.version,
        "state": type(issue).__name__,
        "round": issue.round,
        "unit": finding.unit,
        "area": finding.area,
        "channel": finding.channel,
        "discipline_lead": finding.discipline_lead,
        "found_at": finding.found_at,
        "changed_at": head.at,
        "body": encode(issue),
        "facts": encode(head.facts),
        "digest": head.digest,
    }


def _facts(row: Row[Any]) -> Facts:
    return restore(Facts, read_object(row.facts))


def _head(row: Row[Any], lifecycle: Lifecycle[Issue], url: str) -> Head:
    state = lifecycle.state(row.state)
    try:
        issue = restore(state, read_object(row.body))
        return Head(issue, _facts(row), row.digest, row.changed_at)
    except InvalidValue:
        problem = message("the row of issue {id} is damaged; audit the ledger", id=row.id)
        raise StoreUnreadable(url, problem) from None


def _holder(row: Row[Any] | None) -> Callable[[Head], bool]:
    return lambda head: row is not None and _fields(row, _T.issue) == _row(head)


def _fields(row: Row[Any], table: Table) -> dict[str, Any]:
    return {name: getattr(row, name) for name in table.c.keys()}  # noqa: SIM118
