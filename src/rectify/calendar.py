"""Working days: which days count, which were made up, and the notice that says so.

`china` holds the yearly notices of the State Council's General Office from 2004 on,
make-up days (调休) included. Past the last notice it refuses: `HorizonError`, never a
guess. A host with its own calendar implements `WorkingCalendar`; a new notice is
added with `load_calendar`.

Every date here is a civil date in China. A datetime is refused: an instant has no
date until a time zone is chosen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, cast

import attrs

from rectify.errors import HorizonError, InvalidValue
from rectify.i18n import Message, message
from rectify.instants import ONE_DAY, plain_date
from rectify.notices import Announcement, Notice, read_notices

DayKind: TypeAlias = Literal["workday", "weekend", "holiday", "make-up"]

_SHIPPED = Path(__file__).with_name("calendars") / "china.toml"
_SATURDAY = 5

# The next year's notice has moved days as early as 29 December (2007 and 2018).
_UNSETTLED_FROM = (12, 26)

_HOLIDAYS = {
    "元旦": message("New Year’s Day"),
    "春节": message("the Spring Festival"),
    "清明节": message("the Qingming Festival"),
    "劳动节": message("Labour Day"),
    "端午节": message("the Dragon Boat Festival"),
    "中秋节": message("the Mid-Autumn Festival"),
    "国庆节": message("National Day"),
    "国庆节、中秋节": message("National Day and the Mid-Autumn Festival"),
    "中秋节、国庆节": message("the Mid-Autumn Festival and National Day"),
    "抗战胜利纪念日": message("the Victory Day commemoration"),
}


@attrs.frozen
class Day:
    """One day and why it is worked or not.

    `provisional` marks the last days of the last published year: the next notice,
    usually issued in November or December, may still move them.
    """

    on: date
    kind: DayKind
    holiday: str = ""
    notice: Notice | None = None
    provisional: bool = False

    @property
    def working(self) -> bool:
        """Whether the day is worked."""
        return self.kind in ("workday", "make-up")

    @property
    def why(self) -> Message:
        """Why the day is worked or not, in both languages."""
        if self.kind == "workday":
            return message("an ordinary working day")
        if self.kind == "weekend":
            return message("a weekend")
        holiday = _HOLIDAYS.get(self.holiday) or Message("{name}", {"name": self.holiday})
        citation = self.notice.citation if self.notice else "–"
        if self.kind == "holiday":
            return message("off for {holiday}, {notice}", holiday=holiday, notice=citation)
        return message("made up for {holiday}, {notice}", holiday=holiday, notice=citation)


class WorkingCalendar(Protocol):
    """What the library asks of a calendar: a host may supply its own.

    `first` and `last` bound what is known, both included; outside them every method
    raises `HorizonError`. Counting leaves out the start day, so that
    ``working_days_between(day, add_working_days(day, n)) == n``.
    """

    @property
    def first(self) -> date:
        """The first day known."""
        ...

    @property
    def last(self) -> date:
        """The last day known."""
        ...

    def is_working(self, day: date, /) -> bool:
        """Whether the day is worked."""
        ...

    def add_working_days(self, day: date, n: int, /) -> date:
        """The nth working day after the day, or before it where n is negative."""
        ...

    def working_days_between(self, start: date, end: date, /) -> int:
        """How many working days lie after the start, through the end."""
        ...

    def day(self, day: date, /) -> Day:
        """The day and why it is worked or not."""
        ...


class Calendar:
    """A calendar read from notices, each later one overriding the earlier day by day.

    The table is read at first use, not at import.
    """

    def __init__(self, read: Callable[[], tuple[Announcement, ...]], name: str) -> None:
        self._read = read
        self.name = name

    def __repr__(self) -> str:
        return f"<Calendar {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self.name, None if self is china else self.announcements)

    @cached_property
    def announcements(self) -> tuple[Announcement, ...]:
        """The notices, in the order they became known."""
        return tuple(sorted(self._read(), key=lambda each: each.notice.known_from))

    @cached_property
    def _bounds(self) -> tuple[date, date]:
        years = {each.notice.year for each in self.announcements}
        for year in range(min(years), max(years)):
            if year not in years:
                problem = message("no notice for {year}; the years must have no gap", year=year)
                raise InvalidValue(self.name, problem)
        return date(min(years), 1, 1), date(max(years), 12, 31)

    @property
    def first(self) -> date:
        """The first day known."""
        return self._bounds[0]

    @property
    def last(self) -> date:
        """The last day known."""
        return self._bounds[1]

    @cached_property
    def _named(self) -> Mapping[date, Day]:
        named: dict[date, Day] = {}
        for each in self.announcements:
            for holiday in each.days:
                day, last = holiday.off
                while day <= last:
                    named[day] = Day(day, "holiday", holiday.holiday, each.notice)
                    day += ONE_DAY
                for made_up in holiday.work:
                    named[made_up] = Day(made_up, "make-up", holiday.holiday, each.notice)
        return named

    @cached_property
    def _working(self) -> list[int]:
        """The ordinals of all working days, in order: counting is two bisections."""
        named = self._named
        ordinals = range(self.first.toordinal(), self.last.toordinal() + 1)
        return [
            ordinal
            for ordinal in ordinals
            if (
                named[day].working
                if (day := date.fromordinal(ordinal)) in named
                else day.weekday() < _SATURDAY
            )
        ]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the working days and the horizon: it moves when any answer does."""
        import hashlib

        days = ",".join(map(str, self._working))
        return hashlib.sha256(f"{self.first}/{self.last}/{days}".encode()).hexdigest()

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        day = self._known(day)
        named = self._named.get(day)
        return named.working if named else day.weekday() < _SATURDAY

    def add_working_days(self, day: date, n: int) -> date:
        """The nth working day after the day, or before it where n is negative.

        The day itself is never counted; with n = 0 it is returned as it is.
        """
        ordinal = self._known(day).toordinal()
        if not isinstance(cast(object, n), int):
            problem = message("a whole number is meant here, not {given}", given=type(n).__name__)
            raise InvalidValue("n", problem)
        if n == 0:
            return day
        if n > 0:
            index = bisect_right(self._working, ordinal) + n - 1
        else:
            index = bisect_left(self._working, ordinal) + n
        if not 0 <= index < len(self._working):
            asked = message("{n} working days from {day}", n=n, day=day)
            raise HorizonError(asked, self.first, self.last)
        return date.fromordinal(self._working[index])

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after the start, through the end.

        Negative where the end is before the start; then the start is left out still.
        """
        low, high = self._known(start).toordinal(), self._known(end).toordinal()
        if low <= high:
            return bisect_right(self._working, high) - bisect_right(self._working, low)
        return bisect_left(self._working, high) - bisect_left(self._working, low)

    def day(self, day: date) -> Day:
        """The day, why it is worked or not, and the notice that says so."""
        day = self._known(day)
        named = self._named.get(day)
        if named is None:
            named = Day(day, "weekend" if day.weekday() >= _SATURDAY else "workday")
        unsettled = day >= date(self.last.year, *_UNSETTLED_FROM)
        return attrs.evolve(named, provisional=True) if unsettled else named

    def as_known_on(self, day: date) -> Calendar:
        """The calendar as it stood on a day: only the notices dated by then.

        Raises `HorizonError` where no notice was known yet.
        """
        day = plain_date("date", day)
        known = tuple(each for each in self.announcements if each.notice.known_from <= day)
        if not known:
            raise HorizonError(day, self.first, self.last)
        return Calendar(lambda: known, f"{self.name}@{day}")

    def _known(self, day: date) -> date:
        day = plain_date("date", day)
        if not self.first <= day <= self.last:
            raise HorizonError(day, self.first, self.last)
        return day


def load_calendar(source: str | Path, *, extends: Calendar | None = None) -> Calendar:
    """Read a calendar from a TOML file laid out as ``calendars/china.toml``.

    With `extends` the file need only hold what is new, such as the notice of the
    coming year. Raises `InvalidValue`, naming the place in the file, for anything
    that is not of that layout.
    """
    path = Path(source)
    earlier = extends.announcements if extends else ()
    announcements = (*earlier, *read_notices(path))
    calendar = Calendar(lambda: announcements, path.stem)
    calendar.is_working(calendar.first)
    return calendar


china = Calendar(lambda: read_notices(_SHIPPED), "china")


def _restored(name: str, announcements: tuple[Announcement, ...] | None) -> Calendar:
    return china if announcements is None else Calendar(lambda: announcements, name)
