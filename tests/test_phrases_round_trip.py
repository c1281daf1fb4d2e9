"""Every form that is read is written out by rule and read back: to the day, the turn, the length.

What a form means is worked out here by the standard library alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rectify.deadline import Due
from rectify.period import Period
from rectify.phrases import Recurrence, Span, Within, parse, parse_due, parse_span

ONE = timedelta(days=1)
BEIJING = ZoneInfo("Asia/Shanghai")
YEARS, MONTHS = st.integers(1950, 2198), st.integers(1, 12)
DIGITS = "〇一二三四五六七八九"
MARKS = st.sampled_from(["前", "之前", "以前", "止", "截止", "为止"])
LEADS = st.sampled_from(["截至", "截止", "截止到", "于截至"[1:]])
LINKS = st.sampled_from(["至", "到", "-", "—", "——", "~", "～", " 至 "])

Form: TypeAlias = tuple[str, date, date]
"""Words, and the first and last day they name."""


def last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def chinese(number: int) -> str:
    """A number below 100 in Chinese, as an official writes it."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def month_forms(year: int, month: int) -> list[Form]:
    """A month, its thirds and halves, its beginning, middle and end."""
    named, first, last = f"{year}年{month}月", date(year, month, 1), last_of(year, month)

    def day(number: int) -> date:
        return date(year, month, number)

    return [
        (named, first, last),
        (f"{named}份", first, last),
        (f"{named}上旬", first, day(10)),
        (f"{named}中旬", day(11), day(20)),
        (f"{named}下旬", day(21), last),
        (f"{named}上中旬", first, day(20)),
        (f"{named}中下旬", day(11), last),
        (f"{named}上半月", first, day(15)),
        (f"{named}下半月", day(16), last),
        (f"{named}初", first, first),
        (f"{named}中", day(15), day(15)),
        (f"{named}底", last, last),
        (f"{named}末", last, last),
    ]


def longer_forms(year: int, quarter: int) -> list[Form]:
    """A quarter, the halves and the year, their beginnings, middles and ends."""
    first, last = date(year, quarter * 3 - 2, 1), last_of(year, quarter * 3)
    january, june, july = date(year, 1, 1), date(year, 6, 30), date(year, 7, 1)
    december = date(year, 12, 31)
    return [
        (f"{year}年第{quarter}季度", first, last),
        (f"{year}年第{DIGITS[quarter]}季度", first, last),
        (f"{year}年{DIGITS[quarter]}季度", first, last),
        (f"{year}年{DIGITS[quarter]}季度末", last, last),
        (f"{year}年上半年", january, june),
        (f"{year}年下半年", july, december),
        (f"{year}年", january, december),
        (f"{year}年度", january, december),
        (f"{year}年初", january, january),
        (f"{year}年中", june, june),
        (f"{year}年底", december, december),
        (f"{year}年末", december, december),
        (f"{year}年年底", december, december),
    ]


FORMS = st.one_of(
    st.builds(month_forms, YEARS, MONTHS), st.builds(longer_forms, YEARS, st.integers(1, 4))
).flatmap(st.sampled_from)
Write: TypeAlias = Callable[[str], str]
WAYS: tuple[Write, ...] = (
    lambda words: words,
    lambda words: f" {words} ",
    lambda words: words.replace("年", "年 "),
)
SPACED = st.sampled_from(WAYS)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(FORMS, SPACED, st.booleans())
@settings(deadline=None, max_examples=300)
def test_every_form_of_a_span_reads_back(form: Form, write: Write, wide: bool) -> None:
    """Alone, with stray spaces, in full-width digits: its first and last day."""
    words, first, last = form
    said = write(words).translate(FULL_WIDTH) if wide else write(words)
    span = parse_span(said)
    assert (first, last, said) == (span.opens, span.closes, span.words)


