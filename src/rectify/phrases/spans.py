"""Spans: two points with 至 between them, each lending the other what it leaves out."""

from __future__ import annotations

import attrs

from rectify.deadline import Span
from rectify.derivation import Note, Step
from rectify.errors import PhraseError
from rectify.i18n import message
from rectify.phrases.grammar import Parser
from rectify.phrases.points import Point
from rectify.phrases.settings import Settings, around, finish

_DAYLIKE = ("day", "part")


def lend_unit(parser: Parser) -> None:
    """Give the left side of 1—3月 or 2017-2018年 the unit that stands on the right."""
    cut = parser.tokens
    link = next((n for n, token in enumerate(cut) if token.kind == "range"), 0)
    if link == 0 or cut[link - 1].kind != "number":
        return
    for token in cut[link + 1 : link + 4]:
        if token.kind in ("year", "month", "day", "quarter"):
            end = cut[link - 1].end
            cut.insert(link, attrs.evolve(token, start=end, end=end))
            return


def read_span(parser: Parser, settings: Settings, left: Point, notes: list[Note]) -> Span:
    """The span whose left side and 至 have been taken."""
    given = parser.year
    parser.year = left.year or given
    right = parser.point()
    parser.year = given
    before = parser.take("before")
    if before:
        said = message("“{text}” after a span is read as its last day", text=before.text)
        notes.append(Note("ambiguous", said))
    parser.take("within", "through", "during")
    around(parser, notes)
    finish(parser)
    steps: list[Step] = []
    left, right = _completed(parser, left, right, steps)
    opens, closes = left.bounds(), right.bounds()
    if closes.last < opens.first:
        raise PhraseError(parser.words, right.position, message("it ends before it begins"))
    return Span(
        words=parser.words,
        opens=opens.first,
        closes=closes.last,
        zone=settings.zone,
        steps=(*steps, *(side.step for side in (opens, closes) if not side.plain)),
        notes=(*notes, *opens.notes("opens"), *closes.notes("closes")),
    )


def _completed(parser: Parser, left: Point, right: Point, steps: list[Step]) -> tuple[Point, Point]:
    """Both sides with the month and the year that only one of them writes."""
    if _lacks_month(right) and right.year is None and left.grain in _DAYLIKE and left.month:
        right = attrs.evolve(right, month=left.month)
        steps.append(_carried(right, left))
    elif _lacks_month(left) and left.year is None and right.month:
        left = attrs.evolve(left, month=right.month)
        steps.append(_carried(left, right))
    _check_month(parser, left)
    _check_month(parser, right)
    if left.year is None and parser.year is None and right.year and right.grain != "year":
        left = attrs.evolve(left, year=right.year)
        steps.append(_carried(left, right))
    left = dated(parser, left, steps)
    if right.year is None:
        right = attrs.evolve(right, year=left.year)
    return left, dated(parser, right, steps)


def _lacks_month(point: Point) -> bool:
    return point.grain in _DAYLIKE and not (point.month or point.quarter or point.half)


def _carried(to: Point, source: Point) -> Step:
    said = message(
        "“{to}” takes what it leaves out from “{source}”", to=to.words, source=source.words
    )
    return Step("carried", said)


def dated(parser: Parser, point: Point, steps: list[Step]) -> Point:
    """The point with its year, as given where none is written; its month must be there.

    Raises `PhraseError` where either is missing.
    """
    _check_month(parser, point)
    if point.year is not None:
        return point
    if parser.year is None:
        problem = message("no year is written; give the year")
        raise PhraseError(parser.words, point.position, problem)
    steps.append(Step("year", message("no year is written: {year}, as given", year=parser.year)))
    return attrs.evolve(point, year=parser.year)


def _check_month(parser: Parser, point: Point) -> None:
    edge_of_year = point.year is not None and point.part in ("start", "middle", "end")
    if _lacks_month(point) and not edge_of_year:
        problem = message("no month is written for “{words}”", words=point.words)
        raise PhraseError(parser.words, point.position, problem)
