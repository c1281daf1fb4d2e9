"""What each rule says, word for word, with the instant at which time would change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from rectify import (
    Actor,
    Complete,
    Conclusion,
    Expose,
    Extend,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Move,
    Outcome,
    Reason,
    Schedule,
    Scheduled,
    Timetable,
    Transferred,
    UnitTree,
    Verified,
    Verify,
)
from rectify.campaign import Campaign
from rectify.errors import Refused
from rectify.rules import RULES
from rectify.unit import Unit
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

Asked: TypeAlias = Callable[[Ledger[Any], Clock], tuple[Reason, ...]]

UNITS = UnitTree(
    (Unit("420000", "省", "province", has_task=True), Unit("420100", "甲市", "prefecture"))
)
REPORTER = "举报人甲 00000000000"
PAST = Outcome("某乡镇财政所", "责令检查", "县纪委监委", "2018-05")
FUTURE = Outcome("某乡镇财政所", "责令检查", "县纪委监委", "2018-05-08")
EMPTY = Timetable((), "财政所所长")
DAY = timedelta(days=1)


def registering(at: datetime | None = None, **changes: Any) -> Asked:
    """What is said against a registration."""

    def ask(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
        with pytest.raises(Refused) as refusal:
            ledger.register(finding(**changes), by=OFFICER, at=at)
        return refusal.value.reasons

    return ask


def moving(
    kind: type[Move[Any]],
    state: type[Issue],
    by: Actor = INSPECTOR,
    at: datetime | None = None,
    facts: dict[str, Any] | None = None,
    **evidence: Any,
) -> Asked:
    """What is said against a move on a new issue in a state."""

    def ask(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
        issue = in_state(ledger, state, **facts or {})
        return ledger.check(build(kind, issue, **evidence), by=by, at=at).reasons

    return ask


def exposing(conclusion: Conclusion, facts: dict[str, Any] | None = None, **text: Any) -> Asked:
    """What is said against exposing an issue verified in some way."""

    def ask(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
        fixed = in_state(ledger, FixedOnTheSpot, **facts or {})
        verified = take(ledger, Verify, fixed, conclusion=conclusion, answered_reporter_at=NOON)
        move = build(Expose, verified, bulletin=bulletin(**text))
        return ledger.check(move, by=INSPECTOR).reasons

    return ask


def completing_again(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
    completed = take(ledger, Complete, in_state(ledger, Scheduled))
    return ledger.check(build(Complete, completed), by=OFFICER).reasons


def merging_into_merged(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
    ledger.register(finding(), by=OFFICER, issue_id="HB-1")
    second = ledger.register(finding(), by=OFFICER, issue_id="HB-2")
    merged = {"conclusion": Conclusion.MERGED}
    take(ledger, Verify, take(ledger, Fix, second), **merged, merged_into="HB-1")
    third = in_state(ledger, FixedOnTheSpot)
    return ledger.check(build(Verify, third, **merged, merged_into="HB-2"), by=INSPECTOR).reasons


def extending_at(now: datetime) -> Asked:
    """What is said against an extension once the clock is there."""

    def ask(ledger: Ledger[Any], clock: Clock) -> tuple[Reason, ...]:
        move = build(Extend, in_state(ledger, Scheduled))
        clock.now = now
        return ledger.check(move, by=OFFICER).reasons

    return ask


Said: TypeAlias = tuple[str, str, datetime | None, datetime | None]


def said(code: str, text: str, *, until: Any = None, since: Any = None) -> Said:
    return code, text, until, since


LATE = NOON + DAY
MIDNIGHT = datetime(2018, 6, 16, tzinfo=BEIJING)
SAID: list[tuple[Asked, Said]] = [
    (
        registering(channel="dream"),
        said(
            "channel-unknown",
            "channel “dream” is not one of the campaign's: discipline-audit, evaluation,"
            " information-system, instruction, petition, public-opinion, self-inspection,"
            " supervision, undercover-visit",
        ),
    ),
    (
        registering(unit="420100"),
        said(
            "unit-out-of-scope",
            "unit 420100 is outside the campaign's scope: it has no task and is no member unit,"
            " or the unit tree does not have it",
        ),
    ),
    (
        registering(found_at=LATE),
        said(
            "found-in-future",
            "found at 2018-05-08 12:00:00+08:00, which is after it is registered,"
            " 2018-05-07 12:00:00+08:00",
            until=LATE,
        ),
    ),
    (
        registering(found_at=NOON, at=NOON - DAY),
        said(
            "found-in-future",
            "found at 2018-05-07 12:00:00+08:00, which is after it is registered,"
            " 2018-05-06 12:00:00+08:00",
            until=NOON,
        ),
    ),
    (
        moving(Fix, Found, at=LATE + timedelta(microseconds=5)),
        said(
            "time-in-future",
            "the step is dated 2018-05-08 12:00:00+08:00;"
            " the ledger's clock says 2018-05-07 12:00:00+08:00",
            until=LATE + timedelta(microseconds=5),
        ),
    ),
    (
        moving(Verify, Transferred, COMMISSION, answered_reporter_at=LATE),
        said(
            "time-in-future",
            "the reporter was answered at 2018-05-08 12:00:00+08:00;"
            " the ledger's clock says 2018-05-07 12:00:00+08:00",
            until=LATE,
        ),
    ),
    (
        moving(Verify, Transferred, COMMISSION, outcomes=(PAST, FUTURE)),
        said(
            "time-in-future",
            "an outcome is decided on 2018-05-08;"
            " the ledger's clock says 2018-05-07 12:00:00+08:00",
        ),
    ),
    (
        moving(Fix, Found, at=NOON - DAY),
        said(
            "time-runs-backwards",
            "the step is dated 2018-05-06 12:00:00+08:00, before the issue's last record,"
            " 2018-05-07 12:00:00+08:00",
            until=NOON,
        ),
    ),
    (
        moving(Fix, Found, facts={"discipline_lead": True}),
        said(
            "lead-must-be-transferred",
            "the finding is a lead on a Party member or cadre: transfer it to the discipline"
            " organ, or split the lead off, before the rest is put right",
        ),
    ),
    (
        moving(Fix, Found, facts={"conduct_from": date(2018, 3, 1)}),
        said(
            "defiant-conduct",
            "the conduct began on 2018-03-01, after the campaign opened on 2017-12-01: defiant"
            " conduct is dealt with strictly, not fixed on the spot",
        ),
    ),
    (
        moving(Schedule, Found, timetable=EMPTY),
        said(
            "timetable-empty", "the timetable has no milestone; it needs at least one with a date"
        ),
    ),
    (
        moving(Schedule, Found, timetable=timetable("2018-06-01", "2018-07-01", "2018-06-30")),
        said(
            "milestones-out-of-order",
            "milestone m3 is due on 2018-06-30, before m2 on 2018-07-01; list them by date",
        ),
    ),
    (
        moving(Schedule, Found, timetable=timetable("2019-01-01")),
        said(
            "beyond-campaign",
            "the timetable ends on 2019-01-01, after the campaign closes on 2018-12-31;"
            " say in carry_over why it may",
        ),
    ),
    (
        moving(Complete, Scheduled, milestone="m9"),
        said("milestone-unknown", "milestone “m9” is not open; open ones: m1"),
    ),
    (
        completing_again,
        said("milestone-unknown", "milestone “m1” is not open; open ones: –"),
    ),
    (
        moving(Verify, Scheduled, conclusion=Conclusion.RECTIFIED),
        said("milestones-open", "milestones still open: m1 第1步; complete them first"),
    ),
    (
        extending_at(MIDNIGHT),
        said(
            "extension-late",
            "the timetable ran out on 2018-06-15; an extension is asked before",
            since=MIDNIGHT,
        ),
    ),
    (
        moving(Verify, FixedOnTheSpot, OFFICER),
        said(
            "same-person",
            "officer-7 fixed, scheduled or completed the issue; another person verifies it",
        ),
    ),
    (
        moving(Expose, Verified, OFFICER),
        said("same-person", "officer-7 drafted the bulletin; another person publishes it"),
    ),
    (
        moving(Verify, Transferred),
        said(
            "commission-only",
            "the issue is with 县纪委监委: only an actor with the role “discipline” concludes it",
        ),
    ),
    (
        moving(Verify, Transferred, COMMISSION, conclusion=Conclusion.RECTIFIED),
        said(
            "conclusion-mismatch",
            "a transferred issue is concluded as substantiated, unsubstantiated or merged",
        ),
    ),
    (
        moving(Verify, FixedOnTheSpot, conclusion=Conclusion.SUBSTANTIATED),
        said(
            "conclusion-mismatch",
            "only what was transferred to the discipline organ can be substantiated",
        ),
    ),
    (
        moving(Verify, FixedOnTheSpot, conclusion=Conclusion.MERGED),
        said(
            "conclusion-mismatch",
            "a merged issue names in merged_into the issue it is merged into; no other does",
        ),
    ),
    (
        moving(Verify, FixedOnTheSpot, conclusion=Conclusion.UNSUBSTANTIATED, outcomes=(PAST,)),
        said("conclusion-mismatch", "an unsubstantiated or merged issue has no outcomes"),
    ),
    (
        moving(Verify, FixedOnTheSpot, clearing="已公开澄清"),
        said(
            "conclusion-mismatch",
            "a public clearing goes with an unsubstantiated conclusion only",
        ),
    ),
    (
        moving(Verify, FixedOnTheSpot, conclusion=Conclusion.MERGED, merged_into="HB-9"),
        said("merge-target", "HB-9 is not another issue of this ledger"),
    ),
    (
        merging_into_merged,
        said("merge-target", "issue HB-2 is itself merged into HB-1; name that one"),
    ),
    (
        moving(
            Verify,
            FixedOnTheSpot,
            facts={"reporter": REPORTER},
            conclusion=Conclusion.UNSUBSTANTIATED,
        ),
        said(
            "reporter-unanswered",
            "the issue was reported by someone: answer the reporter before it is closed without"
            " a finding, and give answered_reporter_at",
        ),
    ),
    (
        exposing(Conclusion.UNSUBSTANTIATED),
        said(
            "not-substantiated",
            "the issue was verified as unsubstantiated; such a case is not exposed",
        ),
    ),
    (
        exposing(Conclusion.RECTIFIED, {"reporter": REPORTER}, text="来电00000000000"),
        said(
            "reporter-named",
            "the bulletin holds the reporter's name or contact; leave it out (not shown here)",
        ),
    ),
    (
        moving(
            Verify,
            FixedOnTheSpot,
            facts={"persons": {"村干部A": "赵某某"}},
            outcomes=(Outcome("赵某某", "责令检查", "县纪委监委", "2018-05"),),
        ),
        said(
            "person-named",
            "an outcome names a person whose name is kept apart; its subject is the pseudonym"
            " (not shown here)",
        ),
    ),
]


@pytest.mark.parametrize(
    ("asked", "expected"), SAID, ids=[f"{code} {text}"[:60] for _, (code, text, *_) in SAID]
)
def test_a_rule_says_what_is_wrong_and_until_when(
    campaign: Campaign, clock: Clock, asked: Asked, expected: Said
) -> None:
    """Each objection names the values it rests on, and the instant that would change it."""
    ledger = Ledger(campaign, clock=clock, units=UNITS)
    found = [(one.code, one.text.en, one.until, one.since) for one in asked(ledger, clock)]
    assert found == [expected]


def test_an_unknown_area_is_answered_with_those_that_come_near(
    campaign: Campaign, clock: Clock
) -> None:
    """area-unknown names the area that was asked for and those to offer for it."""
    (reason,) = registering(area="weather")(Ledger(campaign, clock=clock), clock)
    near = ", ".join(campaign.areas_near("weather"))
    assert reason.text.en == f"area “weather” is not one of the campaign's: {near}"
    assert (reason.until, reason.since) == (None, None)


def test_each_rule_says_something_here() -> None:
    """No rule of the library is left out above."""
    # The campaign reserves nothing for a role; another does in test_confidential.py.
    elsewhere = {"area-unknown", "confidential-role"}
    assert {rule.code for rule in RULES} == {code for _, (code, *_) in SAID} | elsewhere
