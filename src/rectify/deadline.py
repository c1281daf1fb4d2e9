"""Spans and due dates that explain themselves.

A `Due` keeps the words of the document, the day they name, the day and the instant
it comes to, and every step between, each day skipped or made up among them. Overdue
is derived from the instant; it is never stored.

Conventions, where the law is silent, are assumptions of the library: a day named with
前 is included, to 24:00 in the campaign's zone; the day of an event is not counted;
nothing rolls over a weekend or holiday unless `roll` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from rectify.calendar import WorkingCalendar, china
from rectify.derivation import Note, Step, derivation, explained
from rectify.errors import HorizonError, InvalidValue, NaiveInstant
from rectify.i18n import Language, Message, message
from rectify.period import Period
from rectify.wording import clock_in_words, day_and_weekday, day_in_words, zone_in_words

Roll: TypeAlias = Literal["none", "forward", "backward"]
Standing: TypeAlias = Literal["open", "soon", "overdue"]

SHANGHAI = "Asia/Shanghai"
_DAY = timedelta(days=1)


@attrs.frozen
class Span:
    """A stretch of days: `opens` and `closes` are dates, both included."""

    words: str
    opens: date
    closes: date
    zone: str = SHANGHAI
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False)

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        if self.closes < self.opens:
            problem = message(
                "ends on {closes}, before it begins on {opens}",
                closes=day_in_words(self.closes),
                opens=day_in_words(self.opens),
            )
            raise InvalidValue("span", problem)

    def __contains__(self, day: date) -> bool:
        return self.opens <= day <= self.closes

    @property
    def opens_at(self) -> datetime:
        """The instant the first day begins, in the span's zone."""
        return datetime.combine(self.opens, time(0), zone_of(self.zone))

    @property
    def ends_at(self) -> datetime:
        """The instant after the last day, in the span's zone; it is not in the span."""
        return datetime.combine(self.closes + _DAY, time(0), zone_of(self.zone))

    def explain(self, language: Language) -> str:
        """The span and how its words were read, in one language, a line for each step."""
        headline = message(
            "“{words}”: from {opens} through {closes}, both included",
            words=self.words,
            opens=day_and_weekday(self.opens),
            closes=day_and_weekday(self.closes),
        )
        return explained(headline, self.steps, self.notes, language)

    def as_data(self) -> dict[str, object]:
        """The span as plain JSON values, dates in ISO form."""
        return {
            "kind": "span",
            "words": self.words,
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat(),
            "zone": self.zone,
            **derivation(self.steps, self.notes),
        }


