"""What a page shows of an issue: its facts, its history, its deadlines, in the active language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast

import attrs
from django.utils import timezone

from rectify.errors import InvalidValue, UnknownMove
from rectify.event import SOON
from rectify.happening import Classified
from rectify.i18n import Message, message
from rectify.integrations.django.field_words import WORDS, name_of
from rectify.integrations.django.words import language, said
from rectify.issue import Issue
from rectify.labels import label
from rectify.ledger import Ledger
from rectify.move import Step as AnyStep
from rectify.record import Record, replay
from rectify.sealed import REPORTER, Sealed
from rectify.todo import Entry, of_issue

SEALED: Final = message("sealed")
_MOVED: Final = frozenset({"id", "finding", "version", "round", "links"})


@attrs.frozen
class Fact:
    """One thing with its name: a text, or several lines."""

    name: str
    lines: tuple[str, ...]


@attrs.frozen
class Step:
    """One record, told."""

    record: Record
    title: str
    source: str
    target: str
    facts: tuple[Fact, ...]


@attrs.frozen
class DeadlineTold:
    """A deadline with how it was reached; ``issue_id`` is the issue's, where its title is known."""

    entry: Entry
    title: str
    standing: str
    explained: str
    issue_id: str | None


_NO_TITLES: Final[Mapping[str, str]] = {}
_STANDINGS: Final[dict[str, Message]] = {
    "open": message("not due yet"),
    "soon": message("due soon"),
    "overdue": message("overdue"),
    "sent-back": message("sent back"),
    "warning": message("no time given"),
    "done": message("done"),
}


def state_of(name: str, ledger: Ledger[Any]) -> str:
    """What a state is called; its name where the lifecycle does not have it."""
    for state in ledger.lifecycle.states:
        if state.__name__ == name:
            return label(state, language())
    return name


def unit_of(code: str, ledger: Ledger[Any]) -> str:
    """What a unit is called; its code where no table has it."""
    unit = None if ledger.units is None else ledger.units.get(code)
    return code if unit is None else unit.name


def area_of(area_id: str, ledger: Ledger[Any]) -> str:
    """What an area is called."""
    for area in ledger.campaign.areas:
        if area.id == area_id:
            return area.name
    return area_id


def channel_of(channel_id: str, ledger: Ledger[Any]) -> str:
    """What a channel is called."""
    for channel in ledger.campaign.channels:
        if channel.id == channel_id:
            return channel.name
    return channel_id


def confidential_of(field: str, ledger: Ledger[Any] | None = None) -> str:
    """What a confidential field is called, such as ``reporter`` or ``persons/甲``."""
    if field == REPORTER:
        return said(WORDS["reporter"])
    return said(message("person {pseudonym}", pseudonym=field.partition("/")[2]))


def facts_of(issue: Issue, ledger: Ledger[Any]) -> tuple[Fact, ...]:
    """What was found, and what is true in the issue's state."""
    return (
        *_facts(issue.finding, ledger),
        *_facts(issue, ledger, without=_MOVED),
        *(Fact(said(message("linked issue")), (f"{x.kind}: {x.issue_id}",)) for x in issue.links),
    )


def history_of(issue_id: str, ledger: Ledger[Any]) -> Sequence[Step]:
    """The issue's records, told; those that can't be read are shown without their evidence."""
    records = ledger.history(issue_id)
    told: list[Step] = []
    try:
        for record, step, issue, _ in replay(records, ledger.lifecycle.step):
            told.append(_told(record, tuple(_facts_of_step(step, issue, ledger)), ledger))
    except (InvalidValue, UnknownMove):
        told.extend(_told(record, (), ledger) for record in records[len(told) :])
    return told


def _facts_of_step(step: AnyStep[Issue], issue: Issue, ledger: Ledger[Any]) -> Iterator[Fact]:
    """The evidence of a step; a milestone by what is to be done, not by its id."""
    yield from _facts(step, ledger, without=_STEP)
    wanted, timetable = getattr(step, "milestone", None), getattr(issue, "timetable", None)
    for milestone in timetable.milestones if wanted and timetable else ():
        if milestone.id == wanted:
            yield Fact(said(WORDS["milestone"]), (milestone.title,))


_STEP: Final = frozenset({"issue", "issue_id", "milestone"})


