"""Reading wording that recurs: 每 or 按, a turn, and a place in the turn."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from rectify.derivation import Note, Step
from rectify.i18n import message
from rectify.phrases.grammar import Parser
from rectify.phrases.points import Point
from rectify.phrases.recurrence import LONGEST_TURN, Cycle, Place, Recurrence
from rectify.phrases.settings import (
    Settings,
    around,
    ending,
    finish,
    loose_clock,
    through_last_day,
)
from rectify.phrases.tokens import Kind

_CYCLES: dict[str, Cycle] = {
    "day": "day",
    "days": "day",
    "weeks": "week",
    "ten-days": "ten-days",
    "month": "month",
    "months": "month",
    "quarter": "quarter",
    "year": "year",
}
_UNCOUNTED = ("day", "days", "year", "months")
_LENGTHS: dict[Cycle, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


def read_recurrence(parser: Parser, settings: Settings) -> Recurrence:
    """The recurrence whose 每 is the token to come."""
    start = parser.index
    notes: list[Note] = []
    count, cycle = _turn(parser, notes)
    turn = parser.between(start, parser.index)
    place = _place(parser, count, cycle)
    if parser.at_clock() and not _one_day(cycle, place):
        raise parser.fail(message("an hour needs a day"))
    clock = parser.clock()
    if clock and clock.loose:
        notes.append(loose_clock(clock))
    mark = ending(parser, "before", "within", "through")
    if mark and mark.kind == "before" and place and place.point and place.point.several_days:
        notes.append(through_last_day(place.point, mark))
    if mark and mark.kind == "before" and place is None and cycle != "day":
        notes.append(through_last_day(Point(words=turn), mark))
    _once(parser)
    around(parser, notes)
    finish(parser)
    if place and place.point and place.point.doubtful("closes"):
        notes.append(_unsettled(place.point.words))
    return Recurrence(
        words=parser.words,
        count=count,
        cycle=cycle,
        place=place,
        clock=clock.at if clock else None,
        zone=settings.zone,
        roll=settings.roll,
        inclusive=settings.include_named_day,
        calendar=settings.calendar,
        steps=(Step("recurs", message("“{words}” recurs, turn after turn", words=turn)),),
        notes=tuple(notes),
    )


def _turn(parser: Parser, notes: list[Note]) -> tuple[int, Cycle]:
    """How many of what make a turn."""
    start = parser.index
    parser.take("every")
    if parser.take("half"):
        parser.take("one")
        if parser.take("year"):
            return 1, "half-year"
        if parser.take("month") or (parser.peek().meaning == "months" and parser.take("unit")):
            return 1, "half-month"
        raise parser.unread()
    each = parser.peek(-1).text == "每"
    number = parser.take("number") if each else None
    count = parser.check(number, number.value, 1, LONGEST_TURN, message("a turn")) if number else 1
    one = parser.take("one") if each else None
    unit = parser.peek()
    refused = ("months",) if not each else _UNCOUNTED if one else ()
    if unit.meaning not in _CYCLES or unit.meaning in refused or unit.text == "号":
        raise parser.unread()
    if count > 1 and unit.meaning == "ten-days":
        raise parser.fail(message("only every single {unit} can be expressed", unit=unit.text))
    parser.index += 1
    if number and not one and unit.kind in ("month", "day"):
        notes.append(_unsettled(parser.between(start, parser.index)))
    return count, _CYCLES[unit.meaning]


_NO_PLACE: tuple[Kind, ...] = (
    "stop", "before", "within", "through", "around", "text", "at-least", "times"
)  # fmt: skip


def _place(parser: Parser, count: int, cycle: Cycle) -> Place | None:
    if parser.next_is("ended", "after"):
        return _after_turn(parser)
    once = parser.next_is("number") and parser.peek(1).kind == "times"
    if parser.next_is(*_NO_PLACE) or parser.at_clock() or once:
        return None
    if count > 1:
        raise parser.fail(message("a day within several of a kind can’t be expressed"))
    if cycle == "week":
        return Place(weekday=_weekday(parser))
    nth = _nth_month(parser, cycle)
    if nth is not None:
        return Place(point=_named(parser, parser.within_month), nth_month=nth)
    return Place(point=_point(parser, cycle))


def _point(parser: Parser, cycle: Cycle) -> Point:
    if parser.next_is("year", "month", "quarter") and parser.peek(1).kind == "part":
        parser.take("year", "month", "quarter")
    if cycle == "month":
        return _named(parser, parser.within_month)
    if cycle in ("quarter", "half-year"):
        return _named(parser, parser.edge)
    if cycle == "year":
        return _in_year(parser)
    raise parser.unread()


def _after_turn(parser: Parser) -> Place:
    """结束后10日内: a period after the turn."""
    parser.take("ended")
    if not parser.take("after") or not parser.at_period():
        raise parser.unread()
    start = parser.peek()
    period = parser.period()
    if period.hours:
        raise parser.fail(message("hours run from an instant, not from a day"), start)
    return Place(after=period)


def _weekday(parser: Parser) -> int:
    if number := parser.take("number"):
        if not 1 <= number.value <= 6:
            problem = message("a weekday is 一 to 六 or 日, not “{text}”", text=number.text)
            raise parser.fail(problem, number)
        return number.value
    if parser.peek().text in ("日", "天"):
        parser.index += 1
        return 7
    raise parser.unread()


def _nth_month(parser: Parser, cycle: Cycle) -> int | None:
    """Which month of the turn; one past its length is the month after it."""
    length = _LENGTHS.get(cycle, 0)
    if length and parser.take("next-month"):
        return length + 1
    if length < 2:
        return None
    if token := parser.take("nth-month"):
        return 1 if token.meaning == "first" else length
    if parser.peek(2).meaning != "months":
        return None
    parser.take("ordinal")
    number = parser.take("number")
    if number is None:
        raise parser.unread()
    parser.take("unit")
    return parser.check(number, number.value, 1, length, message("a month of the turn"))


def _named(parser: Parser, read: Callable[[Point], Point]) -> Point:
    start = parser.index
    point = read(Point())
    if parser.index == start:
        if parser.next_is("stop", "before", "within"):
            return point
        raise parser.unread()
    return attrs.evolve(point, words=parser.between(start, parser.index))


def _in_year(parser: Parser) -> Point:
    start = parser.peek()
    point = parser.point()
    needs_month = point.day is not None or point.part not in (None, "start", "middle", "end")
    if point.weekday is not None:
        raise parser.fail(message("a weekday does not go with “{text}”", text="每年"), start)
    if point.year is not None:
        raise parser.fail(message("a year does not go with “{text}”", text="每年"), start)
    if needs_month and point.month is None:
        raise parser.fail(message("no month is written for “{words}”", words=point.words), start)
    return point


def _one_day(cycle: Cycle, place: Place | None) -> bool:
    if place is None:
        return cycle == "day"
    return place.weekday is not None or bool(place.point and not place.point.several_days)


def _once(parser: Parser) -> None:
    """Take 1次, with what is done: it adds nothing to the turn."""
    if (
        parser.next_is("text")
        and parser.peek(1).kind == "number"
        and parser.peek(2).kind == "times"
    ):
        parser.take("text")
    at_least = parser.take("at-least")
    number = parser.peek()
    if number.kind != "number" or parser.peek(1).kind != "times":
        if at_least:
            raise parser.unread()
        return
    if number.value != 1:
        raise parser.fail(message("only once a turn can be expressed"))
    parser.index += 2
    if parser.peek(1).kind == "stop":
        parser.take("text")


def _unsettled(words: str) -> Note:
    said = message(
        "“{words}” has no settled meaning; this library’s convention is used", words=words
    )
    return Note("ambiguous", said)
