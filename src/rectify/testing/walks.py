"""Random walks through a lifecycle, taken in a real ledger with every rule in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from random import Random
from typing import Any, Final

import attrs

from rectify import Actor, Finding, Ledger, load_campaign
from rectify.errors import IllegalMove
from rectify.evidence import Bulletin, Conclusion, Milestone, Timetable
from rectify.issue import Issue, Scheduled
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move
from rectify.moves import (
    Acknowledge,
    Complete,
    Expose,
    Extend,
    Fix,
    Reject,
    Reopen,
    Return,
    Schedule,
    Transfer,
    Verify,
)

NOW: Final = datetime(2018, 3, 5, 1, 0, tzinfo=UTC)
FINDING: Final = Finding(
    title="扶贫项目资金滞留",
    area="funds",
    channel="self-inspection",
    unit="420321",
    found_at=NOW,
)
TIMETABLE: Final = Timetable(
    (
        Milestone("m1", "拨付资金", date(2018, 5, 31)),
        Milestone("m2", "公示结果", date(2018, 6, 30)),
    ),
    "县财政局",
)

Builder = Callable[[Any, "Ledger[Any]"], Move[Issue]]
"""Builds a move with evidence that no rule objects to, on an issue of any state."""


@attrs.frozen
class Walk:
    """The names of the moves tried, legal or not, and of the state after each."""

    moves: tuple[str, ...]
    states: tuple[str, ...]


def _complete(issue: Any, ledger: Ledger[Any]) -> Move[Issue]:
    milestone = issue.open_milestones[0].id if isinstance(issue, Scheduled) else "m1"
    return Complete(issue, milestone=milestone, evidence="凭证")


def _verify(issue: Any, ledger: Ledger[Any]) -> Move[Issue]:
    proven = _was_transferred(issue, ledger)
    conclusion = Conclusion.SUBSTANTIATED if proven else Conclusion.RECTIFIED
    return Verify(issue, conclusion=conclusion, evidence="现场核查")


def _was_transferred(issue: Issue, ledger: Ledger[Any]) -> bool:
    return any(record.target == "Transferred" for record in ledger.history(issue.id))


BUILDERS: Final[Mapping[str, Builder]] = {
    "Fix": lambda issue, _: Fix(issue, measure="当场退还"),
    "Schedule": lambda issue, _: Schedule(issue, TIMETABLE),
    "Complete": _complete,
    "Extend": lambda issue, _: Extend(issue, TIMETABLE, reason="汛期停工"),
    "Transfer": lambda issue, _: Transfer(issue, organ="县纪委", lead="截留资金"),
    "Acknowledge": lambda issue, _: Acknowledge(issue, receipt="收字1号"),
    "Return": lambda issue, _: Return(issue, reason="不构成违纪", timetable=TIMETABLE),
    "Verify": _verify,
    "Reject": lambda issue, _: Reject(issue, reason="整改不到位", timetable=TIMETABLE),
    "Reopen": lambda issue, _: Reopen(issue, reason="问题反弹", timetable=TIMETABLE),
    "Expose": lambda issue, _: Expose(issue, Bulletin("通报", "一起典型案例", "全省", "drafter")),
}


def walks(
    lifecycle: Lifecycle[Any] = STANDARD,
    builders: Mapping[str, Builder] = BUILDERS,
    *,
    count: int = 100,
    moves_max: int = 12,
    seed: int = 2018,
) -> tuple[Walk, ...]:
    """The same walks for the same seed, each of 1 to ``moves_max`` moves from a new issue."""
    random = Random(seed)  # noqa: S311
    ledger: Ledger[Any] = Ledger(
        load_campaign("hubei-2018"), lifecycle=lifecycle, clock=lambda: NOW
    )
    return tuple(
        _walk(ledger, builders, random, random.randint(1, moves_max)) for _ in range(count)
    )


def _walk(
    ledger: Ledger[Any], builders: Mapping[str, Builder], random: Random, length: int
) -> Walk:
    issue = ledger.register(FINDING, by=_actor(0))
    tried: list[str] = []
    states: list[str] = []
    for number in range(1, length + 1):
        issue = ledger.get(issue.id)
        name = _wish(ledger, issue, random)
        try:
            move = builders[name](issue, ledger)
        except IllegalMove:
            pass
        else:
            ledger.apply(move, by=_actor(number))
        tried.append(name)
        states.append(type(ledger.get(issue.id)).__name__)
    return Walk(tuple(tried), tuple(states))


def _actor(number: int) -> Actor:
    # Another actor for each step, so that nobody verifies what they handled.
    return Actor(id=f"actor-{number}", unit="420000", roles=frozenset({"discipline"}))


def _wish(ledger: Ledger[Any], issue: Issue, random: Random) -> str:
    """The name of any move, a legal one more often; never one that a rule would refuse."""
    legal = ledger.lifecycle.moves_from(type(issue))
    choices = legal if legal and random.random() < 0.7 else ledger.lifecycle.moves
    name = random.choice(choices).__name__
    if isinstance(issue, Scheduled):
        if name == "Complete" and not issue.open_milestones:
            return "Verify"
        if name == "Verify" and issue.open_milestones and not _was_transferred(issue, ledger):
            return "Complete"
    return name
