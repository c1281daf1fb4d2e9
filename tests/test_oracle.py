"""The ledger and a `transitions.Machine` of the same lifecycle agree on every move.

Each test goes through a whole product of circumstances: where the issue stands, who moves,
when, with what evidence, under which campaign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any, Final, TypeAlias, cast

import attrs
import pytest
from transitions import MachineError

from rectify import Actor, Finding, Ledger, UnitTree, load_campaign
from rectify.campaign import Campaign, RuleSetting
from rectify.case import Case
from rectify.errors import IllegalMove, Refused
from rectify.evidence import Bulletin, Conclusion, Milestone, Outcome, Timetable
from rectify.issue import (
    Exposed,
    FixedOnTheSpot,
    Found,
    Issue,
    Scheduled,
    Transferred,
    Verified,
)
from rectify.lifecycle import STANDARD
from rectify.machine import fire, rules_on
from rectify.move import Move
from rectify.moves import (
    Acknowledge,
    Complete,
    Expose,
    Extend,
    Fix,
    Register,
    Reject,
    Reopen,
    Return,
    Reveal,
    Schedule,
    Transfer,
    Verify,
)
from rectify.rules import RULES, Rule
from rectify.store import Head
from rectify.stores.memory import MemoryStore
from rectify.testing.walks import FINDING, NOW
from rectify.unit import Unit

HUBEI: Final = load_campaign("hubei-2018")
_OFF: Final = ("same-person", "time-runs-backwards", "milestone-unknown")
LENIENT: Final = attrs.evolve(
    HUBEI, rules={**HUBEI.rules, **{code: RuleSetting(code=code, enabled=False) for code in _OFF}}
)

HANDLER: Final = Actor(id="handler", unit="420321")
INSPECTOR: Final = Actor(id="inspector", unit="420000", roles=frozenset({"discipline"}))
ACTORS: Final = (
    HANDLER,
    attrs.evolve(HANDLER, roles=INSPECTOR.roles),
    attrs.evolve(INSPECTOR, roles=frozenset[str]()),
    INSPECTOR,
)
REPORTER: Final = "张三 13800000000"
PERSON: Final = "李四"

_DAY: Final = timedelta(days=1)
_LATE: Final = NOW + 200 * _DAY
MOMENTS: Final = (
    (NOW, NOW),
    (NOW, NOW - _DAY),
    (NOW, NOW + _DAY),
    (NOW - 3 * _DAY, NOW - _DAY),
    (_LATE, _LATE),
    (_LATE, _LATE + _DAY),
)
"""The clock, and when a step is dated: now, backwards, ahead, both; and after the timetable."""


class Stage:
    """A ledger with a clock to set, and two issues that others may be merged into."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.store = MemoryStore()
        self.now = NOW
        self.ledger = Ledger(campaign, store=self.store, clock=lambda: self.now)
        self.ledger.register(FINDING, by=HANDLER, issue_id="other")
        merged = self.ledger.register(FINDING, by=HANDLER, issue_id="merged")
        fixed = self.ledger.apply(Fix(merged, measure="当场退还"), by=HANDLER)
        self.verify(fixed, Conclusion.MERGED, merged_into="other")

    def head(self, issue: Issue) -> Head:
        """Where the issue stands in the store."""
        head = self.store.head(issue.id)
        assert head is not None
        return head

    def found(self, **facts: Any) -> Found:
        """A registered finding with facts of its own; a reported one involves a person."""
        if facts.get("reporter") is not None:
            facts["persons"] = {"某乙": PERSON}
        return self.ledger.register(attrs.evolve(FINDING, **facts), by=HANDLER)

    def verify(self, issue: Any, conclusion: Conclusion, **evidence: Any) -> Verified:
        """The issue, concluded by the inspector as no rule objects to."""
        return self.ledger.apply(
            Verify(issue, conclusion, "现场核查", answered_reporter_at=NOW, **evidence),
            by=INSPECTOR,
        )


Setup: TypeAlias = Callable[[Stage], Issue]


def _timetable(*days: date) -> Timetable:
    return Timetable(
        tuple(Milestone(f"m{n}", "整改", day) for n, day in enumerate(days)), "县财政局"
    )


