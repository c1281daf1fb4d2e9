"""Every pair of a state and a move: legal ones enter the right state, others are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rectify import (
    Acknowledge,
    AnyIssue,
    Complete,
    Expose,
    Exposed,
    Extend,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Milestone,
    Move,
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
from rectify.errors import IllegalMove
from rectify.lifecycle import STANDARD
from support import MOVES, OFFICER, WHO, MakeLedger, build, in_state, take

STATES = (Found, FixedOnTheSpot, Scheduled, Transferred, Verified, Exposed)

# Written out by hand from section 2 of the design, so that it checks the classes.
LEGAL: dict[tuple[type[Issue], type[Move[Any]]], type[Issue]] = {
    (Found, Fix): FixedOnTheSpot,
    (Found, Schedule): Scheduled,
    (Found, Transfer): Transferred,
    (FixedOnTheSpot, Transfer): Transferred,
    (FixedOnTheSpot, Verify): Verified,
    (FixedOnTheSpot, Reject): Scheduled,
    (Scheduled, Complete): Scheduled,
    (Scheduled, Extend): Scheduled,
    (Scheduled, Transfer): Transferred,
    (Scheduled, Verify): Verified,
    (Scheduled, Reject): Scheduled,
    (Transferred, Acknowledge): Transferred,
    (Transferred, Return): Scheduled,
    (Transferred, Verify): Verified,
    (Verified, Reopen): Scheduled,
    (Verified, Expose): Exposed,
}
PAIRS = [(state, move) for state in STATES for move in MOVES]


def _name(kind: type) -> str:
    return kind.__name__


def test_the_table_is_the_one_of_the_design() -> None:
    """The lifecycle read off the classes is the design's table, no edge more or less."""
    assert {(edge.source, edge.move): edge.target for edge in STANDARD.table} == LEGAL


@pytest.mark.parametrize(("state", "move"), PAIRS, ids=lambda kind: _name(kind))
def test_every_state_and_move(
    make_ledger: MakeLedger, state: type[Issue], move: type[Move[Any]]
) -> None:
    """A legal pair enters its state and leaves one record; an illegal one can't be built."""
    ledger = make_ledger()
    issue = in_state(ledger, state)
    before = ledger.history(issue.id)

    if (state, move) in LEGAL:
        entered = take(ledger, move, issue)
        record = ledger.history(issue.id)[-1]
        assert type(entered) is LEGAL[state, move]
        assert ledger.get(issue.id) == entered
        assert (record.move, record.source, record.target) == (
            move.__name__,
            state.__name__,
            LEGAL[state, move].__name__,
        )
        assert len(ledger.history(issue.id)) == len(before) + 1
    else:
        with pytest.raises(IllegalMove) as caught:
            build(move, issue)
        legal = [_name(kind) for source, kind in LEGAL if source is state]
        assert (caught.value.move, caught.value.issue_id) == (move.__name__, issue.id)
        # Other lifecycles of this process have moves too, and these are named besides.
        ours = [name for name in caught.value.legal if name in map(_name, STANDARD.moves)]
        assert (caught.value.state, ours) == (state.__name__, legal)
        assert caught.value.sources == tuple(_name(s) for s, kind in LEGAL if kind is move)
        assert all(part in str(caught.value) for part in (issue.id, state.__name__, *legal))
        assert ledger.history(issue.id) == before
        assert ledger.get(issue.id) == issue
    assert ledger.audit().problems == ()


@pytest.mark.parametrize("state", STATES, ids=_name)
def test_options_are_the_moves_of_the_state(ledger: Ledger[AnyIssue], state: type[Issue]) -> None:
    """Options name each legal move with its target, and none else."""
    options = ledger.options(in_state(ledger, state), by=OFFICER)
    assert {option.move: option.target for option in options} == {
        move: target for (source, move), target in LEGAL.items() if source is state
    }


def test_what_each_state_keeps(ledger: Ledger[AnyIssue]) -> None:
    """A state's own fields are the evidence that entered it."""
    fixed = in_state(ledger, FixedOnTheSpot)
    scheduled = in_state(ledger, Scheduled)
    transferred = take(ledger, Acknowledge, in_state(ledger, Transferred))
    exposed = in_state(ledger, Exposed)
    assert fixed.measure == MOVES[Fix]["measure"]
    assert scheduled.timetable == MOVES[Schedule]["timetable"]
    assert (transferred.organ, transferred.lead) == tuple(MOVES[Transfer].values())
    assert transferred.receipt == MOVES[Acknowledge]["receipt"]
    assert (exposed.bulletin, exposed.evidence) == (
        MOVES[Expose]["bulletin"],
        MOVES[Verify]["evidence"],
    )


def test_rounds_go_up_when_rectification_begins_anew(ledger: Ledger[AnyIssue]) -> None:
    """Reject and Reopen begin a round, with no milestone reached; Return and Extend do not."""
    rejected = take(ledger, Reject, take(ledger, Complete, in_state(ledger, Scheduled)))
    reopened = take(ledger, Reopen, in_state(ledger, Verified))
    returned = take(ledger, Return, in_state(ledger, Transferred))
    extended = take(ledger, Extend, returned)
    assert (rejected.round, rejected.completed) == (2, ())
    assert (reopened.round, returned.round, extended.round) == (2, 1, 1)


def test_an_extension_keeps_what_was_reached(ledger: Ledger[AnyIssue]) -> None:
    """A milestone reached stays so where the new timetable has its id, and is gone else."""
    completed = take(ledger, Complete, in_state(ledger, Scheduled))
    kept = take(ledger, Extend, completed)
    assert [one.milestone for one in kept.completed] == ["m1"]
    other = Timetable((Milestone("other", "另一步", date(2018, 7, 15)),), "财政所所长")
    assert take(ledger, Extend, kept, timetable=other).completed == ()


def test_versions_and_digests_chain(make_ledger: MakeLedger) -> None:
    """Versions count from 1 without gap, and each record holds the digest before it."""
    ledger = make_ledger()
    records = ledger.history(in_state(ledger, Exposed).id)
    assert [record.version for record in records] == [1, 2, 3, 4]
    assert [record.previous for record in records[1:]] == [r.digest for r in records[:-1]]
    assert (records[0].source, records[0].previous) == (None, None)
    assert [record.by for record in records] == [OFFICER, OFFICER, WHO[Verify], WHO[Expose]]


def test_a_move_on_what_is_no_issue() -> None:
    """A move built on something else says so, rather than failing inside."""
    make: Any = Fix
    with pytest.raises(IllegalMove) as caught:
        make("issue", measure="改")
    error = caught.value
    assert (error.move, error.issue_id, error.state) == ("Fix", "–", "str")
    assert (error.sources, error.legal) == (("Found",), ())
