"""Every rule: what it refuses, what it lets pass, and what it rests on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from rectify import (
    Actor,
    AnyIssue,
    Complete,
    Conclusion,
    Decision,
    Expose,
    Extend,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Move,
    Outcome,
    Reject,
    Reopen,
    Return,
    Schedule,
    Scheduled,
    Timetable,
    Transferred,
    UnitTree,
    Verified,
    Verify,
)
from rectify.campaign import Campaign
from rectify.case import Case
from rectify.errors import CampaignError, Refused
from rectify.i18n import message
from rectify.lifecycle import STANDARD
from rectify.rules import Objection, rule
from support import (
    BEIJING,
    COMMISSION,
    INSPECTOR,
    NOON,
    OFFICER,
    Clock,
    build,
    bulletin,
    finding,
    in_state,
    take,
    timetable,
)

EMPTY = Timetable((), "财政所所长")


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def refused(ledger: Ledger[Any], move: Move[Any], by: Actor = OFFICER, **when: Any) -> list[str]:
    """The codes that `check` gives and `apply` raises, which must be the same."""
    decision = ledger.check(move, by=by, **when)
    before = ledger.history(move.issue.id)
    with pytest.raises(Refused) as caught:
        ledger.apply(move, by=by, **when)
    assert caught.value.reasons == decision.reasons
    assert (caught.value.move, caught.value.issue_id) == (type(move).__name__, move.issue.id)
    assert ledger.history(move.issue.id) == before
    assert ledger.get(move.issue.id) == move.issue
    assert not decision
    return codes(decision)


def allowed(ledger: Ledger[Any], move: Move[Any], by: Actor = OFFICER, **when: Any) -> None:
    decision = ledger.check(move, by=by, **when)
    assert (decision.allowed, decision.reasons) == (True, ())
    ledger.apply(move, by=by, **when)


def refused_registration(ledger: Ledger[Any], **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        ledger.register(finding(**changes), by=OFFICER)
    assert list(ledger.issues()) == []
    return caught.value


def test_an_unknown_area_is_refused_with_those_there_are(ledger: Ledger[AnyIssue]) -> None:
    """area-unknown lists the campaign's areas; an item of an area is one."""
    (reason,) = refused_registration(ledger, area="weather").reasons
    assert (reason.code, reason.clause) == ("area-unknown", "三")
    assert "weather" in reason.text.zh
    assert "funds/embezzlement" in reason.text.zh
    ledger.register(finding(area="funds/embezzlement"), by=OFFICER)


def test_an_unknown_channel_is_refused_with_those_there_are(ledger: Ledger[AnyIssue]) -> None:
    """channel-unknown lists the campaign's channels."""
    (reason,) = refused_registration(ledger, channel="dream").reasons
    assert (reason.code, reason.clause) == ("channel-unknown", "三(六)")
    assert "petition" in reason.message


def test_reasons_are_collected(ledger: Ledger[AnyIssue]) -> None:
    """Every reason is given, not the first only."""
    error = refused_registration(ledger, area="x", channel="y", found_at=NOON + timedelta(days=1))
    assert [r.code for r in error.reasons] == ["area-unknown", "channel-unknown", "found-in-future"]
    assert all(
        reason.text.zh in str(error) and reason.text.en in str(error) for reason in error.reasons
    )


def test_a_unit_out_of_scope_is_refused(campaign: Campaign, clock: Clock, tmp_path: Path) -> None:
    """unit-out-of-scope refuses units without a task, and unknown ones, given a tree."""
    path = tmp_path / "units.csv"
    path.write_text(
        "code,name,level,parent,has_task,member,poor\n"
        "420000,省,province,,true,false,false\n"
        "420100,甲市,prefecture,420000,false,false,false\n",
        encoding="utf-8",
    )
    ledger = Ledger(campaign, clock=clock, units=UnitTree.from_csv(path))
    assert ledger.scope_checked
    for unit in ("420100", "999999"):
        (reason,) = refused_registration(ledger, unit=unit).reasons
        assert (reason.code, reason.clause) == ("unit-out-of-scope", "二")
    ledger.register(finding(unit="420000"), by=OFFICER)
    without = Ledger(campaign, clock=clock)
    assert not without.scope_checked
    without.register(finding(unit="999999"), by=OFFICER)