@attrs.frozen
class Due:
    """A due date with its derivation.

    `nominal` is the day the words name, None where there is no such day; `effective`
    the last day on which it is still in time; `ends_at` the instant it ends, which is
    itself too late. `falls_on` is the effective day before any roll. `inclusive` tells
    whether the day the words name still counts; `clock` is the hour of a due date that
    ends within the day, None for 24:00.
    """

    words: str
    nominal: date | None
    effective: date
    ends_at: datetime
    falls_on: date
    inclusive: bool = True
    clock: time | None = None
    zone: str = SHANGHAI
    roll: Roll = "none"
    counted: Literal["calendar", "working"] = "calendar"
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False)

    @classmethod
    def on(
        cls,
        day: date,
        *,
        words: str = "",
        nominal: date | None = None,
        clock: time | None = None,
        zone: str = SHANGHAI,
        roll: Roll = "none",
        inclusive: bool = True,
        counted: Literal["calendar", "working"] = "calendar",
        calendar: WorkingCalendar = china,
        steps: Sequence[Step] = (),
        notes: Sequence[Note] = (),
    ) -> Due:
        """A due date that falls on a day, rolled and noted as the calendar has it.

        A clock of 0:00 is the end of the day before. `nominal` is kept as given.
        Raises `HorizonError` where it must roll and the calendar does not know the day.
        """
        if clock == time(0):
            day, clock = day - _DAY, None
        effective, rolled = _rolled(day, roll, calendar)
        ends_at = _end(effective, clock, zone)
        last = message(
            "it ends at {clock} on {day}, {zone}",
            clock=clock_in_words(clock),
            day=day_and_weekday(effective),
            zone=zone_in_words(zone),
        )
        return cls(
            words=words or day.isoformat(),
            nominal=nominal,
            effective=effective,
            ends_at=ends_at,
            falls_on=day,
            inclusive=inclusive,
            clock=clock,
            zone=zone,
            roll=roll,
            counted=counted,
            steps=(*steps, *rolled, Step("ends", last)),
            notes=(*notes, *_about(day, roll, calendar)),
        )

    @property
    def advisory(self) -> bool:
        """Whether the words give only an approximate time (左右, 原则上)."""
        return any(note.code == "advisory" for note in self.notes)

    def standing(self, now: datetime, *, soon_days: int = 3) -> Standing:
        """Where the due date stands at an instant.

        It is soon within `soon_days` times 24 hours of its end, and overdue from the
        instant of its end on. Raises `NaiveInstant` for a datetime without a zone.
        """
        _aware("now", now)
        if now >= self.ends_at:
            return "overdue"
        return "soon" if self.ends_at - now <= timedelta(days=soon_days) else "open"

    def extended(
        self,
        *,
        reason: str,
        by: Period | None = None,
        until: date | None = None,
        granted_by: str = "",
        calendar: WorkingCalendar = china,
    ) -> Due:
        """The due date moved later, by a period or until a day; give one of the two.

        A period is counted from the day after the present due day, and the result
        rolls as before; a day is taken as granted. Raises `InvalidValue` where no
        reason is given or the due date would not move later.
        """
        if not reason.strip():
            raise InvalidValue("reason", message("an extension needs a reason"))
        if (by is None) == (until is None):
            raise InvalidValue("extension", message("give either a period or a day"))
        if by is not None:
            day, roll = by.after(self.falls_on, calendar), self.roll
        else:
            assert until is not None
            day, roll = _plain("until", until), "none"
        what = message("extended to {day}: {reason}", day=day_and_weekday(day), reason=reason)
        due = self._moved(day, roll, what, granted_by, "extended", calendar)
        if due.ends_at <= self.ends_at:
            raise InvalidValue("extension", message("an extension must end later"))
        return due

    def suspended(
        self,
        *,
        since: date,
        until: date,
        reason: str,
        granted_by: str = "",
        calendar: WorkingCalendar = china,
    ) -> Due:
        """The due date with a stretch not counted, its first and last day included.

        What was left on the day it began is counted on from the day after its end, in
        working days where the due date was counted so. Raises `InvalidValue` where no
        reason is given or the stretch does not begin by the due day.
        """
        if not reason.strip():
            raise InvalidValue("reason", message("a suspension needs a reason"))
        if not _plain("since", since) <= _plain("until", until):
            raise InvalidValue("suspension", message("it ends before it begins"))
        if since > self.falls_on:
            raise InvalidValue("suspension", message("it begins after the due day"))
        if self.counted == "working":
            left = calendar.working_days_between(since - _DAY, self.falls_on)
            day = calendar.add_working_days(until, left)
        else:
            left = (self.falls_on - since).days + 1
            day = until + timedelta(days=left)
        what = message(
            "not counted from {since} through {until}: {reason}; {left} days were left,"
            " which end on {day}",
            since=day_in_words(since),
            until=day_in_words(until),
            reason=reason,
            left=left,
            day=day_and_weekday(day),
        )
        return self._moved(day, self.roll, what, granted_by, "suspended", calendar)

    def _moved(
        self,
        day: date,
        roll: Roll,
        what: Message,
        granted_by: str,
        code: str,
        calendar: WorkingCalendar,
    ) -> Due:
        said = (
            message("{what} (granted by {granted_by})", what=what, granted_by=granted_by)
            if granted_by
            else what
        )
        moved = Due.on(
            day,
            words=self.words,
            nominal=self.nominal,
            clock=self.clock,
            zone=self.zone,
            roll=roll,
            inclusive=self.inclusive,
            counted=self.counted,
            calendar=calendar,
            steps=[*(step for step in self.steps if step.code != "ends"), Step(code, said)],
            notes=[note for note in self.notes if note.code not in _DAY_NOTES],
        )
        return attrs.evolve(moved, roll=self.roll)

    def explain(self, language: Language) -> str:
        """The due date and how it was reached, in one language, a line for each step."""
        headline = message(
            "“{words}”: due by {clock} on {day}, {zone}",
            words=self.words,
            clock=clock_in_words(self.clock),
            day=day_and_weekday(self.effective),
            zone=zone_in_words(self.zone),
        )
        steps = [step for step in self.steps if step.code != "ends"]
        return explained(headline, steps, self.notes, language)

    def as_data(self) -> dict[str, object]:
        """The due date as plain JSON values, dates and instants in ISO form."""
        return {
            "kind": "due",
            "words": self.words,
            "nominal": self.nominal and self.nominal.isoformat(),
            "effective": self.effective.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "zone": self.zone,
            "roll": self.roll,
            "inclusive": self.inclusive,
            "counted": self.counted,
            "advisory": self.advisory,
            **derivation(self.steps, self.notes),
        }


