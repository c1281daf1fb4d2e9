"""A platform's own states, moves and rules stand beside the library's, or don't load at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Union, cast

import attrs
import pytest

import platform_plain
import platform_slotted
from rectify import (
    Actor,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Move,
    Schedule,
    Scheduled,
    Verify,
)
from rectify.campaign import Campaign
from rectify.case import Case
from rectify.errors import (
    IllegalMove,
    InvalidValue,
    LifecycleError,
    Refused,
    UnknownMove,
    UnknownState,
)
from rectify.hooks import Applied, Proposed
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.machine import fire
from rectify.rules import Objection, Rule, rule
from support import OFFICER, Clock, finding, in_state, timetable

if TYPE_CHECKING:
    from fractions import Fraction

PLATFORMS = pytest.mark.parametrize(
    "platform", [platform_slotted, platform_plain], ids=["slotted", "plain"]
)


def extended(platform: ModuleType) -> Lifecycle[Any]:
    return STANDARD.extended(
        states=(platform.OnHold,),
        moves=(platform.Hold, platform.Resume),
        rules=(platform.hold_beyond_campaign, platform.held_by_another),
    )


def evidence(platform: ModuleType, **changes: Any) -> dict[str, Any]:
    return {
        "approval": platform.Approval("鄂扶组批〔2018〕9号", "420000"),
        "until": date(2018, 9, 1),
        "set_aside_yuan": Decimal("120000.50"),
        "notes": ("汛期停工", "待水位下降"),
    } | changes


# At run time.


@PLATFORMS
def test_a_hosts_moves_join_its_states_to_the_librarys(platform: ModuleType) -> None:
    lifecycle = extended(platform)
    assert lifecycle.state("OnHold") is platform.OnHold
    assert lifecycle.step("Hold") is platform.Hold
    assert platform.Hold in lifecycle.moves_from(Scheduled)
    assert lifecycle.moves_from(platform.OnHold) == (platform.Resume,)
    assert lifecycle.rules_for(platform.Hold)[-1] is platform.hold_beyond_campaign


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownMove) as no_move:
        STANDARD.step("Vanished")
    assert str(no_move.value) == str(UnknownMove("Vanished", [m.__name__ for m in STANDARD.moves]))
    with pytest.raises(UnknownState) as no_state:
        STANDARD.state("Gone")
    assert str(no_state.value) == str(UnknownState("Gone", [s.__name__ for s in STANDARD.states]))


def test_extending_leaves_the_standard_lifecycle_as_it_is() -> None:
    before = (STANDARD.states, STANDARD.moves, STANDARD.rules, STANDARD.table)
    extended(platform_slotted)
    assert (STANDARD.states, STANDARD.moves, STANDARD.rules, STANDARD.table) == before


def test_an_extension_may_be_extended_again() -> None:
    lifecycle = extended(platform_slotted).extended(
        states=(Archived,), moves=(Archive,), finals=(Archived,)
    )
    assert lifecycle.moves_from(platform_slotted.OnHold) == (platform_slotted.Resume, Archive)


@PLATFORMS
def test_a_hosts_records_replay_and_audit_on_sqlite(
    platform: ModuleType, campaign: Campaign, clock: Clock, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    lifecycle = extended(platform)
    with Ledger.open(url, campaign, lifecycle=lifecycle, clock=clock) as ledger:
        scheduled = in_state(ledger, Scheduled)
        held = ledger.apply(platform.Hold(scheduled, **evidence(platform)), by=OFFICER)
    with Ledger.open(url, campaign, lifecycle=lifecycle, clock=clock) as ledger:
        assert ledger.get(held.id) == held
        assert type(ledger.get(held.id)) is platform.OnHold
        assert list(ledger.issues(platform.OnHold)) == [held]
        resumed = ledger.apply(platform.Resume(ledger.get(held.id), timetable()), by=OFFICER)
        assert type(resumed) is Scheduled
        moves = [record.move for record in ledger.history(held.id)]
        assert moves == ["Register", "Schedule", "Hold", "Resume"]
        assert ledger.audit().problems == ()


@PLATFORMS
def test_a_hosts_hooks_see_its_moves_as_they_were_made(
    platform: ModuleType, campaign: Campaign, clock: Clock, tmp_path: Path
) -> None:
    seen: list[object] = []
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger.open(url, campaign, lifecycle=extended(platform), clock=clock) as ledger:

        @ledger.before(platform.Hold)
        def before(proposed: Proposed[Any]) -> None:
            seen.append(proposed.move)

        @ledger.after(cast("type[Move[Any]]", platform.Hold), name="told")
        def after(applied: Applied[Any]) -> None:
            seen.append(applied.move)

        move = platform.Hold(in_state(ledger, Scheduled), **evidence(platform))
        ledger.apply(move, by=OFFICER)
        assert ledger.deliver().done == 1
    assert seen == [move, move]


def test_a_hosts_rules_refuse_with_both_languages_and_as_assumptions(
    campaign: Campaign, clock: Clock
) -> None:
    ledger = Ledger(campaign, lifecycle=extended(platform_slotted), clock=clock)
    scheduled = in_state(ledger, Scheduled)
    late = platform_slotted.Hold(scheduled, **evidence(platform_slotted, until=date(2019, 3, 1)))
    with pytest.raises(Refused) as refused:
        ledger.apply(late, by=OFFICER)
    (reason,) = refused.value.reasons
    expected = (
        "hold-beyond-campaign",
        "assumption",
        "暂缓至2019年3月1日",
        "on hold until 2019-03-01",
    )
    assert (reason.code, reason.clause, reason.text.zh, reason.text.en) == expected


def test_a_hosts_rule_without_evidence_is_asked_by_options(
    campaign: Campaign, clock: Clock
) -> None:
    ledger = Ledger(campaign, lifecycle=extended(platform_slotted), clock=clock)
    held = ledger.apply(
        platform_slotted.Hold(in_state(ledger, Scheduled), **evidence(platform_slotted)),
        by=OFFICER,
    )
    (option,) = ledger.options(held, by=Actor(id="other", unit="429000"))
    assert option.move is platform_slotted.Resume
    assert [reason.code for reason in option.reasons] == ["held-by-another"]


def test_a_hosts_moves_are_guarded_in_the_machine_too(campaign: Campaign, clock: Clock) -> None:
    lifecycle = extended(platform_slotted)
    ledger = Ledger(campaign, lifecycle=lifecycle, clock=clock)
    scheduled = in_state(ledger, Scheduled)
    late = platform_slotted.Hold(scheduled, **evidence(platform_slotted, until=date(2019, 3, 1)))
    with ledger._store.reading() as tx:  # pyright: ignore[reportPrivateUsage]
        case = ledger._case(tx, ledger._current(tx, scheduled), OFFICER, None)  # pyright: ignore[reportPrivateUsage]
        firing = fire(lifecycle.machine, late, case)
    assert firing.state.name == "Scheduled"
    assert [rule.code for rule, _ in firing.objections] == ["hold-beyond-campaign"]


def test_a_hosts_move_on_another_state_is_illegal(ledger: Ledger[Any]) -> None:
    found = in_state(ledger, Found)
    with pytest.raises(IllegalMove) as illegal:
        platform_slotted.Hold(found, **evidence(platform_slotted))
    assert (illegal.value.sources, illegal.value.state) == (("Scheduled",), "Found")
    assert illegal.value.legal == ("Fix", "Schedule", "Transfer")


def test_what_would_be_legal_names_the_hosts_moves_from_its_states(ledger: Ledger[Any]) -> None:
    held = platform_slotted.Hold(in_state(ledger, Scheduled), **evidence(platform_slotted)).enter()
    wrong: Any = held
    with pytest.raises(IllegalMove) as illegal:
        Fix(wrong, "补报")
    assert illegal.value.legal == ("Resume",)


def test_what_would_be_legal_names_the_moves_beside_the_one_tried(ledger: Ledger[Any]) -> None:
    with pytest.raises(IllegalMove) as illegal:
        platform_slotted.Resume(in_state(ledger, Scheduled), timetable())
    assert illegal.value.legal[-1] == "Hold"


def test_what_would_be_legal_passes_over_classes_that_say_too_little(ledger: Ledger[Any]) -> None:
    """This module has moves without a state to start from, and they are not in the way."""
    wrong: Any = in_state(ledger, Found)
    with pytest.raises(IllegalMove) as illegal:
        ArchiveFromScheduled(wrong)
    expected = ("Fix", "Schedule", "Transfer", "ArchiveEither", "ScheduleByCounty")
    assert illegal.value.legal == expected


def test_an_issue_in_no_state_starts_no_move() -> None:
    wrong: Any = Issue("HB-1", finding(), 1, 1, ())
    with pytest.raises(IllegalMove) as illegal:
        Fix(wrong, "补报")
    assert (illegal.value.state, illegal.value.legal) == ("Issue", ())


def test_a_ledger_without_the_hosts_lifecycle_does_not_take_its_moves(
    ledger: Ledger[Any],
) -> None:
    move = platform_slotted.Hold(in_state(ledger, Scheduled), **evidence(platform_slotted))
    with pytest.raises(UnknownMove, match="Hold"):
        ledger.apply(move, by=OFFICER)
    with pytest.raises(UnknownState, match="OnHold"):
        ledger.issues(platform_slotted.OnHold)


def test_a_hosts_ledger_opened_without_its_lifecycle_names_what_it_lacks(
    campaign: Campaign, clock: Clock, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    lifecycle = extended(platform_slotted)
    with Ledger.open(url, campaign, lifecycle=lifecycle, clock=clock) as ledger:
        move = platform_slotted.Hold(in_state(ledger, Scheduled), **evidence(platform_slotted))
        held = ledger.apply(move, by=OFFICER)
    with Ledger.open(url, campaign, clock=clock) as plain:
        with pytest.raises(UnknownState, match="OnHold"):
            plain.get(held.id)
        (problem,) = plain.audit().problems
        assert "Hold" in problem.text.en


@pytest.mark.parametrize("basis", [123, None, ["批复"], b"x"])
def test_evidence_that_no_record_gives_back_is_refused_before_it_is_written(
    basis: Any, campaign: Campaign, clock: Clock
) -> None:
    lifecycle = STANDARD.extended(states=(Archived,), moves=(ArchiveUnchecked,), finals=(Archived,))
    ledger: Ledger[Any] = Ledger(campaign, lifecycle=lifecycle, clock=clock)
    scheduled = in_state(ledger, Scheduled)
    with pytest.raises(InvalidValue):
        ledger.apply(ArchiveUnchecked(scheduled, basis), by=OFFICER)
    assert ledger.get(scheduled.id) == scheduled
    assert ledger.apply(ArchiveUnchecked(scheduled, "批复"), by=OFFICER).version == 3


def test_a_rule_may_judge_every_move(campaign: Campaign, clock: Clock) -> None:
    @rule("office-hours")
    def office_hours(case: Case, kind: type[Move[Issue]]) -> Objection | None:
        return None

    lifecycle = STANDARD.extended(rules=(office_hours,))
    assert all(office_hours in lifecycle.rules_for(move) for move in STANDARD.moves)
    assert in_state(Ledger(campaign, lifecycle=lifecycle, clock=clock), Scheduled).version == 2


# What does not fit together does not load, and each problem says what is wrong.


@attrs.frozen
class Archived(Issue):
    """归档."""


@attrs.frozen
class Archive(Move[Archived]):
    """归档."""

    issue: Scheduled | platform_slotted.OnHold

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class Restore(Move[Scheduled]):
    issue: Archived

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), timetable())


@attrs.frozen
class ArchiveFromScheduled(Move[Archived]):
    issue: Scheduled

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class ArchiveUnchecked(Move[Archived]):
    """Its evidence has no validator."""

    issue: Scheduled
    basis: str

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class EntersNothing(Move[Archived]):
    issue: Scheduled


@attrs.frozen
class SaysNoTarget(Move):  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument]
    issue: Scheduled

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class StartsFromNoState(Move[Archived]):
    issue: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]

    def enter(self) -> Archived:
        raise NotImplementedError


@attrs.frozen
class NamesWhatIsNotImported(Move[Archived]):
    issue: Scheduled
    share: Fraction

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class Counts(Move[Archived]):
    issue: Scheduled
    count: int = attrs.field(init=False, default=0)

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class StartsFromMoreThanStates(Move[Archived]):
    issue: Scheduled | int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleVariableOverride]

    def enter(self) -> Archived:
        raise NotImplementedError


@attrs.frozen
class EntersNoState(Move[int]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    issue: Scheduled

    def enter(self) -> int:
        raise NotImplementedError


@attrs.frozen
class StaysArchived(Move[Archived]):
    issue: Archived

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class ArchiveEither(Move[Archived]):
    issue: Union[Found, Scheduled]  # noqa: UP007

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class Forgotten(Issue):
    """遗忘."""


@attrs.frozen
class Forget(Move[Forgotten]):
    issue: Archived

    def enter(self) -> Forgotten:
        return Forgotten(*self.issue.onward())


@attrs.frozen
class Remember(Move[Archived]):
    issue: Forgotten

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


class ForgetsAttrs(Move[Archived]):
    issue: Scheduled
    reason: str

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class HidesEvidence(Move[Archived]):
    issue: Scheduled
    _reason: str

    def enter(self) -> Archived:
        return Archived(*self.issue.onward())


@attrs.frozen
class Shared(Issue):
    share: Fraction


@attrs.frozen
class Share(Move[Shared]):
    issue: Scheduled

    def enter(self) -> Shared:
        raise NotImplementedError


@attrs.frozen(slots=False)
class ScheduledByCounty(Scheduled):
    """A kind of `Scheduled`."""


@attrs.frozen
class ScheduleByCounty(Move[ScheduledByCounty]):
    issue: Found

    def enter(self) -> ScheduledByCounty:
        raise NotImplementedError


@rule("archive-checked")
def archive_checked(case: Case, move: ArchiveFromScheduled) -> Objection | None:
    return None


def renamed(kind: type[Any], name: str) -> type[Any]:
    return type(name, (kind,), {})


ARCHIVED: dict[str, Any] = {"states": (Archived,), "finals": (Archived,)}


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        pytest.param(
            {"states": (Archived,), "moves": (ArchiveFromScheduled,)},
            "no move leaves Archived, and it is not declared final",
            id="dead end",
        ),
        pytest.param(
            {"states": (Archived,), "moves": (Restore,)},
            "no path of moves reaches Archived",
            id="unreachable state",
        ),
        pytest.param(
            {"moves": (ArchiveFromScheduled,)},
            "ArchiveFromScheduled joins Archived, which is not one of the lifecycle's states",
            id="unknown state",
        ),
        pytest.param(
            {"moves": (Restore,)},
            "Restore joins Archived, which is not one of the lifecycle's states",
            id="unknown state to start from",
        ),
        pytest.param(
            {"states": (Archived,), "moves": (ArchiveFromScheduled, StaysArchived)},
            "no move leaves Archived, and it is not declared final",
            id="a move that stays leaves nothing",
        ),
        pytest.param(
            {"finals": (Archived,)},
            "Archived is final but not one of the lifecycle's states",
            id="unknown final",
        ),
        pytest.param(
            {"rules": (archive_checked,)},
            "rule archive-checked judges ArchiveFromScheduled,"
            " which is not one of the lifecycle's moves",
            id="unknown rule target",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (ArchiveFromScheduled, ArchiveFromScheduled)},
            "the name ArchiveFromScheduled is used twice",
            id="move twice",
        ),
        pytest.param(
            {"states": (renamed(Issue, "Verified"),)},
            "the name Verified is used twice",
            id="a standard state's name",
        ),
        pytest.param(
            {"states": (renamed(Issue, "Register"),)},
            "the name Register is used twice",
            id="a step's name",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (EntersNothing,)},
            "EntersNothing does not define enter()",
            id="missing enter()",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (SaysNoTarget,)},
            "SaysNoTarget: its Move[…] names no states; write the classes of the states there",
            id="no target",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (StartsFromNoState,)},
            "StartsFromNoState: its issue names no states; write the classes of the states there",
            id="no source",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (StartsFromMoreThanStates,)},
            "StartsFromMoreThanStates: its issue names no states;"
            " write the classes of the states there",
            id="source not only of states",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (EntersNoState,)},
            "EntersNoState: its Move[…] names no states; write the classes of the states there",
            id="target that is no state",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (NamesWhatIsNotImported,)},
            "NamesWhatIsNotImported: its annotations name Fraction,"
            " which its module does not import at run time",
            id="move's annotations under TYPE_CHECKING",
        ),
        pytest.param(
            {"states": (Shared,), "moves": (Share,), "finals": (Shared,)},
            "Shared: its annotations name Fraction, which its module does not import at run time",
            id="state's annotations under TYPE_CHECKING",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (ForgetsAttrs,)},
            "ForgetsAttrs has fields but no @attrs.frozen above it",
            id="no attrs",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (HidesEvidence,)},
            "HidesEvidence._reason can't be read back from a record;"
            " its name must be the name it is given by",
            id="private evidence",
        ),
        pytest.param(
            {**ARCHIVED, "moves": (Counts,)},
            "Counts.count can't be read back from a record;"
            " its name must be the name it is given by",
            id="evidence that is not given",
        ),
        pytest.param(
            {
                "states": (ScheduledByCounty,),
                "moves": (ScheduleByCounty,),
                "finals": (ScheduledByCounty,),
            },
            "ScheduledByCounty is a subclass of the state Scheduled, so moves from Scheduled"
            " would start from it unsaid; derive it from Issue",
            id="state derived from a state",
        ),
        pytest.param({"states": (Fix,)}, "Fix is no Issue class", id="a move as a state"),
        pytest.param({"states": ("Held",)}, "'Held' is no Issue class", id="a name as a state"),
        pytest.param({"moves": (Archived,)}, "Archived is no Move class", id="a state as a move"),
        pytest.param(
            {"rules": (timetable,)},
            "timetable is no rule; write @rule(code) above it",
            id="a function as a rule",
        ),
    ],
)
def test_what_does_not_fit_is_named(extension: dict[str, Any], expected: str) -> None:
    with pytest.raises(LifecycleError) as failed:
        STANDARD.extended(**extension)
    assert [problem.en for problem in failed.value.problems] == [expected]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(LifecycleError) as failed:
        STANDARD.extended(
            states=(Archived, Shared),
            moves=(EntersNothing, SaysNoTarget, StartsFromNoState, NamesWhatIsNotImported),
        )
    named = [problem.en.split()[0].rstrip(":") for problem in failed.value.problems]
    expected = [
        "Shared",
        "EntersNothing",
        "SaysNoTarget",
        "StartsFromNoState",
        "NamesWhatIsNotImported",
    ]
    assert named == expected
    assert "5" in failed.value.message.zh.splitlines()[0]


def test_states_that_only_each_other_reach_are_all_named() -> None:
    with pytest.raises(LifecycleError) as failed:
        STANDARD.extended(states=(Archived, Forgotten), moves=(Forget, Remember))
    expected = ["no path of moves reaches Archived", "no path of moves reaches Forgotten"]
    assert [problem.en for problem in failed.value.problems] == expected


def test_a_lifecycle_may_do_without_the_state_that_is_final_by_default() -> None:
    lifecycle = Lifecycle[Found | FixedOnTheSpot](
        states=(Found, FixedOnTheSpot),
        moves=(Fix,),
        rules=(),
        finals=STANDARD.finals | {FixedOnTheSpot},
    )
    assert [edge.target for edge in lifecycle.table] == [FixedOnTheSpot]


def test_a_move_may_name_its_states_by_a_typing_union() -> None:
    lifecycle = STANDARD.extended(**ARCHIVED, moves=(ArchiveEither,))
    assert ArchiveEither in lifecycle.moves_from(Found)
    assert ArchiveEither in lifecycle.moves_from(Scheduled)


def test_a_move_without_enter_says_so_when_it_is_asked(ledger: Ledger[Any]) -> None:
    with pytest.raises(LifecycleError) as failed:
        EntersNothing(in_state(ledger, Scheduled)).enter()
    assert [problem.en for problem in failed.value.problems] == [
        "EntersNothing does not define enter()"
    ]


def on_an_int(case: Case, move: int) -> Objection | None:
    return None


def on_a_case(case: Case) -> Objection | None:
    return None


def on_both(case: Case, move: Fix | type[Verify]) -> Objection | None:
    return None


def on_a_move_and_an_int(case: Case, move: Fix | int) -> Objection | None:
    return None


def on_two_moves(case: Case, move: Fix, other: Verify) -> Objection | None:
    return None


VAGUE: list[Callable[..., Any]] = [
    eval("lambda case, move: None"),
    eval("lambda: None"),
    on_an_int,
    on_a_case,
    on_both,
    on_a_move_and_an_int,
    on_two_moves,
]


@pytest.mark.parametrize("judge", VAGUE)
def test_a_rule_that_names_no_moves_is_refused(judge: Callable[..., Any]) -> None:
    with pytest.raises(LifecycleError, match="rule vague: its second parameter names no moves"):
        rule("vague")(judge)


def test_a_rule_whose_annotation_is_not_imported_is_refused() -> None:
    def judge(case: Case, move: Fraction) -> Objection | None:
        return None

    with pytest.raises(LifecycleError, match="shares: its annotations name Fraction"):
        rule("shares")(judge)


@pytest.mark.parametrize(
    ("hint", "steps", "needs_evidence"),
    [
        (Fix, (Fix,), True),
        (Fix | Schedule, (Fix, Schedule), True),
        (Union[Fix, Schedule], (Fix, Schedule), True),  # noqa: UP007
        (type[Fix], (Fix,), False),
        (type[Fix] | type[Schedule], (Fix, Schedule), False),
        (type[Fix | Schedule], (Fix, Schedule), False),
        (Move[Issue], (Move,), True),
        (Move[Any], (Move,), True),
        (type[Move[Issue]], (Move,), False),
    ],
)
def test_a_rules_second_parameter_says_what_it_judges(
    hint: Any, steps: tuple[type, ...], needs_evidence: bool
) -> None:
    def judge(case: Case, step: Any) -> Objection | None:
        return None

    judge.__annotations__["step"] = hint
    made: Rule = rule("some")(judge)
    assert (made.steps, made.needs_evidence) == (steps, needs_evidence)
