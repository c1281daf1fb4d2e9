"""One thing that is due, with where it stands and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

import attrs

from rectify.deadline import Due, Standing
from rectify.derivation import Note, explained
from rectify.i18n import Language, Message, message
from rectify.instants import aware, end_of, plain_date, zone_of

EntryKind: TypeAlias = Literal["duty", "milestone", "class", "transfer", "visit", "report"]
EntryStanding: TypeAlias = Literal["open", "soon", "overdue", "sent-back", "warning", "done"]

# An extension or a suspension is a step of the derivation that tells of it.
_MOVED: Final = frozenset({"extended", "suspended"})
_INSTANT: Final = timedelta(microseconds=1)


@attrs.frozen
class Moment:
    """The instant that is asked about, the day it lies on, and how near is soon."""

    now: datetime
    on: date
    soon_days: int

    @classmethod
    def of(cls, on: date | datetime, zone: str, soon_days: int) -> Moment:
        """An aware instant; or a date, for its last instant: what is due by its end is in time."""
        if isinstance(on, datetime):
            plain_date("on", aware("on", on).date())
            return cls(on, on.astimezone(zone_of(zone)).date(), soon_days)
        return cls(end_of(plain_date("on", on), None, zone) - _INSTANT, on, soon_days)

    def standing(self, due: Due) -> Standing:
        """Where a due date stands."""
        return due.standing(self.now, soon_days=self.soon_days)

    def days_late(self, due: Due | None) -> int | None:
        """How many days its last day is past; None if it has not run out."""
        if due is None or self.now < due.ends_at:
            return None
        return (self.on - due.effective).days


@attrs.frozen(kw_only=True)
class Entry:
    """待办: one thing that is due.

    ``key`` stays the same when the due date moves. ``unit`` is a code, ``who`` that unit's
    name, or else who it is in words. ``due`` is None where no time is given: such an entry
    stands as ``"warning"`` and never falls overdue. ``days_late`` counts from the last day
    in time; it is 0 after the hour of that day, and None before it has run out. ``sequence``
    goes up when the due date moves, and when it is done or owed again.
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
