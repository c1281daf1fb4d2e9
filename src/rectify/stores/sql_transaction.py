"""One transaction on a database: the reads and writes of a ledger, in SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    bindparam,
    exc,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy import cast as sql_cast

from rectify.canonical import encode
from rectify.case import Facts
from rectify.errors import InvalidValue, SecretKeyError, StaleIssue, StoreUnreadable
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.record import Record
from rectify.sealed import ESCAPED, Sealed
from rectify.secret_key import SecretKey, encrypted_with
from rectify.store import Backlog, Delivery, Handoff, Head, History, Secret, Status
from rectify.stores import sql_deliveries, tables
from rectify.stores.cells import is_text, name_of, number_of, text_of
from rectify.stores.connection import shown
from rectify.stores.driver import first, instant, run
from rectify.stores.sql_secrets import SqlSecrets
from rectify.stores.sql_timeline import SqlTimeline
from rectify.structure import read_object, restore

_T = tables


class SqlTransaction:
    """One transaction's reads and writes, on a connection that its owner commits.

    What is of one issue goes over ``_own``, the rest over ``connection``: a batch needs to tell.
    """

    def __init__(
        self, connection: Connection, lifecycle: Lifecycle[Issue], key: SecretKey | None
    ) -> None:
        self._own = connection
        self._key = key
        self.timeline: SqlTimeline = SqlTimeline(connection)
        self._lifecycle = lifecycle

    @property
    def connection(self) -> Connection:
        """What the transaction is on."""
        return self._own

    def find(self, issue_id: str) -> Issue | None:
        """See `Lookup.find`."""
        head = self.head(issue_id)
        return head.issue if head else None

    def secret(self, issue_id: str, field: str) -> Sealed | None:
        """See `Lookup.secret`."""
        kept = self.kept(issue_id, field)
        if kept is not None and kept.locked_by is not None:
            raise SecretKeyError(encrypted_with(kept.locked_by))
        return None if kept is None else kept.text

    def kept(self, issue_id: str, field: str) -> Secret | None:
        """See `Transaction.kept`."""
        return SqlSecrets(self._own, self._key).one(issue_id, field)

    def head(self, issue_id: str, known: Issue | None = None) -> Head | None:
        """See `Transaction.head`."""
        row = first(self._own, _HEAD, id=issue_id)
        if row is None:
            return None
        state, body, facts, digest, changed_at = row
        if known is not None and state == type(known).__name__ and body == encode(known):
            at = instant(changed_at, self._own.dialect)
            return Head(known, _facts(facts), digest, at)
        row = self._own.execute(_ROW, {"id": issue_id}).one()
        return head_of(row, self._lifecycle, shown(self._own.engine.url))

    def records(self, issue_id: str) -> Sequence[Record]:
        """See `Transaction.records`."""
        rows = self.connection.execute(_RECORDS, {"id": issue_id})
        return [Record(row.issue_id, *_record(row)) for row in rows]

    def histories(self, issue_ids: Sequence[str]) -> Iterator[History]:
        """What is kept of some issues; of an id that is no text, that it is there."""
        for unnamed in (each for each in issue_ids if not is_text(each)):
            yield History(name_of(unnamed), (), _never, ())
        issue_ids = [each for each in issue_ids if is_text(each)]
        if not issue_ids:
            return
        rows: dict[str, list[tuple[int, str, str]]] = {issue_id: [] for issue_id in issue_ids}
        secrets: dict[str, list[Secret]] = {issue_id: [] for issue_id in issue_ids}
        given = [as_kept(issue_id) for issue_id in issue_ids]
        r, i = _T.record.c, _T.issue.c
        # Where an index is damaged, rows of other issues may come, too.
        for row in self.connection.execute(
            select(_T.record).where(r.issue_id.in_(given)).order_by(r.version)
        ):
            rows.setdefault(row.issue_id, []).append(_record(row))
        for secret in SqlSecrets(self.connection, self._key).of(issue_ids):
            secrets.setdefault(secret.issue_id, []).append(secret)
        found = self.connection.execute(_ISSUE_AS_KEPT.where(i.id.in_(given)))
        heads = {row.id: row for row in found}
        for issue_id, records in rows.items():
            holds = _holder(heads.get(issue_id))
            yield History(issue_id, records, holds, secrets.get(issue_id, ()))

    def links(self) -> Iterator[History]:
        """The records of every issue and nothing beside, as they stream."""
        stream = self.connection.execution_options(yield_per=_LINKS_AT_ONCE)
        rows = stream.execute(_LINKS)
        for issue_id, records in groupby(rows, key=itemgetter(0)):
            kept = [_record(row) for row in records] if is_text(issue_id) else ()
            yield History(name_of(issue_id), kept, _never, ())

    def append(self, head: Head, body: bytes) -> None:
        """See `Transaction.append`."""
        row = row_of(head)
        issue_id, version = head.issue.id, head.issue.version
        before = version - 1
        try:
            run(self._own, INSERT_RECORD, record_row(head, body))
            if before == 0:
                run(self._own, INSERT_ISSUE, row)
                return
        except exc.IntegrityError:
            raise StaleIssue(issue_id, before, None) from None
        if run(self._own, MOVE_ON, {**row, "the_id": row["id"], "was": before}) != 1:
            raise StaleIssue(issue_id, before, None)

    def keep(self, secret: Secret) -> None:
        """See `Transaction.keep`."""
        SqlSecrets(self._own, self._key).keep([secret])

    def erase(self, secret: Secret) -> None:
        """See `Transaction.erase`."""
        SqlSecrets(self.connection, self._key).erase(secret)

    def keeping(self, states: Sequence[str], after: str, at_most: int) -> Sequence[str]:
        """See `Transaction.keeping`."""
        return SqlSecrets(self.connection, self._key).keeping(states, after, at_most)

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """See `Transaction.owe`."""
        return sql_deliveries.owe(self._own, deliveries, handoff, missing=missing)

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
        return sql_deliveries.claim(
            self.connection, hooks, now, owner, lease_until, past_dead, line
        )

    def due(
        self, hooks: Sequence[str], now: datetime, *, past_dead: Sequence[str] = (), at_most: int
    ) -> Sequence[int]:
        """See `Transaction.due`."""
        return sql_deliveries.due(self.connection, hooks, now, past_dead, at_most)

    def settle(self, delivery: Delivery) -> bool:
        """See `Transaction.settle`."""
        return sql_deliveries.settle(self.connection, delivery)

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
        return sql_deliveries.deliveries(self.connection, status, hook, issue_id, ids, at_most)

    def backlog(self) -> Sequence[Backlog]:
        """See `Transaction.backlog`."""
        return sql_deliveries.backlog(self.connection)

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        """See `Transaction.revive`."""
        return sql_deliveries.revive(self.connection, now, hook, ids)

    def rename_hook(self, old: str, new: str) -> int:
        """See `Transaction.rename_hook`."""
        return sql_deliveries.rename(self.connection, old, new)


_LINKS_AT_ONCE: Final = 1_000
_LINKS: Final = select(_T.record).order_by(_T.record.c.issue_id, _T.record.c.version)
_I: Final = _T.issue.c
_HEAD: Final = select(_I.state, _I.body, _I.facts, _I.digest, _I.changed_at).where(
    _I.id == bindparam("id")
)
_ROW: Final = select(_T.issue).where(_I.id == bindparam("id"))
INSERT_RECORD: Final = _T.add_to(_T.record)
INSERT_ISSUE: Final = insert(_T.issue)
_RECORDS: Final = (
    select(_T.record).where(_T.record.c.issue_id == bindparam("id")).order_by(_T.record.c.version)
)
MOVE_ON: Final = update(_T.issue).where(
    _T.issue.c.id == bindparam("the_id"), _T.issue.c.version == bindparam("was")
)


# A number that stands for true need not be the one that was written.
_ISSUE_AS_KEPT: Final = select(
    *(
        type_coerce(c, Integer).label(c.name) if c.name == "discipline_lead" else c
        for c in _T.issue.c
    )
)


def _record(row: Row[Any]) -> tuple[int, str, str]:
    return number_of(row.version), text_of(row.body), text_of(row.digest)


def as_kept(issue_id: Any) -> Any:
    """An id as a statement takes it: one that is damaged is no text that could be written."""
    if not is_text(issue_id):
        return literal(issue_id, LargeBinary)
    try:
        issue_id.encode()
    except UnicodeEncodeError:
        return sql_cast(literal(issue_id.encode(errors=ESCAPED), LargeBinary), Text)
    return issue_id


def record_row(head: Head, body: bytes) -> dict[str, Any]:
    """The record's row."""
    return {
        "issue_id": head.issue.id,
        "version": head.issue.version,
        "body": body.decode(),
        "digest": head.digest,
    }


def row_of(head: Head) -> dict[str, Any]:
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


@lru_cache(maxsize=1024)
def _facts(text: str) -> Facts:
    """Most issues have the same few: who handled it, and that it was transferred."""
    return restore(Facts, read_object(text))


def head_of(row: Row[Any], lifecycle: Lifecycle[Issue], url: str) -> Head:
    """Where an issue stands, by its row; `StoreUnreadable` where that is damaged."""
    state = lifecycle.state(row.state)
    try:
        issue = restore(state, read_object(row.body))
        return Head(issue, _facts(row.facts), row.digest, row.changed_at)
    except InvalidValue:
        problem = message("the row of issue {id} is damaged; audit the ledger", id=row.id)
        raise StoreUnreadable(url, problem) from None


def _never(head: Head) -> bool:
    """Of an issue whose row was not read."""
    return False


def _holder(row: Row[Any] | None) -> Callable[[Head], bool]:
    return lambda head: row is not None and _fields(row, _T.issue) == row_of(head)


def _fields(row: Row[Any], table: Table) -> dict[str, Any]:
    return {name: getattr(row, name) for name in table.c.keys()}  # noqa: SIM118
