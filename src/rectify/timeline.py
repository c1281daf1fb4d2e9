"""The timeline: what falls due when, as rows that a store keeps beside the issues.

A `Deadline` is a milestone of an issue, a duty, or an end of a phase. It says what is to be
recorded next and when (``next_at``); whether it is overdue is read off its dates, never off
a row. The dates decide what happened: one that ran out before it was met was overdue, though
nobody swept in between; one that was met or moved in time was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from rectify.canonical import in_utc
from rectify.event import (
    SOON,
    DueSoon,
    Event,
    Overdue,
    PhaseClosed,
    PhaseOpened,
    ReceiptMissing,
)
from rectify.evidence import Milestone
from rectify.instants import ONE_DAY, end_of, zone_of
from rectify.issue import Issue, Transferred

if TYPE_CHECKING:
    from rectify.campaign.inspections import Inspection
    from rectify.campaign.model import Campaign, Phase, Window
    from rectify.deadline import Due
    from rectify.duty import Owed
    from rectify.phrases import Within
    from rectify.turns import Turn

DeadlineKind: TypeAlias = Literal[
    "opens", "closes", "milestone", "duty", "visit", "class", "receipt"
]

OF_AN_ISSUE: Final = frozenset({"milestone", "class", "receipt"})
"""The kinds that no campaign sets by itself."""


# Many are made in a sweep; a frozen one would take twice as long. Nothing changes it.
@attrs.define
class Deadline:
    """One row: ``due_at`` is the instant it ends, exclusive; all instants are in UTC.

    ``subject`` is an issue's id, a phase's, an inspection's, or the key of a duty; ``ref`` the
    milestone, the class, the level of a phase's own days, or the duty's or inspection's id;
    ``round`` the issue's, or the turn of visits. A receipt only warns, at ``due_at``.
    ``set_at`` is when it was set, None for what the campaign sets. ``closed_at`` is when it was
    met or moved. ``next_at`` is when the next event happens that is not recorded yet, None where
    there is none.
    """

    key: str
    kind: DeadlineKind
    subject: str
    ref: str
    round: int
    unit: str | None
    due_at: datetime
    set_at: datetime | None = None
    closed_at: datetime | None = None
    next_at: datetime | None = None

    def pending(self) -> Deadline:
        """The same, with all its events to come."""
        first = self.due_at
        if self.kind in _OWING:
            first = self.due_at - SOON
            if self.set_at is not None and self.set_at > first:
                first = self.set_at
        return attrs.evolve(self, next_at=first)

    def closed(self, at: datetime) -> Deadline:
        """The same, met or moved at an instant: too late where it had run out by then."""
        return attrs.evolve(self, closed_at=at, next_at=next_once_closed(self, at))


def next_once_closed(deadline: Deadline, at: datetime) -> datetime | None:
    """What is still to be recorded of a deadline that closes: that it had run out, if it had."""
    if deadline.next_at is None or at < deadline.due_at:
        return None
    return max(deadline.next_at, deadline.due_at)


_OWING: Final = frozenset({"milestone", "duty", "visit", "class"})


def deadline_key(kind: str, subject: str, ref: str, round_: int, due_at: datetime) -> str:
    """What names a deadline: the same thing with another due date is another one."""
    key = f"{kind}/{_part(subject)}/{_part(ref)}/{round_}/{in_utc(due_at)[:16]}"
    return key if len(key) <= KEY_CHARACTERS_MAX else _digest(key)


KEY_CHARACTERS_MAX: Final = 200
"""A longer key, of long ids, is kept as its digest: indexes bound what they hold."""


def _part(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F") if "/" in text or "%" in text else text


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


@lru_cache(maxsize=4096)
def ends_at(day: date, zone: str) -> datetime:
    """The instant a day ends in a zone, in UTC."""
    return end_of(day, None, zone).astimezone(UTC)


# What a move changes.


def milestones_of(issue: Issue) -> tuple[Milestone, ...]:
    """The milestones an issue still has to reach; none in a state that has no timetable."""
    return getattr(issue, "open_milestones", ())


def has_milestones(state: type[Issue]) -> bool:
    """Whether issues in a state may have milestones to reach."""
    return hasattr(state, "open_milestones")


def lacks_receipt(issue: Issue | None) -> bool:
    """Whether an issue was transferred and its receipt is not there."""
    return isinstance(issue, Transferred) and issue.receipt is None


def changes(
    left: Issue | None, entered: Issue, at: datetime, zone: str
) -> tuple[list[Deadline], list[Deadline]]:
    """The deadlines that close and those that are set as an issue goes from one state on.

    What closes is named by its keys; there may be no receipt under one.
    """
    before = {deadline.key: deadline for deadline in _deadlines(left, None, zone)} if left else {}
    after = {deadline.key: deadline for deadline in _deadlines(entered, at, zone)}
    closed = [deadline for key, deadline in before.items() if key not in after]
    if left is not None and lacks_receipt(left) and not lacks_receipt(entered):
        # Only its key is known here, and there may be none under it.
        closed.append(Deadline(issue_key("receipt", left), "receipt", left.id, "", 1, None, at))
    opened = [deadline.pending() for key, deadline in after.items() if key not in before]
    return closed, opened


def _deadlines(issue: Issue, at: datetime | None, zone: str) -> Iterator[Deadline]:
    subject, round_, unit = issue.id, issue.round, issue.finding.unit
    for milestone in milestones_of(issue):
        due_at = ends_at(milestone.due, zone)
        key = deadline_key("milestone", subject, milestone.id, round_, due_at)
        yield Deadline(key, "milestone", subject, milestone.id, round_, unit, due_at, at)


# What a campaign sets.


def of_campaign(campaign: Campaign, owing: Iterable[Owed]) -> Iterator[Deadline]:
    """The deadlines a campaign sets: its phases, and what is owed under it."""
    zone = campaign.zone.key
    for phase in campaign.phases:
        windows: Sequence[tuple[str, Phase | Window]]
        windows = [(window.level, window) for window in phase.windows] or [("", phase)]
        for level, window in windows:
            if window.opens is not None:
                opens_at = ends_at(window.opens - ONE_DAY, zone)
                yield _of_phase("opens", phase.id, level, opens_at)
            yield _of_phase("closes", phase.id, level, ends_at(window.closes, zone))
    for owed in owing:
        yield of_duty(owed)


def _of_phase(kind: DeadlineKind, phase: str, level: str, at: datetime) -> Deadline:
    return Deadline(deadline_key(kind, phase, level, 1, at), kind, phase, level, 1, None, at)


def of_duty(owed: Owed) -> Deadline:
    """The deadline of something that is owed."""
    due_at = owed.due.ends_at.astimezone(UTC)
    key = deadline_key("duty", owed.key, owed.duty, 1, due_at)
    return Deadline(key, "duty", owed.key, owed.duty, 1, owed.unit, due_at)


def of_visits(turns: Iterable[tuple[Inspection, Turn]]) -> Iterator[Deadline]:
    """The deadlines of the turns in which visits (明察暗访) are due."""
    for inspection, turn in turns:
        if not turn.due.provisional:
            due_at = turn.due.ends_at.astimezone(UTC)
            key = deadline_key("visit", inspection.id, inspection.id, turn.number, due_at)
            subject = f"{inspection.id}/{turn.number}"
            yield Deadline(key, "visit", subject, inspection.id, turn.number, None, due_at)


# What runs for an issue beside its milestones, under a key without its date: there is one.


def of_class(issue: Issue, issue_class: str, due: Due, at: datetime) -> Deadline:
    """The deadline of the class that an issue was given at an instant (in UTC)."""
    due_at = due.ends_at.astimezone(UTC)
    return Deadline(
        issue_key("class", issue), "class", issue.id, issue_class, 1, issue.finding.unit, due_at, at
    )


def of_receipt(issue: Issue, within: Within, at: datetime) -> Deadline:
    """From when on the missing receipt of a lead transferred at an instant (in UTC) is told of."""
    due_at = _ends_after(within, at)
    key, unit = issue_key("receipt", issue), issue.finding.unit
    return Deadline(key, "receipt", issue.id, "receipt", issue.round, unit, due_at, at)


_ENDS: Final[dict[tuple[int, date], tuple[Within, datetime]]] = {}
_ENDS_MAX: Final = 4096


def _ends_after(within: Within, at: datetime) -> datetime:
    """The end, in UTC, of a period that begins at an instant: the same for all of a day.

    Deriving one takes several times as long as a move, and every transfer asks for it.
    """
    if within.period is not None and within.period.hours:
        return within.after(at).ends_at.astimezone(UTC)
    key = id(within), at.astimezone(zone_of(within.zone)).date()
    known = _ENDS.get(key)
    if known is None or known[0] is not within:
        if len(_ENDS) >= _ENDS_MAX:
            _ENDS.clear()
        known = _ENDS[key] = within, within.after(at).ends_at.astimezone(UTC)
    return known[1]


def issue_key(kind: DeadlineKind, issue: Issue) -> str:
    """The key of what there is one of for an issue; of receipts, for each of its rounds."""
    key = f"{kind}/{_part(issue.id)}/{issue.round if kind == 'receipt' else 1}"
    return key if len(key) <= KEY_CHARACTERS_MAX else _digest(key)


# What a sweep records.


def happened(deadline: Deadline, until: datetime) -> tuple[list[Event], datetime | None]:
    """The events of a deadline up to an instant, and when the one after them happens."""
    events: list[Event] = []
    at = deadline.next_at
    while at is not None and at <= until:
        event = _event(deadline, at)
        events.append(event)
        at = deadline.due_at if isinstance(event, DueSoon) else None
    return events, at


_PHASE_EVENTS: Final = {"opens": PhaseOpened, "closes": PhaseClosed}


def _event(deadline: Deadline, at: datetime) -> Event:
    kind = deadline.kind
    if kind in ("opens", "closes"):
        return _PHASE_EVENTS[kind](
            key=deadline.key, subject=deadline.subject, at=at, level=deadline.ref or None
        )
    # Of what has no date in its key, each date is told of by itself.
    key = deadline.key
    if kind in ("class", "receipt"):
        key = f"{key}/{in_utc(deadline.due_at)[:16]}"
    if kind == "receipt":
        return ReceiptMissing(
            key=key, subject=deadline.subject, at=at, round=deadline.round, unit=deadline.unit
        )
    soon = at < deadline.due_at
    make: Any = DueSoon if soon else Overdue
    event: Event = make(
        key=f"{'soon' if soon else 'overdue'}/{key}",
        subject=deadline.subject,
        at=at,
        kind=kind,
        ref=deadline.ref,
        round=deadline.round,
        unit=deadline.unit,
        due_at=deadline.due_at,
    )
    return event


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events as they happened; those of one instant by their keys."""
    return sorted(events, key=lambda event: (event.at, event.key))
