"""The turns of what recurs in a campaign, numbered and labelled so that they stay the same.

A turn's label is its calendar name where it has one (``2018-06``, ``2019-Q1``), else the
day it opens; it does not depend on the days that somebody happens to ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import attrs

from rectify.campaign.duties import turns_over
from rectify.deadline import Span
from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.period import month_later

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.inspections import Inspection
    from rectify.deadline import Due
    from rectify.phrases.recurrence import Cycle, Recurrence, Window
    from rectify.unit import Level

_CALENDAR_NAMES: Final[Mapping[Cycle, Callable[[date], str]]] = {
    "week": lambda day: f"{day:%G-W%V}",
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "half-year": lambda day: f"{day.year}-H{(day.month + 5) // 6}",
    "year": lambda day: f"{day.year}",
}

_MONTHS: Final[Mapping[Cycle, int]] = {"quarter": 3, "half-year": 6, "year": 12}


@attrs.frozen
class Turn:
    """One turn: its number from 1, its label, its first day, when it is due."""

    number: int
    label: str
    opens: date
    due: Due


def turns_of_inspection(
    campaign: Campaign, inspection: Inspection, until: date | None
) -> tuple[Turn, ...]:
    """The turns of an inspection's visits, as `turns_of`; none where it does not recur."""
    if inspection.every is None:
        return ()
    return turns_of(
        campaign,
        inspection.every,
        inspection.spans,
        named=inspection.id,
        phase=inspection.phase,
        until=until,
    )


def turns_of(
    campaign: Campaign,
    every: Recurrence,
    spans: Sequence[Span],
    *,
    named: str,
    phase: str | None = None,
    level: Level | None = None,
    until: date | None = None,
) -> tuple[Turn, ...]:
    """Every turn of a recurrence over its own spans, or over the campaign.

    Where the campaign does not say from when it recurs, it does from the day the document
    bears (an assumption); where it doesn't say until when, through the turn of ``until``.
    ``named`` is what to call it in an error. What rests on working days that are not
    published yet is provisional, and says so.

    :raises InvalidValue: it has no end, and no ``until`` is given.
    """
    over = spans or _spans(campaign, every, named, phase, level, until)
    windows: dict[str, Window] = {}
    # Yearly phases longer than a year overlap; a turn in two of them is owed once.
    for window in turns_over(every, over, None, provisional=True) if over else ():
        windows.setdefault(_label(every, window), window)
    return tuple(
        Turn(number, label, window.opens, window.due)
        for number, (label, window) in enumerate(windows.items(), 1)
    )


def _spans(
    campaign: Campaign,
    every: Recurrence,
    named: str,
    phase: str | None,
    level: Level | None,
    until: date | None,
) -> tuple[Span, ...]:
    phases = [each for each in campaign.phases if phase in (None, each.id, each.family)]
    ends = [window.closes for each in phases if (window := each.window(level)) is not None]
    if phases and not ends:
        return ()
    issued_on = campaign.document.issued_on
    if ends:
        closes = max(ends)
    elif until is not None:
        # A turn that the end of a span cuts short falls due early: keep that end far away.
        months = every.count * _MONTHS.get(every.cycle, 1)
        closes = month_later(max(until, issued_on), months)
    else:
        problem = message(
            "“{words}” recurs without an end: give a day up to which to look (until, --until)",
            words=every.words,
        )
        raise InvalidValue(named, problem)
    return (Span(every.words, min(issued_on, closes), closes, campaign.zone.key),)


def _label(every: Recurrence, window: Window) -> str:
    name = _CALENDAR_NAMES.get(every.cycle)
    cut = window.stub and every.place is None
    if name is None or cut or every.count > 1 or every.anchor is not None:
        return window.opens.isoformat()
    return name(window.opens)
