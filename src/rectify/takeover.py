"""Taking over an existing table: rows with a status column become issues with a history.

Each row's finding is imported, by a record that says where it was kept; the moves that its
status tells of follow, with the evidence the row holds, judged by the rules as any. Nothing
is made up: a row whose status can't be explained by legal moves is listed, and stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from rectify.actor import Actor
from rectify.errors import InvalidValue, RectifyError, Refused, UnknownIssue, UnknownMove
from rectify.evidence import Origin
from rectify.finding import Finding
from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.ledger import Ledger
from rectify.structure import restore_step
from rectify.takeover_mapping import TableMapping, actor_of, fill, instant_of, plain

Row: TypeAlias = Mapping[str, object]
"""A row of the table, by its columns' names."""


@attrs.frozen
class Unexplained:
    """A row that was not taken over: its id and status in the table, and why."""

    row: str
    status: str
    problems: tuple[Message, ...]


@attrs.frozen
class TakenOver:
    """What became of a table's rows, by the ids of the issues; ``there`` were taken over before."""

    taken: tuple[str, ...]
    there: tuple[str, ...]
    unexplained: tuple[Unexplained, ...]


@attrs.frozen
class _Past:
    """A row, read: the finding, and what is to be done with it."""

    row: Row
    issue_id: str
    finding: Finding
    origin: Origin


def take_over(
    ledger: Ledger[Any],
    rows: Iterable[Row],
    mapping: TableMapping,
    *,
    by: Actor,
    dry_run: bool = False,
) -> TakenOver:
    """Take a table's rows over into a ledger, in one commit; with ``dry_run`` only try it.

    ``by`` is who takes it over, and made what the rows name nobody for. Rows that were taken
    over before are passed by, known by their ids, so it can be run again for the rest. No
    hook runs for what is history already. Raises `UnknownMove` for a move that the lifecycle
    does not have, and what `Ledger.batch` raises; rows never do.
    """
    taking = _Taking(ledger, mapping, by)
    waiting = list(enumerate(rows))
    while True:
        # A row may be merged into one that comes after it.
        left = [(number, row) for number, row in waiting if not taking.explain(number, row)]
        if not left or len(left) == len(waiting):
            break
        waiting = left
    unexplained = tuple(taking.unexplained(number, row) for number, row in left)
    if not dry_run:
        taking.write()
    return TakenOver(tuple(taking.explained), tuple(taking.there), unexplained)


class _Taking:
    """One run: each row is first tried on a ledger in memory, by the same rules."""

    def __init__(self, ledger: Ledger[Any], mapping: TableMapping, by: Actor) -> None:
        self._ledger = ledger.without_hooks()
        self._mapping = mapping
        self._by = by
        self._now = ledger.now()
        self._kinds = {kind.__name__: kind for kind in ledger.lifecycle.moves}
        for told in (move for status in mapping.status for move in status.move):
            if told.move not in self._kinds:
                raise UnknownMove(told.move, list(self._kinds))
        self._tried = Ledger[Any](
            ledger.campaign, lifecycle=ledger.lifecycle, units=ledger.units, clock=ledger.now
        )
        self._problems: dict[int, tuple[Message, ...]] = {}
        self._owners: dict[str, int] = {}
        self.explained: dict[str, _Past] = {}
        self.there: list[str] = []

    def explain(self, number: int, row: Row) -> bool:
        """Whether the row's status follows from legal moves, or it was taken over before."""
        try:
            past = self._read(number, row)
            if self._is_there(past):
                self.there.append(past.issue_id)
                return True
            with self._tried.batch():
                self._carry(self._tried, past)
        except Refused as error:
            self._problems[number] = tuple(reason.text for reason in error.reasons)
        except RectifyError as error:
            self._problems[number] = (error.message,)
        else:
            self.explained[past.issue_id] = past
            return True
        return False

    def unexplained(self, number: int, row: Row) -> Unexplained:
        """What is to be said of a row that was not explained."""
        status = row.get(self._mapping.status_column)
        try:
            name = str(fill(self._mapping.row, row))
        except RectifyError:
            name = "–"
        return Unexplained(name, "–" if status is None else str(status), self._problems[number])

    def write(self) -> None:
        """Write what was explained, all of it or nothing."""
        with self._ledger.batch():
            for past in self.explained.values():
                self._carry(self._ledger, past)

    def _read(self, number: int, row: Row) -> _Past:
        mapping = self._mapping
        issue_id = str(fill(mapping.issue_id, row) or "")
        if self._owners.setdefault(issue_id, number) != number:
            problem = message("a row before it in the table has the id {id}, too", id=issue_id)
            raise InvalidValue("issue_id", problem)
        finding = mapping.finding_of(row, self._ledger.campaign.zone)
        return _Past(row, issue_id, finding, mapping.origin(row, self._now))

    def _is_there(self, past: _Past) -> bool:
        """Whether the row was taken over before; `InvalidValue` where its id is another issue's."""
        try:
            first = self._ledger.history(past.issue_id)[0]
        except UnknownIssue:
            return False
        origin: Mapping[str, object] = first.evidence.get("origin") or {}
        place = (origin.get("table"), origin.get("row"))
        if place != (past.origin.table, past.origin.row):
            problem = message("issue {id} is there already", id=past.issue_id)
            raise InvalidValue("issue_id", problem)
        return True

    def _carry(self, ledger: Ledger[Any], past: _Past) -> None:
        at = past.finding.found_at
        issue: Issue = ledger.register(
            past.finding, by=self._by, at=at, issue_id=past.issue_id, origin=past.origin
        )
        zone = ledger.campaign.zone
        for told in self._mapping.moves(past.origin.status):
            kind = self._kinds[told.move]
            at = instant_of("at", fill(told.at, past.row), zone, at)
            evidence: Any = plain(fill(dict(told.evidence), past.row) or {})
            move: Any = restore_step(kind, issue, evidence)
            issue = ledger.apply(move, by=actor_of(told, past.row, self._by), at=at)
