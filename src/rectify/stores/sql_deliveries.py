"""What after hooks are owed, in a database: the statements, on a connection of a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exc,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from rectify.store import LEASE_LOST, Backlog, Delivery, Handoff, Status, owed_to_both
from rectify.stores import tables
from rectify.stores.driver import many

T = TypeVar("T")

_TABLE: Final = tables.delivery
_NAMES: Final = tuple(_TABLE.c.keys())
_AT_ONCE: Final = 500
"""How many values go into one statement's list."""


def owe(
    connection: Connection,
    deliveries: Sequence[Delivery],
    handoff: Handoff | None,
    *,
    missing: bool,
) -> int:
    """See `Transaction.owe`."""
    rows = [attrs.asdict(delivery) for delivery in deliveries]
    for row in rows:
        del row["id"]
    added = many(connection, _MISSING[connection.dialect.name] if missing else _INSERT, rows)
    if handoff is not None:
        hand_over(connection, deliveries, handoff)
    return added


_INSERT: Final = insert(_TABLE)
_MISSING: Final = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),
}


def hand_over(connection: Connection, deliveries: Iterable[Delivery], handoff: Handoff) -> None:
    """Tell the ids of deliveries that were just written, where they are open."""
    c = _TABLE.c
    for some in _parts(deliveries):
        keys = [one.key for one in some]
        query = select(c.id).where(c.key.in_(keys), tables.is_open(_TABLE)).order_by(c.id)
        handoff(connection, connection.execute(query).scalars().all())


def claim(
    connection: Connection,
    hooks: Collection[str],
    now: datetime,
    owner: str,
    lease_until: datetime,
    past_dead: Collection[str],
    line: Delivery | None,
) -> Delivery | None:
    """See `Transaction.claim`."""
    query = select(_TABLE).where(_may_be_run(hooks, now, past_dead))
    c = _TABLE.c
    if line is not None:
        query = query.where(c.issue_id == line.issue_id, c.hook == line.hook)
    found = connection.execute(
        query.order_by(c.id).limit(1).with_for_update(skip_locked=True)
    ).one_or_none()
    if found is None:
        return None
    delivery = _delivery(found)
    lost = delivery.status == "leased"
    leased = attrs.evolve(
        delivery,
        status="leased",
        attempts=delivery.attempts + 1,
        lease_owner=owner,
        lease_until=lease_until,
        last_error=LEASE_LOST if lost else delivery.last_error,
    )
    _write_back(connection, leased, c.id == leased.id)
    return leased


def due(
    connection: Connection,
    hooks: Collection[str],
    now: datetime,
    past_dead: Collection[str],
    at_most: int,
) -> Sequence[int]:
    """See `Transaction.due`."""
    c = _TABLE.c
    query = select(c.id).where(_may_be_run(hooks, now, past_dead)).order_by(c.id).limit(at_most)
    return connection.execute(query).scalars().all()


def _may_be_run(
    hooks: Collection[str], now: datetime, past_dead: Collection[str]
) -> ColumnElement[bool]:
    """What is due and first in its line."""
    c, before = _TABLE.c, _TABLE.alias()
    ahead = before.c
    # A number, not "none exists", which a database may look for in all lines at once.
    first = (
        select(func.min(ahead.seq))
        .where(
            tables.is_open(before),
            ahead.hook == c.hook,
            ahead.issue_id == c.issue_id,
            or_(ahead.status != "dead", ahead.hook.not_in(past_dead)),
        )
        .scalar_subquery()
    )
    due_now = or_(
        and_(c.status == "ready", c.available_at <= now),
        and_(c.status == "leased", c.lease_until <= now),
    )
    return and_(tables.is_open(_TABLE), c.hook.in_(hooks), due_now, c.seq == first)


def settle(connection: Connection, delivery: Delivery) -> bool:
    """See `Transaction.settle`."""
    c = _TABLE.c
    mine = and_(
        c.id == delivery.id,
        c.status == "leased",
        c.lease_owner == delivery.lease_owner,
        c.lease_until == delivery.lease_until,
    )
    settled = attrs.evolve(delivery, lease_owner=None, lease_until=None)
    return _write_back(connection, settled, mine) == 1


_SETTLED: Final = (
    "status",
    "attempts",
    "available_at",
    "lease_owner",
    "lease_until",
    "last_error",
)


def _write_back(connection: Connection, delivery: Delivery, where: ColumnElement[bool]) -> int:
    values = {name: getattr(delivery, name) for name in _SETTLED}
    return connection.execute(update(_TABLE).where(where).values(values)).rowcount


def deliveries(
    connection: Connection,
    status: Status | None,
    hook: str | None,
    issue_id: str | None,
    ids: Sequence[int] | None,
    at_most: int | None,
) -> Sequence[Delivery]:
    """See `Transaction.deliveries`."""
    c = _TABLE.c
    query = select(_TABLE).order_by(c.id).limit(at_most)
    for column, value in ((c.status, status), (c.hook, hook), (c.issue_id, issue_id)):
        if value is not None:
            query = query.where(column == value)
    if status is not None and status != "done":
        query = query.where(tables.is_open(_TABLE))
    if ids is None:
        return [_delivery(row) for row in connection.execute(query)]
    found: list[Delivery] = []
    for some in _parts(sorted(ids)):
        found += [_delivery(row) for row in connection.execute(query.where(c.id.in_(some)))]
    return found[:at_most]


def backlog(connection: Connection) -> Sequence[Backlog]:
    """See `Transaction.backlog`."""
    c = _TABLE.c
    query = (
        select(c.hook, c.status, func.count(), func.min(c.available_at))
        .where(tables.is_open(_TABLE))
        .group_by(c.hook, c.status)
        .order_by(c.hook, c.status)
    )
    return [Backlog(*row) for row in connection.execute(query)]


def revive(
    connection: Connection, now: datetime, hook: str | None, ids: Sequence[int] | None
) -> Sequence[int]:
    """See `Transaction.revive`."""
    c = _TABLE.c
    statement = (
        update(_TABLE)
        .where(tables.is_open(_TABLE), c.status == "dead")
        .values(status="ready", attempts=0, available_at=now)
        .returning(c.id)
    )
    if hook is not None:
        statement = statement.where(c.hook == hook)
    wheres = [None] if ids is None else [c.id.in_(some) for some in _parts(ids)]
    revived: list[int] = []
    for where in wheres:
        one = statement if where is None else statement.where(where)
        revived += connection.execute(one).scalars()
    return sorted(revived)


def rename(connection: Connection, old: str, new: str) -> int:
    """See `Transaction.rename_hook`."""
    statement = update(_TABLE).where(_TABLE.c.hook == old).values(hook=new)
    try:
        return connection.execute(statement).rowcount
    except exc.IntegrityError:
        raise owed_to_both(old, new) from None


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _NAMES})
