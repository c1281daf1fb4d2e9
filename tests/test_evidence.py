"""What a move brings is in the state it enters, and comes back from its record as it was."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import attrs
import pytest

from rectify import (
    Acknowledge,
    Complete,
    Conclusion,
    Expose,
    Exposed,
    Extend,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Milestone,
    Move,
    Outcome,
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
)
from rectify.errors import InvalidValue, LifecycleError
from rectify.evidence import Completion, Origin
from rectify.issue import Link
from rectify.lifecycle import STANDARD
from rectify.move import Step, sources
from rectify.moves import STEPS, Erase, Import, Register, Reveal, Tie
from rectify.record import Record, evidence_encoder
from rectify.structure import check_readable, restore, restore_step
from support import bulletin, finding, timetable, utc

FINDING = finding()
LINKS = (Link("same-village", "HB-2"),)
PLAN = timetable("2018-06-15", "2018-07-15")
NEXT = Timetable(
    (Milestone("m1", "第1步", date(2018, 8, 15)), Milestone("m2", "另一步", date(2018, 8, 20))),
    "县财政局局长",
)
REACHED = (Completion("m1", "拨款凭证"), Completion("m2", "公示照片"))
OUTCOMES = (Outcome("某乡镇财政所", "责令检查", "县纪委监委", "2018-05"),)
ANSWERED = utc(2018, 5, 7, 4)
ORIGIN = Origin("problem", "17", "已整改", ANSWERED)

FOUND = Found("HB-1", FINDING, 3, 2, LINKS)
FIXED = FixedOnTheSpot("HB-1", FINDING, 3, 2, LINKS, "资金已拨付")
SCHEDULED = Scheduled("HB-1", FINDING, 3, 2, LINKS, PLAN, REACHED, "跨年度工程", "汛期停工")
TRANSFERRED = Transferred("HB-1", FINDING, 3, 2, LINKS, "县纪委监委", "涉嫌截留", "收文1号")
VERIFIED = Verified(
    "HB-1",
    FINDING,
    3,
    2,
    LINKS,
    Conclusion.SUBSTANTIATED,
    "调查属实",
    OUTCOMES,
    ANSWERED,
    "HB-3",
    "已公开澄清",
)

SAME = ("HB-1", FINDING, 4, 2, LINKS)
ANEW = ("HB-1", FINDING, 4, 3, LINKS)
ENTERED: list[tuple[Step[Issue], Issue]] = [
    (Register("HB-1", FINDING), Found("HB-1", FINDING, 1, 1, ())),
    (Fix(FOUND, "当场退还"), FixedOnTheSpot(*SAME, "当场退还")),
    (Schedule(FOUND, PLAN), Scheduled(*SAME, PLAN, (), None, None)),
    (Schedule(FOUND, PLAN, "跨年"), Scheduled(*SAME, PLAN, (), "跨年", None)),
    (
        Complete(SCHEDULED, "m3", "验收单"),
        Scheduled(*SAME, PLAN, (*REACHED, Completion("m3", "验收单")), "跨年度工程", "汛期停工"),
    ),
    (
        Extend(SCHEDULED, NEXT, "材料未到"),
        Scheduled(*SAME, NEXT, REACHED[:1], None, "材料未到"),
    ),
    (
        Extend(SCHEDULED, NEXT, "材料未到", "跨年"),
        Scheduled(*SAME, NEXT, REACHED[:1], "跨年", "材料未到"),
    ),
    (Transfer(FIXED, "县纪委", "截留"), Transferred(*SAME, "县纪委", "截留", None)),
    (
        Acknowledge(TRANSFERRED, "收文2号"),
        Transferred(*SAME, "县纪委监委", "涉嫌截留", "收文2号"),
    ),
    (Return(TRANSFERRED, "不构成", NEXT), Scheduled(*SAME, NEXT, (), None, "不构成")),
    (
        Return(TRANSFERRED, "不构成", NEXT, "跨年"),
        Scheduled(*SAME, NEXT, (), "跨年", "不构成"),
    ),
    (
        Verify(FIXED, Conclusion.RECTIFIED, "现场核查"),
        Verified(*SAME, Conclusion.RECTIFIED, "现场核查", (), None, None, None),
    ),
    (
        Verify(FIXED, Conclusion.MERGED, "复核", OUTCOMES, ANSWERED, "HB-9", "已澄清"),
        Verified(*SAME, Conclusion.MERGED, "复核", OUTCOMES, ANSWERED, "HB-9", "已澄清"),
    ),
    (Reject(SCHEDULED, "未到位", NEXT), Scheduled(*ANEW, NEXT, (), None, "未到位")),
    (Reject(FIXED, "未到位", NEXT, "跨年"), Scheduled(*ANEW, NEXT, (), "跨年", "未到位")),
    (Reopen(VERIFIED, "反弹", NEXT), Scheduled(*ANEW, NEXT, (), None, "反弹")),
    (Reopen(VERIFIED, "反弹", NEXT, "跨年"), Scheduled(*ANEW, NEXT, (), "跨年", "反弹")),
    (
        Expose(VERIFIED, bulletin()),
        Exposed(*SAME, bulletin(), Conclusion.SUBSTANTIATED, "调查属实", OUTCOMES),
    ),
    (
        Tie(FIXED, Link("lead", "HB-5")),
        attrs.evolve(FIXED, version=4, links=(*LINKS, Link("lead", "HB-5"))),
    ),
    (Import("HB-1", FINDING, ORIGIN), Found("HB-1", FINDING, 1, 1, ())),
    (Reveal(FIXED, "reporter", "核实情况"), attrs.evolve(FIXED, version=4)),
    (Erase(FIXED, "persons/甲", "期限已满"), attrs.evolve(FIXED, version=4)),
]
STEPS_MADE = [step for step, _ in ENTERED]
FIELDS = [
    (step, field.name)
    for step in STEPS_MADE
    for field in attrs.fields(type(step))
    if field.name != "issue"
]


def named(value: Step[Issue] | str) -> str | None:
    return value.__class__.__name__ if isinstance(value, Step) else None


@pytest.mark.parametrize(("step", "entered"), ENTERED, ids=named)
def test_the_state_entered_holds_the_evidence(step: Step[Issue], entered: Issue) -> None:
    """Each move's evidence, what the state before is to keep, and nothing else."""
    assert step.enter() == entered