_SOON: Final = _timetable(date(2018, 5, 31))


def _found(lead: bool, split: bool, conduct_from: date | None) -> Setup:
    def setup(stage: Stage) -> Issue:
        issue = stage.found(discipline_lead=lead, conduct_from=conduct_from)
        if split:
            issue, _ = stage.ledger.split_lead(issue, organ="县纪委", lead="截留", by=HANDLER)
        return issue

    return setup


def _fixed(reporter: str | None) -> Setup:
    return lambda stage: stage.ledger.apply(
        Fix(stage.found(reporter=reporter), measure="当场退还"), by=HANDLER
    )


def _transferred(reporter: str | None) -> Callable[[Stage], Transferred]:
    return lambda stage: stage.ledger.apply(
        Transfer(stage.found(reporter=reporter), organ="县纪委", lead="截留"), by=HANDLER
    )


def _scheduled(reporter: str | None, returned: bool, completed: bool) -> Setup:
    def setup(stage: Stage) -> Issue:
        move: Move[Scheduled] = (
            Return(_transferred(reporter)(stage), reason="不构成违纪", timetable=_SOON)
            if returned
            else Schedule(stage.found(reporter=reporter), _SOON)
        )
        issue = stage.ledger.apply(move, by=HANDLER)
        if completed:
            issue = stage.ledger.apply(Complete(issue, "m0", "凭证"), by=HANDLER)
        return issue

    return setup


def _verified(reporter: str | None, conclusion: Conclusion) -> Callable[[Stage], Verified]:
    def setup(stage: Stage) -> Verified:
        merged_into = "other" if conclusion is Conclusion.MERGED else None
        rectified = conclusion is Conclusion.RECTIFIED
        issue = (_fixed if rectified else _transferred)(reporter)(stage)
        return stage.verify(issue, conclusion, merged_into=merged_into)

    return setup


def _exposed(stage: Stage) -> Issue:
    verified = _verified(None, Conclusion.SUBSTANTIATED)(stage)
    return stage.ledger.apply(Expose(verified, Bulletin("通报", "案例", "全省", "x")), by=HANDLER)


_REPORTERS: Final = (None, REPORTER)
_BOTH: Final = (False, True)
SETUPS: Final[Mapping[type[Issue], Sequence[Setup]]] = {
    Found: [
        _found(lead, split, conduct_from)
        for lead, split in ((False, False), (True, False), (True, True))
        for conduct_from in (None, date(2017, 6, 1), date(2018, 2, 1))
    ],
    FixedOnTheSpot: [_fixed(reporter) for reporter in _REPORTERS],
    Scheduled: [_scheduled(*choice) for choice in product(_REPORTERS, _BOTH, _BOTH)],
    Transferred: [_transferred(reporter) for reporter in _REPORTERS],
    Verified: [_verified(*choice) for choice in product(_REPORTERS, Conclusion)],
    Exposed: [_exposed],
}
"""The ways to stand in each state that a rule could tell apart."""


def _each(**choices: Iterable[object]) -> list[dict[str, Any]]:
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


_TIMETABLES: Final = (
    _SOON,
    _timetable(),
    _timetable(date(2018, 6, 30), date(2018, 5, 31)),
    _timetable(date(2019, 6, 30)),
    _timetable(date(2019, 6, 30), date(2018, 5, 31)),
)
_PLANS: Final = _each(timetable=_TIMETABLES, carry_over=(None, "工程跨年"))
_REASONED: Final = [{**plan, "reason": "汛期停工"} for plan in _PLANS]
_OUTCOME: Final = Outcome("某甲", "诫勉", "县纪委", "2018-03")
_NAMING: Final = attrs.evolve(_OUTCOME, subject=PERSON)
EVIDENCE: Final[Mapping[type[Move[Issue]], Sequence[Mapping[str, Any]]]] = {
    Fix: _each(measure=["当场退还"]),
    Schedule: _PLANS,
    Complete: _each(milestone=["m0", "m9"], evidence=["凭证"]),
    Extend: _REASONED,
    Transfer: _each(organ=["县纪委"], lead=["截留"]),
    Acknowledge: _each(receipt=["收字1号"]),
    Return: _REASONED,
    Verify: [
        *_each(
            conclusion=Conclusion,
            evidence=["现场核查"],
            merged_into=[None, "other", "merged", "nowhere"],
            answered_reporter_at=[None, NOW],
        ),
        *_each(conclusion=Conclusion, evidence=["复核"], outcomes=[(_OUTCOME,), (_NAMING,)]),
        *_each(conclusion=Conclusion, evidence=["复核"], clearing=["公开澄清"]),
    ],
    Reject: _REASONED,
    Reopen: _REASONED,
    Expose: [
        {"bulletin": Bulletin("通报", text, "全省", drafted_by)}
        for text in ("一起典型案例", "张三反映的案例")
        for drafted_by in ("handler", "nobody")
    ],
}
"""The evidence of each move that a rule could tell apart."""

