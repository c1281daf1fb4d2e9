"""Dates and clock times in words, as an official writes them in each language."""

from __future__ import annotations

from datetime import date, time

from rectify.i18n import Message, message

_MONTHS = (
    message("January"),
    message("February"),
    message("March"),
    message("April"),
    message("May"),
    message("June"),
    message("July"),
    message("August"),
    message("September"),
    message("October"),
    message("November"),
    message("December"),
)
_WEEKDAYS = (
    message("Monday"),
    message("Tuesday"),
    message("Wednesday"),
    message("Thursday"),
    message("Friday"),
    message("Saturday"),
    message("Sunday"),
)
_BEIJING = message("Beijing time")


def day_in_words(day: date) -> Message:
    """The day, such as 9 April 2018, 2018年4月9日."""
    return message("{day} {month} {year}", day=day.day, month=_MONTHS[day.month - 1], year=day.year)


def day_and_weekday(day: date) -> Message:
    """The day with its weekday, such as Monday 9 April 2018, 2018年4月9日(星期一)."""
    return message("{weekday} {date}", weekday=_WEEKDAYS[day.weekday()], date=day_in_words(day))


def weekday_in_words(number: int) -> Message:
    """The name of a weekday, Monday 1 to Sunday 7."""
    return _WEEKDAYS[number - 1]


def clock_in_words(clock: time | None) -> Message:
    """The time of day in minutes; None is the end of the day, 24:00."""
    hour, minute = (24, 0) if clock is None else (clock.hour, clock.minute)
    if minute:
        return message("{hour}:{minute}", hour=hour, minute=f"{minute:02}")
    return message("{hour}:00", hour=hour)


def zone_in_words(zone: str) -> Message:
    """The time zone by its usual name, else by its key."""
    return _BEIJING if zone == "Asia/Shanghai" else message("time zone {zone}", zone=zone)
