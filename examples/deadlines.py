"""The deadlines of the 2018 campaign, from the words of its document.

Run: python examples/deadlines.py
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rectify.period import Period
from rectify.phrases import Recurrence, Within, parse, parse_due, parse_span

NOW = datetime(2018, 4, 8, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

REPORTS = {
    "工作方案": "2017年12月31日前",
    "自查自纠情况": "2018年4月9日前",
    "督查检查情况": "2018年9月31日前",
    "治理情况报告": "2018年12月15日前",
    "全员培训": "2019年底之前",
}


def main() -> None:
    """Print each report with its due date, then what runs from an event or recurs."""
    print(parse_span("2017年12月初至2018年4月上旬").explain("zh"), end="\n\n")
    for report, words in REPORTS.items():
        due = parse_due(words)
        print(f"{report}（{due.standing(NOW)}）{due.explain('zh')}", end="\n\n")

    visits = parse("每2个月开展1次明察暗访")
    assert isinstance(visits, Recurrence)
    for turn in visits.windows(parse_span("2018年4月中旬至10月中旬")):
        print(
            f"第{turn.number}次：{turn.opens}至{turn.closes}{'（不足一期）' if turn.stub else ''}"
        )

    after_visit = parse("每次明查暗访后一周内")
    assert isinstance(after_visit, Within)
    print(after_visit.after(date(2018, 6, 8)).explain("zh"), end="\n\n")

    extended = parse_due("2018年4月9日前").extended(
        by=Period(working_days=5), reason="核查对象较多", granted_by="省专项治理工作专班"
    )
    print(extended.explain("zh"))


if __name__ == "__main__":
    main()
