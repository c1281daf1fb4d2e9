"""Lines that type-check: what `illegal.py` refuses is refused for its reason alone.

Checked by mypy and pyright, never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import assert_type

import attrs

from rectify import (
    Acknowledge,
    Actor,
    AnyIssue,
    Bulletin,
    Complete,
    Conclusion,
    Decision,
    Expose,
    Exposed,
    Extend,
    Finding,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Milestone,
    Move,
    Option,
    Outcome,
    Overdue,
    PhaseClosed,
    Record,
    Reject,
    Reopen,
    Return,
    Schedule,
    Scheduled,
    Timetable,
    Transfer,
    Transferred,
    Verified,
    Verify,
    load_campaign,
)
from rectify.case import Case
from rectify.errors import Refused
from rectify.event import Event
from rectify.hooks import Applied, Occurred, Proposed
from rectify.i18n import message
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.reason import Reason
from rectify.rules import Objection, rule


def every_move_from_every_state_it_may_start_from(
    found: Found,
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    transferred: Transferred,
    verified: Verified,
    timetable: Timetable,
    bulletin: Bulletin,
) -> None:
    assert_type(Fix(found, "补报材料").enter(), FixedOnTheSpot)
    assert_type(Schedule(found, timetable).enter(), Scheduled)
    assert_type(Complete(scheduled, "m1", "拨款凭证").enter(), Scheduled)
    assert_type(Extend(scheduled, timetable, "汛期停工").enter(), Scheduled)
    assert_type(Transfer(found, "县纪委监委", "涉嫌冒领").enter(), Transferred)
    assert_type(Transfer(fixed, "县纪委监委", "涉嫌冒领").enter(), Transferred)
    assert_type(Transfer(scheduled, "县纪委监委", "涉嫌冒领").enter(), Transferred)
    assert_type(Acknowledge(transferred, "签收单第3号").enter(), Transferred)
    assert_type(Return(transferred, "不属违纪", timetable).enter(), Scheduled)
    assert_type(Verify(fixed, Conclusion.RECTIFIED, "现场核查").enter(), Verified)
    assert_type(Verify(scheduled, Conclusion.MERGED, "并入另一问题").enter(), Verified)
    assert_type(Verify(transferred, Conclusion.SUBSTANTIATED, "谈话笔录").enter(), Verified)
    assert_type(Reject(fixed, "整改不到位", timetable).enter(), Scheduled)
    assert_type(Reject(scheduled, "整改不到位", timetable).enter(), Scheduled)
    assert_type(Reopen(verified, "问题反弹", timetable, carry_over="跨年工程").enter(), Scheduled)
    assert_type(Expose(verified, bulletin).enter(), Exposed)


def evidence_by_keyword(issue: FixedOnTheSpot | Transferred) -> Verified:
    return Verify(
        issue=issue,
        conclusion=Conclusion.SUBSTANTIATED,
        evidence="谈话笔录",
        outcomes=(Outcome("甲", "诫勉", "县纪委监委", date(2018, 5, 3)),),
        answered_reporter_at=None,
        merged_into=None,
    ).enter()


def a_ledger_gives_each_move_its_state(
    ledger: Ledger[AnyIssue], actor: Actor, finding: Finding, at: datetime
) -> None:
    found = assert_type(ledger.register(finding, by=actor, at=at), Found)
    fixed = assert_type(ledger.apply(Fix(found, measure="补报"), by=actor), FixedOnTheSpot)
    assert_type(fixed.measure, str)
    verify = Verify(fixed, Conclusion.RECTIFIED, "现场核查")
    assert_type(ledger.check(verify, by=actor), Decision)
    verified = assert_type(ledger.apply(verify, by=actor, at=at), Verified)
    assert_type(verified.conclusion, Conclusion)
    assert_type(ledger.options(verified, by=actor), tuple[Option, ...])
    assert_type(ledger.history(verified.id), tuple[Record, ...])
    assert_type(ledger.get(verified.id), AnyIssue)


def a_split_lead_leaves_the_issue_in_its_state(
    ledger: Ledger[AnyIssue], found: Found, scheduled: Scheduled, actor: Actor
) -> None:
    assert_type(
        ledger.split_lead(found, organ="县纪委监委", lead="冒领", by=actor),
        tuple[Found, Transferred],
    )
    assert_type(
        ledger.split_lead(scheduled, organ="县纪委监委", lead="冒领", by=actor),
        tuple[Scheduled, Transferred],
    )


def issues_of_a_state_are_of_its_class(ledger: Ledger[AnyIssue]) -> Iterator[Timetable]:
    assert_type(ledger.issues(), Iterator[AnyIssue])
    assert_type(ledger.issues(unit="420000"), Iterator[AnyIssue])
    assert_type(ledger.issues(Scheduled), Iterator[Scheduled])
    assert_type(ledger.issues(state=Verified, area="funds"), Iterator[Verified])
    for scheduled in ledger.issues(Scheduled, unit="420000"):
        yield scheduled.timetable


def a_match_narrows(issue: AnyIssue) -> str:
    match issue:
        case Found():
            return assert_type(issue, Found).finding.title
        case FixedOnTheSpot(measure=measure):
            return assert_type(measure, str)
        case Scheduled(timetable=timetable):
            return assert_type(timetable, Timetable).responsible
        case Transferred() | Verified():
            assert_type(issue, Transferred | Verified)
            return issue.organ if isinstance(issue, Transferred) else issue.evidence
        case _:
            return assert_type(issue, Exposed).bulletin.title


def any_issue_has_what_every_issue_has(issue: AnyIssue) -> tuple[str, int, int]:
    return issue.id, issue.version, issue.round


def a_move_from_any_of_its_sources(issue: Found | Scheduled) -> Transfer:
    return Transfer(issue, organ="县纪委监委", lead="冒领补助")


def moves_are_covariant(move: Fix | Schedule) -> Move[FixedOnTheSpot | Scheduled]:
    widen(move)
    return move


def widen(move: Move[Issue]) -> Issue:
    return assert_type(move.enter(), Issue)


def unparameterised(
    ledger: Ledger,
    found: Found,
    actor: Actor,  # a bare Ledger is one of the six states
) -> Ledger:
    assert_type(ledger, Ledger[AnyIssue])
    assert_type(ledger.get(found.id), AnyIssue)
    assert_type(ledger.apply(Fix(found, "补报"), by=actor), FixedOnTheSpot)
    return ledger


def made_in_memory_or_opened(url: str) -> None:
    campaign = load_campaign("hubei-2018")
    bare: Ledger = Ledger(campaign)
    assert_type(bare, Ledger[AnyIssue])
    assert_type(Ledger(campaign), Ledger[AnyIssue])
    assert_type(Ledger.open(url, campaign), Ledger[AnyIssue])
    with Ledger.open(url, campaign, create=False) as ledger:
        assert_type(ledger, Ledger[AnyIssue])


def hooks_are_typed_by_their_move(ledger: Ledger) -> None:
    @ledger.before(Expose)
    def veto(proposed: Proposed[Expose]) -> None:
        assert_type(proposed.move.issue, Verified)
        assert_type(proposed.move.bulletin, Bulletin)
        assert_type(proposed.by, Actor)
        raise Refused([Reason(code="not-signed", text=message("not signed"))])

    @ledger.after(Transfer, name="notify-commission")
    def notify(applied: Applied[Transfer]) -> None:
        assert_type(applied.move.organ, str)
        assert_type(applied.record, Record)
        assert_type(applied.key, str)

    @ledger.after(Overdue, name="urge")
    def urge(occurred: Occurred[Overdue]) -> None:
        assert_type(occurred.event.due_at, datetime)
        assert_type(occurred.event.unit, str | None)

    # A hook for any event fits each of them.
    @ledger.after(PhaseClosed, name="log")
    def any_event(occurred: Occurred[Event]) -> None:
        assert_type(occurred.event.at, datetime)

    # A hook for any move fits each of them.
    @ledger.before(Fix)
    @ledger.before(Move)
    def log(proposed: Proposed[Move[Issue]]) -> None:
        assert_type(proposed.move.issue, Issue)


# A platform's own state, moves and rule.


@attrs.frozen
class OnHold(Issue):
    """暂缓."""

    basis: str
    timetable: Timetable


@attrs.frozen
class Hold(Move[OnHold]):
    """列入暂缓."""

    issue: Scheduled
    basis: str

    def enter(self) -> OnHold:
        return OnHold(*self.issue.onward(), self.basis, self.issue.timetable)


@attrs.frozen
class Resume(Move[Scheduled]):
    """恢复整改."""

    issue: OnHold

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.issue.timetable)


@rule("hold-without-approval")
def hold_without_approval(case: Case, move: Hold) -> Objection | None:
    return None if move.basis else Objection(message("no basis"))


def extended() -> Lifecycle[AnyIssue | OnHold]:
    lifecycle = STANDARD.extended(
        states=(OnHold,), moves=(Hold, Resume), rules=(hold_without_approval,)
    )
    assert_type(lifecycle, Lifecycle[AnyIssue | OnHold])
    assert_type(STANDARD, Lifecycle[AnyIssue])
    assert_type(STANDARD.extended(rules=(hold_without_approval,)), Lifecycle[AnyIssue])
    return lifecycle


def an_extended_ledger_knows_its_own_states(
    url: str, scheduled: Scheduled, actor: Actor
) -> Ledger[AnyIssue | OnHold]:
    campaign = load_campaign("hubei-2018")
    assert_type(Ledger(campaign, lifecycle=extended()), Ledger[AnyIssue | OnHold])
    ledger = Ledger.open(url, campaign, lifecycle=extended())
    assert_type(ledger, Ledger[AnyIssue | OnHold])
    on_hold = assert_type(ledger.apply(Hold(scheduled, "省里批复"), by=actor), OnHold)
    assert_type(ledger.get(on_hold.id), AnyIssue | OnHold)
    assert_type(ledger.issues(), Iterator[AnyIssue | OnHold])
    assert_type(ledger.issues(OnHold), Iterator[OnHold])
    assert_type(ledger.apply(Resume(on_hold), by=actor), Scheduled)

    @ledger.before(Hold)
    def veto(proposed: Proposed[Hold]) -> None:
        assert_type(proposed.move.basis, str)

    return ledger


def dates_and_text(finding: Finding) -> tuple[date | None, Timetable]:
    plan = Timetable((Milestone("m1", "清退到户", date(2018, 6, 1)),), responsible="乡镇分管负责人")
    assert_type(finding.found_at, datetime)
    return plan.ends_on, plan
