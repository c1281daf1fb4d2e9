"""A platform's own state 暂缓 (on hold), with its moves, a rule and hooks, fully typed.

Run it: ``python examples/own_states.py``. A scheduled rectification that a flood stops is put
on hold with an approval and resumed with a new timetable.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

import attrs

from rectify import (
    Actor,
    AnyIssue,
    Exposed,
    Finding,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Milestone,
    Move,
    Schedule,
    Scheduled,
    Timetable,
    Transferred,
    Verified,
    fields,
    load_campaign,
)
from rectify.case import Case
from rectify.errors import Refused
from rectify.hooks import Applied, Proposed
from rectify.i18n import bilingual
from rectify.lifecycle import STANDARD
from rectify.reason import Reason
from rectify.rules import Objection, rule

BEIJING = ZoneInfo("Asia/Shanghai")


# The state holds what is true there; the moves say where it is entered from and left to.


@attrs.frozen
class OnHold(Issue):
    """暂缓: the rectification waits for something outside the unit's hands."""

    approval: str
    until: date
    timetable: Timetable


@attrs.frozen
class Hold(Move[OnHold]):
    """列入暂缓: with the number of the approval, and the day it is looked at again."""

    issue: Scheduled
    approval: str = attrs.field(validator=fields.line)
    until: date = attrs.field(validator=fields.day)

    def enter(self) -> OnHold:
        return OnHold(*self.issue.onward(), self.approval, self.until, self.issue.timetable)


@attrs.frozen
class Resume(Move[Scheduled]):
    """恢复整改: with the timetable that holds from now on."""

    issue: OnHold
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable)


PlatformIssue: TypeAlias = AnyIssue | OnHold


# A rule is a function; the type of its second parameter says what it judges.


@rule("platform/hold-beyond-campaign")
def hold_beyond_campaign(case: Case, move: Hold) -> Objection | None:
    closes = case.campaign.closes
    if closes is None or move.until <= closes:
        return None
    return Objection(
        bilingual(
            "暂缓至{until}，晚于专项治理结束之日{closes}",
            "on hold until {until}, after the campaign closes on {closes}",
            until=move.until,
            closes=closes,
        )
    )


LIFECYCLE = STANDARD.extended(states=(OnHold,), moves=(Hold, Resume), rules=(hold_beyond_campaign,))
ledger = Ledger(load_campaign("hubei-2018"), lifecycle=LIFECYCLE)


UNKNOWN_APPROVAL = bilingual(
    "批复文号不在本平台登记之列", "the platform has no approval of this number"
)


# Hooks get the event of their move, and nothing else type-checks.


@ledger.before(Hold)
def approval_is_on_file(proposed: Proposed[Hold]) -> None:
    """Veto a hold whose approval the platform does not know."""
    if not proposed.move.approval.startswith("鄂扶组批"):
        raise Refused(
            [Reason(code="approval-unknown", text=UNKNOWN_APPROVAL)],
            move="Hold",
            issue_id=proposed.move.issue.id,
        )


@ledger.after(Hold, name="tell-the-county")
def tell_the_county(applied: Applied[Hold]) -> None:
    """Send word once the hold is committed; the key lets the receiver drop a repeat."""
    print(f"  通知县级专班：暂缓至{applied.move.until}(第{applied.attempt}次发送)")


def stands(issue: PlatformIssue) -> str:
    """Where an issue stands; leave a state out and the type checker says which."""
    match issue:
        case Found():
            return "已发现"
        case FixedOnTheSpot():
            return "已立行立改"
        case Scheduled(timetable=timetable):
            return f"整改中，至{timetable.ends_on}"
        case OnHold(approval=approval, until=until):
            return f"暂缓至{until}({approval})"
        case Transferred(organ=organ):
            return f"已移送{organ}"
        case Verified() | Exposed():
            return "已核实"
        case _:
            assert_never(issue)


def main() -> None:
    """One issue, from its timetable through the hold and back."""
    clerk = Actor(id="clerk-3", unit="421000")
    plan = Timetable((Milestone("m1", "灌渠修复完工", date(2018, 7, 15)),), responsible="县水利局")
    found = ledger.register(
        Finding(
            title="扶贫灌溉项目建成后无人管护，支渠淤塞",
            area="funds",
            channel="undercover-visit",
            unit="421000",
            found_at=datetime(2018, 5, 8, 9, 0, tzinfo=BEIJING),
        ),
        by=clerk,
    )
    scheduled = ledger.apply(Schedule(found, plan), by=clerk)
    print(stands(scheduled))

    for approval, until in (
        ("口头同意", date(2018, 9, 1)),
        ("鄂扶组批〔2018〕9号", date(2019, 3, 1)),
    ):
        try:
            ledger.apply(Hold(scheduled, approval, until), by=clerk)
        except Refused as refused:
            print("拒绝:", "; ".join(reason.text.zh for reason in refused.reasons))

    on_hold = ledger.apply(Hold(scheduled, "鄂扶组批〔2018〕9号", date(2018, 9, 1)), by=clerk)
    print(stands(on_hold))
    ledger.deliver()

    later = Timetable(
        (Milestone("m1", "灌渠修复完工", date(2018, 11, 30)),), responsible="县水利局"
    )
    resumed = ledger.apply(Resume(on_hold, later), by=clerk)
    print(stands(resumed))
    print([record.move for record in ledger.history(resumed.id)])
    assert ledger.audit().intact


if __name__ == "__main__":
    main()
