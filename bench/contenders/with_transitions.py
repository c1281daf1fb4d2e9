"""transitions: a machine with the issues as its models."""

from __future__ import annotations

from typing import Any, Final

from transitions import Machine

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import EDGES, STATES, Step

_TRIGGERS: Final = {move: "return_" if move == "Return" else move.lower() for move, _, _ in EDGES}


class Issue(work.Plain):
    """A model that checks and records its moves."""

    def allowed(self: Any, step: Step) -> bool:
        return work.require(self, step)

    def record(self: Any, step: Step) -> None:
        work.commit(self, step)


class Bare(Fleet):
    def __init__(self, count: int, clock: Any) -> None:
        guarded = {"conditions": "allowed", "after": "record"} if self.works else {}
        self.machine = Machine(
            model=None,
            states=list(STATES),
            initial="Found",
            auto_transitions=False,
            transitions=[
                {"trigger": _TRIGGERS[move], "source": source, "dest": target, **guarded}
                for move, source, target in EDGES
            ],
        )
        super().__init__(count, clock)

    def adopt(self, row: Any) -> Any:
        self.machine.add_model(row)
        return row


class Work(Bare):
    works = True

    def start(self) -> Issue:
        return Issue()


CONTENDER: Final = Contender("transitions", "transitions", bare=Bare, work=Work)
