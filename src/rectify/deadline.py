"""Spans and due dates that explain themselves.

A `Due` keeps the words of the document, the day they name, the day and the instant
it comes to, and every step between, each day skipped or made up among them. Overdue
is derived from the instant; it is never stored.

Conventions, where the law is silent, are assumptions of the library: a day named with
前 is included, to 24:00 in the campaign's zone; the day of an event is not counted;
nothing rolls over a weekend or holiday unless `roll` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

import attrs

from rectify.calendar import Day, WorkingCalendar, china
from rectify.derivation import Note, Step, derivation, explained
from rectify.errors import InvalidValue
from rectify.foreseen import UNPUBLISHED
from rectify.i18n import Language, Message, message
from rectify.instants import ONE_DAY, SHANGHAI, aware, end_of, plain_date, zone_of
from rectify.period import Period
from rectify.rolling import DAY_NOTES, Roll, notes_about, rolled
from rectify.wording import clock_in_words, day_and_weekday, day_in_words, zone_in_words

_WHOLE_DAYS = message("a due date is moved by whole days, even one that ends at an hour")
Standing: TypeAlias = Literal["open", "soon", "overdue"]


@attrs.frozen
class Span:
    """A stretch of days: `opens` and `closes` are dates, both included."""

    words: str
    opens: date
    closes: date
    zone: str = SHANGHAI
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False, hash=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        plain_date("opens", self.opens)
        plain_date("closes", self.closes)
        if self.closes < self.opens:
            problem = message(
                "ends on {closes}, before it begins on {opens}",
                closes=day_in_words(self.closes),
                opens=day_in_words(self.opens),
            )
            raise InvalidValue("span", problem)

    def __contains__(self, day: date) -> bool:
        return self.opens <= plain_date("day", day) <= self.closes

    @property
    def opens_at(self) -> datetime:
        """The instant the first day begins, in the span's zone."""
        return end_of(self.opens - ONE_DAY, None, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The instant after the last day, in the span's zone; it is not in the span."""
        return end_of(self.closes, None, self.zone)

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
    ends within the day, None for 24:00; `suspended_through` the last day not counted.
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
    suspended_through: date | None = None
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False, hash=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        aware("ends_at", self.ends_at)

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
        plain_date("day", day)
        if clock == time(0):
            day, clock = day - ONE_DAY, None
        effective, moved = rolled(day, roll, calendar)
        ends_at = end_of(effective, clock, zone)
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
            steps=(*steps, *moved, Step("ends", last)),
            notes=(*notes, *notes_about(day, roll, calendar)),
        )

    @property
    def advisory(self) -> bool:
        """Whether the words give only an approximate time (左右, 原则上)."""
        return any(note.code == "advisory" for note in self.notes)

    @property
    def provisional(self) -> bool:
        """Whether it rests on working days that are not published yet."""
        return any(note.code == UNPUBLISHED for note in self.notes)

    def standing(self, now: datetime, *, soon_days: int = 3) -> Standing:
        """Where the due date stands at an instant.

        It is soon within `soon_days` times 24 hours of its end, and overdue from the
        instant of its end on. Raises `NaiveInstant` for a datetime without a zone.
        """
        aware("now", now)
        if now >= self.ends_at:
            return "overdue"
        return "soon" if self.ends_at - now <= timedelta(days=soon_days) else "open"

    def extended(
        self,
        *,
        reason: str,
        by: Period | timedelta | None = None,
        until: date | None = None,
        granted_by: str = "",
        calendar: WorkingCalendar = china,
    ) -> Due:
        """The due date moved later (延期), by a period or until a day; give one of the two.

        A period, or a timedelta of whole days, is counted from the day after the
        present due day, and the result rolls as before; a day is taken as granted.
        Raises `InvalidValue` where no reason is given or the due date would not move
        later.
        """
        if not reason.strip():
            raise InvalidValue("reason", message("an extension needs a reason"))
        if (by is None) == (until is None):
            raise InvalidValue("extension", message("give either a period or a day"))
        if by is not None:
            period = by if isinstance(by, Period) else Period(days=_whole_days(by))
            if period.hours:
                raise InvalidValue("by", _WHOLE_DAYS)
            day, roll = period.after(self.falls_on, calendar), self.roll
            said, length = day_and_weekday(day), period.text
            what = message("extended by {length} to {day}: {reason}", length=length, day=said,
                           reason=reason)  # fmt: skip
        else:
            assert until is not None
            day, roll = plain_date("until", until), "none"
            said = day_and_weekday(day)
            what = message("extended to {day}: {reason}", day=said, reason=reason)
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
        """The due date with a stretch not counted, its first and last day included (中止).

        What was left on the day it began is counted on from the day after its end, in
        working days where the due date was counted so. Raises `InvalidValue` where no
        reason is given, or the stretch begins after the due day or within an earlier one.
        """
        if not reason.strip():
            raise InvalidValue("reason", message("a suspension needs a reason"))
        if not plain_date("since", since) <= plain_date("until", until):
            raise InvalidValue("suspension", message("it ends before it begins"))
        if since > self.falls_on:
            raise InvalidValue("suspension", message("it begins after the due day"))
        if self.suspended_through and since <= self.suspended_through:
            raise InvalidValue("suspension", message("it begins before an earlier one ends"))
        days: tuple[Day, ...] = ()
        if self.counted == "working":
            left = calendar.working_days_between(since - ONE_DAY, self.falls_on)
            day = calendar.add_working_days(until, left)
            later = (calendar.day(until + n * ONE_DAY) for n in range(1, (day - until).days + 1))
            days = tuple(each for each in later if each.kind != "workday")
        else:
            left = (self.falls_on - since).days + 1
            day = until + timedelta(days=left)
        length = (
            message("{n} working days", n=left)
            if self.counted == "working"
            else message("{n} days", n=left)
        )
        what = message(
            "not counted from {since} through {until}: {reason}; {left} were left,"
            " which end on {day}",
            since=day_in_words(since),
            until=day_in_words(until),
            reason=reason,
            left=length,
            day=day_and_weekday(day),
        )
        due = self._moved(day, self.roll, what, granted_by, "suspended", calendar, days)
        return attrs.evolve(due, suspended_through=until)

    def _moved(
        self,
        day: date,
        roll: Roll,
        what: Message,
        granted_by: str,
        code: str,
        calendar: WorkingCalendar,
        days: tuple[Day, ...] = (),
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
            steps=[*(step for step in self.steps if step.code != "ends"), Step(code, said, days)],
            notes=[note for note in self.notes if note.code not in DAY_NOTES],
        )
        return attrs.evolve(moved, roll=self.roll, suspended_through=self.suspended_through)

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
            "provisional": self.provisional,
            **derivation(self.steps, self.notes),
        }


def _whole_days(by: timedelta) -> int:
    if by % ONE_DAY:
        raise InvalidValue("by", _WHOLE_DAYS)
    return by // ONE_DAY
