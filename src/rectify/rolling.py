"""A due day that is not worked: moving off it, and saying so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias, get_args

from rectify.calendar import WorkingCalendar
from rectify.derivation import Note, Step
from rectify.errors import HorizonError, InvalidValue
from rectify.foreseen import UNPUBLISHED
from rectify.i18n import message
from rectify.instants import ONE_DAY
from rectify.wording import day_and_weekday

Roll: TypeAlias = Literal["none", "forward", "backward"]

DAY_NOTES = frozenset(
    {"weekend", "holiday", "make-up-day", "beyond-calendar", "provisional"} | {UNPUBLISHED}
)


def rolled(day: date, roll: Roll, calendar: WorkingCalendar) -> tuple[date, tuple[Step, ...]]:
    """The day, moved to the next or the last working day as `roll` says, and the step.

    Raises `HorizonError` where it must roll and the calendar does not know the day.
    """
    if roll not in get_args(Roll):
        problem = message("no way to roll “{roll}”; known: {known}", roll=roll,
                          known=tuple(get_args(Roll)))  # fmt: skip
        raise InvalidValue("roll", problem)
    if roll == "none" or calendar.is_working(day):
        return day, ()
    effective = calendar.add_working_days(day, 1 if roll == "forward" else -1)
    first, last = sorted((day, effective))
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    passed = tuple(calendar.day(each) for each in days if each != effective)
    here, there = day_and_weekday(day), day_and_weekday(effective)
    moved = (
        message("{day} is not worked: forward to {effective}, the next working day",
                day=here, effective=there)
        if roll == "forward"
        else message("{day} is not worked: back to {effective}, the working day before",
                     day=here, effective=there)
    )  # fmt: skip
    return effective, (Step("rolled", moved, passed),)


def notes_about(day: date, roll: Roll, calendar: WorkingCalendar) -> Iterator[Note]:
    """What the calendar says of the day a due date falls on."""
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
        worked = message("{day} is worked ({why})", day=said, why=known.why)
        yield Note("make-up-day", worked, (known,))
    if known.provisional:
        may = message(
            "next year’s holiday notice may still change whether {day} is worked", day=said
        )
        yield Note("provisional", may, (known,))