_LEGAL: Final = {(edge.source, edge.move): edge.target for edge in STANDARD.table}
_ILLEGAL: Final = [pair for pair in product(SETUPS, EVIDENCE) if pair not in _LEGAL]

Outcomes: TypeAlias = Mapping[Rule, frozenset[bool]]


def _compared(state: type[Issue], kind: type[Move[Issue]]) -> tuple[Outcomes, int]:
    """Make a move in every circumstance on the ledger and on the machine; they must agree.

    Gives for each rule over the move whether it was seen to allow and to refuse, and the
    most rules seen to refuse at once.
    """
    seen: dict[Rule, set[bool]] = {rule: set() for rule in rules_on(STANDARD.machine, kind)}
    most = 0
    for campaign, setup in product((HUBEI, LENIENT), SETUPS[state]):
        stage = Stage(campaign)
        issue: Any = setup(stage)
        for evidence, by, (now, at) in product(EVIDENCE[kind], ACTORS, MOMENTS):
            stage.now = now
            refusing = _compare(stage, kind(issue, **evidence), by, at)
            for rule in seen:
                seen[rule].add(rule not in refusing)
            most = max(most, len(refusing))
            if not refusing:
                stage.now = NOW
                issue = setup(stage)
    return {rule: frozenset(answers) for rule, answers in seen.items()}, most


# Mypy doesn't take a class whose instances hash in a way of their own for hashable.
compared: Final = cast(
    "Callable[[type[Issue], type[Move[Issue]]], tuple[Outcomes, int]]", cache(_compared)
)


def _compare(stage: Stage, move: Move[Issue], by: Actor, at: datetime) -> list[Rule]:
    """Make one move on both; give the rules that refuse it. Nothing is written if any does."""
    ledger, head = stage.ledger, stage.head(move.issue)
    case = Case(
        head.issue, by, at, stage.now, head.at, head.facts, stage.campaign, None, stage.store
    )
    firing = fire(STANDARD.machine, move, case)
    decision = ledger.check(move, by=by, at=at)
    objections = sorted((rule.code, str(objection.text)) for rule, objection in firing.objections)
    assert objections == sorted((reason.code, reason.message) for reason in decision.reasons)
    if objections:
        with pytest.raises(Refused) as refusal:
            ledger.apply(move, by=by, at=at)
        assert decision.reasons == refusal.value.reasons
        assert type(move.issue).__name__ == firing.state.name
        assert head is stage.head(move.issue)
    else:
        entered = ledger.apply(move, by=by, at=at)
        assert type(entered) is _LEGAL[type(move.issue), type(move)]
        assert type(entered).__name__ == firing.state.name
        assert entered is stage.head(entered).issue
    return [rule for rule, _ in firing.objections]


@pytest.mark.parametrize(("state", "kind"), _LEGAL)
def test_the_ledger_and_the_machine_agree(state: type[Issue], kind: type[Move[Issue]]) -> None:
    """A legal move leads to the same state, or is refused by the same rules, all of them."""
    outcomes, most = compared(state, kind)
    assert {True} == {True in answers for answers in outcomes.values()}
    assert most >= 2


