"""The grammar of official wording: tokens to points, clock times and periods.

Hand-written recursive descent with one token of lookahead beyond the fixed patterns
of periods; every token is taken once, so reading is linear in the words.
"""

from __future__ import annotations

from datetime import time

import attrs

from rectify.errors import InvalidValue, PhraseError
from rectify.i18n import Message, message
from rectify.period import Period
from rectify.phrases.points import Part, Point
from rectify.phrases.tokens import Kind, Token

FIRST_YEAR, LAST_YEAR = 1949, 2199
_MERIDIEMS = {"dawn": (0, 6), "morning": (1, 11), "noon": (11, 13), "afternoon": (13, 18),
              "evening": (18, 24)}  # fmt: skip
_PARTS: dict[str, Part] = {
    "start": "start", "middle": "middle", "end": "end",
    "first-ten": "first-ten", "middle-ten": "middle-ten", "last-ten": "last-ten",
    "first-twenty": "first-twenty", "last-twenty": "last-twenty",
    "first-half": "first-half", "second-half": "second-half",
}  # fmt: skip


@attrs.frozen
class Clock:
    """A time of day as written; `at` is None for 24:00. `loose` where 5点 could be 17:00."""

    at: time | None
    words: str
    loose: bool = False


@attrs.define
class Parser:
    """The tokens and where reading stands. `year` is the year where none is written."""

    words: str
    tokens: list[Token]
    year: int | None = None
    index: int = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token to come, or one further ahead; the stop at the end."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def next_is(self, *kinds: Kind) -> bool:
        """Whether the token to come is of one of the kinds."""
        return self.peek().kind in kinds

    def take(self, *kinds: Kind) -> Token | None:
        """Take the token to come if it is of one of the kinds."""
        token = self.peek()
        if token.kind not in kinds or token.kind == "stop":
            return None
        self.index += 1
        return token

    def fail(self, problem: Message, token: Token | None = None) -> PhraseError:
        """The error for a problem at a token, by default the one to come."""
        return PhraseError(self.words, (token or self.peek()).start, problem)

    def unread(self) -> PhraseError:
        """The error for a token that does not belong where it stands."""
        token = self.peek()
        if token.kind == "stop":
            return self.fail(message("it breaks off here"))
        if token.meaning == "not-a-number":
            return self.fail(message("“{text}” is not one number", text=token.text))
        return self.fail(message("“{text}” is not expected here", text=token.text))

    def between(self, start: int, end: int) -> str:
        """The words from one token up to another, by their indices."""
        return self.words[self.tokens[start].start : self.tokens[end - 1].end]

    # Points.

    def point(self) -> Point:
        """A point of the calendar, with the fields that are written."""
        start = self.index
        written = self.take("date")
        point = self._written_date(written) if written else self._fields()
        if self.index == start:
            if self.next_is("month", "quarter") and self.peek(1).kind == "part":
                raise self.fail(message("say which “{text}”", text=self.peek().text))
            raise self.unread()
        position = self.tokens[start].start
        words = self.between(start, self.index)
        if point.day is not None:
            point = attrs.evolve(point, weekday=self._weekday_in_brackets())
        return attrs.evolve(point, words=words, position=position)

    def _weekday_in_brackets(self) -> int | None:
        """The weekday that follows a day: （星期六）, （周日）."""
        opening, unit, day, closing = (self.peek(ahead) for ahead in range(4))
        sunday = day.text in ("日", "天")
        named = sunday or (day.kind == "number" and 1 <= day.value <= 6)
        if not named or (opening.text, unit.meaning, closing.text) != ("(", "weeks", ")"):
            return None
        self.index += 4
        return 7 if sunday else day.value

    def named_day_counts(self) -> bool | None:
        """Whether the day named counts, where the words say so: （含当日）, （不含）."""
        token = self.peek()
        whole = {"(含)": True, "(不含)": False}
        if token.text in whole:
            self.index += 1
            return whole[token.text]
        opened = {"(含": True, "(不含": False}.get(token.text)
        if opened is None or self.peek(1).meaning != "same" or self.peek(2).text != ")":
            return None
        self.index += 3
        return opened

    def _written_date(self, token: Token) -> Point:
        year, month, day = token.parts
        self.check(token, year, FIRST_YEAR, LAST_YEAR, message("a year"))
        self.check(token, month, 1, 12, message("a month"))
        self.check(token, day, 1, 31, message("a day"))
        return Point(year=year, month=month, day=day)

    def _fields(self) -> Point:
        point = Point(year=self._year())
        if half := self.take("half-year"):
            point = attrs.evolve(point, half=1 if half.meaning == "first" else 2)
            return self.edge(point)
        if (quarter := self._quarter()) is not None:
            return self.edge(attrs.evolve(point, quarter=quarter))
        if (month := self._number("month", 1, 12, message("a month"))) is not None:
            return self.within_month(attrs.evolve(point, month=month))
        if self.next_is("part"):
            return self._loose_part(point)
        if point.year is None and self.next_is("number") and self.peek(1).kind == "day":
            return attrs.evolve(point, day=self._number("day", 1, 31, message("a day")))
        return point

    def _loose_part(self, point: Point) -> Point:
        """A part right after a year, or alone, to take its month from the other side."""
        part = _PARTS[self.peek().meaning]
        if point.year is not None:
            return self.edge(point)
        self.index += 1
        return attrs.evolve(point, part=part)

    def _year(self) -> int | None:
        if token := self.take("this-year"):
            if self.year is None:
                raise self.fail(
                    message("give the year that “{text}” means", text=token.text), token
                )
            if self.peek(1).kind == "part":
                self.take("year")
            return self.year + {"this": 0, "next": 1, "last": -1}[token.meaning]
        if self.next_is("year") and self.peek(1).kind == "part":
            self.index += 1
            return self.known_year(self.peek(-1))
        token = self.peek()
        if token.kind != "number" or self.peek(1).kind != "year":
            return None
        self.index += 2
        if token.value < 100:
            problem = message("a year is written with four digits, not “{text}”", text=token.text)
            raise self.fail(problem, token)
        self.check(token, token.value, FIRST_YEAR, LAST_YEAR, message("a year"))
        if self.next_is("year") and self.peek(1).kind == "part":
            self.index += 1
        return token.value

    def known_year(self, token: Token) -> int:
        """The year to take where none is written. Raises where none was given."""
        if self.year is None:
            raise self.fail(message("no year is written; give the year"), token)
        return self.year

    def _quarter(self) -> int | None:
        start = self.index
        ordinal = self.take("ordinal")
        quarter = self._number("quarter", 1, 4, message("a quarter"))
        if ordinal and quarter is None:
            self.index = start
            raise self.unread()
        return quarter

    def within_month(self, point: Point) -> Point:
        """The point with a part or a day of its month, where one is written."""
        if self.next_is("month") and self.peek(1).kind == "part":
            self.index += 1
        if part := self.take("part"):
            return attrs.evolve(point, part=_PARTS[part.meaning])
        day = self._number("day", 1, 31, message("a day"))
        return attrs.evolve(point, day=day)

    def edge(self, point: Point) -> Point:
        """The first or last day of a year, half or quarter; the middle of a year."""
        if self.next_is("quarter") and self.peek(1).kind == "part":
            self.index += 1
        token = self.take("part")
        if token is None:
            return point
        whole_year = point.half is None and point.quarter is None
        if token.meaning not in ("start", "end") and not (whole_year and token.meaning == "middle"):
            raise self.fail(message("“{text}” needs a month", text=token.text), token)
        return attrs.evolve(point, part=_PARTS[token.meaning])

    def _number(self, unit: Kind, low: int, high: int, what: Message) -> int | None:
        token = self.peek()
        if token.kind != "number" or token.text == "两" or self.peek(1).kind != unit:
            return None
        self.index += 2
        return self.check(token, token.value, low, high, what)

    def check(self, token: Token, value: int, low: int, high: int, what: Message) -> int:
        """The value of a token, if it lies within its range."""
        if not low <= value <= high:
            problem = message("{what} is {low} to {high}, not {value}", what=what, low=low,
                              high=high, value=value)  # fmt: skip
            raise self.fail(problem, token)
        return value

    # Clock times.

    def at_clock(self) -> bool:
        """Whether a time of day begins here."""
        return self.next_is("meridiem", "time") or (
            self.next_is("number") and self.peek(1).kind == "hour"
        )

    def clock(self) -> Clock | None:
        """A time of day, such as 17时, 下午5点, 17:30; None where there is none."""
        if not self.at_clock():
            return None
        start, spoken = self.index, False
        meridiem = self.take("meridiem")
        if written := self.take("time"):
            hour, minute = written.parts
        elif self.at_clock() and not self.next_is("meridiem"):
            hour, spoken = self.peek().value, self.peek(1).text != "时"
            self.index += 2
            minute = self._minute()
        else:
            raise self.unread()
        token = self.tokens[start]
        self.check(token, hour, 0, 24, message("an hour"))
        self.check(token, minute, 0, 59, message("a minute"))
        if hour == 24 and minute:
            raise self.fail(message("24:00 ends the day; no minutes go with it"), token)
        loose = spoken and meridiem is None and 1 <= hour <= 11
        if meridiem:
            hour = self._through_the_day(meridiem, hour)
        at = None if hour == 24 else time(hour, minute)
        return Clock(at, self.between(start, self.index), loose)

    def _minute(self) -> int:
        if self.take("sharp"):
            return 0
        if self.take("half"):
            return 30
        if self.next_is("number") and self.peek(1).kind == "minute":
            self.index += 2
            return self.peek(-2).value
        return 0

    def _through_the_day(self, meridiem: Token, hour: int) -> int:
        low, high = _MERIDIEMS[meridiem.meaning]
        for value in (hour, hour + 12):
            if low <= value <= high:
                return value
        problem = message("there is no {hour} o’clock {part}", hour=hour, part=meridiem.text)
        raise self.fail(problem, meridiem)

    # Periods.

    def at_period(self) -> bool:
        """Whether a length of time begins here, rather than a point."""
        token, after, last = self.peek(), self.peek(1), self.peek(2)
        if token.kind == "half":
            return True
        if token.kind != "number":
            return False
        if after.kind in ("unit", "one") or (after.kind == "year" and last.kind == "half"):
            return True
        ends = last.kind in ("within", "around", "stop")
        if after.kind == "year":
            more = last.kind == "number" and self.peek(3).kind in ("unit", "one")
            few = token.value < 10 or (token.chinese and token.value < 100)
            return few and (ends or more)
        if after.kind in ("month", "quarter"):
            return token.text == "两" and ends
        return after.kind == "day" and last.kind == "within"

    def period(self) -> Period:
        """A length of time: months and days add up (1年6个月, 一个半月)."""
        start = self.peek()
        try:
            total = self._length()
            while total.months and not total.days and self.at_period():
                total = total + self._length()
        except InvalidValue as error:
            raise self.fail(error.problem, start) from None
        return total

    def _length(self) -> Period:
        token = self.peek()
        if self.take("half"):
            return self._half()
        self.index += 1
        if token.value == 0:
            raise self.fail(message("a period must be longer than nothing"), token)
        one = self.take("one")
        half = one is not None and self.take("half") is not None
        unit = self.take("unit", "year", "month", "quarter", "day")
        if unit is None or (one and unit.meaning in ("year", "day", "months")):
            self.index -= unit is not None
            raise self.unread()
        if unit.kind == "year" and self.take("half"):
            return Period(months=token.value * 12 + 6)
        if half:
            if unit.kind != "month":
                raise self.fail(
                    message("half a {unit} is not a settled length", unit=unit.text), unit
                )
            return Period(months=token.value, days=15)
        return _measured(token.value, unit.meaning, unit.kind)

    def _half(self) -> Period:
        self.take("one")
        unit = self.peek()
        if self.take("year"):
            return Period(months=6)
        if self.take("month") or (unit.meaning == "months" and self.take("unit")):
            return Period(days=15)
        raise self.unread()


def _measured(n: int, meaning: str, kind: Kind) -> Period:
    if kind == "year":
        return Period(months=12 * n)
    if kind == "quarter":
        return Period(months=3 * n)
    if kind == "month" or meaning == "months":
        return Period(months=n)
    if meaning == "weeks":
        return Period(days=7 * n)
    if meaning == "working-days":
        return Period(working_days=n)
    if meaning == "hours":
        return Period(hours=n)
    if meaning == "ten-days":
        return Period(days=10 * n)
    return Period(days=n)
