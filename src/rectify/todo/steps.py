"""A step that is owed as a line of the agenda: a duty, a report, or what follows one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from rectify.derivation import Note
from rectify.duty import DutyEvent, Owed, SentBack, Submission, standing
from rectify.i18n import Message, message
from rectify.instants import zone_of
from rectify.started import Step, Untimed
from rectify.todo.entry import Entry, EntryKind, EntryStanding, Moment, moves_of
from rectify.wording import day_and_weekday

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.unit import UnitTree


class Filed:
    """What was submitted and sent back, by the keys of what is owed."""

    def __init__(self, events: Iterable[DutyEvent]) -> None:
        self._by_key: dict[str, list[DutyEvent]] = {}
        for event in sorted(events, key=lambda event: event.at):
            self._by_key.setdefault(event.key, []).append(event)

    def of(self, key: str) -> list[DutyEvent]:
        """What came under a key, oldest first."""
        return self._by_key.get(key, [])

    def met_at(self, key: str) -> datetime | None:
        """When it was met: the first submission since it was last sent back."""
        met: datetime | None = None
        for event in self.of(key):
            met = (met or event.at) if isinstance(event, Submission) else None
        return met


@attrs.frozen
class View:
    """What an agenda is put together from, and whether it tells of what is done."""

    campaign: Campaign
    units: UnitTree | None
    moment: Moment
    filed: Filed
    finished: bool


def entry_of_step(
    view: View,
    one: Step,
    kind: EntryKind,
    key: str,
    title: Message,
    who: Message | str,
    moved: int = 0,
    done: bool = False,
) -> Iterator[Entry]:
    """The line of a step; none of one that came, unless what is done is told of.

    ``moved`` is how many times it was set to another date, ``done`` whether it came by another
    way than a submission.
    """
    events = view.filed.of(one.key)
    if isinstance(one, Untimed):
        if not done and view.filed.met_at(one.key) is None:
            yield Entry(
                key=key,
                kind=kind,
                title=title,
                who=who,
                standing="warning",
                unit=one.unit,
                to=one.to,
                clause=one.clause,
                notes=(_no_time(one), *_returns(events, view.campaign.zone.key)),
            )
        return
    yield from _timed(view, one, kind, key, title, who, moved, done, events)


def _timed(
    view: View,
    one: Owed,
    kind: EntryKind,
    key: str,
    title: Message,
    who: Message | str,
    moved: int,
    done: bool,
    events: list[DutyEvent],
) -> Iterator[Entry]:
    came = standing(one, events, view.moment.now)
    done = done or came.status == "submitted"
    if done and not view.finished:
        return
    stands: EntryStanding = view.moment.standing(one.due)
    if came.status == "sent-back":
        stands = "sent-back"
    yield Entry(
        key=key,
        kind=kind,
        title=title,
        who=who,
        standing="done" if done else stands,
        unit=one.unit,
        to=one.to,
        clause=one.clause,
        due=one.due,
        days_late=None if done else view.moment.days_late(one.due),
        sequence=moves_of(one.due) + moved + max(len(events), done),
        notes=_returns(came.sent_back, one.due.zone),
    )


def _returns(events: Iterable[DutyEvent], zone: str) -> tuple[Note, ...]:
    backs = [event for event in events if isinstance(event, SentBack)]
    return tuple(Note("sent-back", _sent_back(back, zone)) for back in backs)


def _sent_back(back: SentBack, zone: str) -> Message:
    return message(
        "it was sent back on {day} and is owed again",
        day=day_and_weekday(back.at.astimezone(zone_of(zone)).date()),
    )


def _no_time(step: Untimed) -> Note:
    said = message(
        "no time is given, so this only warns and is never overdue: “{words}”", words=step.words
    )
    return Note("no-time", said)
