"""Official wording cut into tokens, in one pass from left to right.

Full-width characters are read as their plain forms and white space is skipped; each
token keeps where it stood in the words as given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, TypeAlias

import attrs

from rectify.errors import PhraseError
from rectify.i18n import message
from rectify.phrases import numerals

Kind: TypeAlias = Literal[
    "number", "date", "time", "text", "stop",
    "year", "month", "day", "quarter", "half-year", "part", "this-year",
    "unit", "one", "half", "ordinal", "nth-month", "next-month", "over",
    "every", "times", "at-least", "range", "before", "within", "around", "until",
    "at", "roughly", "from", "after", "through", "during", "ended",
    "meridiem", "hour", "minute", "sharp", "event-day",
]  # fmt: skip

LONGEST = 200

_WORDS: dict[str, tuple[Kind, str]] = {}


def _words(kind: Kind, **meanings: str) -> None:
    for meaning, surfaces in meanings.items():
        for surface in surfaces.split():
            _WORDS[surface] = (kind, meaning.replace("_", "-"))


_words("year", year="年 年度")
_words("month", month="月 月份")
_words("day", day="日 号")
_words("quarter", quarter="季度 季")
_words("half-year", first="上半年", second="下半年")
_words("part", start="初", middle="中", end="底 末")
_words("part", first_ten="上旬", middle_ten="中旬", last_ten="下旬")
_words("part", first_twenty="上中旬 中上旬", last_twenty="中下旬")
_words("part", first_half="上半月", second_half="下半月")
_words("this-year", this="今年 本年 本年度 当年", next="明年 次年 翌年", last="去年 上年")
_words("unit", days="天 自然日 日历日", working_days="工作日", weeks="周 星期 礼拜", months="个月")
_words("unit", hours="小时", ten_days="旬")
_words("one", one="个")
_words("half", half="半")
_words("ordinal", ordinal="第")
_words("nth-month", first="首月", last="末月 最后一个月")
_words("next-month", next="次月 下月")
_words("every", every="每 按")
_words("times", times="次")
_words("at-least", at_least="至少 不少于")
_words("range", range="至 到 - – — ― − ~ 〜 ∼")
_words("before", before="前 之前 以前")
_words("within", within="内 之内 以内")
_words("around", around="左右 前后 上下")
_words("until", until="截至 截止 截止到 截至到 截止至")
_words(
    "at", at="于 在 最迟 最晚 最迟于 最晚于 不迟于 不晚于 务必于 务必在 请于 请在 应于 应在 须于"
)
_words("at", at="时间为 时限为 期限为")
_words("roughly", roughly="约 大约 大概 原则上 一般")
_words("from", **{"from": "自 从 由"})
_words("after", after="起 之日起 后 之后 以后")
_words("ended", ended="结束 终了")
# Words that end like 后 and 起 and say nothing of a beginning.
_words("text", text="最后 先后 延后 推后 落后 滞后 一起 发起 引起 提起")
_words("through", through="止 为止")
_words("during", during="期间 间")
_words("meridiem", dawn="凌晨", morning="上午 早上 早晨", noon="中午", afternoon="下午")
_words("meridiem", evening="晚上 晚 晚间")
_words("hour", hour="时 点 点钟")
_words("minute", minute="分")
_words("event-day", same="当日 当天", next="次日 翌日")
_words("sharp", sharp="整")

_DASHES = "-–—~"
_LONGEST_WORD = max(map(len, _WORDS))
_DATE = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?![0-9])")
_NUMBER = re.compile("[0-9]+")
_CHINESE = re.compile("[" + "".join(numerals.CHARACTERS) + "]+")


@attrs.frozen
class Token:
    """A piece of the words: what it is, what it means, where it stands."""

    kind: Kind
    text: str
    start: int
    end: int
    meaning: str = ""
    value: int = 0
    chinese: bool = False
    parts: tuple[int, ...] = ()


def tokens(words: str) -> list[Token]:
    """Cut the words into tokens, closed by a stop. Raises `PhraseError`."""
    if len(words) > LONGEST:
        problem = message("it is longer than {longest} characters", longest=LONGEST)
        raise PhraseError(words, LONGEST, problem)
    places = [n for n, char in enumerate(words) if not char.isspace()]
    plain = "".join(_plain(words[n]) for n in places)
    cut = list(_cut(words, plain, places))
    for place, (before, token) in enumerate(pairwise(cut)):
        weekday = place > 0 and cut[place - 1].meaning == "weeks"
        if before.kind == token.kind == "number" and not weekday:
            problem = message("two numbers side by side, “{first}” and “{second}”",
                              first=before.text, second=token.text)  # fmt: skip
            raise PhraseError(words, token.start, problem)
    return [*cut, Token("stop", "", len(words), len(words))]


def _plain(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _cut(words: str, plain: str, places: list[int]) -> Iterator[Token]:
    index, unknown = 0, -1
    while index < len(plain):
        found = _word(plain, index) or _numeral(words, plain, index, places)
        if found is None:
            unknown = index if unknown < 0 else unknown
            index += 1
            continue
        if unknown >= 0:
            yield _placed(Token("text", plain[unknown:index], 0, 0), unknown, index, places)
            unknown = -1
        length = len(found.text)
        yield _placed(found, index, index + length, places)
        index += length
    if unknown >= 0:
        yield _placed(Token("text", plain[unknown:], 0, 0), unknown, index, places)


def _placed(token: Token, start: int, end: int, places: list[int]) -> Token:
    return attrs.evolve(token, start=places[start], end=places[end - 1] + 1)


def _word(plain: str, index: int) -> Token | None:
    for length in range(min(_LONGEST_WORD, len(plain) - index), 0, -1):
        text = plain[index : index + length]
        if text in _WORDS:
            kind, meaning = _WORDS[text]
            while text[-1] in _DASHES and plain.startswith(text[-1], index + len(text)):
                text += text[-1]
            return Token(kind, text, 0, 0, meaning)
    return None


def _numeral(words: str, plain: str, index: int, places: list[int]) -> Token | None:
    if match := _DATE.match(plain, index):
        parts = (int(match[1]), int(match[3]), int(match[4]))
        return Token("date", match[0], 0, 0, parts=parts)
    if match := _TIME.match(plain, index):
        return Token("time", match[0], 0, 0, parts=(int(match[1]), int(match[2])))
    if match := _NUMBER.match(plain, index):
        if len(match[0]) > 6:
            raise PhraseError(words, places[index], message("a number this long is a mistake"))
        if places[index + len(match[0]) - 1] - places[index] >= len(match[0]):
            raise PhraseError(words, places[index], message("a space within a number"))
        return Token("number", match[0], 0, 0, value=int(match[0]))
    if plain.startswith("元月", index):
        return Token("number", "元", 0, 0, value=1, chinese=True)
    if match := _CHINESE.match(plain, index):
        try:
            value = numerals.read(match[0])
        except numerals.NotANumberError:
            return Token("text", match[0], 0, 0, meaning="not-a-number")
        return Token("number", match[0], 0, 0, value=value, chinese=True)
    return None
