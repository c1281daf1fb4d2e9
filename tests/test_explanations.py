"""Five real cases, told in Chinese as a careful official would write them."""

from __future__ import annotations

from datetime import date

from rectify.deadline import Due
from rectify.period import Period
from rectify.phrases import Recurrence, Within, parse, parse_due, parse_span


def told(due: object) -> str:
    assert isinstance(due, Due)
    return due.explain("zh")


def test_a_day_that_does_not_exist() -> None:
    """The document's own 9月31日: what is taken, and that it was a working Sunday."""
    assert (
        told(parse_due("2018年9月31日前"))
        == """\
“2018年9月31日前”：截止时间为2018年9月30日（星期日）24时（北京时间）。
  1.“2018年9月31日”按2018年9月30日办理。
  注：“2018年9月31日”并不存在，当月末日为2018年9月30日，以该日为准。
  注：2018年9月30日（星期日）上班（国庆节调休上班，国办发明电〔2017〕12号）。"""
    )


def test_thirty_working_days_over_the_spring_festival() -> None:
    """Each holiday skipped and each day made up, with its notice."""
    due = parse("30个工作日内", event=date(2018, 1, 25))
    assert (
        told(due)
        == """\
“30个工作日内”：截止时间为2018年3月13日（星期二）24时（北京时间）。
  1.事项发生于2018年1月25日（星期四），当日不计入。
  2.自次日起计30个工作日，至2018年3月13日（星期二）；其间扣除休息日和节假日17日，计入调休上班2日。
     ——2018年2月11日（星期日）：春节调休上班，国办发明电〔2017〕12号
     ——2018年2月15日（星期四）至2018年2月21日（星期三）：春节放假，国办发明电〔2017〕12号
     ——2018年2月24日（星期六）：春节调休上班，国办发明电〔2017〕12号"""
    )


def test_a_report_extended_and_suspended() -> None:
    """Who granted it and why; what was left when it stood still."""
    due = parse_due("2018年4月9日前").extended(
        by=Period(working_days=5), reason="核查对象较多", granted_by="省专项治理工作专班"
    )
    due = due.suspended(since=date(2018, 4, 10), until=date(2018, 4, 20), reason="等待鉴定结论")
    assert (
        told(due)
        == """\
“2018年4月9日前”：截止时间为2018年4月27日（星期五）24时（北京时间）。
  1.“前”包括当日在内。
  2.期限延长5个工作日，至2018年4月16日（星期一），理由：核查对象较多（批准：省专项治理工作专班）。
  3.2018年4月10日至2018年4月20日不计入期限，理由：等待鉴定结论；中止时尚余7日，续计至2018年4月27日（星期五）。"""
    )


def test_an_hour_that_rolls_over_a_weekend() -> None:
    """Where a campaign says so: to the same hour of the next working day."""
    due = parse_due("2018年12月15日17时前", roll="forward")
    assert (
        told(due)
        == """\
“2018年12月15日17时前”：截止时间为2018年12月17日（星期一）17时（北京时间）。
  1.2018年12月15日（星期六）不上班，顺延至次一工作日2018年12月17日（星期一）。
  注：2018年12月15日（星期六）不上班（周末）。"""
    )


def test_the_last_turn_of_visits_is_cut_short() -> None:
    """每2个月 over the second phase: the stub at its end."""
    visits = parse("每2个月开展1次明察暗访")
    assert isinstance(visits, Recurrence)
    turns = visits.windows(parse_span("2018年4月中旬至10月中旬"))
    assert (
        told(turns[-1].due)
        == """\
“每2个月开展1次明察暗访”：截止时间为2018年10月20日（星期六）24时（北京时间）。
  1.“每2个月”为一期，期满转入下一期。
  2.2018年10月11日至2018年10月20日这一期的截止日为2018年10月20日（星期六）。
  注：2018年10月20日（星期六）不上班（周末），期限不顺延。"""
    )


def test_a_few_days_over_a_holiday() -> None:
    """Days off and none made up: nothing is said of what there is not."""
    within = parse("5个工作日内")
    assert isinstance(within, Within)
    due = within.after(date(2018, 4, 2), provisional=True)
    assert (
        told(due)
        == """\
“5个工作日内”：截止时间为2018年4月10日（星期二）24时（北京时间）。
  1.事项发生于2018年4月2日（星期一），当日不计入。
  2.自次日起计5个工作日，至2018年4月10日（星期二）；其间扣除休息日和节假日3日，计入调休上班1日。
     ——2018年4月5日（星期四）至2018年4月7日（星期六）：清明节放假，国办发明电〔2017〕12号
     ——2018年4月8日（星期日）：清明节调休上班，国办发明电〔2017〕12号"""
    )
