"""transitions as the library's own machine is set up: enum states, a context for each call.

That is how `Lifecycle.machine` is fired: without models, which would be kept and compared.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, Final

from transitions import Machine

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, STATES, Step

_STATES: Any = Enum("State", dict(zip(STATES, STATES, strict=True)))  # type: ignore[misc]


class Context:
    """What one trigger is fired on, and thrown away after."""

    __slots__ = ("state",)

    def __init__(self, state: Any) -> None:
        self.state = state


class Entry(work.Plain):
    """An issue with its state in a field."""

    stage = _STATES["Found"]

    def fire(self, event: Any) -> None:
        context = Context(self.stage)
        event.trigger(context)
        self.stage = context.state


class Bare(Fleet):
    def __init__(self, count: int, clock: Any) -> None:
        self.machine = Machine(
            model=None,
            states=_STATES,
            initial=_STATES["Found"],
            send_event=True,
            auto_transitions=False,
            queued=False,
            transitions=[[move, _STATES[source], _STATES[to]] for move, source, to in EDGES],
        )
        super().__init__(count, clock)

    def start(self) -> Entry:
        return Entry()

    def call(self, handle: Entry, step: Step) -> Callable[..., object]:
        return partial(handle.fire, self.machine.events[step.name])

    def state(self, handle: Entry) -> str:
        return str(handle.stage.name)


CONTENDER: Final = Contender("transitions, as our machine", "transitions", bare=Bare)
