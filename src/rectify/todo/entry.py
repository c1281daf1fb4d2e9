"""One thing that is due, with where it stands and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, TypeAlias

import attrs

from rectify.deadline import Due
from rectify.derivation import Note, explained
from rectify.i18n import Language, Message, message
from rectify.instants import ONE_DAY, end_of

EntryKind: TypeAlias = Literal["duty", "milestone", "transfer", "visit", "report"]
EntryStanding: TypeAlias = Literal["open", "soon", "overdue", "sent-back", "warning"]

# An extension or a suspension is a step of the derivation that tells of it.
_MOVED: Final = frozenset({"extended", "suspended"})


@attrs.frozen
class Day:
    """The day that is asked about: its first instant, and the one after its last.

    What is due by an hour of the day is still open as the day begins; what was handed in
    in the course of it has come.
    """

    on: date
    zone: str
    soon_days: int

    @property
    def begins_at(self) -> datetime:
        """The instant the day begins."""
        return end_of(self.on - ONE_DAY, None, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The instant after the day."""
        return end_of(self.on, None, self.zone)

    def standing(self, due: Due) -> EntryStanding:
        """Where a due date stands as the day begins."""
        return due.standing(self.begins_at, soon_days=self.soon_days)


@attrs.frozen(kw_only=True)
class Entry:
    """待办: one thing that is due.

    ``key`` stays the same when the due date moves. ``unit`` is a code, ``who`` that unit's
    name, or else who it is in words. ``due`` is None where no time is given: such an entry
    stands as ``"warning"`` and never falls overdue. ``days_late`` counts from the last day
    in time; None unless that has passed. ``sequence`` goes up when the due date moves.
    """

    key: str
    kind: EntryKind
    title: Message
    who: Message | str
    standing: EntryStanding
    unit: str | None = None
    to: str | None = None
    clause: str | None = None
    due: Due | None = None
    days_late: int | None = None
    sequence: int = 0
    notes: tuple[Note, ...] = ()

    def explain(self, language: Language) -> str:
        """What it is, whose, and how its due date was reached, a line for each step."""
        if self.due is None:
            return explained(self._heading(), (), self.notes, language)
        notes = [message("  Note: {sentence}.", sentence=each.message) for each in self.notes]
        lines = [message("{sentence}.", sentence=self._heading()).text(language)]
        lines.append(self.due.explain(language))
        lines.extend(note.text(language) for note in notes)
        return "\n".join(lines)

    def _heading(self) -> Message:
        said = message("{title}, for {who}", title=self.title, who=self.who)
        if self.to is not None:
            said = message("{said}, to {to}", said=said, to=self.to)
        if self.clause is not None:
            said = message("{said} ({clause})", said=said, clause=self.clause)
        return said


def moves_of(due: Due) -> int:
    """How many times a due date was extended or suspended."""
    return sum(step.code in _MOVED for step in due.steps)


def days_late(due: Due, day: Day) -> int | None:
    """How many days its last day is past, as a day begins; None if it isn't."""
    return (day.on - due.effective).days if day.begins_at >= due.ends_at else None
