"""Due dates: a point with 前, 止 or 截至, to the end of the day or to an hour of it."""

from __future__ import annotations

from datetime import timedelta

import attrs

from rectify.deadline import Due, Span
from rectify.derivation import Note, Step
from rectify.i18n import message
from rectify.phrases.grammar import Clock, Parser
from rectify.phrases.points import Bounds, Point
from rectify.phrases.settings import (
    Settings,
    around,
    bare_clock,
    ending,
    finish,
    loose_clock,
    through_last_day,
)
from rectify.phrases.spans import dated
from rectify.phrases.tokens import Token


def read_due(
    parser: Parser, settings: Settings, point: Point, until: bool, notes: list[Note]
) -> Due | Span:
    """The due date whose point has been taken; a bare point is a span of its days."""
    at = parser.peek()
    clock, mark, counts = _ending(parser, point, until)
    if counts is not None:
        settings = attrs.evolve(settings, include_named_day=counts)
    advisory = around(parser, notes)
    finish(parser)
    steps: list[Step] = []
    bounds = dated(parser, point, steps).bounds()
    if point.year is None or point.day is None or not bounds.exists:
        steps.append(bounds.step)
    one_day = bounds.first == bounds.last
    if clock is not None:
        if not one_day:
            raise parser.fail(message("an hour needs a day"), at)
        if not (mark or until or advisory):
            notes.append(bare_clock(clock))
        return _due_at(parser, settings, bounds, clock, steps, notes)
    if (mark is None and not until and not advisory) or (mark and mark.kind == "during"):
        notes.extend(bounds.notes("closes", whole=True))
        if point.part == "end":
            notes.append(bounds.unsettled("closes"))
        noted = tuple(notes)
        return Span(parser.words, bounds.first, bounds.last, settings.zone, tuple(steps), noted)
    if mark and mark.kind == "within" and one_day:
        problem = message("“{text}” does not go with a single day", text=mark.text)
        raise parser.fail(problem, mark)
    if mark and mark.kind == "within" and point.grain == "month" and point.year is None:
        notes.append(bounds.unsettled("closes"))
    return _due_by(parser, settings, bounds, mark, steps, notes)


def _ending(
    parser: Parser, point: Point, until: bool
) -> tuple[Clock | None, Token | None, bool | None]:
    """The hour, 前 or the like, and whether the words say that the day counts or not."""
    at = parser.peek()
    counts = parser.named_day_counts()
    clock = parser.clock()
    mark = (
        parser.take("before", "through", "within", "during")
        if until
        else ending(parser, "before", "through", "within", "during")
    )
    if counts is None and mark is not None:
        counts = parser.named_day_counts()
    if counts is not None:
        named = point.day is not None or (counts and not point.several_days)
        if clock or not named or not mark or mark.kind != "before":
            raise parser.fail(message("it goes with one day and 前, without an hour"), at)
    return clock, mark, counts


def _due_by(
    parser: Parser,
    settings: Settings,
    bounds: Bounds,
    mark: Token | None,
    steps: list[Step],
    notes: list[Note],
) -> Due:
    notes.extend(bounds.notes("closes"))
    day, named_day = bounds.last, bounds.point.day is not None
    if mark and mark.kind == "before" and bounds.first != bounds.last:
        notes.append(through_last_day(bounds.point, mark))
    elif mark and mark.kind == "before" and named_day and bounds.exists:
        day -= timedelta(days=0 if settings.include_named_day else 1)
        steps.append(_named_day_step(mark, settings.include_named_day))
    return Due.on(
        day,
        words=parser.words,
        nominal=bounds.last if bounds.exists else None,
        inclusive=day == bounds.last,
        zone=settings.zone,
        roll=settings.roll,
        calendar=settings.calendar,
        steps=steps,
        notes=notes,
    )


def _named_day_step(mark: Token, included: bool) -> Step:
    if included:
        return Step("inclusive", message("“{mark}” includes the day it follows", mark=mark.text))
    return Step("exclusive", message("“{mark}” leaves out the day it follows", mark=mark.text))


def _due_at(
    parser: Parser,
    settings: Settings,
    bounds: Bounds,
    clock: Clock,
    steps: list[Step],
    notes: list[Note],
) -> Due:
    notes.extend(bounds.notes("closes"))
    if clock.loose:
        notes.append(loose_clock(clock))
    return Due.on(
        bounds.last,
        words=parser.words,
        nominal=bounds.last if bounds.exists else None,
        clock=clock.at,
        zone=settings.zone,
        roll=settings.roll,
        calendar=settings.calendar,
        steps=steps,
        notes=notes,
    )