def test_a_finding_of_the_future_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """found-in-future allows the tolerance and no more, and says until when."""
    late = timedelta(seconds=ledger.campaign.tolerance_seconds)
    ledger.register(finding(found_at=NOON + late), by=OFFICER)
    with pytest.raises(Refused) as caught:
        ledger.register(finding(found_at=NOON + late + timedelta(microseconds=1)), by=OFFICER)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.clause) == ("found-in-future", "assumption")
    assert reason.until == NOON + late + timedelta(microseconds=1)


def test_a_finding_after_its_registration_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """found-in-future also compares with the instant that the registration is dated."""
    at = NOON - timedelta(days=2)
    with pytest.raises(Refused) as caught:
        ledger.register(finding(found_at=NOON - timedelta(days=1)), by=OFFICER, at=at)
    assert [reason.code for reason in caught.value.reasons] == ["found-in-future"]


def test_a_step_of_the_future_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """time-in-future allows the tolerance and no more."""
    late = timedelta(seconds=ledger.campaign.tolerance_seconds)
    move = build(Fix, in_state(ledger, Found))
    at = NOON + late + timedelta(microseconds=1)
    (reason,) = ledger.check(move, by=OFFICER, at=at).reasons
    assert (reason.code, reason.until) == ("time-in-future", at)
    assert refused(ledger, move, at=at) == ["time-in-future"]
    allowed(ledger, move, at=NOON + late)


def test_time_does_not_run_backwards(ledger: Ledger[AnyIssue]) -> None:
    """time-runs-backwards refuses an instant before the last record, and says until when."""
    move = build(Fix, in_state(ledger, Found))
    (reason,) = ledger.check(move, by=OFFICER, at=NOON - timedelta(microseconds=1)).reasons
    assert (reason.code, reason.until) == ("time-runs-backwards", NOON)
    assert refused(ledger, move, at=NOON - timedelta(seconds=1)) == ["time-runs-backwards"]
    allowed(ledger, move, at=NOON)


@pytest.mark.parametrize("kind", [Fix, Schedule])
def test_a_lead_is_transferred_first(ledger: Ledger[AnyIssue], kind: type[Move[Any]]) -> None:
    """lead-must-be-transferred holds until the lead is split off."""
    issue = in_state(ledger, Found, discipline_lead=True)
    (reason,) = ledger.check(build(kind, issue), by=OFFICER).reasons
    assert reason.clause == "四·第一阶段"
    assert refused(ledger, build(kind, issue)) == ["lead-must-be-transferred"]
    issue, _ = ledger.split_lead(issue, organ="县纪委监委", lead="涉嫌截留", by=OFFICER)
    allowed(ledger, build(kind, issue))


def test_a_link_of_another_kind_does_not_split_a_lead(ledger: Ledger[AnyIssue]) -> None:
    """lead-must-be-transferred asks for a link to a lead, not for any link."""
    issue = in_state(ledger, Found, discipline_lead=True)
    other = in_state(ledger, Found)
    linked = ledger.link(issue, other.id, kind="same-village", by=OFFICER)
    assert refused(ledger, build(Fix, linked)) == ["lead-must-be-transferred"]


def test_defiant_conduct_is_not_fixed_on_the_spot(ledger: Ledger[AnyIssue]) -> None:
    """defiant-conduct refuses Fix for conduct from the campaign's first day on."""
    opens = ledger.campaign.opens
    assert opens == date(2017, 12, 1)
    assert opens is not None
    issue = in_state(ledger, Found, conduct_from=opens)
    (reason,) = ledger.check(build(Fix, issue), by=OFFICER).reasons
    assert reason.clause == "四·第二阶段"
    assert refused(ledger, build(Fix, issue)) == ["defiant-conduct"]
    allowed(ledger, build(Schedule, issue))
    before = in_state(ledger, Found, conduct_from=opens - timedelta(days=1))
    allowed(ledger, build(Fix, before))


