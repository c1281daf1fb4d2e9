"""From the tables of a campaign file to its duties and classes of issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import attrs

from rectify.campaign.duties import (
    Duty,
    EventDuty,
    ForLevel,
    IssueClass,
    RecurringDuty,
    Then,
)
from rectify.campaign.model import Phase
from rectify.campaign.phrases import PhraseReader
from rectify.campaign.shape import CampaignTable, DutyTable, ThenTable
from rectify.deadline import Due, Span
from rectify.phrases import Recurrence, Within
from rectify.strict import Path
from rectify.unit import Level

T = TypeVar("T", Due, Recurrence, Within)


@attrs.frozen
class Duties:
    """The duties of a file, by kind."""

    once: tuple[Duty, ...]
    recurring: tuple[RecurringDuty, ...]
    after_event: tuple[EventDuty, ...]


def build_duties(table: CampaignTable, phases: Sequence[Phase], phrases: PhraseReader) -> Duties:
    """The duties of a file, in its order; what can't be read is left out."""
    once: list[Duty] = []
    recurring: list[RecurringDuty] = []
    after_event: list[EventDuty] = []
    for at, duty in enumerate(table.duty):
        path: Path = ("duty", at)
        if _has(duty, "every"):
            recurring.append(_recurring(duty, path, phases, phrases))
        elif _has(duty, "within"):
            after_event.append(_after_event(duty, path, phrases))
        else:
            waves: Sequence[int | None] = table.waves if duty.yearly else (None,)
            built = (_once(duty, path, wave, phrases) for wave in waves)
            once.extend(each for each in built if each is not None)
    return Duties(tuple(once), tuple(recurring), tuple(after_event))


def build_classes(table: CampaignTable, phrases: PhraseReader) -> tuple[IssueClass, ...]:
    """The classes of issue of a file; what can't be read is left out."""
    classes: list[IssueClass] = []
    for at, each in enumerate(table.issue_class):
        path: Path = ("issue_class", at)
        within = phrases.read(Within, each.within, (*path, "within"), each.words)
        by = phrases.read(Due, each.due, (*path, "due"), each.words, each.year)
        classes.append(
            IssueClass(
                id=each.id,
                name=each.name,
                clause=each.clause,
                words=each.words,
                within=within,
                after=each.after,
                by=by,
            )
        )
    return tuple(classes)


def build_then(
    tables: Sequence[ThenTable], path: Path, key: str, phrases: PhraseReader
) -> tuple[Then, ...]:
    """The steps that follow, each with its time if any is given."""
    return tuple(
        Then(
            to=each.to,
            words=each.words,
            within=phrases.read(Within, each.within, (*path, key, at, "within"), each.words),
        )
        for at, each in enumerate(tables)
    )


def spans_of(
    family: str | None, phases: Sequence[Phase], zone: str, level: Level | None = None
) -> tuple[Span, ...]:
    """The days of a phase, of each wave of it, or of all phases together, for a level.

    A phase that does not concern the level, or whose beginning is not known, gives none.
    """
    spans: list[Span] = []
    for phase in phases:
        window = phase.window(level) if family in (None, phase.id, phase.family) else None
        if window is not None and window.opens is not None:
            spans.append(Span(phase.words, window.opens, window.closes, zone))
    if family is not None or len(spans) < 2:
        return tuple(spans)
    opens, closes = min(each.opens for each in spans), max(each.closes for each in spans)
    return (Span(spans[0].words, opens, closes, zone),)


def _has(duty: DutyTable, key: str) -> bool:
    return any(getattr(each, key) is not None for each in (duty, *duty.level))


def _levels(
    kind: type[T],
    key: str,
    duty: DutyTable,
    path: Path,
    phrases: PhraseReader,
    year: int | None = None,
) -> tuple[ForLevel[T], ...]:
    """What each level owes: what its own table says, or else what the duty's says."""
    if not duty.level:
        here = (*path, key)
        timing = phrases.read(kind, getattr(duty, key), here, duty.words, year, duty.roll)
        levels = duty.owed_by if timing is not None else ()
        return tuple(ForLevel(level=level, timing=timing) for level in levels if timing)
    found: list[ForLevel[T]] = []
    for at, each in enumerate(duty.level):
        here = (*path, "level", at, key)
        words = each.words or duty.words
        timing = phrases.read(kind, getattr(each, key), here, words, year, duty.roll)
        if timing is not None:
            found.append(ForLevel(level=each.level, timing=timing, to=each.to, words=each.words))
    return tuple(found)


def _once(duty: DutyTable, path: Path, wave: int | None, phrases: PhraseReader) -> Duty | None:
    year = duty.year if wave is None else wave
    levels = _levels(Due, "due", duty, path, phrases, year)
    if not levels:
        return None
    return Duty(
        id=duty.id if wave is None else f"{duty.id}@{wave}",
        name=duty.name,
        clause=duty.clause,
        words=duty.words,
        levels=levels,
        to=duty.to,
        phase=duty.phase,
        then=build_then(duty.then, path, "then", phrases),
        due=max((each.timing for each in levels), key=lambda due: due.ends_at),
        wave=wave,
    )


def _recurring(
    duty: DutyTable, path: Path, phases: Sequence[Phase], phrases: PhraseReader
) -> RecurringDuty:
    during = phrases.read(Span, duty.during, (*path, "during"), duty.words, duty.year)
    levels = tuple(
        attrs.evolve(
            each,
            spans=(during,) if during else spans_of(duty.phase, phases, phrases.zone, each.level),
        )
        for each in _levels(Recurrence, "every", duty, path, phrases)
    )
    return RecurringDuty(
        id=duty.id,
        name=duty.name,
        clause=duty.clause,
        words=duty.words,
        levels=levels,
        to=duty.to,
        phase=duty.phase,
        then=build_then(duty.then, path, "then", phrases),
    )


def _after_event(duty: DutyTable, path: Path, phrases: PhraseReader) -> EventDuty:
    return EventDuty(
        id=duty.id,
        name=duty.name,
        clause=duty.clause,
        words=duty.words,
        levels=_levels(Within, "within", duty, path, phrases),
        to=duty.to,
        phase=duty.phase,
        then=build_then(duty.then, path, "then", phrases),
        after=duty.after or "",
    )
