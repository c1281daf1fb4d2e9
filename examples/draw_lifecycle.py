"""Draw the lifecycle, with a state and a move of the platform's own, in a notation of choice.

Usage: ``python examples/draw_lifecycle.py [mermaid|dot|as_json|scxml|xstate] [zh|en] [--own]``
"""

from __future__ import annotations

import argparse
from typing import Any

import attrs

from rectify.evidence import Timetable
from rectify.exchange import diagrams
from rectify.issue import Issue, Scheduled
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move


@attrs.frozen(slots=False)
class Suspended(Issue):
    """挂起: waits for an answer from the level above."""

    question: str


@attrs.frozen(slots=False)
class Suspend(Move[Suspended]):
    """请示: the level above is asked, and rectification waits."""

    issue: Scheduled
    question: str

    def enter(self) -> Suspended:
        return Suspended(*self.issue.onward(), self.question)


@attrs.frozen(slots=False)
class Resume(Move[Scheduled]):
    """批复: the level above has answered."""

    issue: Suspended
    timetable: Timetable

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable)


def main() -> None:
    """Print the drawing."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "notation",
        nargs="?",
        default="mermaid",
        choices=["mermaid", "dot", "as_json", "scxml", "xstate"],
    )
    parser.add_argument("language", nargs="?", default="zh", choices=["zh", "en"])
    parser.add_argument("--own", action="store_true", help="with the platform's own state")
    chosen = parser.parse_args()
    lifecycle: Lifecycle[Any] = STANDARD
    if chosen.own:
        lifecycle = STANDARD.extended(states=(Suspended,), moves=(Suspend, Resume))
    if chosen.notation in ("mermaid", "dot"):
        draw = {"mermaid": diagrams.mermaid, "dot": diagrams.dot}[chosen.notation]
        print(draw(lifecycle, chosen.language), end="")
    else:
        write = {
            "as_json": diagrams.as_json,
            "scxml": diagrams.scxml,
            "xstate": diagrams.xstate,
        }[chosen.notation]
        print(write(lifecycle), end="")


if __name__ == "__main__":
    main()
