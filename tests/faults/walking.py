"""Random legal steps on the issues of a ledger, each by an actor whose id is its own token."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import attrs

from rectify import (
    Acknowledge,
    Actor,
    AnyIssue,
    Bulletin,
    Complete,
    Conclusion,
    Expose,
    Extend,
    Fix,
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
    Verify,
)
from rectify.errors import Refused, StaleIssue
from rectify.move import sources
from support import NOON

EXPOSED_ONE_IN: Final = 20
"""How seldom a verified issue is exposed, after which nothing more happens to it."""


@attrs.frozen
class Flowing:
    """A clock of 2018 that runs with the real one, alike in every process; may be ahead."""

    since: float
    ahead_seconds: float = 0.0

    def __call__(self) -> datetime:
        """The present, in UTC."""
        gone = time.time() - self.since + self.ahead_seconds
        return NOON.astimezone(UTC) + timedelta(seconds=gone)


def actor(token: str) -> Actor:
    """Who may take any step; another person each time, so that nobody verifies their own work."""
    return Actor(id=token, unit="420000", roles=frozenset({"discipline"}))


def step(
    ledger: Ledger[AnyIssue], issue: Issue, chance: Random, token: str, *, ends: bool = True
) -> tuple[Issue | None, bool]:
    """Take one random step that rules allow; the issue after it, and whether another won.

    There is none where the issue is at its end; with ``ends`` false, none is brought there.
    """
    for move in _moves(issue, chance, token, ends):
        try:
            return ledger.apply(move, by=actor(token)), False
        except Refused:
            continue
        except StaleIssue:
            return None, True
    return None, False


def _moves(issue: Issue, chance: Random, token: str, ends: bool) -> Sequence[Move[Issue]]:
    """Every move that starts from the issue's state, in random order."""
    moves: list[Move[Issue]] = []
    for kind, builders in _BUILDERS.items():
        barred = kind is Expose and not (ends and chance.randrange(EXPOSED_ONE_IN) == 0)
        if type(issue) in sources(kind) and not barred:
            moves += [build(issue, chance, token) for build in builders]
    chance.shuffle(moves)
    return moves


def _timetable(chance: Random) -> Timetable:
    days = sorted(chance.sample(range(1, 100), chance.randint(1, 3)))
    first = date(2018, 6, 1)
    milestones = (
        Milestone(f"m{number}", f"第{number}步", first + timedelta(days=day))
        for number, day in enumerate(days, 1)
    )
    return Timetable(tuple(milestones), "财政所所长")


_Builder = Callable[[Any, Random, str], Move[Issue]]


def _complete(issue: Scheduled, _: Random, token: str) -> Move[Issue]:
    milestone = issue.open_milestones[0].id if issue.open_milestones else "m1"
    return Complete(issue, milestone, token)


def _verify(conclusion: Conclusion) -> _Builder:
    return lambda issue, _, token: Verify(issue, conclusion, token)


def _expose(issue: Any, _: Random, token: str) -> Move[Issue]:
    return Expose(issue, Bulletin("关于一起典型案例的通报", token, "全省", "drafter"))


_BUILDERS: Final[dict[type[Move[Issue]], tuple[_Builder, ...]]] = {
    Fix: (lambda issue, _, token: Fix(issue, token),),
    Schedule: (lambda issue, chance, _: Schedule(issue, _timetable(chance)),),
    Complete: (_complete,),
    Extend: (lambda issue, chance, token: Extend(issue, _timetable(chance), token),),
    Transfer: (lambda issue, _, token: Transfer(issue, "县纪委监委", token),),
    Acknowledge: (lambda issue, _, token: Acknowledge(issue, token),),
    Return: (lambda issue, chance, token: Return(issue, token, _timetable(chance)),),
    Verify: (_verify(Conclusion.RECTIFIED), _verify(Conclusion.SUBSTANTIATED)),
    Reject: (lambda issue, chance, token: Reject(issue, token, _timetable(chance)),),
    Reopen: (lambda issue, chance, token: Reopen(issue, token, _timetable(chance)),),
    Expose: (_expose,),
}
