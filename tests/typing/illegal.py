"""Lines that must not type-check: each one carries the ignores that both checkers must need.

Checked by mypy and pyright, never run. `test_typing.py` takes the ignores away and expects an
error from each checker on exactly these lines. Every function takes what it needs as a
parameter, so that nothing but the line itself can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from rectify import (
    Acknowledge,
    Actor,
    AnyIssue,
    Bulletin,
    Complete,
    Conclusion,
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
    Outcome,
    Overdue,
    PhaseOpened,
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
from rectify.hooks import Applied, Occurred, Proposed
from rectify.lifecycle import STANDARD

RECTIFIED = Conclusion.RECTIFIED


@attrs.frozen
class OnHold(Issue):
    """暂缓: a state of a platform's own."""

    basis: str


@attrs.frozen
class Hold(Move[OnHold]):
    """列入暂缓."""

    issue: Scheduled
    basis: str

    def enter(self) -> OnHold:
        return OnHold(*self.issue.onward(), self.basis)


@attrs.frozen
class Resume(Move[Scheduled]):
    """恢复整改."""

    issue: OnHold
    timetable: Timetable

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable)


def only_what_there_is_can_be_imported() -> None:
    from rectify import Abandon  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnusedImport]


# Moves on a state they don't start from: all fifty pairs that the lifecycle does not join.


