"""Dates and instants at the boundary: what passes, and where a day ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from rectify.errors import InvalidValue, NaiveInstant
from rectify.i18n import message

SHANGHAI = "Asia/Shanghai"
ONE_DAY = timedelta(days=1)

# Far enough for any plan, and short of where date arithmetic runs out.
_FIRST, _LAST = date(1000, 1, 1), date(9000, 12, 31)


def plain_date(field: str, day: date) -> date:
    """The date itself. Raises `InvalidValue` for a datetime, or anything else.

    An instant has no date until a time zone is chosen, so none is taken for one.
    """
    if isinstance(day, datetime) or not isinstance(cast(object, day), date):
        problem = message("a date is meant here, not {given}", given=type(day).__name__)
        raise InvalidValue(field, problem)
    if not _FIRST <= day <= _LAST:
        raise InvalidValue(field, message("{day} is out of all reason", day=day))
    return day


def aware(field: str, instant: datetime) -> datetime:
    """The instant itself. Raises `NaiveInstant` without a zone, `InvalidValue` for no datetime."""
    if not isinstance(cast(object, instant), datetime):
        problem = message("an instant is meant here, not {given}", given=type(instant).__name__)
        raise InvalidValue(field, problem)
    if instant.utcoffset() is None:
        raise NaiveInstant(field)
    return instant


def zone_of(key: str) -> ZoneInfo:
    """The time zone of a key. Raises `InvalidValue` where there is none."""
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):
        raise InvalidValue("zone", message("no time zone “{zone}”", zone=key)) from None


def end_of(day: date, clock: time | None, zone: str) -> datetime:
    """The instant a day ends at a clock time; None is 24:00, the midnight after."""
    if clock is None:
        return datetime.combine(day + ONE_DAY, time(0), zone_of(zone))
    return datetime.combine(day, clock, zone_of(zone))
