"""Working days past the last notice, as far as they can be foreseen: a provisional answer.

Nothing here is known. Until next year's notice is out a weekend is taken to be off and
every other day to be worked, and what rests on that says so with a note. A sweep records
nothing of such a date.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs

from rectify.calendar import Day, WorkingCalendar
from rectify.derivation import Note
from rectify.i18n import message
from rectify.instants import ONE_DAY
from rectify.wording import day_in_words

UNPUBLISHED: Final = "unpublished"
"""The code of the note on a provisional date."""
_SATURDAY: Final = 5


@attrs.frozen
class Foreseen:
    """A calendar that goes on past its horizon; see `WorkingCalendar`.

    Raises `HorizonError` before the first day known, as the calendar itself does.
    """

    calendar: WorkingCalendar

    @property
    def first(self) -> date:
        """The first day known."""
        return self.calendar.first

    @property
    def last(self) -> date:
        """The last day there is."""
        return date.max

    def is_working(self, day: date, /) -> bool:
        """Whether the day is worked, as far as can be foreseen."""
        if day <= self.calendar.last:
            return self.calendar.is_working(day)
        return day.weekday() < _SATURDAY

    def add_working_days(self, day: date, n: int, /) -> date:
        """The nth working day after the day, or before it where n is negative."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date, /) -> int:
        """How many working days lie after the start, through the end."""
        if start > end:
            return -self.working_days_between(end - ONE_DAY, start - ONE_DAY)
        days = (start + n * ONE_DAY for n in range(1, (end - start).days + 1))
        return sum(map(self.is_working, days))

    def day(self, day: date, /) -> Day:
        """The day and why it is worked or not."""
        if day <= self.calendar.last:
            return self.calendar.day(day)
        return Day(day, "weekend" if day.weekday() >= _SATURDAY else "workday")


def unpublished(calendar: WorkingCalendar) -> Note:
    """The note on what goes past a calendar."""
    said = message(
        "working days after {last} are not published yet: weekends are taken to be off, and"
        " the date is provisional",
        last=day_in_words(calendar.last),
    )
    return Note(UNPUBLISHED, said)
