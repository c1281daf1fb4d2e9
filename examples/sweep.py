"""The sweep: a platform's daily job, what it finds, and the hooks that follow.

Run it: ``python examples/sweep.py``. The days go by on a clock that is moved by hand.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rectify import (
    Actor,
    Complete,
    DueSoon,
    Finding,
    Ledger,
    Milestone,
    Overdue,
    PhaseOpened,
    Schedule,
    Timetable,
    load_campaign,
)
from rectify.event import DueEvent
from rectify.hooks import Occurred

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock:
    """The present, which the example moves on by hand."""

    now = datetime(2018, 9, 20, 8, 0, tzinfo=BEIJING)

    def __call__(self) -> datetime:
        return self.now


clock = Clock()
campaign = load_campaign("hubei-2018")
ledger = Ledger(campaign, clock=clock)
clerk = Actor(id="clerk-3", unit="420900")

# What has happened so far is recorded before there are hooks: nobody is told of old news.
past = ledger.sweep()
print(f"首次清查：登记{len(past.events)}项既往事项")


def named(event: DueEvent) -> str:
    """What is due, for a message."""
    if event.issue_id is None:
        return campaign.duty(event.ref).name
    return f"问题{event.issue_id}的节点{event.ref}"


@ledger.after(PhaseOpened, name="announce")
def announce(occurred: Occurred[PhaseOpened]) -> None:
    """Tell everybody that a phase begins."""
    print(f"  通知：进入“{campaign.phase(occurred.event.phase).name}”阶段")


@ledger.after(DueSoon, name="remind")
def remind(occurred: Occurred[DueSoon]) -> None:
    """Remind who owes it."""
    ends_at = occurred.event.due_at.astimezone(BEIJING)
    print(f"  提醒：{named(occurred.event)}将于{ends_at:%m月%d日%H时}到期")


@ledger.after(Overdue, name="urge")
def urge(occurred: Occurred[Overdue]) -> None:
    """Urge who owes it; the key tells the receiver a repeat."""
    print(f"  催办：{named(occurred.event)}已逾期")


found = ledger.register(
    Finding(
        title="项目资金滞留乡镇财政所未拨付",
        area="funds",
        channel="undercover-visit",
        unit="420900",
        found_at=datetime(2018, 9, 19, 10, 0, tzinfo=BEIJING),
    ),
    by=clerk,
    issue_id="2018-001",
)
plan = Timetable(
    (
        Milestone("m1", "查明滞留数额", date(2018, 9, 28)),
        Milestone("m2", "全部拨付", date(2018, 10, 20)),
    ),
    responsible="财政所所长",
)
scheduled = ledger.apply(Schedule(found, plan), by=clerk)

# Every morning the platform sweeps and delivers; some days it is down, and it catches up.
while clock.now < datetime(2018, 10, 23, tzinfo=BEIJING):
    clock.now += timedelta(days=4 if clock.now.day == 29 else 1)
    if clock.now.date() == date(2018, 9, 26):
        ledger.submit("inspection-report/-/-city", by=clerk, document_hash="0123456789abcdef" * 4)
    if clock.now.date() == date(2018, 10, 6):
        scheduled = ledger.apply(Complete(scheduled, "m1", evidence="对账单"), by=clerk)
    if swept := ledger.sweep().events:
        print(f"{clock.now:%Y-%m-%d} 清查：登记{len(swept)}项")
        ledger.deliver()

late = [one.owed.name for one in ledger.duties() if one.status == "overdue"]
print(f"截至{clock.now:%Y-%m-%d}逾期未报：{len(late)}份")
assert ledger.sweep().events == ()
assert ledger.audit().intact
