"""Automat: a typed builder; inputs are the methods of a protocol.

It has no guards: who uses it asks the rules first, and then gives the input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from automat import TypeMachineBuilder

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, STATES, Step


class Moves(Protocol):
    def fix(self) -> None: ...
    def schedule(self) -> None: ...
    def complete(self) -> None: ...
    def extend(self) -> None: ...
    def transfer(self) -> None: ...
    def acknowledge(self) -> None: ...
    def return_(self) -> None: ...
    def verify(self) -> None: ...
    def reject(self) -> None: ...
    def reopen(self) -> None: ...
    def expose(self) -> None: ...


class WorkingMoves(Protocol):
    def fix(self, step: Step) -> None: ...
    def schedule(self, step: Step) -> None: ...
    def complete(self, step: Step) -> None: ...
    def extend(self, step: Step) -> None: ...
    def transfer(self, step: Step) -> None: ...
    def acknowledge(self, step: Step) -> None: ...
    def return_(self, step: Step) -> None: ...
    def verify(self, step: Step) -> None: ...
    def reject(self, step: Step) -> None: ...
    def reopen(self, step: Step) -> None: ...
    def expose(self, step: Step) -> None: ...


def _build(inputs: Any, output: Callable[..., None] | None) -> Any:
    builder: Any = TypeMachineBuilder(inputs, work.Plain)
    states = {name: builder.state(name) for name in STATES}
    for move, source, target in EDGES:
        trigger = getattr(inputs, "return_" if move == "Return" else move.lower())
        edge = states[source].upon(trigger).to(states[target])
        if output is None:
            edge.returns(None)
        else:
            edge(output)
    return builder.build()


def _record(inputs: WorkingMoves, core: work.Plain, step: Step) -> None:
    row: Any = core
    work.commit(row, step)


_bare: Final = _build(Moves, None)
_working: Final = _build(WorkingMoves, _record)


class Bare(Fleet):
    def adopt(self, row: Any) -> Any:
        return _bare(row)

    def state(self, handle: Any) -> str:
        # The machine keeps its state to itself; there is no public way to ask.
        return str(handle.__automat_transitioner__._state.name)


class Work(Bare):
    works = True

    def adopt(self, row: Any) -> Any:
        return row, _working(row)

    def call(self, handle: Any, step: Step) -> Callable[..., object]:
        row, machine = handle
        fire = getattr(machine, step.trigger)

        def take(step: Step) -> None:
            work.require(row, step)
            fire(step)

        return take

    def state(self, handle: Any) -> str:
        return super().state(handle[1])


CONTENDER: Final = Contender("Automat", "Automat", bare=Bare, work=Work)