@given(FORMS, FORMS, LINKS)
@settings(deadline=None, max_examples=300)
def test_any_two_forms_make_a_span(one: Form, other: Form, link: str) -> None:
    """From the first day of the one through the last day of the other."""
    left, right = sorted((one, other), key=lambda form: (form[1], form[2]))
    if left[1] <= right[2]:
        span = parse_span(f"{left[0]}{link}{right[0]}")
        assert (left[1], right[2]) == (span.opens, span.closes)


@given(YEARS, MONTHS, MONTHS, LINKS, st.sampled_from(["上旬", "中旬", "下旬", "底", ""]))
@settings(deadline=None)
def test_the_year_may_be_left_out_on_the_right(
    year: int, one: int, other: int, link: str, part: str
) -> None:
    """2018年4月中旬至10月中旬: the right side is of the same year."""
    first, second = sorted((one, other))
    right = {
        words.removeprefix(f"{year}年{second}月"): last
        for words, _, last in month_forms(year, second)
    }
    span = parse_span(f"{year}年{first}月{link}{second}月{part}")
    assert (date(year, first, 1), right[part]) == (span.opens, span.closes)


@given(FORMS, MARKS)
@settings(deadline=None, max_examples=300)
def test_every_form_with_a_mark_is_due_through_its_last_day(form: Form, mark: str) -> None:
    words, _, last = form
    due = parse_due(f"{words}{mark}")
    assert (last, last) == (due.nominal, due.effective)
    assert due.ends_at == datetime.combine(last + ONE, time(0), BEIJING)


@given(FORMS, LEADS)
@settings(deadline=None, max_examples=200)
def test_every_form_with_a_lead_is_due_through_its_last_day(form: Form, lead: str) -> None:
    words, _, last = form
    assert parse_due(f"{lead}{words}").effective == last


def period_forms(number: int) -> list[tuple[str, Period]]:
    """A length in every unit, in digits and in characters, and the irregular ones."""
    found: list[tuple[str, Period]] = []
    for said in (str(number), chinese(number)):
        found += [
            (f"{said}日", Period(days=number)),
            (f"{said}天", Period(days=number)),
            (f"{said}个工作日", Period(working_days=number)),
            (f"{said}周", Period(days=7 * number)),
            (f"{said}个星期", Period(days=7 * number)),
            (f"{said}个月", Period(months=number)),
            (f"{said}个季度", Period(months=3 * number)),
            (f"{said}小时", Period(hours=number)),
            (f"{said}个半月", Period(months=number, days=15)),
        ]
    if number < 10:
        # With two digits it would be a year, and is refused as one.
        found += [(f"{said}年", Period(months=12 * number)) for said in (number, chinese(number))]
    return [
        *found,
        ("半年", Period(months=6)),
        ("半个月", Period(days=15)),
        ("两个月", Period(months=2)),
        ("两周", Period(days=14)),
        ("一年半", Period(months=18)),
    ]


PERIODS = st.integers(1, 60).map(period_forms).flatmap(st.sampled_from)
WITHIN = st.sampled_from(["内", "之内", "以内"])
EVENTS = st.sampled_from(["", "自收到通知之日起", "发现问题后", "接到举报之日起"])


@given(PERIODS, WITHIN, EVENTS)
@settings(deadline=None, max_examples=300)
def test_every_period_reads_back(form: tuple[str, Period], mark: str, event: str) -> None:
    words, period = form
    within = parse(f"{event}{words}{mark}")
    assert isinstance(within, Within)
    assert (period, event) == (within.period, within.event_words)


@given(PERIODS, st.dates(date(2010, 1, 1), date(2020, 12, 31)))
@settings(deadline=None, max_examples=200)
def test_a_period_runs_from_the_day_after_its_event(form: tuple[str, Period], event: date) -> None:
    words, period = form
    at = datetime.combine(event, time(9, 30), BEIJING)
    if period.working_days:
        return
    due = parse(f"{words}内", event=at)
    assert isinstance(due, Due)
    if period.hours:
        assert due.ends_at == at + timedelta(hours=period.hours)
        return
    months = event.year * 12 + event.month - 1 + period.months
    year, month = divmod(months, 12)
    day = min(event.day, monthrange(year, month + 1)[1])
    expected = date(year, month + 1, day) + timedelta(days=period.days)
    assert (due.effective, due.ends_at.time()) == (expected, time(0))


