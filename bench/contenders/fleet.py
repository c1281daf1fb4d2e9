"""What the peers have in common: some rows, and for each a call that fires a move on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bench import work
from bench.contenders import Run
from bench.story import Step


class Fleet:
    """Some issues on the same path; bare, so that a call only changes the state."""

    works: ClassVar[bool] = False
    """Whether a call gets the step, asks the rules and writes the record."""

    def __init__(self, count: int, clock: Callable[[], datetime]) -> None:
        self.rows = [self.start() for _ in range(count)]
        if self.works:
            for number, row in enumerate(self.rows):
                work.begin(row, number, clock)
        self.handles = [self.adopt(row) for row in self.rows]

    def start(self) -> Any:
        """A row of an issue that was found."""
        return work.Plain()

    def adopt(self, row: Any) -> Any:
        """What the library hands out to move the row by; the row itself for some."""
        return row

    def call(self, handle: Any, step: Step) -> Callable[..., object]:
        """What a user of the library calls for a step."""
        method: Callable[..., object] = getattr(handle, step.trigger)
        return method

    def state(self, handle: Any) -> str:
        """The state, as the library tells it."""
        return str(handle.state)

    def ready(self, step: Step) -> tuple[Run, Sequence[Any]]:
        """See `Runner.ready`."""

        def run_bare(calls: Sequence[Callable[[], object]]) -> None:
            for call in calls:
                call()

        def run_work(calls: Sequence[Callable[[Step], object]]) -> None:
            for call in calls:
                call(step)

        calls = [self.call(handle, step) for handle in self.handles]
        return (run_work if self.works else run_bare), calls

    def states(self) -> Sequence[str]:
        """See `Runner.states`."""
        return [self.state(handle) for handle in self.handles]

    def digests(self) -> Sequence[str]:
        """See `Runner.digests`."""
        return [row.records[-1][1] for row in self.rows] if self.works else []
