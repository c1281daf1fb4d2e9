"""The lifecycle as a `transitions.Machine`: to draw, to ask, to run a host's own code on.

The machine has no model and keeps none: it is fired with a throw-away context. Its guards
are the rules, and unlike the library's own they are all asked, so that a refusal holds
every reason.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, cast

import attrs
from transitions import Condition, Event, EventData, Machine, Transition

from rectify.case import Case
from rectify.issue import Found, Issue
from rectify.lifecycle import Lifecycle
from rectify.move import Move
from rectify.rules import Objection, Rule


@attrs.define
class Firing:
    """The throw-away context of one trigger; the machine keeps its state in ``state``."""

    state: Enum
    move: Move[Issue]
    case: Case
    objections: list[tuple[Rule, Objection]] = attrs.field(factory=list[tuple[Rule, Objection]])


class Guard(Condition):  # type: ignore[misc]
    """One rule as a condition: it holds when the rule has no objection."""

    func: Rule

    def check(self, event_data: EventData) -> bool:
        """Ask the rule, and keep what it says."""
        firing = cast("Firing", event_data.model)
        setting = firing.case.campaign.rules.get(self.func.code)
        if setting is not None and not setting.enabled:
            return True
        subject = firing.move if self.func.needs_evidence else type(firing.move)
        objection = self.func.judge(firing.case, subject)
        if objection is not None:
            firing.objections.append((self.func, objection))
        return objection is None


class GuardedTransition(Transition):  # type: ignore[misc]
    """A transition that asks every guard, where the library's stops at the first to fail."""

    condition_cls = Guard
    conditions: list[Guard]

    def _eval_conditions(self, event_data: EventData) -> bool:
        return all([guard.check(event_data) for guard in self.conditions])


class GuardedMachine(Machine):  # type: ignore[misc]
    """A machine whose transitions are guarded by rules."""

    transition_cls = GuardedTransition


def build(lifecycle: Lifecycle[Issue]) -> Machine:
    """The machine of a lifecycle; its state names and triggers are the class names."""
    states = Enum("State", {state.__name__: state.__name__ for state in lifecycle.states})
    machine = GuardedMachine(
        model=None,
        states=states,
        initial=states[Found.__name__],
        send_event=True,
        auto_transitions=False,
        queued=False,
    )
    for edge in lifecycle.table:
        machine.add_transition(
            edge.move.__name__,
            states[edge.source.__name__],
            states[edge.target.__name__],
            conditions=list(lifecycle.rules_for(edge.move)),
        )
    return machine


def fire(machine: Machine, move: Move[Issue], case: Case) -> Firing:
    """Trigger a move on the machine; the context tells the state after and the objections.

    Raises `transitions.MachineError` where no transition of that name leaves the state.
    """
    states: Any = machine.get_state(type(move.issue).__name__)
    firing = Firing(states.value, move, case)
    cast("Event", machine.events[type(move).__name__]).trigger(firing)
    return firing