def _told(record: Record, facts: tuple[Fact, ...], ledger: Ledger[Any]) -> Step:
    try:
        title = label(ledger.lifecycle.step(record.move), language())
    except UnknownMove:
        title = record.move
    source = "" if record.source is None else state_of(record.source, ledger)
    return Step(record, title, source, state_of(record.target, ledger), facts)


def deadlines_of(issue: Issue, ledger: Ledger[Any], now: datetime) -> Sequence[DeadlineTold]:
    """What is due of the issue, each with the words and the steps it was reached by."""
    given = ledger.occasions() if ledger.campaign.issue_classes else ()
    classes = (x for x in given if isinstance(x, Classified) and x.issue_id == issue.id)
    entries = of_issue(issue, ledger.campaign, ledger.units, on=now, classified=next(classes, None))
    return [told(entry, {issue.id: issue.finding.title}) for entry in entries]


def told(entry: Entry, titles: Mapping[str, str] = _NO_TITLES) -> DeadlineTold:
    """One thing that is due, told; with ``titles`` issues are called by them, not by their ids."""
    issue_id = entry.title.values.get("id")
    issue_id = issue_id if isinstance(issue_id, str) and issue_id in titles else None
    if issue_id is not None:
        values = {**entry.title.values, "id": f"“{titles[issue_id]}”"}
        entry = attrs.evolve(entry, title=attrs.evolve(entry.title, values=values))
    standing, explained = said(_STANDINGS[entry.standing]), entry.explain(language())
    return DeadlineTold(entry, said(entry.title), standing, explained, issue_id)


def standing_of(due_at: datetime | None, now: datetime) -> str | None:
    """Whether what ends at an instant has run out or soon will; None for what has time."""
    if due_at is None or due_at > now + SOON:
        return None
    return said(_STANDINGS["overdue" if due_at <= now else "soon"])


def _facts(
    thing: object, ledger: Ledger[Any], without: frozenset[str] = frozenset()
) -> Iterator[Fact]:
    kind: Any = type(thing)
    for attribute in _fields_of(thing):
        value = getattr(thing, attribute.name)
        if attribute.name in without or value in (None, "", (), False):
            continue
        yield Fact(said(name_of(kind, attribute)), tuple(_lines(value, attribute.name, ledger)))


def _is_whole(value: object) -> bool:
    kind: Any = type(value)
    return attrs.has(kind)


def _fields_of(whole: object) -> tuple[attrs.Attribute[Any], ...]:
    kind: Any = type(whole)
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    return fields


def _lines(value: Any, name: str, ledger: Ledger[Any]) -> Iterator[str]:
    if _is_whole(value):
        for fact in _facts(value, ledger):
            first, *others = fact.lines or ("",)
            yield said(message("{name}: {text}", name=fact.name, text=first))
            yield from others
    elif isinstance(value, tuple):
        for item in cast("Iterable[Any]", value):
            yield said(_LISTED).join(_joined(item, ledger))
    else:
        yield _text(value, name, ledger)


_LISTED: Final = message("; ")


def _joined(item: Any, ledger: Ledger[Any]) -> Iterator[str]:
    if _is_whole(item):
        for attribute in _fields_of(item):
            value = getattr(item, attribute.name)
            if attribute.name != "id" and value not in (None, ""):
                yield _text(value, attribute.name, ledger)
    else:
        yield _text(item, "", ledger)


_NAMED: Final[dict[str, Callable[[str, Ledger[Any]], str]]] = {
    "field": confidential_of,
    "unit": unit_of,
    "area": area_of,
    "channel": channel_of,
}


def _text(value: Any, name: str, ledger: Ledger[Any]) -> str:
    match value:
        case Sealed():
            return said(SEALED)
        case bool():
            return said(message("yes") if value else message("no"))
        case Enum():
            own: Any = getattr(value, "label", value.name)
            return said(own) if isinstance(own, (Message, str)) else str(own)
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:,}"
        case str() if name in _NAMED:
            return _NAMED[name](value, ledger)
        case _:
            return str(value)


def last_day(ends_at: datetime | None, ledger: Ledger[Any]) -> str | None:
    """The last day in time, in the campaign's zone, of what ends at an instant."""
    if ends_at is None:
        return None
    last = ends_at.astimezone(ledger.campaign.zone) - timedelta(microseconds=1)
    return last.date().isoformat()
