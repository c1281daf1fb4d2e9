"""python-statemachine: a class of machines, one machine for each issue."""

from __future__ import annotations

from typing import Any, Final

from statemachine import State, StateMachine

from bench import work
from bench.contenders import Contender
from bench.contenders.fleet import Fleet
from bench.story import Step


class Lifecycle(StateMachine):
    """The states and moves, and nothing to do in them."""

    Found = State(initial=True)
    FixedOnTheSpot = State()
    Scheduled = State()
    Transferred = State()
    Verified = State()
    Exposed = State(final=True)

    fix = Found.to(FixedOnTheSpot)
    schedule = Found.to(Scheduled)
    complete = Scheduled.to(Scheduled)
    extend = Scheduled.to(Scheduled)
    transfer = Found.to(Transferred) | FixedOnTheSpot.to(Transferred) | Scheduled.to(Transferred)
    acknowledge = Transferred.to(Transferred)
    return_ = Transferred.to(Scheduled)
    verify = FixedOnTheSpot.to(Verified) | Scheduled.to(Verified) | Transferred.to(Verified)
    reject = FixedOnTheSpot.to(Scheduled) | Scheduled.to(Scheduled)
    reopen = Verified.to(Scheduled)
    expose = Verified.to(Exposed)


class WorkingLifecycle(StateMachine):
    """The same, with guards and actions on every move."""

    Found = State(initial=True)
    FixedOnTheSpot = State()
    Scheduled = State()
    Transferred = State()
    Verified = State()
    Exposed = State(final=True)

    fix = Found.to(FixedOnTheSpot, cond="allowed", on="record")
    schedule = Found.to(Scheduled, cond="allowed", on="record")
    complete = Scheduled.to(Scheduled, cond="allowed", on="record")
    extend = Scheduled.to(Scheduled, cond="allowed", on="record")
    transfer = (
        Found.to(Transferred, cond="allowed", on="record")
        | FixedOnTheSpot.to(Transferred, cond="allowed", on="record")
        | Scheduled.to(Transferred, cond="allowed", on="record")
    )
    acknowledge = Transferred.to(Transferred, cond="allowed", on="record")
    return_ = Transferred.to(Scheduled, cond="allowed", on="record")
    verify = (
        FixedOnTheSpot.to(Verified, cond="allowed", on="record")
        | Scheduled.to(Verified, cond="allowed", on="record")
        | Transferred.to(Verified, cond="allowed", on="record")
    )
    reject = FixedOnTheSpot.to(Scheduled, cond="allowed", on="record") | Scheduled.to(
        Scheduled, cond="allowed", on="record"
    )
    reopen = Verified.to(Scheduled, cond="allowed", on="record")
    expose = Verified.to(Exposed, cond="allowed", on="record")

    def allowed(self, step: Step) -> bool:
        return work.require(self.model, step)

    def record(self, step: Step) -> None:
        work.commit(self.model, step)


class Bare(Fleet):
    machine: type[StateMachine] = Lifecycle

    def adopt(self, row: Any) -> Any:
        return self.machine(row)

    def state(self, handle: Any) -> str:
        (state,) = handle.configuration
        return str(state.id)


class Work(Bare):
    works = True
    machine = WorkingLifecycle


CONTENDER: Final = Contender("python-statemachine", "python-statemachine", bare=Bare, work=Work)