@pytest.mark.parametrize("step", STEPS_MADE, ids=named)
def test_a_step_comes_back_from_its_record(step: Step[Issue]) -> None:
    """The evidence as JSON makes the same step again, with and without what may be left out."""
    kind = type(step)
    evidence = json.loads(evidence_encoder(kind)(step))
    assert restore_step(kind, getattr(step, "issue", None), evidence) == step


@pytest.mark.parametrize(("step", "field"), FIELDS, ids=lambda value: named(value) or value)
def test_every_field_of_evidence_is_checked(step: Step[Issue], field: str) -> None:
    """What is no text, timetable or link where one belongs is refused by the field's name."""
    wrong: dict[str, Any] = {field: 5}
    with pytest.raises(InvalidValue) as caught:
        attrs.evolve(step, **wrong)
    assert caught.value.field.startswith(f"{type(step).__name__}.{field}")


@pytest.mark.parametrize("step", STEPS_MADE, ids=named)
def test_null_is_read_as_what_was_left_out(step: Step[Issue]) -> None:
    """Where a field may be None, a record may say so, though the library's own leave it out."""
    kind = type(step)
    optional = {one.name: None for one in attrs.fields(kind) if one.default is None}
    evidence = json.loads(evidence_encoder(kind)(step)) | optional
    expected = attrs.evolve(step, **optional)
    assert restore_step(kind, getattr(step, "issue", None), evidence) == expected


DATA: list[Any] = [
    *(None, True, 5, 1.5, "", "x", "2018-13-45", "\ud800"),
    *([], ["x"], [None], [[]], [{}], [{"subject": 1}]),
    *({}, {"a": 1}, {"commitment": 5}, {"milestones": 5}, {"milestones": "x"}),
    {"milestones": [{"id": "m", "title": "t", "due": "x"}], "responsible": "r"},
]
FACTS: list[dict[str, Any]] = [
    *({"found_at": at} for at in (None, 5, "x", "2018-05-03T10:00:00")),
    *({"amount_yuan": amount} for amount in (5, "x", "NaN", "1e999999")),
    *({"reporter": reporter} for reporter in (5, "x", {}, {"commitment": None})),
    *({"discipline_lead": lead} for lead in (0, "true")),
    {"conduct_from": "2018-02-30"},
]