TIMETABLING = [
    (Schedule, Found),
    (Extend, Scheduled),
    (Return, Transferred),
    (Reject, FixedOnTheSpot),
    (Reopen, Verified),
]


@pytest.mark.parametrize(("kind", "state"), TIMETABLING)
def test_timetables_are_checked_by_every_move_that_brings_one(
    ledger: Ledger[AnyIssue], kind: type[Move[Any]], state: type[Issue]
) -> None:
    """An empty, a disordered and an overlong timetable are refused; a stated carry-over is not."""
    issue = in_state(ledger, state)
    assert refused(ledger, build(kind, issue, timetable=EMPTY)) == ["timetable-empty"]
    disordered = timetable("2018-07-01", "2018-06-30")
    assert refused(ledger, build(kind, issue, timetable=disordered)) == ["milestones-out-of-order"]
    overlong = timetable("2018-12-31", "2019-01-01")
    assert refused(ledger, build(kind, issue, timetable=overlong)) == ["beyond-campaign"]
    both = timetable("2019-01-01", "2018-12-31")
    assert refused(ledger, build(kind, issue, timetable=both)) == [
        "milestones-out-of-order",
        "beyond-campaign",
    ]
    assert ledger.check(build(kind, issue, timetable=timetable("2018-12-31")), by=OFFICER)
    same_day = timetable("2018-07-01", "2018-07-01")
    assert ledger.check(build(kind, issue, timetable=same_day), by=OFFICER)
    scheduled = take(ledger, kind, issue, timetable=overlong, carry_over="跨年度工程")
    assert scheduled.carry_over == "跨年度工程"


def test_a_milestone_is_completed_once_and_must_be_there(ledger: Ledger[AnyIssue]) -> None:
    """milestone-unknown refuses an id the timetable lacks or that was reached already."""
    issue = in_state(ledger, Scheduled)
    unknown = build(Complete, issue, milestone="m9")
    (reason,) = ledger.check(unknown, by=OFFICER).reasons
    assert "m1" in reason.message
    assert refused(ledger, unknown) == ["milestone-unknown"]
    completed = take(ledger, Complete, issue)
    assert refused(ledger, build(Complete, completed)) == ["milestone-unknown"]


def test_open_milestones_hinder_rectified_only(ledger: Ledger[AnyIssue]) -> None:
    """milestones-open refuses to verify as rectified while a milestone is open."""
    issue = in_state(ledger, Scheduled)
    rectified = build(Verify, issue, conclusion=Conclusion.RECTIFIED)
    (reason,) = ledger.check(rectified, by=INSPECTOR).reasons
    assert ("m1" in reason.text.zh, reason.clause) == (True, "四·第一阶段")
    assert refused(ledger, rectified, by=INSPECTOR) == ["milestones-open"]
    completed = take(ledger, Complete, issue)
    allowed(ledger, build(Verify, completed, conclusion=Conclusion.RECTIFIED), by=INSPECTOR)
    other = in_state(ledger, Scheduled)
    allowed(ledger, build(Verify, other, conclusion=Conclusion.UNSUBSTANTIATED), by=INSPECTOR)