@given(
    st.sampled_from([("当日", 0), ("次日", 1), ("", 0)]),
    st.integers(0, 23),
    st.integers(0, 59),
    st.dates(date(2010, 1, 1), date(2020, 12, 31)),
)
@settings(deadline=None)
def test_an_hour_of_the_events_day_reads_back(
    which: tuple[str, int], hour: int, minute: int, event: date
) -> None:
    named, later = which
    due = parse(f"{named}{hour}时{minute}分前", event=event)
    assert isinstance(due, Due)
    day = event + later * ONE
    assert due.ends_at == datetime.combine(day, time(hour, minute), BEIJING)


SPAN = Span("…", date(2018, 1, 1), date(2019, 12, 31))
MONTH_ENDS = [last_of(year, month) for year in (2018, 2019) for month in range(1, 13)]
QUARTER_ENDS = [day for day in MONTH_ENDS if day.month % 3 == 0]


def of_each_month(day: int) -> list[date]:
    return [end.replace(day=min(day, end.day)) for end in MONTH_ENDS]


def weekly(weekday: int) -> list[date]:
    days = [SPAN.opens + n * ONE for n in range((SPAN.closes - SPAN.opens).days + 1)]
    return [day for day in days if day.isoweekday() == weekday]


def in_quarter(nth: int, day: int) -> list[date]:
    """A day of the nth month of each quarter."""
    return [date(2018 + q // 4, q % 4 * 3 + nth, day) for q in range(8)]


def recurring_forms(day: int, month: int, weekday: int) -> list[tuple[str, list[date]]]:
    """Every cycle and every place in it, with the days it is due over two years."""
    weekday_named = "一二三四五六日"[weekday - 1]
    yearly = [date(year, month, min(day, 28)) for year in (2018, 2019)]
    after = [end + day * ONE for end in QUARTER_ENDS]
    later = [(end + ONE).replace(day=min(day, 28)) for end in QUARTER_ENDS]
    half_ends = [end for end in MONTH_ENDS if end.month in (6, 12)]
    thirds = sorted(d for m in MONTH_ENDS for d in (m.replace(day=10), m.replace(day=20), m))
    halves = sorted(d for m in MONTH_ENDS for d in (m.replace(day=15), m))
    return [
        (f"每月{day}日前", of_each_month(day)),
        (f"每个月{day}号前", of_each_month(day)),
        ("每月底前", MONTH_ENDS),
        ("每月末", MONTH_ENDS),
        ("每月", MONTH_ENDS),
        ("每月上旬", of_each_month(10)),
        ("每2个月", MONTH_ENDS[1::2]),
        ("每两个月", MONTH_ENDS[1::2]),
        ("每季度", QUARTER_ENDS),
        ("每季度末", QUARTER_ENDS),
        (f"每季度首月{min(day, 28)}日前", in_quarter(1, min(day, 28))),
        (f"每季度次月{min(day, 28)}日前", later),
        (f"每季度结束后{day}日内", after),
        ("每半年", half_ends),
        ("每年", [date(2018, 12, 31), date(2019, 12, 31)]),
        (f"每年{month}月{min(day, 28)}日前", yearly),
        (f"每周{weekday_named}", weekly(weekday)),
        (f"每周{weekday_named}前", weekly(weekday)),
        ("每旬", thirds),
        ("每半月", halves),
    ]


RECURRING = st.builds(recurring_forms, st.integers(1, 31), MONTHS, st.integers(1, 7)).flatmap(
    st.sampled_from
)


@given(RECURRING)
@settings(deadline=None, max_examples=300)
def test_every_recurrence_reads_back(form: tuple[str, list[date]]) -> None:
    words, expected = form
    every = parse(words)
    assert isinstance(every, Recurrence)
    assert expected == [window.due.falls_on for window in every.windows(SPAN)]
