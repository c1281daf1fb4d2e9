"""sismic: a statechart, and an interpreter for each issue that is given events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sismic.interpreter import Interpreter  # type: ignore[import-untyped]
from sismic.model import (  # type: ignore[import-untyped]
    BasicState,
    CompoundState,
    Event,
    Statechart,
    Transition,
)

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, STATES, Step


def _chart(guard: str | None, action: str | None) -> Statechart:
    chart = Statechart("lifecycle")
    chart.add_state(CompoundState("lifecycle", initial="Found"), None)
    for state in STATES:
        chart.add_state(BasicState(state), "lifecycle")
    for move, source, target in EDGES:
        chart.add_transition(Transition(source, target, event=move, guard=guard, action=action))
    chart.validate()
    return chart


_bare: Final = _chart(None, None)
_working: Final = _chart("require(row, event.step)", "commit(row, event.step)")


class Bare(Fleet):
    def adopt(self, row: Any) -> Interpreter:
        return _started(Interpreter(_bare, ignore_contract=True))

    def call(self, handle: Interpreter, step: Step) -> Callable[..., object]:
        def fire() -> None:
            handle.queue(Event(step.name))
            handle.execute_once()

        return fire

    def state(self, handle: Interpreter) -> str:
        return str(handle.configuration[-1])


class Work(Bare):
    works = True

    def adopt(self, row: Any) -> Interpreter:
        context = {"row": row, "require": work.require, "commit": work.commit}
        return _started(Interpreter(_working, initial_context=context, ignore_contract=True))

    def call(self, handle: Interpreter, step: Step) -> Callable[..., object]:
        def take(step: Step) -> None:
            handle.queue(Event(step.name, step=step))
            handle.execute_once()

        return take


def _started(interpreter: Interpreter) -> Interpreter:
    interpreter.execute_once()
    return interpreter


CONTENDER: Final = Contender("sismic", "sismic", bare=Bare, work=Work)
