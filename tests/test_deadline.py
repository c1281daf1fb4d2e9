"""A due date keeps its derivation, moves only with a reason, and explains itself."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectify.calendar import china
from rectify.deadline import Due, Span
from rectify.errors import HorizonError, InvalidValue, NaiveInstant
from rectify.instants import zone_of
from rectify.period import Period, month_later
from rectify.phrases import Recurrence, parse, parse_due, parse_span

SHANGHAI = zone_of("Asia/Shanghai")
REPORT = parse_due("2018年4月9日前")


def codes(due: Due) -> list[str]:
    return [step.code for step in due.steps]


def test_a_due_date_of_a_bare_day_is_built_by_a_host() -> None:
    due = Due.on(date(2018, 4, 9))
    assert (due.words, due.nominal) == ("2018-04-09", None)
    assert due.ends_at == datetime(2018, 4, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (datetime(2018, 4, 6, 23, 59, tzinfo=SHANGHAI), "open"),
        (datetime(2018, 4, 7, tzinfo=SHANGHAI), "soon"),
        (datetime(2018, 4, 9, 23, 59, 59, tzinfo=SHANGHAI), "soon"),
        (datetime(2018, 4, 9, 15, 59, 59, tzinfo=UTC), "soon"),
        (datetime(2018, 4, 9, 16, tzinfo=UTC), "overdue"),
        (datetime(2018, 4, 10, tzinfo=SHANGHAI), "overdue"),
    ],
)
def test_standing_is_derived_from_the_instant(now: datetime, standing: str) -> None:
    assert standing == REPORT.standing(now)


def test_how_soon_is_soon_is_a_parameter() -> None:
    now = datetime(2018, 4, 1, tzinfo=SHANGHAI)
    assert REPORT.standing(now, soon_days=9) == "soon"
    assert REPORT.standing(now, soon_days=8) == "open"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(NaiveInstant, match="now"):
        REPORT.standing(datetime(2018, 4, 9))  # noqa: DTZ001
    with pytest.raises(NaiveInstant, match="ends_at"):
        Due("x", None, date(2018, 4, 9), datetime(2018, 4, 10), date(2018, 4, 9))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("given_day", "problem"),
    [
        (datetime(2018, 4, 9, tzinfo=UTC), "a date is meant here, not datetime"),
        ("2018-04-09", "a date is meant here, not str"),
        (date.min, "out of all reason"),
        (date.max, "out of all reason"),
    ],
)
def test_only_a_sensible_date_is_a_day(given_day: date, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        Due.on(given_day)


def test_an_extension_by_a_period_runs_on_from_the_due_day() -> None:
    due = REPORT.extended(by=Period(working_days=10), reason="核查对象较多", granted_by="省专班")
    assert date(2018, 4, 23) == due.effective
    assert date(2018, 4, 9) == due.nominal
    assert codes(due) == ["inclusive", "extended", "ends"]
    assert due.steps[1].message.zh == (
        "期限延长10个工作日，至2018年4月23日（星期一），理由：核查对象较多（批准：省专班）"
    )


def test_an_extension_by_a_timedelta_is_in_whole_days() -> None:
    due = REPORT.extended(by=timedelta(days=7), reason="核查对象较多")
    assert date(2018, 4, 16) == due.effective
    with pytest.raises(InvalidValue, match="whole days"):
        REPORT.extended(by=timedelta(hours=36), reason="核查对象较多")
    with pytest.raises(InvalidValue, match="whole days, even one that ends at an hour"):
        parse_due("2018年4月9日17时前").extended(by=Period(hours=5), reason="核查对象较多")


def test_an_extension_until_a_day_is_taken_as_granted() -> None:
    rolling = parse_due("2018年4月9日前", roll="forward")
    due = rolling.extended(until=date(2018, 5, 1), reason="核查对象较多")
    assert date(2018, 5, 1) == due.effective
    assert due.roll == "forward"
    assert [note.code for note in due.notes] == ["holiday"]


def test_an_extension_by_a_period_rolls_as_before() -> None:
    rolling = parse_due("2018年4月9日前", roll="forward")
    due = rolling.extended(by=Period(days=21), reason="核查对象较多")
    assert date(2018, 5, 2) == due.effective
    assert date(2018, 4, 30) == due.falls_on


def test_an_extension_states_its_reason_and_one_new_end_that_is_later() -> None:
    with pytest.raises(InvalidValue, match="an extension needs a reason"):
        REPORT.extended(until=date(2018, 5, 1), reason=" ")
    with pytest.raises(InvalidValue, match="either a period or a day"):
        REPORT.extended(reason="x")
    with pytest.raises(InvalidValue, match="either a period or a day"):
        REPORT.extended(until=date(2018, 5, 1), by=Period(days=1), reason="x")
    with pytest.raises(InvalidValue, match="must end later"):
        REPORT.extended(until=date(2018, 4, 9), reason="x")
    with pytest.raises(InvalidValue, match="a date is meant"):
        REPORT.extended(until=datetime(2018, 5, 1, tzinfo=UTC), reason="x")


def test_a_suspension_puts_off_what_was_left() -> None:
    due = REPORT.suspended(since=date(2018, 4, 5), until=date(2018, 4, 20), reason="等待鉴定")
    assert date(2018, 4, 25) == due.effective
    assert codes(due) == ["inclusive", "suspended", "ends"]
    assert due.steps[1].message.zh == (
        "2018年4月5日至2018年4月20日不计入期限，理由：等待鉴定；"
        "中止时尚余5日，续计至2018年4月25日（星期三）"
    )


def test_a_suspension_of_working_days_puts_off_working_days() -> None:
    due = parse("30个工作日内", event=date(2018, 9, 10))
    assert isinstance(due, Due)
    paused = due.suspended(since=date(2018, 10, 8), until=date(2018, 10, 12), reason="等待鉴定")
    assert date(2018, 11, 2) == paused.effective
    assert china.working_days_between(date(2018, 10, 12), paused.effective) == 15
    step = next(step for step in paused.steps if step.code == "suspended")
    assert "15 working days were left" in step.message.en
    assert "中止时尚余15个工作日" in step.message.zh
    weekends = [(10, 13), (10, 14), (10, 20), (10, 21), (10, 27), (10, 28)]
    assert [date(2018, *day) for day in weekends] == [day.on for day in step.days]


@given(st.integers(0, 60), st.integers(0, 60))
@settings(deadline=None)
def test_a_suspension_moves_a_due_date_by_its_own_length(before: int, length: int) -> None:
    since = REPORT.effective - timedelta(days=before)
    until = since + timedelta(days=length)
    due = REPORT.suspended(since=since, until=until, reason="等待鉴定")
    assert due.effective - REPORT.effective == timedelta(days=length + 1)


def test_a_suspension_is_a_stretch_with_a_reason_before_the_end_and_apart_from_others() -> None:
    one, two = date(2018, 4, 5), date(2018, 4, 6)
    with pytest.raises(InvalidValue, match="a suspension needs a reason"):
        REPORT.suspended(since=one, until=two, reason="")
    with pytest.raises(InvalidValue, match="ends before it begins"):
        REPORT.suspended(since=two, until=one, reason="x")
    with pytest.raises(InvalidValue, match="begins after the due day"):
        REPORT.suspended(since=date(2018, 4, 10), until=date(2018, 4, 11), reason="x")
    paused = REPORT.suspended(since=one, until=two, reason="x")
    with pytest.raises(InvalidValue, match="before an earlier one ends"):
        paused.suspended(since=two, until=date(2018, 4, 9), reason="x")
    again = paused.suspended(since=date(2018, 4, 7), until=date(2018, 4, 7), reason="x")
    assert date(2018, 4, 12) == again.effective
    assert date(2018, 4, 7) == again.extended(by=Period(days=1), reason="x").suspended_through


def test_rolling_past_the_horizon_is_not_guessed() -> None:
    with pytest.raises(HorizonError):
        parse_due("2027年3月1日前", roll="forward")


def test_rolling_tells_each_day_it_passed() -> None:
    due = parse_due("2018年10月1日前", roll="forward")
    rolled = next(step for step in due.steps if step.code == "rolled")
    assert [date(2018, 10, day) for day in range(1, 8)] == [day.on for day in rolled.days]
    back = parse_due("2018年10月3日前", roll="backward")
    assert date(2018, 9, 30) == back.effective
    assert "提前至前一工作日2018年9月30日（星期日）" in back.explain("zh")


def test_midnight_is_the_end_of_the_day_before() -> None:
    due = Due.on(date(2018, 4, 10), clock=time(0))
    assert (due.effective, due.clock) == (date(2018, 4, 9), None)


def test_a_span_is_ordered_and_knows_its_instants() -> None:
    span = parse_span("2018年4月11日至20日")
    assert datetime(2018, 4, 11, tzinfo=SHANGHAI) == span.opens_at
    assert datetime(2018, 4, 21, tzinfo=SHANGHAI) == span.ends_at
    assert date(2018, 4, 20) in span
    assert date(2018, 4, 21) not in span
    with pytest.raises(InvalidValue, match="before it begins on 11 April 2018"):
        Span("x", date(2018, 4, 11), date(2018, 4, 10))
    with pytest.raises(InvalidValue, match="a date is meant"):
        assert datetime(2018, 4, 12, tzinfo=UTC) in span


def test_results_can_be_hashed_and_pickled() -> None:
    for phrase in (REPORT, parse_span("2018年4月"), parse("一周内"), parse("每2个月")):
        assert hash(phrase) == hash(pickle.loads(pickle.dumps(phrase)))
        assert phrase == pickle.loads(pickle.dumps(phrase))


def test_a_month_later_is_the_same_numbered_day_or_the_last() -> None:
    assert month_later(date(2018, 1, 31), 1) == date(2018, 2, 28)
    assert month_later(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert month_later(date(2018, 12, 15), 2) == date(2019, 2, 15)
    assert month_later(date(2018, 3, 31), -1) == date(2018, 2, 28)


@pytest.mark.parametrize(
    ("amounts", "problem"),
    [
        ({}, "longer than nothing"),
        ({"days": -1}, "longer than nothing"),
        ({"days": 100_001}, "a mistake"),
        ({"working_days": 1, "days": 1}, "can't be mixed"),
        ({"hours": 1, "months": 1}, "can't be mixed"),
    ],
)
def test_a_period_is_positive_and_of_one_kind(amounts: dict[str, int], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        Period(**amounts)


def test_hours_do_not_run_from_a_day() -> None:
    with pytest.raises(InvalidValue, match="run from an instant"):
        Period(hours=24).after(date(2018, 4, 9))


def test_data_is_plain_and_complete() -> None:
    due = parse("30个工作日内", event=date(2018, 9, 10))
    data = json.loads(json.dumps(due.as_data()))
    assert data["kind"] == "due"
    assert data["ends_at"] == "2018-10-27T00:00:00+08:00"
    assert data["counted"] == "working"
    counted = next(step for step in data["steps"] if step["code"] == "working-days")
    assert {"date", "kind", "holiday", "notice"} == set(counted["days"][0])
    assert len(counted["days"]) == 18
    span = json.loads(json.dumps(parse_span("2018年5月中下旬").as_data()))
    assert (span["opens"], span["closes"]) == ("2018-05-11", "2018-05-31")
    assert span["notes"][0]["code"] == "ambiguous"


EXPLAINED = {
    # 第一阶段
    "2017年12月初至2018年4月上旬": """\
