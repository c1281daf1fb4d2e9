"""A step that is owed as a line of the agenda: a duty, a report, or what follows one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import dropwhile
from typing import TYPE_CHECKING

import attrs

from rectify.derivation import Note
from rectify.duty import DutyEvent, Owed, SentBack, Submission
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

    def ever_at(self, key: str) -> datetime | None:
        """When it was met, or else when what was last sent back had come."""
        came = [event.at for event in self.of(key) if isinstance(event, Submission)]
        return self.met_at(key) or (came[-1] if came else None)


@attrs.frozen
class View:
    """What an agenda is put together from, and whether it tells of what is done."""

    campaign: Campaign
    units: UnitTree | None
    moment: Moment
    filed: Filed
    finished: bool


def entries_of_steps(
    view: View,
    steps: Iterable[Step],
    kind: EntryKind,
    named: Callable[[Step], tuple[str, Message, Message | str]],
    moved: int,
    done: int | None = 0,
) -> Iterator[Entry]:
    """The lines of steps that follow one another; none of one that came, unless that is told of.

    ``named`` gives the key, title and who of a step. ``moved`` is how many times what they
    go back to was set to another date, and ``done`` how many came by another way than a
    submission; None where none of them is owed any longer.
    """
    for one in steps:
        # Whatever comes of a step moves those after it.
        moved += len(view.filed.of(one.key))
        yield from _entry(view, one, kind, named(one), moved, done is None or one.step <= done)


def _entry(
    view: View,
    one: Step,
    kind: EntryKind,
    named: tuple[str, Message, Message | str],
    moved: int,
    done: bool,
) -> Iterator[Entry]:
    key, title, who = named
    done = done or view.filed.met_at(one.key) is not None
    if done and not view.finished:
        return
    due = one.due if isinstance(one, Owed) else None
    backs = _returns(view.filed.of(one.key), view.campaign.zone.key)
    stands: EntryStanding = "warning" if due is None else view.moment.standing(due)
    if due is not None and backs:
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
        due=due,
        days_late=None if done else view.moment.days_late(due),
        sequence=moved + (0 if due is None else moves_of(due)),
        notes=backs if isinstance(one, Owed) else (_no_time(one), *backs),
    )


def _returns(events: Iterable[DutyEvent], zone: str) -> tuple[Note, ...]:
    came = dropwhile(lambda event: isinstance(event, SentBack), events)
    backs = [event for event in came if isinstance(event, SentBack)]
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
