"""Wording that recurs: 每2个月, 每月5日前, 每季度末, 每季度结束后10日内."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Literal, TypeAlias

import attrs

from rectify.calendar import WorkingCalendar, china
from rectify.deadline import Due, Span
from rectify.derivation import Note, Step, derivation, explained
from rectify.errors import HorizonError, InvalidValue
from rectify.foreseen import Foreseen, unpublished
from rectify.i18n import Language, Message, message
from rectify.instants import ONE_DAY, SHANGHAI
from rectify.period import Period, month_later
from rectify.phrases.points import Bounds, Point
from rectify.phrases.within import Within
from rectify.rolling import Roll
from rectify.wording import clock_in_words, day_and_weekday, day_in_words, weekday_in_words

Cycle: TypeAlias = Literal[
    "day", "week", "ten-days", "half-month", "month", "quarter", "half-year", "year"
]

LONGEST_TURN = 1_200
_MOST = 20_000
_OF_A_MONTH: tuple[Cycle, ...] = ("ten-days", "half-month")
_MONTHS: dict[Cycle, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_DAYS: dict[Cycle, int] = {"day": 1, "week": 7}
_NAMES: dict[Cycle, Message] = {
    "day": message("day"),
    "week": message("week"),
    "ten-days": message("third of a month"),
    "half-month": message("half month"),
    "month": message("month"),
    "quarter": message("quarter"),
    "half-year": message("half year"),
    "year": message("year"),
}


@attrs.frozen
class Place:
    """The day within each turn on which it is due.

    One of: a point (its month counted within the year); a day of the `nth_month` of
    the turn, or of the month after it (`nth_month` one past its length); a weekday,
    Monday 1 to Sunday 7; or a period after the turn ends.
    """

    point: Point | None = None
    nth_month: int | None = None
    weekday: int | None = None
    after: Period | None = None


@attrs.frozen
class Window:
    """One turn of a recurrence: its days, both included, and when it is due.

    `stub` marks a turn that the span cuts short.
    """

    number: int
    opens: date
    closes: date
    stub: bool
    due: Due


@attrs.frozen
class Recurrence:
    """Something due every so often; `windows` expands it over a span.

    Turns start on `anchor`, one after another. Without an anchor every single month,
    quarter and so on is the calendar's own, a week begins on Monday, and longer turns
    (每2个月) start where the span opens: the document names no other start.
    """

    words: str
    count: int
    cycle: Cycle
    place: Place | None = None
    clock: time | None = None
    anchor: date | None = None
    zone: str = SHANGHAI
    roll: Roll = "none"
    inclusive: bool = True
    calendar: WorkingCalendar = attrs.field(default=china, eq=False, repr=False)
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False, hash=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False, hash=False)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST_TURN:
            problem = message("{what} is {low} to {high}, not {value}", what=message("a turn"),
                              low=1, high=LONGEST_TURN, value=self.count)  # fmt: skip
            raise InvalidValue("count", problem)
        if self.cycle in _OF_A_MONTH and (self.count > 1 or self.anchor):
            raise InvalidValue("anchor", message("parts of a month are the calendar’s own"))

    def windows(
        self, span: Span, *, anchor: date | None = None, provisional: bool = False
    ) -> tuple[Window, ...]:
        """The turns over a span, in order, each with its due date.

        Without a place in the turn, turns are cut at the span's edges, which makes
        stubs, and each is due on its last day. With one, the turns are those whose due
        day lies in the span; what is due after its turn (结束后10日内, 次月5日前) belongs
        to the span in which the turn ends, and may itself be due later. With
        ``provisional``, working days past the calendar are foreseen, and the due dates
        that rest on them say so. Raises `InvalidValue` for more turns than 20,000,
        `HorizonError` for working days that are not known.
        """
        found: list[Window] = []
        for window in self._windows(span, anchor, provisional):
            found.append(window)
            if len(found) > _MOST:
                raise InvalidValue("span", message("more than {most} turns", most=_MOST))
        return tuple(found)

    def occurs_in(self, span: Span) -> bool:
        """Whether any turn belongs to a span, as `windows` has it."""
        return any(True for _ in self._windows(span, None, provisional=True))

    def _windows(self, span: Span, anchor: date | None, provisional: bool) -> Iterator[Window]:
        start = anchor or self.anchor or (span.opens if self.count > 1 else None)
        number = 1
        for opens, closes in self._turns(span, start):
            window = self._foreseen(number, opens, closes, span, provisional)
            if window is not None:
                number += 1
                yield window

    def _foreseen(
        self, number: int, opens: date, closes: date, span: Span, provisional: bool
    ) -> Window | None:
        try:
            return self._window(number, opens, closes, span)
        except HorizonError:
            if not provisional:
                raise
        notes = (*self.notes, unpublished(self.calendar))
        foreseen = attrs.evolve(self, calendar=Foreseen(self.calendar), notes=notes)
        return foreseen._window(number, opens, closes, span)

    def _window(self, number: int, opens: date, closes: date, span: Span) -> Window | None:
        stub = opens < span.opens or closes > span.closes
        if self.place is None:
            opens, closes = max(opens, span.opens), min(closes, span.closes)
            return Window(number, opens, closes, stub, self._due(opens, closes, closes, True))
        if self._due_later and closes not in span:
            return None
        if self.place.after is not None:
            due = self._due_after(opens, closes, self.place.after)
        else:
            day, exists = self._placed(self.place, opens, closes)
            due = self._due(opens, closes, day, exists)
        if not (self._due_later or due.falls_on in span):
            return None
        return Window(number, opens, closes, stub, due)

    def _due(self, opens: date, closes: date, day: date, exists: bool) -> Due:
        turn = message(
            "the turn from {opens} through {closes} is due on {day}",
            opens=day_in_words(opens),
            closes=day_in_words(closes),
            day=day_and_weekday(day),
        )
        notes = list(self.notes)
        if not exists:
            said = message("that month ends on {last}, which is taken", last=day_in_words(day))
            notes.append(Note("no-such-day", said))
        falls_on = day if self.inclusive or not exists or not self._names_a_day else day - ONE_DAY
        return Due.on(
            falls_on,
            words=self.words,
            nominal=day if exists else None,
            clock=self.clock,
            zone=self.zone,
            roll=self.roll,
            inclusive=falls_on == day,
            calendar=self.calendar,
            steps=(*self.steps, Step("turn", turn)),
            notes=notes,
        )

    def _due_after(self, opens: date, closes: date, after: Period) -> Due:
        within = Within(
            self.words,
            after,
            zone=self.zone,
            roll=self.roll,
            calendar=self.calendar,
            steps=self.steps,
            notes=self.notes,
        )
        due = within.after(closes)
        ended = message(
            "the turn from {opens} ends on {closes}; that day is not counted",
            opens=day_in_words(opens),
            closes=day_and_weekday(closes),
        )
        steps = (Step("turn", ended) if each.code == "event" else each for each in due.steps)
        return attrs.evolve(due, steps=tuple(steps))

    @property
    def _due_later(self) -> bool:
        """Whether each turn falls due after it has ended."""
        place = self.place
        return place is not None and (
            place.after is not None or (place.nth_month or 0) > _MONTHS.get(self.cycle, 0)
        )

    @property
    def _names_a_day(self) -> bool:
        place = self.place
        if place is None or self.clock is not None:
            return False
        return place.weekday is not None or (
            place.point is not None and place.point.day is not None
        )

    def _placed(self, place: Place, opens: date, closes: date) -> tuple[date, bool]:
        if place.weekday is not None:
            return opens + (place.weekday - 1 - opens.weekday()) % 7 * ONE_DAY, True
        assert place.point is not None
        bounds = self._bounds(place.point, place.nth_month, opens, closes)
        return bounds.last, bounds.exists

    def _bounds(self, point: Point, nth_month: int | None, opens: date, closes: date) -> Bounds:
        if nth_month is not None:
            return _in_month(point, month_later(opens, nth_month - 1))
        if self.cycle in ("quarter", "half-year"):
            return _in_month(point, opens if point.part == "start" else closes)
        if self.cycle == "month":
            bounds = _in_month(point, opens)
            return bounds if bounds.last >= opens else _in_month(point, closes)
        bounds = attrs.evolve(point, year=opens.year).bounds()
        if bounds.last < opens:
            bounds = attrs.evolve(point, year=closes.year).bounds()
        return bounds

    def _turns(self, span: Span, start: date | None) -> Iterator[tuple[date, date]]:
        if start is None:
            yield from self._calendar_turns(span)
            return
        if self.cycle in _OF_A_MONTH:
            raise InvalidValue("anchor", message("parts of a month are the calendar’s own"))
        index = self._first_index(start, self._reach(span))
        while (opens := self._nth(start, index)) <= span.closes:
            yield opens, self._nth(start, index + 1) - ONE_DAY
            index += 1

    def _nth(self, start: date, index: int) -> date:
        steps = index * self.count
        if self.cycle in _DAYS:
            return start + steps * _DAYS[self.cycle] * ONE_DAY
        return month_later(start, steps * _MONTHS[self.cycle])

    def _first_index(self, start: date, day: date) -> int:
        """The index of the turn that holds the day."""
        if self.cycle in _DAYS:
            return (day - start).days // (self.count * _DAYS[self.cycle])
        months = (day.year - start.year) * 12 + day.month - start.month
        index = months // (self.count * _MONTHS[self.cycle])
        return index if self._nth(start, index) <= day else index - 1

    def _reach(self, span: Span) -> date:
        """A day in the first turn that may belong to the span.

        A turn that starts within a month may have its named day before it opens.
        """
        named = self.place is not None and self.place.nth_month is not None
        return month_later(span.opens, -2) if named else span.opens

    def _calendar_turns(self, span: Span) -> Iterator[tuple[date, date]]:
        day = self._reach(span)
        while True:
            opens, closes = _turn_of(day, self.cycle)
            if opens > span.closes:
                return
            yield opens, closes
            day = closes + ONE_DAY

    def explain(self, language: Language) -> str:
        """The recurrence and how its words were read, in one language."""
        name = _NAMES[self.cycle] if self.count == 1 else _several(self.count, self.cycle)
        headline = message("“{words}”: every {cycle}", words=self.words, cycle=name)
        if self._place_words:
            headline = message("{headline}, {place}", headline=headline, place=self._place_words)
        if self.clock is not None:
            headline = message(
                "{headline}, by {clock}", headline=headline, clock=clock_in_words(self.clock)
            )
        return explained(headline, self.steps, self.notes, language)

    @property
    def _place_words(self) -> Message | None:
        place = self.place
        if place is None:
            return None
        if place.weekday is not None:
            return message("on its {weekday}", weekday=weekday_in_words(place.weekday))
        if place.after is not None:
            return message("within {length} of its end", length=place.after.text)
        assert place.point is not None
        day = place.point.words
        if place.nth_month is None:
            return message("due on its “{day}”", day=day)
        if self._due_later:
            return message("due on “{day}” of the month after it", day=day)
        return message("due on “{day}” of its month {number}", day=day, number=place.nth_month)

    def as_data(self) -> dict[str, object]:
        """The recurrence as plain JSON values."""
        return {
            "kind": "recurrence",
            "words": self.words,
            "count": self.count,
            "cycle": self.cycle,
            "anchor": self.anchor and self.anchor.isoformat(),
            "zone": self.zone,
            "roll": self.roll,
            **derivation(self.steps, self.notes),
        }


def _several(n: int, cycle: Cycle) -> Message:
    many: dict[Cycle, Message] = {
        "day": message("{n} days", n=n),
        "week": message("{n} weeks", n=n),
        "month": message("{n} months", n=n),
        "quarter": message("{n} quarters", n=n),
        "year": message("{n} years", n=n),
    }
    return many[cycle]


def _in_month(point: Point, day: date) -> Bounds:
    return attrs.evolve(point, year=day.year, month=day.month).bounds()


def _turn_of(day: date, cycle: Cycle) -> tuple[date, date]:
    """The calendar's own turn that holds the day."""
    if cycle == "day":
        return day, day
    if cycle == "week":
        monday = day - day.weekday() * ONE_DAY
        return monday, monday + 6 * ONE_DAY
    if cycle == "ten-days":
        return _part_of(day, (1, 11, 21))
    if cycle == "half-month":
        return _part_of(day, (1, 16))
    months = _MONTHS[cycle]
    opens = date(day.year, (day.month - 1) // months * months + 1, 1)
    return opens, month_later(opens, months) - ONE_DAY


def _part_of(day: date, starts: tuple[int, ...]) -> tuple[date, date]:
    index = max(n for n, start in enumerate(starts) if start <= day.day)
    opens = day.replace(day=starts[index])
    if index + 1 < len(starts):
        return opens, day.replace(day=starts[index + 1] - 1)
    return opens, month_later(day.replace(day=1), 1) - ONE_DAY
