"""Rounds side by side: every contender takes a step before any takes the next."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import fmean, median
from time import perf_counter_ns
from typing import TypeAlias

import attrs

from bench.contenders import Contender, Runner
from bench.story import PATHS, Step, instants

Lane: TypeAlias = tuple[str, str]
"""A contender's label and what it was asked to do: ``bare``, ``work`` or ``built``."""


@attrs.frozen
class Moment:
    """One step of the story: the path, its place there, the move."""

    path: str
    place: int
    move: str


@attrs.frozen
class Times:
    """Microseconds for one move of one contender, by the rounds measured."""

    rounds: dict[Moment, list[float]]

    def least(self) -> float:
        """The mean over the story's steps of the least of each step's rounds."""
        return fmean(min(times) for times in self.rounds.values())

    def median(self) -> float:
        """The mean over the story's steps of the median of each step's rounds."""
        return fmean(median(times) for times in self.rounds.values())

    def by_move(self) -> dict[str, float]:
        """The same as `least`, for each move."""
        moves: dict[str, list[float]] = defaultdict(list)
        for moment, times in self.rounds.items():
            moves[moment.move].append(min(times))
        return {move: fmean(times) for move, times in sorted(moves.items())}


def measure(contenders: list[Contender], *, rounds: int, issues: int) -> dict[Lane, Times]:
    """Take every contender through the story ``rounds`` times, and once before to warm up.

    ``issues`` are timed on each path; a fifth as many go before them at every step, so that
    what the one before left in the processor's caches does not count.
    """
    warm = max(1, issues // 5)
    lanes = [
        ((contender.label, mode), start)
        for contender in contenders
        for mode in ("bare", "work", "built")
        if (start := getattr(contender, mode)) is not None
    ]
    results = {lane: Times({}) for lane, _ in lanes}
    for number in range(-1, rounds):
        # Each round begins with another, so that no one always follows the same one.
        turned = lanes[number % len(lanes) :] + lanes[: number % len(lanes)]
        for path, steps in PATHS.items():
            clock = instants((len(steps) + 1) * (issues + warm))
            runners = [(lane, start(issues + warm, iter(clock).__next__)) for lane, start in turned]
            for place, step in enumerate(steps):
                moment = Moment(path, place, step.name)
                for lane, runner in runners:
                    microseconds = _time(runner, step, warm)
                    if number >= 0:
                        results[lane].rounds.setdefault(moment, []).append(microseconds)
    return results


def _time(runner: Runner, step: Step, warm: int) -> float:
    run, items = runner.ready(step)
    first, timed = items[:warm], items[warm:]
    with _no_garbage_collection():
        run(first)
        began = perf_counter_ns()
        run(timed)
        ended = perf_counter_ns()
    return (ended - began) / len(timed) / 1000


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    # As `timeit` does: a collection would fall to whoever happens to be measured.
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


IMPORTS = {
    "an empty interpreter": "pass",
    "import rectify": "import rectify",
    "from rectify import Ledger": "from rectify import Ledger",
    "from rectify import * (every name)": "from rectify import *",
    "import transitions": "import transitions",
}
"""What is measured in an interpreter of its own."""


def measure_imports(*, rounds: int) -> dict[str, float]:
    """The median milliseconds of starting Python and importing, the imports taking turns."""
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for number in range(-1, rounds):
        for name, code in IMPORTS.items():
            began = perf_counter_ns()
            subprocess.run([sys.executable, "-c", code], check=True)
            ended = perf_counter_ns()
            if number >= 0:
                times[name].append((ended - began) / 1_000_000)
    return {name: median(taken) for name, taken in times.items()}
