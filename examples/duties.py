"""Who owes which report by when, what is due on a day, and the calendar of it.

Run: python examples/duties.py
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rectify import UnitTree, load_campaign
from rectify.duty import DutyEvent, SentBack, Submission, owed, standing
from rectify.exchange import ics
from rectify.todo import Visit, agenda
from rectify.unit import Unit

BEIJING = ZoneInfo("Asia/Shanghai")
TODAY = date(2018, 4, 24)

UNITS = UnitTree(
    [
        Unit("420000", "某省", "province", has_task=True),
        Unit("420100", "甲市", "city", "420000", has_task=True),
        Unit("420101", "甲县", "county", "420100", has_task=True),
        Unit("420101001", "丑村", "village", "420101", has_task=True, poor=True),
        Unit("420000-A", "省某厅", "department", "420000", member=True),
    ]
)


def main() -> None:
    """Print every duty of the 2018 campaign, then what is due, then its calendar's size."""
    campaign = load_campaign("hubei-2018")
    everything = list(owed(campaign, UNITS))
    for one in everything:
        print(f"{one.due.effective} {one.key}：{one.name}，报送：{one.to or '–'}")

    # The city handed in its plan, had it sent back, and handed it in again, a day late.
    plan = next(one for one in everything if one.key == "work-plan/-/420100")
    events: list[DutyEvent] = [
        Submission(plan.key, "420100", "clerk-3", _at(2017, 12, 28, 16), "0a" * 32),
        SentBack(plan.key, "office-1", _at(2017, 12, 29, 9), "未附联络员名单"),
        Submission(plan.key, "420100", "clerk-3", _at(2018, 1, 2, 9), "0b" * 32),
    ]
    now = standing(plan, events, _at(2018, 1, 3, 0))
    print(f"\n{plan.name}：{now.status}，逾期{now.late_by}，报送{len(now.submissions)}次\n")

    visit = Visit(inspection="undercover-visits", turn=1, ended_on=date(2018, 4, 20))
    entries = agenda(campaign, UNITS, on=TODAY, until=date(2018, 8, 31), events=events,
                     visits=[visit])  # fmt: skip
    for entry in entries:
        print(f"[{entry.standing}] {entry.explain('zh')}\n")

    calendar = ics.calendar(campaign, entries, on=TODAY)
    print(f"日历：{calendar.count(b'BEGIN:VEVENT')}项，{len(calendar)}字节")


def _at(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


if __name__ == "__main__":
    main()
