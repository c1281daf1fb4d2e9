"""What a caller settles beforehand, and the small words any phrase may carry."""

from __future__ import annotations

import attrs

from rectify.calendar import WorkingCalendar
from rectify.deadline import Roll
from rectify.derivation import Note
from rectify.i18n import message
from rectify.phrases.grammar import Clock, Parser


@attrs.frozen
class Settings:
    """How a phrase is read where its words leave it open."""

    zone: str
    calendar: WorkingCalendar
    roll: Roll
    include_named_day: bool


def lead_in(parser: Parser, notes: list[Note]) -> bool:
    """Take 截至, 于, 自, 原则上 and the like; whether 截至 is among them."""
    until = False
    while token := parser.take("until", "at", "from", "roughly"):
        until = until or token.kind == "until"
        if token.kind == "roughly":
            notes.append(_advisory(token.text))
    return until


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
