"""What ships for the tests of hosts: fixtures, strategies, a clock; and what is missing is told."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rectify import (
    AnyIssue,
    Complete,
    Exposed,
    Found,
    Issue,
    Ledger,
    Move,
    Scheduled,
    load_campaign,
)
from rectify.errors import MissingExtra
from rectify.lifecycle import STANDARD
from rectify.testing import NOON, Clock, in_state, take, walks
from rectify.testing.strategies import actors, findings, lines, moves, timetables
from support import OFFICER

HUBEI = load_campaign("hubei-2018")


def test_a_host_has_a_ledger_a_clock_and_a_campaign(pytester: pytest.Pytester) -> None:
    """By one line in its conftest; it may have a campaign or clock of its own."""
    pytester.makeconftest('pytest_plugins = ["rectify.testing.plugin"]')
    pytester.makepyfile("""
        from datetime import datetime, UTC
        import pytest
        from rectify.testing import OFFICER, finding

        def test_plain(rectify_ledger, rectify_clock):
            found = rectify_ledger.register(finding(), by=OFFICER)
            assert rectify_ledger.history(found.id)[0].at == rectify_clock.now
            assert rectify_ledger.campaign.id == "hubei-2018"

        class TestOwn:
            @pytest.fixture
            def rectify_clock(self):
                return lambda: datetime(2018, 8, 1, tzinfo=UTC)

            def test_own(self, rectify_ledger):
                found = rectify_ledger.register(finding(), by=OFFICER)
                assert rectify_ledger.history(found.id)[0].at.month == 8
    """)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_broken_store_is_shown_in_full(pytester: pytest.Pytester) -> None:
    """A host that runs the contract sees what its store gave and what was expected."""
    pytester.makepyfile("""
        import pytest
        from rectify.stores.memory import MemoryStore
        from rectify.testing import StoreContract

        class Forgets(MemoryStore):
            def secret(self, issue_id, field):
                return None

        class TestForgets(StoreContract):
            @pytest.fixture
            def open_store(self):
                return Forgets
    """)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-k", "secrets_are_kept")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*At index 0 diff: None != *"])


@pytest.mark.parametrize(
    ("module", "package"),
    [("rectify.testing", "pytest"), ("rectify.testing.strategies", "hypothesis")],
)
def test_what_is_not_installed_is_named(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pytest or Hypothesis the extra to install is named."""
    monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}.*rectify\[testing\]"):
        import_module(module)


def test_a_clock_moves_when_told() -> None:
    """And not by itself."""
    clock = Clock()
    assert (clock(), clock()) == (NOON, NOON)
    clock.pass_by(days=1, hours=2)
    assert (clock() - NOON).total_seconds() == 26 * 3600


@settings(max_examples=50, deadline=None)
@given(findings(), actors())
def test_any_finding_can_be_registered(found: Any, by: Any) -> None:
    """No rule refuses it, and it comes back as it was."""
    ledger = Ledger(HUBEI, clock=Clock())
    issue = ledger.register(found, by=by)
    assert attrs.evolve(issue.finding, reporter=None) == attrs.evolve(found, reporter=None)
    assert ledger.audit().intact


@settings(max_examples=30, deadline=None)
@given(findings(unit=st.sampled_from(["42", "4201"])), actors(roles=()), timetables(), lines(3))
def test_what_is_drawn_is_as_asked(found: Any, by: Any, plan: Any, line: str) -> None:
    """Units of the host's, actors without roles, milestones in order, short lines."""
    assert (found.unit in ("42", "4201"), by.roles, 1 <= len(line) <= 3) == (
        True,
        frozenset(),
        True,
    )
    days = [milestone.due for milestone in plan.milestones]
    assert days == sorted(days)


@pytest.mark.parametrize("state", STANDARD.states)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_move_can_be_proposed(state: type[Issue], data: st.DataObject) -> None:
    """From each state that one leaves; the rules decide, and no move is malformed."""
    ledger = Ledger(HUBEI, clock=Clock())
    issue = in_state(ledger, state)
    strategy = moves(issue)
    assert strategy.is_empty == (state is Exposed)
    if not strategy.is_empty:
        move: Move[Any] = data.draw(strategy)
        assert move.issue == issue
        decision = ledger.check(move, by=OFFICER)
        assert decision.allowed == (decision.reasons == ())


def test_no_milestone_is_completed_twice() -> None:
    """Where none is left, no move completes one."""
    issue = in_state(Ledger(HUBEI, clock=Clock()), Scheduled)
    ledger = Ledger(HUBEI, clock=Clock())
    done: AnyIssue = take(ledger, Complete, in_state(ledger, Scheduled))

    @settings(max_examples=60, deadline=None, database=None)
    @given(moves(issue), moves(done))
    def look(one: Move[Any], other: Move[Any]) -> None:
        assert not isinstance(one, Complete) or one.milestone == "m1"
        assert not isinstance(other, Complete)

    look()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(findings(), st.data())
def test_any_story_is_intact(found: Any, data: st.DataObject) -> None:
    """Whatever moves are tried, what was allowed is recorded, and the audit finds nothing."""
    ledger = Ledger(HUBEI, clock=Clock())
    issue: AnyIssue = ledger.register(found, by=data.draw(actors()))
    for _ in range(4):
        if type(issue) is Exposed:
            break
        move: Move[Any] = data.draw(moves(issue))
        by = data.draw(actors())
        if ledger.check(move, by=by).allowed:
            issue = ledger.apply(move, by=by)
    assert len(ledger.history(issue.id)) == issue.version
    assert ledger.audit().intact


def test_walks_are_the_same_for_a_seed() -> None:
    """Random stories that can be told again."""
    assert walks(count=5, seed=7) == walks(count=5, seed=7)
    assert walks(count=5, seed=7) != walks(count=5, seed=8)
    assert {Found.__name__} < {state for walk in walks(count=20) for state in walk.states}
