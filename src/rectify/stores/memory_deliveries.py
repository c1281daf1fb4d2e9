"""What after hooks are owed, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeAlias

import attrs

from rectify.store import LEASE_LOST, Backlog, Delivery, Handoff, Status, owed_to_both

Undo: TypeAlias = list[tuple[Callable[..., object], *tuple[object, ...]]]
"""What takes back what was written, the last first."""


class MemoryDeliveries:
    """The part of a `MemoryStore` that is about deliveries; it takes the lock and undoes."""

    def __init__(self, undo: Undo) -> None:
        self._deliveries: dict[int, Delivery] = {}
        self._open: dict[int, None] = {}
        self._owed: dict[tuple[str, int, str], int] = {}
        self._pending: list[tuple[Handoff, Sequence[Delivery]]] = []
        self._undo = undo

    def owe(
        self,
        deliveries: Sequence[Delivery],
        handoff: Handoff | None = None,
        *,
        missing: bool = False,
    ) -> int:
        """See `Transaction.owe`."""
        added = 0
        for delivery in deliveries:
            record = (delivery.issue_id, delivery.seq, delivery.hook)
            if record in self._owed:
                assert missing, "a record is owed to a hook once"
                continue
            number = len(self._deliveries) + 1
            self._deliveries[number] = attrs.evolve(delivery, id=number)
            if delivery.status != "done":
                self._open[number] = None
            self._owed[record] = number
            self._undo.append((self._disown,))
            added += 1
        if handoff is not None:
            self._pending.append((handoff, deliveries))
            self._undo.append((self._withdraw, len(self._pending) - 1))
        return added

    def _withdraw(self, first: int) -> None:
        del self._pending[first:]

    def _hand_over(self) -> None:
        """Tell what was owed, at the end of the transaction."""
        pending, self._pending[:] = self._pending[:], []
        for handoff, deliveries in pending:
            of = [self._owed[one.issue_id, one.seq, one.hook] for one in deliveries]
            handoff(None, [number for number in of if number in self._open])

    def _disown(self) -> None:
        number, delivery = self._deliveries.popitem()
        self._open.pop(number, None)
        del self._owed[delivery.issue_id, delivery.seq, delivery.hook]

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
        for delivery in self._due(hooks, now, past_dead):
            if line is None or _line(delivery) == _line(line):
                lost = delivery.status == "leased"
                leased = attrs.evolve(
                    delivery,
                    status="leased",
                    attempts=delivery.attempts + 1,
                    lease_owner=owner,
                    lease_until=lease_until,
                    last_error=LEASE_LOST if lost else delivery.last_error,
                )
                self._put(leased)
                return leased
        return None

    def due(
        self, hooks: Sequence[str], now: datetime, *, past_dead: Sequence[str] = (), at_most: int
    ) -> Sequence[int]:
        """See `Transaction.due`."""
        due = self._due(hooks, now, past_dead)
        return [one.id for one in islice(due, at_most) if one.id is not None]

    def _due(
        self, hooks: Collection[str], now: datetime, past_dead: Collection[str]
    ) -> Iterator[Delivery]:
        for delivery in self._first_in_line(past_dead):
            if delivery.hook in hooks and _is_due(delivery, now):
                yield delivery

    def _first_in_line(self, past_dead: Collection[str]) -> Iterator[Delivery]:
        first: dict[tuple[str, str], Delivery] = {}
        for number in self._open:
            delivery = self._deliveries[number]
            if delivery.status == "dead" and delivery.hook in past_dead:
                continue
            line = _line(delivery)
            if line not in first or delivery.seq < first[line].seq:
                first[line] = delivery
        yield from sorted(first.values(), key=lambda delivery: delivery.id or 0)

    def _put(self, delivery: Delivery) -> None:
        assert delivery.id is not None
        self._undo.append((self._restore, self._deliveries[delivery.id]))
        self._restore(delivery)

    def _restore(self, delivery: Delivery) -> None:
        assert delivery.id is not None
        self._deliveries[delivery.id] = delivery
        if delivery.status == "done":
            self._open.pop(delivery.id, None)
        else:
            self._open[delivery.id] = None

    def settle(self, delivery: Delivery) -> bool:
        """See `Transaction.settle`."""
        assert delivery.id is not None
        kept = self._deliveries[delivery.id]
        mine = (kept.lease_owner, kept.lease_until) == (delivery.lease_owner, delivery.lease_until)
        if kept.status != "leased" or not mine:
            return False
        settled = attrs.evolve(delivery, hook=kept.hook, lease_owner=None, lease_until=None)
        self._put(settled)
        return True

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
        fitting = (
            one
            for one in self._deliveries.values()
            if status in (None, one.status)
            and hook in (None, one.hook)
            and issue_id in (None, one.issue_id)
            and (ids is None or one.id in ids)
        )
        return tuple(islice(fitting, at_most))

    def backlog(self) -> Sequence[Backlog]:
        """See `Transaction.backlog`."""
        found: dict[tuple[str, Status], list[datetime]] = {}
        for delivery in map(self._deliveries.__getitem__, self._open):
            found.setdefault((delivery.hook, delivery.status), []).append(delivery.available_at)
        return [
            Backlog(hook, status, len(instants), min(instants))
            for (hook, status), instants in sorted(found.items())
        ]

    def revive(
        self, now: datetime, *, hook: str | None = None, ids: Sequence[int] | None = None
    ) -> Sequence[int]:
        """See `Transaction.revive`."""
        dead = self.deliveries("dead", hook=hook, ids=ids)
        for one in dead:
            self._put(attrs.evolve(one, status="ready", attempts=0, available_at=now))
        return [one.id for one in dead if one.id is not None]

    def rename_hook(self, old: str, new: str) -> int:
        """See `Transaction.rename_hook`."""
        moved = self.deliveries(hook=old)
        if any((one.issue_id, one.seq, new) in self._owed for one in moved):
            raise owed_to_both(old, new)
        for one in moved:
            self._rekey(one, new)
            self._undo.append((self._rekey, attrs.evolve(one, hook=new), old))
        return len(moved)

    def _rekey(self, delivery: Delivery, hook: str) -> None:
        assert delivery.id is not None
        del self._owed[delivery.issue_id, delivery.seq, delivery.hook]
        self._owed[delivery.issue_id, delivery.seq, hook] = delivery.id
        self._restore(attrs.evolve(self._deliveries[delivery.id], hook=hook))


def _line(delivery: Delivery) -> tuple[str, str]:
    return delivery.issue_id, delivery.hook


def _is_due(delivery: Delivery, now: datetime) -> bool:
    if delivery.status == "leased":
        return delivery.lease_until is not None and delivery.lease_until <= now
    return delivery.status == "ready" and delivery.available_at <= now
