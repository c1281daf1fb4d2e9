"""Reading a phrase: telling what it is, then reading it as that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TypeAlias

import attrs

from rectify.calendar import WorkingCalendar, china
from rectify.deadline import Due, Span
from rectify.derivation import Note, Step
from rectify.errors import InvalidValue, PhraseError
from rectify.i18n import message
from rectify.instants import SHANGHAI, aware, plain_date, zone_of
from rectify.period import Period
from rectify.phrases.cycles import read_recurrence
from rectify.phrases.dues import read_due
from rectify.phrases.events import event_of
from rectify.phrases.grammar import FIRST_YEAR, LAST_YEAR, Parser
from rectify.phrases.recurrence import Recurrence
from rectify.phrases.settings import Settings, around, bare_clock, finish, lead_in, loose_clock
from rectify.phrases.spans import lend_unit, read_span
from rectify.phrases.tokens import Token, tokens
from rectify.phrases.within import Within
from rectify.rolling import Roll
from rectify.wording import day_in_words

Phrase: TypeAlias = Span | Due | Within | Recurrence


def parse(
    words: str,
    *,
    year: int | None = None,
    event: date | datetime | None = None,
    zone: str = SHANGHAI,
    calendar: WorkingCalendar = china,
    roll: Roll | None = None,
    anchor: date | None = None,
    include_named_day: bool = True,
) -> Phrase:
    """Read official wording: a span, a due date, a period from an event, a recurrence.

    `year` is the year where the words name none, `event` what a period runs from (an
    instant, or a date in `zone`); without it a period comes back as a `Within`.
    `roll` moves a due date off a day that is not worked; None is "none". `anchor` is
    the first day of the first turn of a recurrence. `include_named_day` is whether
    9日前 includes the 9th; the law does not say, and internal orders mean that it does.

    A year given beside one that the words write is not used, and noted (`other-year`).

    Raises `PhraseError`, with the position, for what can't be read: nothing is ever
    guessed; so it is where the words give another day of the event than `event`. Raises
    `HorizonError` where an answer needs a working day that is not published, and
    `InvalidValue` for what is no text, no year or no date.
    """
    zone_of(zone)
    _check_kinds(words, year)
    cut = tokens(words)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        problem = message("{what} is {low} to {high}, not {value}", what=message("a year"),
                          low=FIRST_YEAR, high=LAST_YEAR, value=year)  # fmt: skip
        raise PhraseError(words, 0, problem)
    parser = Parser(words, cut, year)
    settings = Settings(zone, calendar, roll or "none", include_named_day)
    if parser.next_is("every") and parser.peek(1).kind != "times":
        return attrs.evolve(read_recurrence(parser, settings), anchor=anchor)
    phrase = _after_event(parser, settings, event) or _absolute(parser, settings)
    if isinstance(phrase, Within):
        return phrase if event is None else phrase.after(event)
    other = _other_year(cut, phrase, year)
    return attrs.evolve(phrase, notes=(*phrase.notes, other)) if other else phrase


def _check_kinds(words: object, year: object) -> None:
    if not isinstance(words, str):
        problem = message("text is meant here, not {given}", given=type(words).__name__)
        raise InvalidValue("words", problem)
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        problem = message("a year is meant here, not {given}", given=type(year).__name__)
        raise InvalidValue("year", problem)


def _other_year(cut: Sequence[Token], phrase: Due | Span, year: int | None) -> Note | None:
    """That the year given is none of those the words write, nor needed for any of them."""
    written = [token.parts[0] for token in cut if token.kind == "date"]
    for token, after in pairwise(cut):
        if token.kind == "number" and after.kind == "year" and token.value >= FIRST_YEAR:
            written.append(token.value)
    needed = any(step.code == "year" for step in phrase.steps) or any(
        token.kind == "this-year" for token in cut
    )
    if year is None or needed or not written or year in written:
        return None
    said = message(
        "the year given, {year}, is not used: the words write {written}",
        year=year,
        written=tuple(dict.fromkeys(written)),
    )
    return Note("other-year", said)


def parse_span(words: str, *, year: int | None = None, zone: str = SHANGHAI) -> Span:
    """Read wording that must be a span. Raises `PhraseError` for anything else."""
    phrase = parse(words, year=year, zone=zone)
    if not isinstance(phrase, Span):
        raise PhraseError(words, 0, message("a span of days is meant here"))
    return phrase


def parse_due(
    words: str,
    *,
    year: int | None = None,
    event: date | datetime | None = None,
    zone: str = SHANGHAI,
    calendar: WorkingCalendar = china,
    roll: Roll | None = None,
) -> Due:
    """Read wording that must be a due date. Raises `PhraseError` for anything else."""
    phrase = parse(words, year=year, event=event, zone=zone, calendar=calendar, roll=roll)
    if isinstance(phrase, Within):
        raise PhraseError(words, 0, message("it runs from an event; give the day of the event"))
    if not isinstance(phrase, Due):
        raise PhraseError(words, 0, message("a due date is meant here"))
    return phrase


def _absolute(parser: Parser, settings: Settings) -> Due | Span | Within:
    notes: list[Note] = []
    lead = lead_in(parser, notes)
    if parser.at_period() and not lead.until and not lead.start:
        return _within(parser, settings, notes)
    if (parser.at_clock() or parser.next_is("event-day")) and not lead.start:
        return _on_event_day(parser, settings, bool(lead.until), notes)
    _check_one_length(parser)
    lend_unit(parser)
    left = parser.point()
    if parser.next_is("after") and parser.peek(1).kind == "range":
        parser.take("after")
    if not lead.until and parser.take("range"):
        return read_span(parser, settings, left, notes)
    if lead.start:
        raise parser.fail(message("it names a beginning but no end"), lead.start)
    return read_due(parser, settings, left, bool(lead.until), notes)


def _after_event(
    parser: Parser, settings: Settings, given: date | datetime | None
) -> Due | Within | None:
    """Wording with its event in front: 自收到通知之日起30个工作日内."""
    cut = parser.tokens
    marks = [n for n, token in enumerate(cut) if token.kind == "after"]
    if not marks or cut[marks[-1] + 1].kind not in ("number", "half", "roughly"):
        return None
    mark = cut[marks[-1]]
    named = event_of(parser, cut[: marks[-1]], mark)
    if named and given is not None and named != _day_of(given, settings.zone):
        problem = message(
            "it counts from {named}, not from {given}, which is given as the event",
            named=day_in_words(named),
            given=day_in_words(_day_of(given, settings.zone)),
        )
        raise parser.fail(problem, cut[0])
    parser.index = marks[-1] + 1
    notes: list[Note] = []
    lead_in(parser, notes)
    within = _within(parser, settings, notes)
    within = attrs.evolve(within, event_words=parser.words[: mark.end].strip())
    return within if named is None else within.after(named if given is None else given)


def _day_of(event: date | datetime, zone: str) -> date:
    if isinstance(event, datetime):
        return aware("event", event).astimezone(zone_of(zone)).date()
    return plain_date("event", event)


def _check_one_length(parser: Parser) -> None:
    """Refuse 3至5日内, which leaves open how long."""
    kinds = [parser.peek(ahead).kind for ahead in range(5)]
    if kinds[:3] != ["number", "range", "number"]:
        return
    if kinds[3] in ("unit", "one") or kinds[3:] == ["day", "within"]:
        first, last = parser.peek().text, parser.peek(2).text
        problem = message("it gives two lengths, {first} and {last}", first=first, last=last)
        raise parser.fail(problem)


def _within(parser: Parser, settings: Settings, notes: list[Note]) -> Within:
    if not parser.at_period():
        raise parser.unread()
    first = parser.index
    period = parser.period()
    words = parser.between(first, parser.index)
    around(parser, notes)
    parser.take("within")
    around(parser, notes)
    if parser.next_is("before"):
        raise parser.fail(message("a length of time before something: name the day itself"))
    finish(parser)
    read = message("“{words}” is {length}", words=words, length=period.text)
    steps = () if words == period.text.zh else (Step("read", read),)
    return Within(
        words=parser.words,
        period=period,
        zone=settings.zone,
        roll=settings.roll,
        calendar=settings.calendar,
        steps=steps,
        notes=tuple(notes),
    )


def _on_event_day(parser: Parser, settings: Settings, until: bool, notes: list[Note]) -> Within:
    """当日17时前, 次日12时前, or a bare 17时前, which means the day of the event."""
    event_day = parser.take("event-day")
    next_day = event_day is not None and event_day.meaning == "next"
    clock = parser.clock()
    mark = parser.take("before", "within", "through")
    if clock and clock.loose:
        notes.append(loose_clock(clock))
    if clock and not mark and not until:
        notes.append(bare_clock(clock))
    around(parser, notes)
    finish(parser)
    return Within(
        words=parser.words,
        period=Period(days=1) if next_day else None,
        on_next_day=next_day,
        clock=clock.at if clock else None,
        zone=settings.zone,
        roll=settings.roll,
        calendar=settings.calendar,
        notes=tuple(notes),
    )
