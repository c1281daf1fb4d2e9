"""No library: a dictionary of edges. What the shared work costs by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, Step

_ENTERS: Final = {(source, move): target for move, source, target in EDGES}


class Entry(work.Plain):
    """An issue with its state in a field."""

    state = "Found"

    def fire(self, move: str) -> None:
        self.state = _ENTERS[self.state, move]

    def take(self: Any, step: Step) -> None:
        target = _ENTERS[self.state, step.name]
        work.require(self, step)
        work.commit(self, step)
        self.state = target


class Bare(Fleet):
    def start(self) -> Entry:
        return Entry()

    def call(self, handle: Entry, step: Step) -> Callable[..., object]:
        return partial(handle.fire, step.name)


class Work(Bare):
    works = True

    def call(self, handle: Entry, step: Step) -> Callable[..., object]:
        return handle.take


CONTENDER: Final = Contender("by hand", None, bare=Bare, work=Work)
