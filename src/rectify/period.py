"""A length of time as official wording gives it: months, days, working days or hours."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import attrs

from rectify.calendar import WorkingCalendar, china
from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.instants import plain_date

_LONGEST = {"months": 2_400, "days": 100_000, "working_days": 10_000, "hours": 100_000}


def month_later(day: date, months: int) -> date:
    """The same-numbered day some months on, or the month's last day where it has none.

    `months` may be negative.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@attrs.frozen
class Period:
    """A length of time. Months and days may go together (一个半月); the others stand alone.

    A year is 12 months, a quarter 3, a week 7 days, half a month 15 days. Raises
    `InvalidValue` unless the length is positive and of one kind.
    """

    months: int = 0
    days: int = 0
    working_days: int = 0
    hours: int = 0

    def __attrs_post_init__(self) -> None:
        amounts = attrs.asdict(self)
        if min(amounts.values()) < 0 or not any(amounts.values()):
            raise InvalidValue("period", message("a period must be longer than nothing"))
        if any(amounts[unit] > longest for unit, longest in _LONGEST.items()):
            raise InvalidValue("period", message("a period this long is a mistake"))
        kinds = (bool(self.months or self.days), bool(self.working_days), bool(self.hours))
        if sum(kinds) > 1:
            problem = message("working days and hours can't be mixed with other units")
            raise InvalidValue("period", problem)

    def __add__(self, other: Period) -> Period:
        """Both together. Raises `InvalidValue` where their kinds don't go together."""
        return Period(
            self.months + other.months,
            self.days + other.days,
            self.working_days + other.working_days,
            self.hours + other.hours,
        )

    def after(self, day: date, calendar: WorkingCalendar = china) -> date:
        """The last day of the period that begins the day after.

        Months go first: a month later is the same-numbered day, or the month's last.
        Raises `HorizonError` where working days are counted past the calendar, and
        `InvalidValue` for hours, which run from an instant.
        """
        plain_date("day", day)
        if self.hours:
            raise InvalidValue("period", message("hours run from an instant, not from a day"))
        if self.working_days:
            return calendar.add_working_days(day, self.working_days)
        return month_later(day, self.months) + timedelta(days=self.days)

    @property
    def text(self) -> Message:
        """The length in words."""
        if self.hours:
            return _counted(self.hours, message("one hour"), "hours")
        if self.working_days:
            return _counted(self.working_days, message("one working day"), "working days")
        if self.months and self.days:
            return message(
                "{months} and {days}",
                months=Period(months=self.months).text,
                days=Period(days=self.days).text,
            )
        if self.months:
            return _counted(self.months, message("one month"), "months")
        return _counted(self.days, message("one day"), "days")


def _counted(n: int, one: Message, unit: str) -> Message:
    many = {
        "hours": message("{n} hours", n=n),
        "working days": message("{n} working days", n=n),
        "months": message("{n} months", n=n),
        "days": message("{n} days", n=n),
    }
    return one if n == 1 else many[unit]
