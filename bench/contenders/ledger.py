"""rectify itself: `Ledger.apply` on the memory store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from bench.contenders import Contender, Run
from bench.story import CAMPAIGN, CHECKER, FINDING, Step
from rectify import Issue, Ledger, Move


class Applied:
    """Moves are built beforehand; what is timed is `Ledger.apply` alone."""

    def __init__(self, count: int, clock: Callable[[], datetime]) -> None:
        self.ledger = Ledger(CAMPAIGN, clock=clock)
        self.issues: list[Issue] = [
            self.ledger.register(FINDING, by=CHECKER, issue_id=f"issue-{number}")
            for number in range(count)
        ]

    def ready(self, step: Step) -> tuple[Run, Sequence[Any]]:
        moves = [step.kind(issue, **step.evidence) for issue in self.issues]
        apply, by, entered = self.ledger.apply, step.by, self._anew()

        def run(moves: Sequence[Move[Issue]]) -> None:
            for move in moves:
                entered.append(apply(move, by=by))

        return run, moves

    def _anew(self) -> list[Issue]:
        self.issues = []
        return self.issues

    def states(self) -> list[str]:
        return [type(issue).__name__ for issue in self.issues]

    def digests(self) -> list[str]:
        return [self.ledger.history(issue.id)[-1].digest for issue in self.issues]


class Built(Applied):
    """The move is built, and so checked, in the time measured."""

    def ready(self, step: Step) -> tuple[Run, Sequence[Any]]:
        issues, kind, evidence = self.issues, step.kind, step.evidence
        apply, by, entered = self.ledger.apply, step.by, self._anew()

        def run(issues: Sequence[Issue]) -> None:
            for issue in issues:
                entered.append(apply(kind(issue, **evidence), by=by))

        return run, issues


CONTENDER: Final = Contender("rectify", None, work=Applied, built=Built)
