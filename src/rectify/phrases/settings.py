"""What a caller settles beforehand, and the small words any phrase may carry."""

from __future__ import annotations

import attrs

from rectify.calendar import WorkingCalendar
from rectify.derivation import Note
from rectify.i18n import message
from rectify.phrases.grammar import Clock, Parser
from rectify.phrases.points import Point
from rectify.phrases.tokens import Kind, Token
from rectify.rolling import Roll


@attrs.frozen
class Settings:
    """How a phrase is read where its words leave it open."""

    zone: str
    calendar: WorkingCalendar
    roll: Roll
    include_named_day: bool


@attrs.frozen
class LeadIn:
    """The small words a phrase begins with: 截至, 自, 于 and the like, each at most once."""

    until: Token | None = None
    start: Token | None = None


def lead_in(parser: Parser, notes: list[Note]) -> LeadIn:
    """Take 截至, 自, 于, 原则上 and the like."""
    taken: dict[Kind, Token] = {}
    while parser.peek().kind not in taken and (
        token := parser.take("until", "from", "at", "roughly")
    ):
        taken[token.kind] = token
        if token.kind == "roughly":
            notes.append(_advisory(token.text))
    return LeadIn(taken.get("until"), taken.get("from"))


def ending(parser: Parser, *kinds: Kind) -> Token | None:
    """Take 前, 止 or another word of the kinds; so is 截止, where it comes after its day."""
    token = parser.take(*kinds)
    if token is None and parser.next_is("until") and parser.peek().text == "截止":
        return parser.take("until")
    return token


def around(parser: Parser, notes: list[Note]) -> bool:
    """Take 左右 and the like, which make a time advisory."""
    token = parser.take("around")
    if token is not None:
        notes.append(_advisory(token.text))
    return token is not None


def loose_clock(clock: Clock) -> Note:
    """What 5点 leaves open: it is not taken for 17:00."""
    said = message("“{words}” is read on the 24-hour clock", words=clock.words)
    return Note("ambiguous", said)


def bare_clock(clock: Clock) -> Note:
    """What an hour with neither 前 nor 截至 leaves open: it is read as the end."""
    said = message("“{words}” without 前 is read as the end", words=clock.words)
    return Note("ambiguous", said)


def through_last_day(point: Point, mark: Token) -> Note:
    """What 4月前 leaves open: it is read as 4月底前, not as before April begins."""
    said = message(
        "“{words}” with “{mark}” is read through its last day", words=point.words, mark=mark.text
    )
    return Note("ambiguous", said)


def finish(parser: Parser) -> None:
    """Make sure that nothing is left unread."""
    if parser.next_is("after"):
        raise parser.fail(message("it names a beginning but no end"))
    if not parser.next_is("stop"):
        raise parser.unread()


def _advisory(words: str) -> Note:
    said = message(
        "“{words}” makes the time approximate: it advises, it does not bind", words=words
    )
    return Note("advisory", said)
