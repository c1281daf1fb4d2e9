"""What is due as a calendar (iCalendar, RFC 5545), with the extra ``ics``.

Each entry is an event of a whole day, which every calendar shows; to-dos many do not. Its
UID comes from the campaign's id and the entry's key, and its SEQUENCE goes up when the due
date moves: a calendar that reads the file again moves the entry it has. One that is done
(an agenda with ``finished`` tells of those) is cancelled, so that a calendar takes it away.

Only what an agenda says goes out: ids, names, dates and their derivation; nothing of a
finding, of who reported it, or of a lead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Protocol, cast
from uuid import NAMESPACE_URL, uuid5

from rectify.errors import InvalidValue, MissingExtra
from rectify.i18n import Language, message
from rectify.instants import ONE_DAY, end_of, plain_date
from rectify.wording import clock_in_words

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.deadline import Due
    from rectify.todo import Entry

_PRODUCT: Final = "-//rectify//due//ZH"
# A line end is escaped; other control characters have no place in a text.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class _Component(Protocol):
    """What is used of a component of icalendar, whose own types are incomplete."""

    def add(self, name: str, value: object) -> None: ...

    def add_component(self, component: _Component) -> None: ...

    def to_ical(self) -> bytes: ...


def calendar(
    campaign: Campaign,
    entries: Iterable[Entry],
    *,
    on: date,
    revision: int = 0,
    language: Language = "zh",
) -> bytes:
    """The entries that have a due date, as an iCalendar file in UTF-8.

    ``on`` is the day the entries are of; it dates them, so that of two files the later one
    holds. ``revision`` adds to every SEQUENCE: how many times the campaign has changed.

    :raises MissingExtra: icalendar is not installed.
    :raises InvalidValue: a datetime for a date, a negative revision.
    """
    plain_date("on", on)
    if revision < 0:
        raise InvalidValue("revision", message("a number of changes can't be negative"))
    try:
        from icalendar import Calendar, Event
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "icalendar", "ics") from None
    made = cast("_Component", Calendar())
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", _text(campaign.name))
    made.add("x-wr-calname", _text(campaign.name))
    made.add("x-wr-timezone", campaign.zone.key)
    for entry in entries:
        if entry.due is not None:
            event = cast("_Component", Event())
            event.add("uid", uid(campaign.id, entry.key))
            event.add("dtstamp", end_of(on - ONE_DAY, None, "UTC"))
            event.add("sequence", entry.sequence + revision)
            event.add("status", "CANCELLED" if entry.standing == "done" else "CONFIRMED")
            _describe(event, entry, entry.due, language)
            made.add_component(event)
    return made.to_ical()


def uid(campaign_id: str, key: str) -> str:
    """The UID of an entry: the same wherever and whenever it is made."""
    return str(uuid5(NAMESPACE_URL, f"urn:rectify:{campaign_id}:{key}"))


def _describe(event: _Component, entry: Entry, due: Due, language: Language) -> None:
    event.add("dtstart", due.effective)
    event.add("dtend", due.effective + timedelta(days=1))
    event.add("summary", _text(_summary(entry, due, language)))
    event.add("description", _text(entry.explain(language)))
    event.add("transp", "TRANSPARENT")


def _summary(entry: Entry, due: Due, language: Language) -> str:
    said = message("{title} ({who})", title=entry.title, who=entry.who)
    if due.clock is not None:
        said = message("{said}, by {clock}", said=said, clock=clock_in_words(due.clock))
    return said.text(language)


def _text(text: str) -> str:
    return _UNWRITABLE.sub("", text)
