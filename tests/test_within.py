"""A period waits for its event, and runs from the day after it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rectify.errors import HorizonError, InvalidValue, NaiveInstant
from rectify.phrases import Due, Within, parse


def within(words: str) -> Within:
    phrase = parse(words)
    assert isinstance(phrase, Within)
    return phrase


# Words, the event, the last day in time.
RELATIVE = [
    ("30个工作日内", "2018-09-10", "2018-10-26"),
    ("十五个工作日内", "2018-09-10", "2018-09-30"),
    ("5个工作日以内", "2018-09-28", "2018-10-10"),
    ("1个工作日内", "2018-09-28", "2018-09-29"),
    ("3工作日内", "2018-04-09", "2018-04-12"),
    ("一周内", "2018-06-08", "2018-06-15"),
    ("1周之内", "2018-06-08", "2018-06-15"),
    ("两周内", "2018-06-08", "2018-06-22"),
    ("1个星期内", "2018-06-08", "2018-06-15"),
    ("两个星期左右", "2018-06-08", "2018-06-22"),
    ("15日内", "2018-06-08", "2018-06-23"),
    ("十五日内", "2018-06-08", "2018-06-23"),
    ("15天内", "2018-06-08", "2018-06-23"),
    ("10个自然日内", "2018-06-08", "2018-06-18"),
    ("三十天", "2018-06-08", "2018-07-08"),
    ("一百二十天内", "2018-01-01", "2018-05-01"),
    ("1个月内", "2018-01-31", "2018-02-28"),
    ("一个月内", "2018-02-28", "2018-03-28"),
    ("两个月内", "2018-12-31", "2019-02-28"),
    ("两月内", "2018-06-08", "2018-08-08"),
    ("半年内", "2018-08-31", "2019-02-28"),
    ("半个月内", "2018-06-08", "2018-06-23"),
    ("一个半月内", "2018-06-08", "2018-07-23"),
    ("一年内", "2020-02-29", "2021-02-28"),
    ("1年半内", "2018-06-08", "2019-12-08"),
    ("1年6个月内", "2018-06-08", "2019-12-08"),
    ("十年内", "2018-06-08", "2028-06-08"),
    ("一个季度内", "2018-06-08", "2018-09-08"),
    ("两季度内", "2018-06-08", "2018-12-08"),
    ("3旬内", "2018-06-08", "2018-07-08"),
    ("约1个月", "2018-06-08", "2018-07-08"),
    ("时间为1个星期左右", "2018-06-08", "2018-06-15"),
    ("自收到通知之日起30个工作日内", "2018-09-10", "2018-10-26"),
    ("每次明查暗访后一周内", "2018-06-08", "2018-06-15"),
    ("收到鄂扶组发〔2017〕33号后10日内", "2018-06-08", "2018-06-18"),
    ("季度结束后10日内", "2018-06-30", "2018-07-10"),
    ("当日起3日内", "2018-06-08", "2018-06-11"),
    ("2次检查后3日内", "2018-06-08", "2018-06-11"),
    ("收到反馈后原则上10日内", "2018-06-08", "2018-06-18"),
    ("次日起3日内", "2018-06-08", "2018-06-11"),
    ("收到第33号文件后3日内", "2018-06-08", "2018-06-11"),
    ("提前介入后3日内", "2018-06-08", "2018-06-11"),
    ("生前身份核实后3日内", "2018-06-08", "2018-06-11"),
    ("半年总结后3日内", "2018-06-08", "2018-06-11"),
    ("2018年度考核结束后3日内", "2018-06-08", "2018-06-11"),
    ("上半年检查结束后3日内", "2018-06-08", "2018-06-11"),
    ("不予受理决定作出之日起3日内", "2018-06-08", "2018-06-11"),
    ("先后两次约谈后3日内", "2018-06-08", "2018-06-11"),
    ("当日", "2018-06-08", "2018-06-08"),
    ("当天内", "2018-06-08", "2018-06-08"),
    ("次日前", "2018-06-08", "2018-06-09"),
]


@pytest.mark.parametrize(("words", "event", "last"), RELATIVE)
def test_a_period_runs_from_the_day_after_its_event(words: str, event: str, last: str) -> None:
    due = within(words).after(date.fromisoformat(event))
    assert (last, words) == (str(due.effective), due.words)
    assert due == parse(words, event=date.fromisoformat(event))


# Words, a noon in Shanghai as the event, the instant it ends.
TIMED = [
    ("24小时内", "2018-06-09T12:00"),
    ("48个小时内", "2018-06-10T12:00"),
    ("12小时内", "2018-06-09T00:00"),
    ("17时前", "2018-06-08T17:00"),
    ("下午5点前", "2018-06-08T17:00"),
    ("5点钟前", "2018-06-08T05:00"),
    ("24时", "2018-06-09T00:00"),
    ("24时前", "2018-06-09T00:00"),
    ("当日17时前", "2018-06-08T17:00"),
    ("次日12时前", "2018-06-09T12:00"),
    ("3日内", "2018-06-12T00:00"),
]


@pytest.mark.parametrize(("words", "ends"), TIMED)
def test_an_hour_or_hours_run_from_the_instant_of_the_event(words: str, ends: str) -> None:
    noon = datetime(2018, 6, 8, 4, tzinfo=UTC)
    due = parse(words, event=noon)
    assert isinstance(due, Due)
    assert ends == due.ends_at.isoformat()[:16]


def test_an_event_needs_a_zone_and_hours_need_an_instant() -> None:
    period = within("24小时内")
    with pytest.raises(NaiveInstant):
        period.after(datetime(2018, 6, 8, 12))  # noqa: DTZ001
    with pytest.raises(InvalidValue, match="give its time too"):
        period.after(date(2018, 6, 8))


def test_working_days_past_the_horizon_are_not_guessed() -> None:
    with pytest.raises(HorizonError):
        parse("30个工作日内", event=date(2026, 12, 20))


def test_an_event_in_the_words_is_kept_with_them() -> None:
    period = within("自收到通知之日起30个工作日内")
    assert period.event_words == "自收到通知之日起"


def test_a_period_explains_itself_before_its_event_is_known() -> None:
    period = within("每次明查暗访后一周内")
    assert period.explain("zh").splitlines() == [
        "“每次明查暗访后一周内”：自事项发生次日起计7日。",
        "  1.“一周”即7日。",
    ]
    assert within("当日17时前").explain("en") == "“当日17时前”: on the day of the event."
    assert within("次日12时前").explain("en") == "“次日12时前”: on the day after the event."
    due = within("次日12时前").after(date(2018, 6, 8))
    assert [step.message.en for step in due.steps[:1]] == [
        "the event is on Friday 8 June 2018; it is due on the day after it, Saturday 9 June 2018"
    ]


def test_a_period_is_told_in_its_own_units() -> None:
    told = {
        "1个月内": "1个月", "1日内": "1日", "1个工作日内": "1个工作日", "1小时内": "1小时",
        "2小时内": "2小时", "一个半月内": "1个月又15日", "2个月内": "2个月",
    }  # fmt: skip
    for words, length in told.items():
        period = within(words).period
        assert period is not None
        assert length == period.text.zh


def test_periods_give_plain_data() -> None:
    day = within("当日17时前").as_data()
    assert day["clock"] == "17:00"
    assert day["period"] is None
    month = within("1个月内").as_data()
    assert month["period"] == {"months": 1, "days": 0, "working_days": 0, "hours": 0}
