"""What recurs expands over a span into turns, each with its due date."""

from __future__ import annotations

from datetime import date

import pytest

from rectify.errors import InvalidValue
from rectify.phrases import Phrase, Recurrence, parse, parse_span


def recurring(
    words: str, *, anchor: date | None = None, include_named_day: bool = True
) -> Recurrence:
    phrase = parse(words, anchor=anchor, include_named_day=include_named_day)
    assert isinstance(phrase, Recurrence)
    return phrase


def codes(phrase: Phrase) -> str:
    return " ".join(note.code for note in phrase.notes)


HALF_MONTHS = (
    "04-15* 04-30 05-15 05-31 06-15 06-30 07-15 07-31 08-15 08-31 09-15 09-30 10-15 10-20*"
)
THIRDS = (
    "04-20 04-30 05-10 05-20 05-31 06-10 06-20 06-30 07-10 07-20 07-31 08-10 08-20 08-31"
    " 09-10 09-20 09-30 10-10 10-20"
)
EACH_DAY = " ".join(f"04-{day}" for day in range(11, 27))

# Words, over 2018-04-11 to 2018-10-20: due days, stubs marked with an asterisk.
RECURRING = [
    ("每2个月", "06-10 08-10 10-10 10-20*"),
    ("每两个月", "06-10 08-10 10-10 10-20*"),
    ("每2个月开展1次明察暗访", "06-10 08-10 10-10 10-20*"),
    ("每2个月1次", "06-10 08-10 10-10 10-20*"),
    ("每3个月至少1次", "07-10 10-10 10-20*"),
    ("每月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("每个月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("按月", "04-30* 05-31 06-30 07-31 08-31 09-30 10-20*"),
    ("每季度", "06-30* 09-30 10-20*"),
    ("每半年", "06-30* 10-20*"),
    ("每年", "10-20*"),
    ("每月5日前", "05-05 06-05 07-05 08-05 09-05 10-05*"),
    ("每月31日前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月底前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月月底前", "04-30* 05-31 06-30 07-31 08-31 09-30"),
    ("每月上旬", "05-10 06-10 07-10 08-10 09-10 10-10*"),
    ("每月初", "05-01 06-01 07-01 08-01 09-01 10-01*"),
    ("每季度末", "06-30* 09-30"),
    ("每季度末前", "06-30* 09-30"),
    ("每季度初", "07-01 10-01*"),
    ("每季度末月25日前", "06-25* 09-25"),
    ("每季度最后一个月25日前", "06-25* 09-25"),
    ("每季度首月10日前", "07-10 10-10*"),
    ("每季度第2个月底前", "05-31* 08-31"),
    ("每季度次月10日前", "07-10* 10-10"),
    ("每季度结束后10日内", "07-10* 10-10"),
    ("每季度后10日内", "07-10* 10-10"),
    ("每月终了后5个工作日内", "05-08* 06-07 07-06 08-07 09-07 10-12"),
    ("每半年底前", "06-30*"),
    ("每年6月底前", "06-30*"),
    ("每年6月25日前", "06-25*"),
    ("每年第二季度", "06-30*"),
    ("每年上半年", "06-30*"),
    ("每年年中", "06-30*"),
    ("每年6月前", "06-30*"),
    ("每年12月底前", ""),
    ("每年底前", ""),
    ("每年第9个月", "09-30*"),
    ("每半月", HALF_MONTHS),
    ("每半个月", HALF_MONTHS),
    ("每旬", THIRDS),
    ("每60天", "06-09 08-08 10-07 10-20*"),
    ("每10周", "06-19 08-28 10-20*"),
    ("每2年", "10-20*"),
]


@pytest.mark.parametrize(("words", "expected"), RECURRING)
def test_a_recurrence_expands_over_a_span(words: str, expected: str) -> None:
    windows = recurring(words).windows(parse_span("2018年4月11日至10月20日"))
    found = [f"{each.due.falls_on:%m-%d}{'*' * each.stub}" for each in windows]
    assert expected.split() == found
    assert list(range(1, len(windows) + 1)) == [each.number for each in windows]


# Words that fall due after their turn, a span, the due days; stubs have an asterisk.
AFTER_THE_TURN = [
    ("每季度结束后10日内", "2021年1月至12月", "21-04-10 21-07-10 21-10-10 22-01-10"),
    ("每季度结束后10日内", "2021年2月至3月", "21-04-10*"),
    ("每季度结束后10日内", "2021年1月至2月", ""),
    ("每季度次月10日前", "2021年1月至6月", "21-04-10 21-07-10"),
    ("每月次月5日前", "2021年11月至12月", "21-12-05 22-01-05"),
    ("每2个月结束后5日内", "2021年2月至7月", "21-04-05 21-06-05 21-08-05"),
    ("每年结束后1个月内", "2021年", "22-01-31"),
]


@pytest.mark.parametrize(("words", "span", "expected"), AFTER_THE_TURN)
def test_what_is_due_after_its_turn_belongs_to_the_span_in_which_the_turn_ends(
    words: str, span: str, expected: str
) -> None:
    windows = recurring(words).windows(parse_span(span))
    assert expected.split() == [
        f"{each.due.falls_on:%y-%m-%d}{'*' * each.stub}" for each in windows
    ]
    assert bool(expected) == recurring(words).occurs_in(parse_span(span))


def test_a_turn_that_ended_is_told_as_such() -> None:
    """Nothing happened on 31 March: the quarter ended."""
    (window,) = recurring("每季度结束后10日内").windows(parse_span("2018年1月至3月"))
    assert [step.message.zh for step in window.due.steps if step.code == "turn"] == [
        "2018年1月1日起的一期至2018年3月31日（星期六）届满，当日不计入"
    ]
    assert "event" not in {step.code for step in window.due.steps}


WEEKS = [
    ("每周五17时前", "04-13* 04-20"),
    ("每周五12点", "04-13* 04-20"),
    ("每周五 17时前", "04-13* 04-20"),
    ("每星期日17:30前", "04-15* 04-22"),
    ("每周", "04-15* 04-22 04-26*"),
    ("每周五前", "04-13* 04-20"),
    ("每星期五", "04-13* 04-20"),
    ("每周日前", "04-15* 04-22"),
    ("每星期天", "04-15* 04-22"),
    ("每日17时前", EACH_DAY),
]


@pytest.mark.parametrize(("words", "expected"), WEEKS)
def test_weeks_begin_on_monday(words: str, expected: str) -> None:
    windows = recurring(words).windows(parse_span("2018年4月11日至26日"))
    assert expected.split() == [f"{each.due.falls_on:%m-%d}{'*' * each.stub}" for each in windows]


def test_a_recurring_word_may_leave_out_its_day_too() -> None:
    monthly = recurring("每月5日前", include_named_day=False)
    first = monthly.windows(parse_span("2018年5月"))[0]
    assert date(2018, 5, 4) == first.due.effective
    assert date(2018, 5, 5) == first.due.nominal
    timed = recurring("每月5日17时前", include_named_day=False)
    assert date(2018, 5, 5) == timed.windows(parse_span("2018年5月"))[0].due.effective
    weekly = recurring("每周五前", include_named_day=False)
    assert date(2018, 5, 3) == weekly.windows(parse_span("2018年5月"))[0].due.effective
    ends = recurring("每月底前", include_named_day=False)
    assert date(2018, 5, 31) == ends.windows(parse_span("2018年5月"))[0].due.effective


def test_the_same_phrase_reads_otherwise_with_another_anchor() -> None:
    span = parse_span("2018年4月11日至10月20日")
    anchored = recurring("每2个月", anchor=date(2018, 3, 1))
    expected = ["04-30*", "06-30", "08-31", "10-20*"]
    found = [f"{each.closes:%m-%d}{'*' * each.stub}" for each in anchored.windows(span)]
    assert expected == found
    later = recurring("每2个月").windows(span, anchor=date(2018, 6, 1))
    expected = ["05-31*", "07-31", "09-30", "10-20*"]
    assert expected == [f"{each.closes:%m-%d}{'*' * each.stub}" for each in later]


def test_a_day_before_an_anchored_turn_begins_falls_in_its_next_month_or_year() -> None:
    monthly = recurring("每月5日前", anchor=date(2018, 4, 15))
    (window,) = monthly.windows(parse_span("2018年4月15日至5月14日"))
    assert date(2018, 5, 5) == window.due.effective
    yearly = recurring("每年3月底前", anchor=date(2018, 5, 1))
    (window,) = yearly.windows(parse_span("2018年5月1日至2019年4月30日"))
    assert date(2019, 3, 31) == window.due.effective


def test_a_turn_that_starts_on_the_31st_does_not_drift() -> None:
    monthly = recurring("每1个月", anchor=date(2018, 1, 31))
    windows = monthly.windows(parse_span("2018年1月31日至5月30日"))
    expected = ["2018-01-31", "2018-02-28", "2018-03-31", "2018-04-30"]
    assert expected == [str(each.opens) for each in windows]


def test_parts_of_a_month_take_no_anchor() -> None:
    with pytest.raises(InvalidValue, match="the calendar’s own"):
        recurring("每旬", anchor=date(2018, 1, 5))
    with pytest.raises(InvalidValue, match="the calendar’s own"):
        recurring("每半月").windows(parse_span("2018年"), anchor=date(2018, 1, 5))


@pytest.mark.parametrize("count", [0, -1, 1201])
def test_a_turn_has_a_sensible_length(count: int) -> None:
    with pytest.raises(InvalidValue, match="a turn is 1 to 1200"):
        Recurrence("x", count, "month")


def test_a_due_date_after_its_turn_names_each_day_it_skipped() -> None:
    quarter = recurring("每季度结束后5个工作日内").windows(parse_span("2018年9月"))
    (window,) = quarter
    assert date(2018, 10, 12) == window.due.effective
    assert window.due.counted == "working"
    skipped = next(step for step in window.due.steps if step.code == "working-days").days
    assert [date(2018, 10, day) for day in range(1, 8)] == [day.on for day in skipped]


def test_too_many_turns_are_refused() -> None:
    with pytest.raises(InvalidValue, match="more than 20000 turns"):
        recurring("每日").windows(parse_span("1949年至2018年"))


def test_approximate_recurrences_are_noted() -> None:
    assert codes(parse("每2个月左右")) == "advisory"
    assert codes(parse("每年年中")) == "ambiguous"
    assert codes(parse("每年6月前")) == "ambiguous"
    assert codes(parse("每日5点前")) == "ambiguous"
    assert codes(parse("每2月")) == "ambiguous"
    assert codes(parse("每季度前")) == "ambiguous"
    assert codes(parse("每2个月前")) == "ambiguous"
    assert codes(parse("每日前")) == ""
    assert codes(parse("每2个月")) == ""


# Words, and the first line of what they are said to mean, place and hour included.
TOLD = {
    "每季度": ("“每季度”：每季度一期。", "“每季度”: every quarter."),
    "每2个月": ("“每2个月”：每2个月一期。", "“每2个月”: every 2 months."),
    "每3周": ("“每3周”：每3周一期。", "“每3周”: every 3 weeks."),
    "每月5日前": (
        "“每月5日前”：每月一期，“5日”到期。",
        "“每月5日前”: every month, due on its “5日”.",
    ),
    "每周五17时前": (
        "“每周五17时前”：每周一期，星期五到期，17时前。",
        "“每周五17时前”: every week, on its Friday, by 17:00.",
    ),
    "每季度结束后10日内": (
        "“每季度结束后10日内”：每季度一期，期满次日起10日内。",
        "“每季度结束后10日内”: every quarter, within 10 days of its end.",
    ),
    "每季度末月25日前": (
        "“每季度末月25日前”：每季度一期，当期第3个月“25日”到期。",
        "“每季度末月25日前”: every quarter, due on “25日” of its month 3.",
    ),
    "每月次月5日前": (
        "“每月次月5日前”：每月一期，次月“5日”到期。",
        "“每月次月5日前”: every month, due on “5日” of the month after it.",
    ),
}


def test_recurrences_explain_themselves() -> None:
    for words, (zh, en) in TOLD.items():
        every = recurring(words)
        assert zh == every.explain("zh").splitlines()[0]
        assert en == every.explain("en").splitlines()[0]


def test_recurrences_give_plain_data() -> None:
    every = recurring("每2个月", anchor=date(2018, 4, 11)).as_data()
    assert (every["cycle"], every["count"], every["anchor"]) == ("month", 2, "2018-04-11")