“2017年12月初至2018年4月上旬”：自2017年12月1日（星期五）起，至2018年4月10日（星期二）止，首尾两日均计入。
  1.“2017年12月初”即2017年12月1日（“初”指首日）。
  2.“2018年4月上旬”即2018年4月1日至2018年4月10日（上旬指1日至10日）。""",
    # 第一阶段: 自查自纠情况报送
    "2018年4月9日前": """\
“2018年4月9日前”：截止时间为2018年4月9日（星期一）24时（北京时间）。
  1.“前”包括当日在内。""",
    # 第二阶段: 督促检查情况报送; 文件原文如此
    "2018年9月31日前": """\
“2018年9月31日前”：截止时间为2018年9月30日（星期日）24时（北京时间）。
  1.“2018年9月31日”按2018年9月30日办理。
  注：“2018年9月31日”并不存在，当月末日为2018年9月30日，以该日为准。
  注：2018年9月30日（星期日）上班（国庆节调休上班，国办发明电〔2017〕12号）。""",
    # 第三阶段: 书面报告报送
    "2018年12月15日前": """\
“2018年12月15日前”：截止时间为2018年12月15日（星期六）24时（北京时间）。
  1.“前”包括当日在内。
  注：2018年12月15日（星期六）不上班（周末），期限不顺延。""",
    # 五(一) 培训
    "2019年底之前": """\