def fix_starts_from_found(
    fixed: FixedOnTheSpot, scheduled: Scheduled, gone: Transferred, done: Verified, out: Exposed
) -> None:
    Fix(fixed, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(scheduled, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(gone, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(done, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(out, measure="补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def schedule_starts_from_found(
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    gone: Transferred,
    done: Verified,
    out: Exposed,
    plan: Timetable,
) -> None:
    Schedule(fixed, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(scheduled, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(gone, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(done, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(out, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def complete_starts_from_scheduled(
    found: Found, fixed: FixedOnTheSpot, gone: Transferred, done: Verified, out: Exposed
) -> None:
    Complete(found, "m1", "凭证")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Complete(fixed, "m1", "凭证")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Complete(gone, "m1", "凭证")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Complete(done, "m1", "凭证")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Complete(out, "m1", "凭证")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def extend_starts_from_scheduled(
    found: Found,
    fixed: FixedOnTheSpot,
    gone: Transferred,
    done: Verified,
    out: Exposed,
    plan: Timetable,
) -> None:
    Extend(found, plan, "汛期")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Extend(fixed, plan, "汛期")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Extend(gone, plan, "汛期")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Extend(done, plan, "汛期")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Extend(out, plan, "汛期")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def transfer_does_not_start_once_transferred(
    gone: Transferred, done: Verified, out: Exposed
) -> None:
    Transfer(gone, "县纪委监委", "冒领")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Transfer(done, "县纪委监委", "冒领")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Transfer(out, "县纪委监委", "冒领")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def acknowledge_starts_from_transferred(
    found: Found, fixed: FixedOnTheSpot, scheduled: Scheduled, done: Verified, out: Exposed
) -> None:
    Acknowledge(found, "签收单")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Acknowledge(fixed, "签收单")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Acknowledge(scheduled, "签收单")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Acknowledge(done, "签收单")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Acknowledge(out, "签收单")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def return_starts_from_transferred(
    found: Found,
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    done: Verified,
    out: Exposed,
    plan: Timetable,
) -> None:
    Return(found, "不属违纪", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Return(fixed, "不属违纪", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Return(scheduled, "不属违纪", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Return(done, "不属违纪", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Return(out, "不属违纪", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def verify_needs_something_done(found: Found, done: Verified, out: Exposed) -> None:
    Verify(found, RECTIFIED, "核查")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(done, RECTIFIED, "核查")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(out, RECTIFIED, "核查")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def reject_starts_from_a_rectification(
    found: Found, gone: Transferred, done: Verified, out: Exposed, plan: Timetable
) -> None:
    Reject(found, "不到位", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reject(gone, "不到位", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reject(done, "不到位", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reject(out, "不到位", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def reopen_starts_from_verified(
    found: Found,
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    gone: Transferred,
    out: Exposed,
    plan: Timetable,
) -> None:
    Reopen(found, "反弹", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reopen(fixed, "反弹", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reopen(scheduled, "反弹", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reopen(gone, "反弹", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Reopen(out, "反弹", plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def expose_starts_from_verified(
    found: Found,
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    gone: Transferred,
    out: Exposed,
    bulletin: Bulletin,
) -> None:
    Expose(found, bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(fixed, bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(scheduled, bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(gone, bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(out, bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def an_issue_in_some_state_is_not_yet_one_in_that_state(issue: AnyIssue, plain: Issue) -> None:
    Fix(issue, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(plain, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Transfer(issue, "县纪委监委", "冒领")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# Evidence that is missing, of another type, or of another move.


def a_move_carries_its_evidence(
    found: Found, scheduled: Scheduled, gone: Transferred, done: Verified, plan: Timetable
) -> None:
    Fix(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Fix(measure="补报")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Schedule(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Complete(scheduled, "m1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Extend(scheduled, plan)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Transfer(found, organ="县纪委监委")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Acknowledge(gone)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Return(gone, timetable=plan)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Verify(gone)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Verify(gone, Conclusion.SUBSTANTIATED)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Reject(scheduled, reason="不到位")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Reopen(done, "反弹")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Expose(done)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def evidence_has_its_type(
    found: Found, fixed: FixedOnTheSpot, done: Verified, milestone: Milestone, plan: Timetable
) -> None:
    Fix(found, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(found, b"measure")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(found, "6月底前")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(found, (milestone,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Schedule(found, plan, carry_over=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Transfer(found, "县纪委监委", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(fixed, "rectified", "核查")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(fixed, Conclusion.CONFIRMED, "核查")  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    Verify(fixed, RECTIFIED, "核查", outcomes=["诫勉"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(fixed, RECTIFIED, "核查", answered_reporter_at="2018-05-03")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(done, "通报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def evidence_belongs_to_its_move(found: Found, fixed: FixedOnTheSpot, plan: Timetable) -> None:
    Fix(found, "补报", timetable=plan)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Verify(fixed, RECTIFIED, "核查", measure="补报")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# What is true in one state only.


def a_field_belongs_to_its_state(
    found: Found,
    fixed: FixedOnTheSpot,
    scheduled: Scheduled,
    gone: Transferred,
    done: Verified,
    out: Exposed,
    issue: AnyIssue,
) -> None:
    print(found.timetable)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(found.measure)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(fixed.timetable)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(scheduled.conclusion)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(scheduled.organ)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(gone.measure)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(done.measure)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(done.timetable)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(out.organ)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(issue.timetable)  # type: ignore[union-attr]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]


def nothing_is_assigned_to(
    found: Found, scheduled: Scheduled, move: Fix, plan: Timetable, finding: Finding, actor: Actor
) -> None:
    found.version = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    scheduled.timetable = plan  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    move.measure = "另一措施"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    plan.responsible = "他人"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    finding.discipline_lead = False  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    actor.id = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def a_state_needs_what_it_means(finding: Finding) -> None:
    Found("1", finding, 1, 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    FixedOnTheSpot("1", finding, 2, 1, ())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Scheduled("1", finding, 2, 1, (), completed=())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Transferred("1", finding, 2, 1, (), organ="县纪委监委")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Verified("1", finding, 3, 1, (), RECTIFIED)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Exposed("1", finding, 4, 1, (), conclusion=RECTIFIED, evidence="核查")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# Facts and evidence.


def facts_have_their_types(at: datetime) -> None:
    Finding("滞留资金", "funds", "petition", "420000", at)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Finding(title="滞留资金", area="funds", channel="petition", unit="420000")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Finding(title="滞留", area="funds", channel="petition", unit="1", found_at=at, amount_yuan=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Milestone("m1", "拨付到位", "2018-06-15")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Timetable([Milestone("m1", "拨付到位", date(2018, 6, 15))], "财政所所长")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Outcome("甲", "诫勉", "县纪委监委")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Bulletin("通报", "某镇滞留资金", "全省")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Actor(id="officer-7", unit="420000", roles=["discipline"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# The ledger.


def a_move_gives_its_own_state(ledger: Ledger, found: Found, done: Verified, by: Actor) -> Verified:
    scheduled: Scheduled = ledger.apply(Fix(found, "补报"), by=by)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ledger.apply(Fix(found, "补报"), by=by).timetable  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    ledger.apply(Fix(found, "补报"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ledger.apply(found, by=by)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ledger.check(Fix, by=by)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ledger.apply(Fix(found, "补报"), by="officer-7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ledger.apply(Fix(found, "补报"), by=by, at="2018-05-03")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Expose(ledger.apply(Fix(found, "补报"), by=by), done.evidence)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return scheduled.timetable  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def an_applied_state_is_the_next_moves(
    ledger: Ledger, finding: Finding, bulletin: Bulletin, by: Actor
) -> None:
    Expose(ledger.register(finding, by=by), bulletin)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Fix(ledger.get("1"), "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ledger.get("1").timetable  # type: ignore[union-attr]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]


def issues_of_a_state_are_of_its_class(ledger: Ledger) -> Iterator[Scheduled]:
    yield from ledger.issues(Verified)  # type: ignore[misc]  # pyright: ignore[reportReturnType]
    yield from ledger.issues()  # type: ignore[misc]  # pyright: ignore[reportReturnType]
    yield from ledger.issues("Scheduled")  # type: ignore[misc]  # pyright: ignore[reportReturnType]


def a_split_lead_leaves_the_issue_in_its_state(ledger: Ledger, found: Found, by: Actor) -> None:
    kept, lead = ledger.split_lead(found, organ="县纪委监委", lead="冒领", by=by)
    print(kept.organ)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    Fix(lead, "补报")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ledger.split_lead(found, organ="县纪委监委", by=by)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_hook_on_an_event_takes_that_event(ledger: Ledger) -> None:
    @ledger.after(PhaseOpened, name="open")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def of_another_event(occurred: Occurred[Overdue]) -> None: ...

    @ledger.after(PhaseOpened, name="opened")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def as_of_a_move(applied: Applied[Transfer]) -> None: ...


def a_hook_takes_the_event_of_its_move(ledger: Ledger) -> None:
    @ledger.before(Expose)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def wrong_move(proposed: Proposed[Fix]) -> None: ...

    @ledger.before(Expose)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def wrong_event(applied: Applied[Expose]) -> None: ...

    @ledger.after(Transfer, name="notify")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def not_yet(proposed: Proposed[Transfer]) -> None: ...

    @ledger.after(Transfer, name="notify")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def no_event() -> None: ...

    @ledger.after(Transfer)  # type: ignore[call-overload, untyped-decorator]  # pyright: ignore[reportCallIssue, reportUntypedFunctionDecorator]
    def unnamed(applied: Applied[Transfer]) -> None: ...

    @ledger.before(Verified)  # type: ignore[type-var, arg-type]  # pyright: ignore[reportArgumentType]
    def on_a_state(proposed: Proposed[Verify]) -> None: ...

    @ledger.before("Expose")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def by_name(proposed: Proposed[Expose]) -> None: ...

    @ledger.before(Expose)
    def reads_other_evidence(proposed: Proposed[Expose]) -> None:
        print(proposed.move.measure)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        print(proposed.move.issue.timetable)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]


# A platform's own states.


def own_moves_start_from_their_own_states(
    found: Found, scheduled: Scheduled, on_hold: OnHold, plan: Timetable
) -> None:
    Hold(found, "批复")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Hold(scheduled)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Hold(on_hold, "批复")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Resume(scheduled, plan)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Verify(on_hold, RECTIFIED, "核查")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    print(on_hold.timetable)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]


def an_extended_ledger_is_not_the_standard_one(
    extended: Ledger[AnyIssue | OnHold], url: str
) -> Ledger:
    lifecycle = STANDARD.extended(states=(OnHold,), moves=(Hold, Resume))
    standard: Ledger = Ledger(load_campaign("hubei-2018"), lifecycle=lifecycle)  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    opened: Ledger = Ledger.open(url, load_campaign("hubei-2018"), lifecycle=lifecycle)  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    some: AnyIssue = extended.get("1")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(standard, opened, some)
    return extended  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def an_extension_is_made_of_classes() -> None:
    STANDARD.extended(states=(Hold,))  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    STANDARD.extended(moves=(OnHold,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    STANDARD.extended(states=("OnHold",))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    STANDARD.extended(rules=(lambda case, move: None,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportUnknownLambdaType]


class Lift(Move[Scheduled]):
    """A move enters the state it says."""

    issue: OnHold

    def enter(self) -> OnHold:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.issue


class Drop(Move[str]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    """A move enters a state."""
