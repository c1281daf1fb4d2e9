"""What falls due in memory: rows in a dictionary, those to come in a heap.

A move leaves only a note of what it left and entered; the rows follow from the notes when
they are first asked for, so that a move costs next to nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from datetime import datetime
from heapq import heappop, heappush

import attrs

from rectify.errors import StaleIssue
from rectify.event import Event
from rectify.issue import Issue
from rectify.journal import EVENT_CHAIN, Entry
from rectify.store import Basis, Chain
from rectify.timeline import Deadline, changes


class MemoryTimeline:
    """See `Timeline`. ``undo`` takes what takes back each step of the transaction."""

    def __init__(self, undo: list[tuple[Callable[..., object], *tuple[object, ...]]]) -> None:
        self._undo = undo
        self._notes: list[tuple[Issue, datetime, str]] = []
        self._forget_step = (self._forget,)
        self._seen: dict[str, Issue | None] = {}
        self._rows: dict[str, Deadline] = {}
        self._keys_of: dict[str, dict[str, None]] = {}
        self._heap: list[tuple[datetime, str]] = []
        self._events: list[tuple[Event, Entry]] = []
        self._keys: set[str] = set()
        self._chains: dict[str, list[Entry]] = {}
        self._basis = Basis(None, None, 0, "")

    def redate(self, left: Issue, entered: Issue, at: datetime, zone: str) -> None:
        """See `Timeline.redate`."""
        self._notes.append((entered, at, zone))
        self._undo.append(self._forget_step)

    def _forget(self) -> None:
        self._notes.pop()

    def _read_notes(self) -> None:
        if not self._notes:
            return
        notes, self._notes = self._notes, []
        seen = {entered.id: self._seen.get(entered.id) for entered, _, _ in notes}
        self._undo.append((self._unread, notes, seen))
        for entered, at, zone in notes:
            # Before its first note an issue had no milestones.
            closed, opened = changes(self._seen.get(entered.id), entered, at, zone)
            self._seen[entered.id] = entered
            kept = [self._rows[one.key] for one in closed if one.key in self._rows]
            self.put([*(deadline.closed(at) for deadline in kept), *opened])

    def _unread(
        self, notes: list[tuple[Issue, datetime, str]], seen: dict[str, Issue | None]
    ) -> None:
        self._notes = notes
        self._seen.update(seen)

    def basis(self, *, lock: bool = False) -> Basis:
        """See `Timeline.basis`; a transaction has the whole store."""
        return self._basis

    def rest_on(self, fingerprint: str, planned: str | None) -> None:
        """See `Timeline.rest_on`."""
        self._rest(attrs.evolve(self._basis, fingerprint=fingerprint, planned=planned))

    def _rest(self, basis: Basis) -> None:
        self._undo.append((setattr, self, "_basis", self._basis))
        self._basis = basis

    def of_campaign(self, subject: str | None = None) -> Sequence[Deadline]:
        """See `Timeline.of_campaign`."""
        keys = self._rows if subject is None else self._keys_of.get(subject, ())
        rows = [self._rows[key] for key in keys]
        return [row for row in rows if row.kind != "milestone"]

    def put(self, deadlines: Iterable[Deadline]) -> None:
        """See `Timeline.put`."""
        for deadline in deadlines:
            self._undo.append((self._put_back, deadline.key, self._rows.get(deadline.key)))
            self._put(deadline)

    def _put(self, deadline: Deadline) -> None:
        self._rows[deadline.key] = deadline
        if deadline.kind != "milestone":
            self._keys_of.setdefault(deadline.subject, {})[deadline.key] = None
        if deadline.next_at is not None:
            heappush(self._heap, (deadline.next_at, deadline.key))

    def _put_back(self, key: str, deadline: Deadline | None) -> None:
        if deadline is None:
            row = self._rows.pop(key)
            self._keys_of.get(row.subject, {}).pop(key, None)
        else:
            self._put(deadline)

    def due(self, until: datetime, at_most: int) -> Sequence[Deadline]:
        """See `Timeline.due`."""
        self._read_notes()
        found: dict[str, Deadline] = {}
        while self._heap and self._heap[0][0] <= until and len(found) < at_most:
            at, key = heappop(self._heap)
            row = self._rows.get(key)
            # What has changed since it was pushed was pushed again.
            if row is not None and row.next_at == at:
                found[key] = row
        for row in found.values():
            self._put(row)
        return list(found.values())

    def is_due(self, until: datetime) -> bool:
        """See `Timeline.is_due`."""
        return bool(self.due(until, 1))

    def recorded(self, keys: Sequence[str]) -> Set[str]:
        """See `Timeline.recorded`."""
        return self._keys.intersection(keys)

    def record(self, events: Sequence[tuple[Event, Entry]]) -> bool:
        """See `Timeline.record`."""
        if self._keys.intersection(event.key for event, _ in events):
            return False
        for event, entry in events:
            self._keys.add(event.key)
            self._events.append((event, entry))
            self._undo.append((self._unrecord,))
        if events:
            last = events[-1][1]
            self._rest(attrs.evolve(self._basis, events=last.number, digest=last.digest))
        return True

    def go_on(self, nexts: Iterable[tuple[str, datetime | None]]) -> None:
        """See `Timeline.go_on`."""
        self.put(attrs.evolve(self._rows[key], next_at=at) for key, at in nexts)

    def _unrecord(self) -> None:
        event, _ = self._events.pop()
        self._keys.remove(event.key)

    def event(self, number: int) -> Entry:
        """See `Timeline.event`."""
        return self._events[number - 1][1]

    def events(self, after: int, at_most: int) -> Sequence[Entry]:
        """See `Timeline.events`."""
        return [entry for _, entry in self._events[after : after + at_most]]

    def entries(self, chain: str | None = None) -> Sequence[Entry]:
        """See `Timeline.entries`."""
        if chain is not None:
            return tuple(self._chains.get(chain, ()))
        return [entry for _, entries in sorted(self._chains.items()) for entry in entries]

    def enter(self, entry: Entry) -> None:
        """See `Timeline.enter`."""
        chain = self._chains.setdefault(entry.chain, [])
        if entry.number != len(chain) + 1:
            raise StaleIssue(entry.chain, entry.number - 1, len(chain))
        chain.append(entry)
        self._undo.append((chain.pop,))

    def chains(self) -> Sequence[Chain]:
        """See `Store.chains`."""
        events = [(entry, (e.key, entry.kind, e.subject, e.at)) for e, entry in self._events]
        head = (self._basis.events, self._basis.digest)
        return [
            Chain(EVENT_CHAIN, events, head),
            *(
                Chain(name, [(entry, None) for entry in chain], None)
                for name, chain in sorted(self._chains.items())
                if chain
            ),
        ]
