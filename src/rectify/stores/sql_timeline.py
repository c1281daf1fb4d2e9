"""What falls due in a database: rows, and an index over those that are pending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import attrs
from sqlalchemy import (
    Connection,
    Insert,
    Row,
    bindparam,
    case,
    exc,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rectify.errors import StaleIssue
from rectify.event import Event
from rectify.issue import Issue
from rectify.journal import EVENT_CHAIN, Entry
from rectify.store import Basis, Chain
from rectify.stores import tables as _T  # noqa: N812
from rectify.stores.cells import name_of, number_of, text_of
from rectify.stores.driver import many
from rectify.timeline import Deadline, changes

_D: Final = _T.deadline.c
_KEYS_MAX: Final = 500


class SqlTimeline:
    """See `Timeline`."""

    def __init__(self, connection: Connection) -> None:
        self._own = connection

    @property
    def _connection(self) -> Connection:
        return self._own

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        """See `Timeline.redate`."""
        closed, opened = changes(left, entered, at, zone)
        self.close((one.key, at) for one in closed)
        self.put(opened)

    def close(self, closed: Iterable[tuple[str, datetime]]) -> None:
        """Close deadlines, by their keys, each at an instant."""
        many(self._connection, _CLOSE, [{"the_key": key, "at": at} for key, at in closed])

    def basis(self, *, lock: bool = False) -> Basis:
        """See `Timeline.basis`."""
        row = self._connection.execute(_LOCKED_BASIS if lock else _BASIS).one()
        return Basis(row.fingerprint, row.planned, row.events, row.events_digest)

    def rest_on(self, fingerprint: str, planned: str | None) -> None:
        """See `Timeline.rest_on`."""
        values = {"fingerprint": fingerprint, "planned": planned}
        self._connection.execute(update(_T.ledger).values(values))

    def of_campaign(self, subject: str | None = None) -> Sequence[Deadline]:
        """See `Timeline.of_campaign`."""
        query = select(_T.deadline).where(_D.kind != "milestone")
        if subject is not None:
            query = query.where(_D.subject == subject)
        return [_deadline(row) for row in self._connection.execute(query)]

    def put(self, deadlines: Iterable[Deadline]) -> None:
        """See `Timeline.put`."""
        many(self._connection, _PUT[self._connection.dialect.name], map(_values, deadlines))

    def due(self, until: datetime, at_most: int) -> Sequence[Deadline]:
        """See `Timeline.due`."""
        rows = self._connection.execute(_DUE, {"until": until, "at_most": at_most})
        return [_pending(*row) for row in rows]

    def is_due(self, until: datetime) -> bool:
        """See `Timeline.is_due`."""
        return self._connection.execute(_IS_DUE, {"until": until}).first() is not None

    def recorded(self, keys: Sequence[str]) -> Set[str]:
        """See `Timeline.recorded`."""
        found: set[str] = set()
        for first in range(0, len(keys), _KEYS_MAX):
            some = {"keys": keys[first : first + _KEYS_MAX]}
            found.update(self._connection.execute(_RECORDED, some).scalars())
        return found

    def record(self, events: Sequence[tuple[Event, Entry]]) -> bool:
        """See `Timeline.record`; the database looks for the keys as it inserts."""
        if not events:
            return True
        rows = [_event_values(event, entry) for event, entry in events]
        try:
            with self._connection.begin_nested():
                many(self._connection, _INSERT_EVENT, rows)
        except exc.IntegrityError:
            return False
        last = events[-1][1]
        head = {"events": last.number, "events_digest": last.digest}
        self._connection.execute(update(_T.ledger).values(head))
        return True

    def go_on(self, nexts: Iterable[tuple[str, datetime | None]]) -> None:
        """See `Timeline.go_on`."""
        done: list[dict[str, Any]] = []
        later: list[dict[str, Any]] = []
        for key, at in nexts:
            if at is None:
                done.append({"the_key": key})
            else:
                later.append({"the_key": key, "next": at})
        if done:
            many(self._connection, _DONE, done)
        if later:
            self._connection.execute(_NEXT, later)

    def event(self, number: int) -> Entry:
        """See `Timeline.event`."""
        c = _T.event_row.c
        return _event_entry(self._connection.execute(_EVENTS.where(c.number == number)).one())

    def events(self, after: int, at_most: int) -> Sequence[Entry]:
        """See `Timeline.events`."""
        query = _EVENTS.where(_T.event_row.c.number > after).limit(at_most)
        return [_event_entry(row) for row in self._connection.execute(query)]

    def entries(self, chain: str | None = None) -> Sequence[Entry]:
        """See `Timeline.entries`."""
        query = _JOURNAL if chain is None else _JOURNAL.where(_T.journal.c.chain == chain)
        return [_entry(row) for row in self._connection.execute(query)]

    def enter(self, entry: Entry) -> None:
        """See `Timeline.enter`."""
        row = {
            "chain": entry.chain,
            "number": entry.number,
            "body": entry.body,
            "digest": entry.digest,
        }
        try:
            self._connection.execute(_INSERT_ENTRY, row)
        except exc.IntegrityError as error:
            raise StaleIssue(entry.chain, entry.number - 1, None) from error


def chains(connection: Connection) -> Iterator[Chain]:
    """See `Store.chains`."""
    stream = connection.execution_options(yield_per=1000)
    head = connection.execute(_BASIS).one()
    rows = ((_event_entry(row), _index(row)) for row in stream.execute(_EVENTS))
    yield Chain(EVENT_CHAIN, rows, (head.events, head.events_digest))
    for name, group in groupby(stream.execute(_JOURNAL), key=lambda row: name_of(row.chain)):
        yield Chain(name, ((_entry(row), None) for row in group), None)


_NAMES: Final = tuple(field.name for field in attrs.fields(Deadline))


def _put(dialect: Any) -> Insert:
    insert_it = dialect.insert(_T.deadline)
    replaced = {name: insert_it.excluded[name] for name in _NAMES if name != "key"}
    put: Insert = insert_it.on_conflict_do_update(index_elements=[_D.key], set_=replaced)
    return put


_PUT: Final = {"postgresql": _put(postgresql), "sqlite": _put(sqlite)}
_INSERT_EVENT: Final = _T.add_to(_T.event_row)
_INSERT_ENTRY: Final = _T.add_to(_T.journal)
_BASIS: Final = select(_T.ledger)
_LOCKED_BASIS: Final = _BASIS.with_for_update()
# As `next_once_closed`, but without reading the row first.
_CLOSE: Final = (
    update(_T.deadline)
    .where(_D.key == bindparam("the_key"))
    .values(
        closed_at=bindparam("at"),
        next_at=case(
            (_D.due_at > bindparam("at", type_=_D.due_at.type), None),
            (_D.next_at < _D.due_at, _D.due_at),
            else_=_D.next_at,
        ),
    )
)
_REPLACE: Final = update(_T.deadline).where(_D.key == bindparam("the_key"))
_NEXT: Final = _REPLACE.values(next_at=bindparam("next"))
_DONE: Final = _REPLACE.values(next_at=null())
# Without what a sweep does not look at: each instant that is read has its price.
_DUE: Final = (
    select(*(c for c in _D if c.name not in ("set_at", "closed_at", "next_at")), _D.next_at)
    .where(_D.next_at <= bindparam("until"))
    .order_by(_D.next_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_IS_DUE: Final = (
    select(_D.key).where(_D.next_at <= bindparam("until")).order_by(_D.next_at).limit(1)
)
_RECORDED: Final = select(_T.event_row.c.key).where(
    _T.event_row.c.key.in_(bindparam("keys", expanding=True))
)
_EVENTS: Final = select(_T.event_row).order_by(_T.event_row.c.number)
_JOURNAL: Final = select(_T.journal).order_by(_T.journal.c.chain, _T.journal.c.number)


def _values(deadline: Deadline) -> dict[str, Any]:
    return {name: getattr(deadline, name) for name in _NAMES}


def _pending(*values: Any) -> Deadline:
    deadline = Deadline(*values[:-1])
    deadline.next_at = values[-1]
    return deadline


def _deadline(row: Any) -> Deadline:
    return Deadline(*row)


def _event_values(event: Event, entry: Entry) -> Mapping[str, Any]:
    return {
        "number": entry.number,
        "key": event.key,
        "kind": type(event).__name__,
        "subject": event.subject,
        "at": event.at,
        "body": entry.body,
        "digest": entry.digest,
    }


def _event_entry(row: Row[Any]) -> Entry:
    return Entry(EVENT_CHAIN, number_of(row.number), text_of(row.body), text_of(row.digest))


def _index(row: Row[Any]) -> tuple[str, str, str, datetime]:
    return row.key, row.kind, row.subject, row.at


def _entry(row: Row[Any]) -> Entry:
    return Entry(name_of(row.chain), number_of(row.number), text_of(row.body), text_of(row.digest))