“2019年底之前”：截止时间为2019年12月31日（星期二）24时（北京时间）。
  1.“2019年底”即2019年12月31日（“底”“末”指最后一日）。""",
}


@pytest.mark.parametrize(("words", "explained"), EXPLAINED.items())
def test_the_documents_own_dates_explain_themselves(words: str, explained: str) -> None:
    phrase = parse(words)
    assert explained == phrase.explain("zh")


def test_each_day_skipped_and_made_up_is_named() -> None:
    due = parse("30个工作日内", event=date(2018, 9, 10))
    assert (
        due.explain("zh")
        == """\
“30个工作日内”：截止时间为2018年10月26日（星期五）24时（北京时间）。
  1.事项发生于2018年9月10日（星期一），当日不计入。
  2.自次日起计30个工作日，至2018年10月26日（星期五）；其间扣除休息日和节假日16日，计入调休上班2日。
     ——2018年9月24日（星期一）：中秋节放假，国办发明电〔2017〕12号
     ——2018年9月29日（星期六）至2018年9月30日（星期日）：国庆节调休上班，国办发明电〔2017〕12号
     ——2018年10月1日（星期一）至2018年10月7日（星期日）：国庆节放假，国办发明电〔2017〕12号"""
    )
    assert due.explain("en").splitlines()[0] == (
        "“30个工作日内”: due by 24:00 on Friday 26 October 2018, Beijing time."
    )


def test_an_hour_of_the_day_and_a_far_zone_are_told() -> None:
    due = parse_due("2018年4月9日17时30分前")
    assert (
        due.explain("zh").splitlines()[0].endswith("2018年4月9日（星期一）17时30分（北京时间）。")
    )
    far = Due.on(date(2018, 4, 9), zone="Asia/Urumqi")
    assert far.explain("en").endswith("24:00 on Monday 9 April 2018, time zone Asia/Urumqi.")


def test_the_undercover_visits_are_three_full_turns_and_a_stub() -> None:
    visits = parse("每2个月开展1次明察暗访")
    assert isinstance(visits, Recurrence)
    windows = visits.windows(parse_span("2018年4月中旬至10月中旬"))
    assert [(str(each.opens), str(each.closes), each.stub) for each in windows] == [
        ("2018-04-11", "2018-06-10", False),
        ("2018-06-11", "2018-08-10", False),
        ("2018-08-11", "2018-10-10", False),
        ("2018-10-11", "2018-10-20", True),
    ]