@pytest.mark.parametrize(("state", "kind"), _ILLEGAL)
def test_an_illegal_move_is_none_on_either(state: type[Issue], kind: type[Move[Issue]]) -> None:
    """It can't be built, the machine has no transition for it, and nothing is written."""
    stage = Stage(HUBEI)
    issue: Any = SETUPS[state][0](stage)
    head, evidence = stage.head(issue), EVIDENCE[kind][0]
    with pytest.raises(IllegalMove) as error:
        kind(issue, **evidence)
    assert (kind.__name__, issue.id, state.__name__) == (
        error.value.move,
        error.value.issue_id,
        error.value.state,
    )
    assert {one.__name__ for one, move in _LEGAL if move is kind} == set(error.value.sources)
    forged = kind.__new__(kind)
    object.__setattr__(forged, "issue", issue)
    case = Case(issue, INSPECTOR, NOW, NOW, head.at, head.facts, HUBEI, None, stage.store)
    with pytest.raises(MachineError):
        fire(STANDARD.machine, forged, case)
    assert head is stage.head(issue)


def test_every_pair_of_a_state_and_a_move_is_tried() -> None:
    """Six states times eleven moves: sixteen pairs are legal, fifty are not."""
    assert set(STANDARD.states) == set(SETUPS)
    assert set(STANDARD.moves) == set(EVIDENCE)
    assert (16, 50) == (len(_LEGAL), len(_ILLEGAL))


def test_a_switched_off_rule_refuses_nothing() -> None:
    """A rule that the campaign switches off is silent on the ledger and on the machine."""
    stage = Stage(LENIENT)
    issue = _fixed(None)(stage)
    move = Verify(cast("FixedOnTheSpot", issue), Conclusion.RECTIFIED, "现场核查")
    assert [] == _compare(stage, move, HANDLER, NOW - _DAY)


_UNITS: Final = UnitTree(
    (
        Unit("420321", "甲县", "county", has_task=True),
        Unit("420106", "乙区", "county"),
    )
)


def test_registration_is_refused_by_every_rule_that_has_a_ground() -> None:
    """A finding is refused by exactly the rules whose ground is there, and by all of them."""
    ledger = Ledger(HUBEI, units=_UNITS, clock=lambda: NOW)
    grounds: dict[str, tuple[str, Any]] = {
        "area-unknown": ("area", "weather"),
        "channel-unknown": ("channel", "dream"),
        "unit-out-of-scope": ("unit", "420106"),
        "found-in-future": ("found_at", NOW + 2 * _DAY),
        "time-in-future": ("", None),
    }
    for present in product(_BOTH, repeat=len(grounds)):
        codes = {code for code, is_there in zip(grounds, present, strict=True) if is_there}
        facts: dict[str, Any] = dict(grounds[code] for code in codes - {"time-in-future"})
        at = NOW + _DAY if "time-in-future" in codes else NOW
        assert codes == _refusing(ledger, attrs.evolve(FINDING, **facts), at)


def _refusing(ledger: Ledger, finding: Finding, at: datetime) -> set[str]:
    """The codes that refuse a registration; none means that it was registered."""
    before = len(list(ledger.issues()))
    try:
        ledger.register(finding, by=HANDLER, at=at)
    except Refused as refusal:
        codes = [reason.code for reason in refusal.reasons]
        assert len(set(codes)) == len(codes)
        assert before == len(list(ledger.issues()))
        return set(codes)
    return set()


def test_every_rule_is_seen_to_refuse_and_to_allow() -> None:
    """No rule over a move is left out of the comparison, in either answer."""
    seen: dict[Rule, set[bool]] = {}
    for state, kind in _LEGAL:
        for rule, answers in compared(state, kind)[0].items():
            seen.setdefault(rule, set()).update(answers)
    registering = {rule for rule in STANDARD.rules_for(Register) if len(rule.steps) == 1}
    over_all = {rule for rule in registering if rule.code.startswith("time-")}
    over_moves = {rule for rule in RULES if not issubclass(Reveal, rule.steps)} | over_all
    assert over_moves - (registering - over_all) == set(seen)
    assert {rule.code: {False, True} for rule in seen} == {
        rule.code: answers for rule, answers in seen.items()
    }
    assert max(compared(state, kind)[1] for state, kind in _LEGAL) >= 6