def test_an_extension_comes_before_the_end(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    """extension-late refuses from the midnight after the last day in Beijing, and says since."""
    move = build(Extend, in_state(ledger, Scheduled))
    midnight = datetime(2018, 6, 16, tzinfo=BEIJING)
    clock.now = midnight
    (reason,) = ledger.check(move, by=OFFICER).reasons
    assert (reason.code, reason.since) == ("extension-late", midnight)
    assert refused(ledger, move) == ["extension-late"]
    clock.now = midnight - timedelta(microseconds=1)
    allowed(ledger, move)


def test_an_extension_is_not_dated_back(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    """extension-late goes by the clock, but for its tolerance, whatever the step is dated to."""
    move = build(Extend, in_state(ledger, Scheduled))
    midnight = datetime(2018, 6, 16, tzinfo=BEIJING)
    before = midnight - timedelta(hours=1)
    clock.now = midnight + timedelta(seconds=300)
    (reason,) = ledger.check(move, by=OFFICER, at=before).reasons
    assert (reason.code, reason.since) == ("extension-late", midnight)
    assert reason.text.en.endswith("is asked before, and is not dated back")
    with pytest.raises(Refused, match="extension-late"):
        ledger.apply(move, by=OFFICER, at=before)
    clock.now = midnight + timedelta(seconds=299)
    assert ledger.check(move, by=OFFICER, at=before).allowed
    assert ledger.check(move, by=OFFICER).reasons[0].code == "extension-late"


def test_who_dealt_with_it_does_not_verify_it(ledger: Ledger[AnyIssue]) -> None:
    """same-person refuses those who fixed, scheduled or completed it, whoever did so last."""
    fixed = in_state(ledger, FixedOnTheSpot)
    assert refused(ledger, build(Verify, fixed), by=OFFICER) == ["same-person"]
    scheduled = in_state(ledger, Scheduled)
    completed = ledger.apply(Complete(scheduled, "m1", "凭证"), by=INSPECTOR)
    for actor in (OFFICER, INSPECTOR):
        move = build(Verify, completed, conclusion=Conclusion.RECTIFIED)
        assert refused(ledger, move, by=actor) == ["same-person"]
    extended = ledger.apply(build(Extend, completed), by=COMMISSION)
    allowed(ledger, build(Verify, extended, conclusion=Conclusion.RECTIFIED), by=COMMISSION)


def test_who_drafted_it_does_not_publish_it(ledger: Ledger[AnyIssue]) -> None:
    """same-person refuses to expose by the drafter."""
    verified = in_state(ledger, Verified)
    assert refused(ledger, build(Expose, verified), by=OFFICER) == ["same-person"]
    allowed(ledger, build(Expose, verified), by=INSPECTOR)


def test_only_the_commission_concludes_what_is_with_it(ledger: Ledger[AnyIssue]) -> None:
    """commission-only asks for the discipline role on a transferred issue, and only there."""
    issue = in_state(ledger, Transferred)
    assert refused(ledger, build(Verify, issue), by=INSPECTOR) == ["commission-only"]
    allowed(ledger, build(Verify, issue), by=COMMISSION)
    allowed(ledger, build(Verify, in_state(ledger, FixedOnTheSpot)), by=INSPECTOR)


OUTCOME = Outcome("某乡镇财政所", "责令检查", "县纪委监委", "2018-05")


@pytest.mark.parametrize(
    ("state", "evidence"),
    [
        (Transferred, {"conclusion": Conclusion.RECTIFIED}),
        (FixedOnTheSpot, {"conclusion": Conclusion.SUBSTANTIATED}),
        (FixedOnTheSpot, {"conclusion": Conclusion.MERGED}),
        (Transferred, {"conclusion": Conclusion.UNSUBSTANTIATED, "outcomes": (OUTCOME,)}),
        (FixedOnTheSpot, {"conclusion": Conclusion.RECTIFIED, "clearing": "已公开澄清"}),
    ],
)
def test_conclusions_fit_the_issue(
    ledger: Ledger[AnyIssue], state: type[Issue], evidence: dict[str, Any]
) -> None:
    """conclusion-mismatch refuses each combination that says two things at once."""
    move = build(Verify, in_state(ledger, state), **evidence)
    assert refused(ledger, move, by=COMMISSION) == ["conclusion-mismatch"]


def test_what_came_back_from_the_commission_may_be_substantiated(
    ledger: Ledger[AnyIssue],
) -> None:
    """An issue that was transferred once and returned keeps that it was."""
    returned = take(ledger, Return, in_state(ledger, Transferred))
    move = build(Verify, returned, conclusion=Conclusion.SUBSTANTIATED, outcomes=(OUTCOME,))
    allowed(ledger, move, by=COMMISSION)


def test_an_unsubstantiated_one_may_be_cleared(ledger: Ledger[AnyIssue]) -> None:
    """A public clearing goes with unsubstantiated, and is kept."""
    issue = in_state(ledger, Transferred)
    move = build(Verify, issue, conclusion=Conclusion.UNSUBSTANTIATED, clearing="已公开澄清")
    assert ledger.apply(move, by=COMMISSION).clearing == "已公开澄清"


def test_a_merge_leads_to_another_open_end(ledger: Ledger[AnyIssue]) -> None:
    """merge-target wants another issue of the ledger that is not itself merged away."""
    first, second, third = (in_state(ledger, FixedOnTheSpot) for _ in range(3))

    def merge(issue: Issue, other: str) -> Any:
        return build(Verify, issue, conclusion=Conclusion.MERGED, merged_into=other)

    assert refused(ledger, merge(first, "none"), by=INSPECTOR) == ["merge-target"]
    assert refused(ledger, merge(first, first.id), by=INSPECTOR) == ["merge-target"]
    allowed(ledger, merge(first, second.id), by=INSPECTOR)
    (reason,) = ledger.check(merge(third, first.id), by=INSPECTOR).reasons
    assert second.id in reason.message
    assert refused(ledger, merge(second, first.id), by=INSPECTOR) == ["merge-target"]
    closed = in_state(ledger, Verified)
    allowed(ledger, merge(third, closed.id), by=INSPECTOR)


def test_merged_into_goes_with_merged_only(ledger: Ledger[AnyIssue]) -> None:
    """conclusion-mismatch refuses merged_into beside another conclusion."""
    issue, other = in_state(ledger, FixedOnTheSpot), in_state(ledger, Found)
    move = build(Verify, issue, merged_into=other.id)
    assert refused(ledger, move, by=INSPECTOR) == ["conclusion-mismatch"]


@pytest.mark.parametrize("conclusion", [Conclusion.UNSUBSTANTIATED, Conclusion.MERGED])
def test_a_reporter_is_answered_before_it_is_closed_unproven(
    ledger: Ledger[AnyIssue], conclusion: Conclusion
) -> None:
    """reporter-unanswered refuses to close a reported issue unproven without an answer."""
    other = in_state(ledger, Found)
    merged_into = other.id if conclusion is Conclusion.MERGED else None
    issue = in_state(ledger, FixedOnTheSpot, reporter="举报人甲 00000000000")
    move = build(Verify, issue, conclusion=conclusion, merged_into=merged_into)
    (reason,) = ledger.check(move, by=INSPECTOR).reasons
    assert reason.clause == "五(八)"
    assert refused(ledger, move, by=INSPECTOR) == ["reporter-unanswered"]
    allowed(ledger, attrs.evolve(move, answered_reporter_at=NOON), by=INSPECTOR)


def test_a_reported_issue_that_was_put_right_needs_no_answer(ledger: Ledger[AnyIssue]) -> None:
    """reporter-unanswered concerns what is closed unproven, not what was rectified."""
    issue = in_state(ledger, FixedOnTheSpot, reporter="举报人甲 00000000000")
    allowed(ledger, build(Verify, issue), by=INSPECTOR)


@pytest.mark.parametrize("conclusion", [Conclusion.UNSUBSTANTIATED, Conclusion.MERGED])
def test_only_a_proven_case_is_exposed(ledger: Ledger[AnyIssue], conclusion: Conclusion) -> None:
    """not-substantiated refuses to expose what was closed unproven."""
    other = in_state(ledger, Found)
    merged_into = other.id if conclusion is Conclusion.MERGED else None
    issue = in_state(ledger, FixedOnTheSpot)
    verified = take(ledger, Verify, issue, conclusion=conclusion, merged_into=merged_into)
    assert refused(ledger, build(Expose, verified), by=INSPECTOR) == ["not-substantiated"]
    assert codes(Decision(ledger.options(verified, by=INSPECTOR)[1].reasons)) == [
        "not-substantiated"
    ]


@pytest.mark.parametrize("conclusion", [Conclusion.RECTIFIED, Conclusion.SUBSTANTIATED])
def test_rectified_and_substantiated_are_exposed(
    ledger: Ledger[AnyIssue], conclusion: Conclusion
) -> None:
    """not-substantiated lets both proven conclusions pass."""
    state = Transferred if conclusion is Conclusion.SUBSTANTIATED else FixedOnTheSpot
    allowed(ledger, build(Expose, take(ledger, Verify, in_state(ledger, state))), by=INSPECTOR)


@pytest.mark.parametrize(
    "text",
    [
        "据赵钱孙反映,资金滞留。",
        "据赵 钱 孙反映",
        "联系:13000000000",
        "联系:130 0000-0000",
        "\uff11\uff13\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10",
        "MAIL zqs@example.COM",
    ],
)
def test_a_bulletin_never_names_the_reporter(ledger: Ledger[AnyIssue], text: str) -> None:
    """reporter-named finds the name or contact however spaced, and does not repeat it."""
    reporter = "举报人:赵钱孙,电话 13000000000,邮箱 zqs@example.com"
    verified = take(ledger, Verify, in_state(ledger, FixedOnTheSpot, reporter=reporter))
    move = build(Expose, verified, bulletin=bulletin(text=text))
    (reason,) = ledger.check(move, by=INSPECTOR).reasons
    assert reason.code == "reporter-named"
    assert not any(part in repr(reason) for part in ("赵钱孙", "13000000000", "zqs"))
    in_title = build(Expose, verified, bulletin=bulletin(title=text))
    assert refused(ledger, in_title, by=INSPECTOR) == ["reporter-named"]
    clean = build(Expose, verified, bulletin=bulletin(text="电话核实,举报人反映属实。"))
    allowed(ledger, clean, by=INSPECTOR)


def test_options_ask_what_needs_no_evidence(ledger: Ledger[AnyIssue]) -> None:
    """Options give the standing reasons of each move, before any evidence."""
    issue = in_state(ledger, Found, discipline_lead=True, conduct_from=date(2018, 1, 1))
    found = {option.move: option for option in ledger.options(issue, by=OFFICER)}
    assert {move: [reason.code for reason in option.reasons] for move, option in found.items()} == {
        Fix: ["lead-must-be-transferred", "defiant-conduct"],
        Schedule: ["lead-must-be-transferred"],
        STANDARD.step("Transfer"): [],
    }
    assert {move: option.allowed for move, option in found.items()} == {
        Fix: False,
        Schedule: False,
        STANDARD.step("Transfer"): True,
    }


def test_an_assumption_is_switched_off_by_the_campaign(campaign: Campaign, clock: Clock) -> None:
    """A rule that the campaign disables objects neither in check, apply nor options."""
    setting = attrs.evolve(campaign.rules["same-person"], enabled=False)
    lenient = attrs.evolve(campaign, rules={**campaign.rules, "same-person": setting})
    ledger = Ledger(lenient, clock=clock)
    allowed(ledger, build(Verify, in_state(ledger, FixedOnTheSpot)), by=OFFICER)


def test_a_setting_for_a_rule_that_is_not_there(campaign: Campaign) -> None:
    """A ledger refuses a campaign that sets a rule its lifecycle lacks, and lists the rules."""
    setting = attrs.evolve(campaign.rules["same-person"], code="no-such")
    other = attrs.evolve(campaign, rules={**campaign.rules, "no-such": setting})
    with pytest.raises(CampaignError, match=r"rules\.no-such.*same-person") as caught:
        Ledger(other)
    assert [path for path, _ in caught.value.problems] == ["rules.no-such"]


def test_a_host_adds_a_rule_with_a_function(campaign: Campaign, clock: Clock) -> None:
    """A rule over a move with its evidence, and one over several kinds without."""

    @rule("weekday-only")
    def weekday_only(case: Case, kind: type[Fix] | type[Schedule]) -> Objection | None:
        return Objection(message("not on a Monday")) if case.at.weekday() == 0 else None

    @rule("measure-too-short")
    def measure_too_short(case: Case, move: Fix) -> Objection | None:
        return Objection(message("say more")) if len(move.measure) < 3 else None

    lifecycle = STANDARD.extended(rules=(weekday_only, measure_too_short))
    ledger = Ledger(campaign, lifecycle=lifecycle, clock=clock)
    issue = in_state(ledger, Found)
    assert refused(ledger, build(Fix, issue, measure="改")) == ["weekday-only", "measure-too-short"]
    assert refused(ledger, build(Schedule, issue)) == ["weekday-only"]
    clock.pass_by(days=1)
    allowed(ledger, build(Fix, issue))


def test_every_rule_rests_on_a_clause_or_is_an_assumption(campaign: Campaign) -> None:
    """What hubei-2018 cites per rule is what section 2 of the design says."""
    cited = {
        rule.code: campaign.rules[rule.code].clause if rule.code in campaign.rules else None
        for rule in STANDARD.rules
    }
    assert cited == {
        "area-unknown": "三",
        "channel-unknown": "三(六)",
        "unit-out-of-scope": "二",
        "found-in-future": None,
        "time-in-future": None,
        "time-runs-backwards": None,
        "lead-must-be-transferred": "四·第一阶段",
        "defiant-conduct": "四·第二阶段",
        "timetable-empty": "四·第一阶段",
        "milestones-out-of-order": "四·第一阶段",
        "beyond-campaign": "四·第一阶段",
        "milestone-unknown": None,
        "milestones-open": "四·第一阶段",
        "extension-late": None,
        "same-person": None,
        "commission-only": "四·第一阶段",
        "conclusion-mismatch": "五(八)",
        "merge-target": None,
        "reporter-unanswered": "五(八)",
        "not-substantiated": "五(八)",
        "reporter-named": None,
        "person-named": None,
        "confidential-role": None,
    }


def test_an_answer_or_outcome_of_the_future_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """time-in-future also looks at when the reporter was answered and an outcome decided."""
    late = NOON + timedelta(seconds=ledger.campaign.tolerance_seconds)
    issue = in_state(ledger, Transferred, reporter="举报人甲 00000000000")
    unproven = {"conclusion": Conclusion.UNSUBSTANTIATED}
    early = build(Verify, issue, **unproven, answered_reporter_at=late + timedelta(microseconds=1))
    assert refused(ledger, early, by=COMMISSION) == ["time-in-future"]
    assert ledger.check(build(Verify, issue, **unproven, answered_reporter_at=late), by=COMMISSION)
    for decided_on, codes_expected in (
        ("2018-05", []),
        ("2018-05-07", []),
        ("2018-05-08", ["time-in-future"]),
        ("2018-06", ["time-in-future"]),
    ):
        outcome = attrs.evolve(OUTCOME, decided_on=decided_on)
        move = build(Verify, issue, outcomes=(outcome,))
        assert codes(ledger.check(move, by=COMMISSION)) == codes_expected


def test_a_campaign_without_phases_has_neither_a_first_day_nor_a_last(
    campaign: Campaign, clock: Clock
) -> None:
    """No conduct is defiant and no timetable is too long where no phase says when."""
    ledger = Ledger(attrs.evolve(campaign, phases=()), clock=clock)
    assert (ledger.campaign.opens, ledger.campaign.closes) == (None, None)
    issue = in_state(ledger, Found, conduct_from=date(2018, 3, 1))
    assert ledger.check(build(Fix, issue), by=OFFICER)
    assert ledger.check(build(Schedule, issue, timetable=timetable("2030-01-01")), by=OFFICER)


def test_a_timetable_without_milestones_never_runs_out(campaign: Campaign, clock: Clock) -> None:
    """Where a campaign allows an empty timetable, an extension of one is never late."""
    setting = attrs.evolve(campaign.rules["timetable-empty"], enabled=False)
    lenient = attrs.evolve(campaign, rules={**campaign.rules, "timetable-empty": setting})
    ledger = Ledger(lenient, clock=clock)
    issue = take(ledger, Schedule, in_state(ledger, Found), timetable=EMPTY)
    allowed(ledger, build(Extend, issue))