@pytest.mark.parametrize(("step", "field"), FIELDS, ids=lambda value: named(value) or value)
def test_whatever_a_record_holds_is_read_or_refused_in_words(step: Step[Issue], field: str) -> None:
    """No other error comes out, so that an audit reads on; and the error quotes no value."""
    kind = type(step)
    evidence = json.loads(evidence_encoder(kind)(step))
    known: Any = evidence.get(field)
    facts: list[Any] = [known | change for change in FACTS] if field == "finding" else []
    for data in (*DATA, *facts):
        with suppress(InvalidValue):
            restore_step(kind, getattr(step, "issue", None), {**evidence, field: data})


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (Conclusion, "x", "expected Conclusion, got str"),
        (str | None, 5, "expected str, got int"),
        (Timetable, "x", "expected Timetable, got str"),
        (datetime, "x", "expected datetime, got str"),
        (datetime | None, "x", "expected datetime.datetime | None, got str"),
        (date, 5, "expected str, got int"),
        (tuple[Outcome, ...], 5, "expected tuple, got int"),
    ],
)
def test_data_of_another_kind_is_refused_by_its_kind(kind: Any, data: Any, expected: str) -> None:
    """What was expected and what was got are named, and the value is not shown."""
    with pytest.raises(InvalidValue) as refused:
        restore(kind, data)
    assert refused.value.problem.en == expected


def test_evidence_of_other_fields_is_refused_by_their_names() -> None:
    """What the move does not have, what it lacks, and what is wrong within, by its place."""
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"measure": "退还", "b": 1, "a": 1}, "Fix", "it has no field a, b"),
        ({}, "Fix", "the evidence lacks: measure"),
        ({"measure": 5}, "Fix.measure", "expected str, got int"),
    ]
    for evidence, field, problem in wrong:
        with pytest.raises(InvalidValue) as refused:
            restore_step(Fix, FOUND, evidence)
        assert (refused.value.field, problem in refused.value.problem.en) == (field, True)
    within = {"milestones": [{"id": 5, "title": "t", "due": "2018-06-15"}], "responsible": "r"}
    with pytest.raises(InvalidValue, match=r"Schedule\.timetable.*milestones\[0\]\.id"):
        restore_step(Schedule, FOUND, {"timetable": within})


def louder(text: str) -> str:
    return f"{text}!"


@attrs.frozen(slots=False)
class Shout(Move[FixedOnTheSpot]):
    """A move whose evidence does not stay what it was."""

    issue: Found
    measure: str = attrs.field(converter=louder)


def test_evidence_that_would_read_back_as_other_evidence_is_refused() -> None:
    """A record leads to the very step that was taken, or is not written."""
    step = Shout(FOUND, "退还")
    evidence = json.loads(evidence_encoder(Shout)(step))
    with pytest.raises(InvalidValue, match="would not read back") as refused:
        check_readable(step, evidence)
    assert refused.value.field == "Shout"
    check_readable(STEPS_MADE[1], json.loads(evidence_encoder(Fix)(STEPS_MADE[1])))


def test_every_step_is_made_above() -> None:
    """No move of the lifecycle is left out, nor a step that is none."""
    assert {*STANDARD.moves, *STEPS} == {type(step) for step in STEPS_MADE}


def test_a_tie_starts_from_any_state_and_a_registration_from_none() -> None:
    """The variable of a tie stands for every issue; a registration has no issue yet."""
    assert sources(Tie) == (Issue,)
    with pytest.raises(LifecycleError, match="Register: its issue names no states"):
        sources(Register)


def test_who_takes_a_step_has_handled_the_issue_or_not() -> None:
    """Fixing, scheduling and completing are handling; nothing else is."""
    steps: tuple[type[Step[Any]], ...] = (Step, *STANDARD.moves, *STEPS)
    handling = {kind for kind in steps if kind.handles}
    assert handling == {Fix, Schedule, Complete}


@pytest.mark.parametrize(
    "kind", [Step, Move, *STANDARD.moves, *STEPS, Issue, *STANDARD.states, Record]
)
def test_what_is_made_at_every_step_keeps_a_dict(kind: type[Any]) -> None:
    """Each is a frozen attrs class of its own without slots, which would take twice the time."""
    assert "__attrs_attrs__" in vars(kind)
    assert "__slots__" not in vars(kind)