_DAY_NOTES = frozenset({"weekend", "holiday", "make-up-day", "beyond-calendar", "provisional"})


def zone_of(key: str) -> ZoneInfo:
    """The time zone of a key. Raises `InvalidValue` where there is none."""
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):
        raise InvalidValue("zone", message("no time zone “{zone}”", zone=key)) from None


def _end(day: date, clock: time | None, zone: str) -> datetime:
    if clock is None:
        return datetime.combine(day + _DAY, time(0), zone_of(zone))
    return datetime.combine(day, clock, zone_of(zone))


def _aware(field: str, instant: datetime) -> None:
    if instant.utcoffset() is None:
        raise NaiveInstant(field)


def _plain(field: str, day: date) -> date:
    if isinstance(day, datetime):
        problem = message("a date is meant here, not {given}", given=type(day).__name__)
        raise InvalidValue(field, problem)
    return day


def _rolled(day: date, roll: Roll, calendar: WorkingCalendar) -> tuple[date, tuple[Step, ...]]:
    if roll == "none" or calendar.is_working(day):
        return day, ()
    effective = calendar.add_working_days(day, 1 if roll == "forward" else -1)
    first, last = sorted((day, effective))
    passed = tuple(
        calendar.day(first + n * _DAY)
        for n in range((last - first).days + 1)
        if first + n * _DAY != effective
    )
    moved = (
        message(
            "{day} is not worked: forward to {effective}, the next working day",
            day=day_and_weekday(day),
            effective=day_and_weekday(effective),
        )
        if roll == "forward"
        else message(
            "{day} is not worked: back to {effective}, the working day before",
            day=day_and_weekday(day),
            effective=day_and_weekday(effective),
        )
    )
    return effective, (Step("rolled", moved, passed),)


def _about(day: date, roll: Roll, calendar: WorkingCalendar) -> Iterator[Note]:
    """What the calendar says of the day the due date falls on."""
    said = day_and_weekday(day)
    try:
        known = calendar.day(day)
    except HorizonError:
        unknown = message("whether {day} is worked is not published yet", day=said)
        yield Note("beyond-calendar", unknown)
        return
    if known.kind in ("weekend", "holiday"):
        off = (
            message("{day} is not worked ({why}); the due date stays", day=said, why=known.why)
            if roll == "none"
            else message("{day} is not worked ({why})", day=said, why=known.why)
        )
        yield Note(known.kind, off, (known,))
    if known.kind == "make-up":
        yield Note(
            "make-up-day", message("{day} is worked ({why})", day=said, why=known.why), (known,)
        )
    if known.provisional:
        may = message(
            "next year’s holiday notice may still change whether {day} is worked", day=said
        )
        yield Note("provisional", may, (known,))
