"""The words of an event in front of a period: they may only describe it, or give its day.

What names a time of its own there (6月1日后3日内收到后5日内) would be lost if it were taken
for a description, and the period would run from another day than the words say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rectify.i18n import message
from rectify.phrases.grammar import FIRST_YEAR, Parser
from rectify.phrases.settings import finish, lead_in
from rectify.phrases.spans import dated
from rectify.phrases.tokens import Kind, Token

_UNITS: tuple[Kind, ...] = ("unit", "one", "half", "year", "month", "day", "quarter", "hour")
_NOT_A_DEADLINE = (
    "不得", "不能", "不可", "不应", "不准", "不许", "不宜", "不必", "不早于",
    "早于", "晚于", "迟于", "无需", "无须", "严禁", "禁止", "最后",
)  # fmt: skip
# Words that hold 前 and say nothing of a time before something.
_HOLDING_BEFORE = ("提前", "目前", "前期", "前款", "前述", "前往", "前置", "前来", "生前")


def event_of(parser: Parser, ahead: Sequence[Token], mark: Token) -> date | None:
    """The day of the event where the words give it; None where they describe it.

    ``ahead`` are the tokens in front of ``mark``, which is 后, 起 or the like. Raises
    `PhraseError` for anything else than a day or a description.
    """
    inner = Parser(parser.words, [*ahead, Token("stop", "", mark.start, mark.start)], parser.year)
    lead_in(inner, [])
    rest = inner.tokens[inner.index : -1]
    if any(token.kind in ("text", "ended", "event-day") for token in rest):
        _only_describes(parser, rest, mark)
        return None
    point = dated(inner, inner.point(), [])
    finish(inner)
    bounds = point.bounds()
    if not bounds.exists:
        raise parser.fail(message("there is no “{words}”", words=point.words), rest[0])
    if bounds.first != bounds.last:
        raise parser.fail(message("name the one day to count from"), rest[0])
    return bounds.last


def _only_describes(parser: Parser, ahead: Sequence[Token], mark: Token) -> None:
    for place, token in enumerate(ahead):
        if _names_a_time(ahead, place):
            raise parser.fail(
                message(
                    "“{text}” before “{mark}” is a time of its own; describe the event alone",
                    text=_with_unit(parser, ahead, place),
                    mark=mark.text,
                ),
                token,
            )
    first, last = ahead[0], ahead[-1]
    said = parser.words[first.start : last.end]
    for words in _NOT_A_DEADLINE:
        if words in said:
            at = Token("text", words, first.start + said.index(words), 0)
            problem = message("“{text}” before a period is not understood", text=words)
            raise parser.fail(problem, at)
    if last.kind == "number" or (last.meaning == "next" and "起" not in mark.text):
        problem = message("“{text}” is not expected here", text=last.text)
        raise parser.fail(problem, last)


def _names_a_time(ahead: Sequence[Token], place: int) -> bool:
    """Whether a date, an hour, a length of time or a time before something stands there."""
    token = ahead[place]
    after = ahead[place + 1] if place + 1 < len(ahead) else None
    if token.kind in ("date", "time", "half-year") or token.meaning.endswith(("-ten", "-twenty")):
        return token.kind != "half-year" or after is None
    if token.kind == "before":
        return not _is_a_word(ahead, place)
    if token.kind == "half":
        return after is not None and after.kind in _UNITS and place + 2 == len(ahead)
    if token.kind != "number" or after is None or after.kind not in _UNITS:
        return False
    if after.kind == "year" and token.value >= FIRST_YEAR:
        return place + 2 == len(ahead)
    return not (after.text == "号" and _numbers_a_document(ahead, place))


def _is_a_word(ahead: Sequence[Token], place: int) -> bool:
    left = ahead[place - 1].text[-1:] if place else ""
    right = ahead[place + 1].text[:1] if place + 1 < len(ahead) else ""
    text = ahead[place].text
    return any(word in (left + text, text + right) for word in _HOLDING_BEFORE)


def _numbers_a_document(ahead: Sequence[Token], place: int) -> bool:
    """Whether 号 is a document's (〔2017〕33号, 第33号), not a day's."""
    before = ahead[place - 1] if place else None
    return before is not None and (before.kind == "ordinal" or before.text[-1:] in "〕]】)")


def _with_unit(parser: Parser, ahead: Sequence[Token], place: int) -> str:
    end = (
        ahead[min(place + 1, len(ahead) - 1)]
        if ahead[place].kind in ("number", "half")
        else ahead[place]
    )
    return parser.words[ahead[place].start : end.end]
