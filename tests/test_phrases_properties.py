"""What holds for all wording: it reads back, it ends, and it never fails oddly."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rectify.errors import HorizonError, InvalidValue, PhraseError, RectifyError
from rectify.phrases import Phrase, Recurrence, Span, Within, parse, parse_due, parse_span
from rectify.phrases.tokens import LONGEST, tokens

DAYS = st.dates(date(1949, 1, 1), date(2199, 12, 31))
DIGITS = "〇一二三四五六七八九"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def chinese(number: int) -> str:
    """A number below 100 in Chinese, as an official writes it."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def plain(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def in_characters(day: date) -> str:
    year = "".join(DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{chinese(day.month)}月{chinese(day.day)}日"


def full_width(day: date) -> str:
    return plain(day).translate(FULL_WIDTH)


def spaced(day: date) -> str:
    return f" {day.year} 年 {day.month} 月 {day.day} 日 "


def dotted(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


WRITERS = st.sampled_from([plain, in_characters, full_width, spaced, dotted, date.isoformat])
LINKS = st.sampled_from(["至", "到", "—", "——", "~", "～", " 至 "])


@given(DAYS, WRITERS, st.sampled_from(["前", "之前", "以前", "止"]))
@settings(deadline=None)
def test_a_due_date_reads_back(day: date, write: object, mark: str) -> None:
    assert callable(write)
    due = parse_due(f"{write(day)}{mark}")
    assert day == due.nominal == due.effective
    assert due.ends_at.replace(tzinfo=None) == datetime.combine(
        day + timedelta(days=1), datetime.min.time()
    )


@given(DAYS, st.times())
@settings(deadline=None)
def test_an_hour_reads_back(day: date, at: datetime) -> None:
    due = parse_due(f"{plain(day)}{at.hour}时{at.minute}分前")
    assert f"{day} {at:%H:%M}:00" == str(due.ends_at.replace(tzinfo=None))


@given(DAYS, DAYS, WRITERS, WRITERS, LINKS)
@settings(deadline=None)
def test_a_span_reads_back(one: date, two: date, left: object, right: object, link: str) -> None:
    assert callable(left)
    assert callable(right)
    opens, closes = sorted((one, two))
    span = parse_span(f"{left(opens)}{link}{right(closes)}")
    assert (opens, closes) == (span.opens, span.closes)


@given(DAYS, st.integers(0, 400))
@settings(deadline=None)
def test_a_span_reads_back_with_the_year_or_month_left_out(opens: date, length: int) -> None:
    closes = min(opens + timedelta(days=length), date(2199, 12, 31))
    right = plain(closes)
    if opens.year == closes.year:
        right = right.removeprefix(f"{closes.year}年")
        if opens.month == closes.month:
            right = right.removeprefix(f"{closes.month}月")
    span = parse_span(f"{plain(opens)}至{right}")
    assert (opens, closes) == (span.opens, span.closes)


@given(st.integers(1, 99), st.sampled_from(["个工作日", "日", "天", "周", "个月", "个星期"]))
@settings(deadline=None)
def test_a_period_reads_the_same_in_digits_and_in_characters(number: int, unit: str) -> None:
    arabic, characters = parse(f"{number}{unit}内"), parse(f"{chinese(number)}{unit}内")
    assert isinstance(arabic, Within)
    assert isinstance(characters, Within)
    assert arabic.period == characters.period


@given(DAYS, st.integers(1, 24), st.integers(0, 800), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
@settings(deadline=None)
def test_turns_cover_a_span_without_gap_or_overlap(
    opens: date, count: int, length: int, anchor: date
) -> None:
    span = Span("", opens, min(opens + timedelta(days=length), date(2199, 12, 31)))
    recurrence = parse(f"每{count}个月")
    assert isinstance(recurrence, Recurrence)
    windows = recurrence.windows(span, anchor=anchor)
    assert (span.opens, span.closes) == (windows[0].opens, windows[-1].closes)
    for before, after in pairwise(windows):
        assert before.closes + timedelta(days=1) == after.opens
        assert not after.stub or after is windows[-1]


WORDS = """
2018年 18年 4月 13月 9日 31日 上旬 中旬 初 中 底 末 至 - — 前 之前 内 左右 截至 于 自 起 止 后 每 按
个 半 两 十 百 2 3 一 二十 个月 工作日 天 周 季度 上半年 年 月 日 时 点 分 整 下午 24时 17:30
2018-04-09 第 次 至少 结束 首月 次月 今年 次年 当日 次日 期间 约 检查 。 （ ） ２
"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\u3000"])
WORDING = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=40))


@given(WORDING, st.sampled_from([None, 2018]), st.sampled_from([None, date(2018, 6, 8)]))
@settings(max_examples=600, deadline=None)
def test_any_wording_is_read_or_refused(words: str, year: int | None, event: date | None) -> None:
    try:
        phrase = parse(words, year=year, event=event)
    except (PhraseError, HorizonError, InvalidValue) as error:
        check_refusal(error, words, event)
    else:
        check_reading(phrase, words)


def check_refusal(error: RectifyError, words: str, event: date | None) -> None:
    assert str(error)
    assert isinstance(error, PhraseError) or event is not None
    assert 0 <= getattr(error, "position", 0) <= len(words)


def check_reading(phrase: Phrase, words: str) -> None:
    assert phrase.words == words
    assert phrase.explain("zh")
    assert phrase.explain("en")
    assert phrase.as_data()["words"] == words


@given(st.text(max_size=LONGEST))
@settings(deadline=None)
def test_there_are_never_more_tokens_than_characters(words: str) -> None:
    try:
        cut = tokens(words)
    except PhraseError:
        return
    assert len(cut) <= len(words) + 1
    assert all(0 <= token.start <= token.end <= len(words) for token in cut)


@given(PIECES, st.integers(LONGEST, 20_000))
@settings(max_examples=20, deadline=None)
def test_long_wording_ends(piece: str, length: int) -> None:
    words = (piece * length)[:length] or " " * length
    with contextlib.suppress(PhraseError):
        parse(words)
