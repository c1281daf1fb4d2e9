"""The lifecycle as a `transitions.Machine`: to draw, to ask, to run a host's own code on.

The machine has no model and keeps none: it is fired with a throw-away context. Its guards
are the rules, and unlike the library's own they are all asked, so that a refusal holds
every reason.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, cast

import attrs
from transitions import EventData, Machine, Transition
from transitions.core import Condition

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


class Guard(Condition):
    """One rule as a condition: it holds when the rule has no objection."""

    @property
    def rule(self) -> Rule:
        """The rule itself; the library keeps what it is given in ``func``."""
        return cast("Rule", self.func)

    def check(self, event_data: EventData) -> bool:
        """Ask the rule, and keep what it says."""
        rule, firing = self.rule, cast("Firing", event_data.model)
        setting = firing.case.campaign.rules.get(rule.code)
        if setting is not None and not setting.enabled:
            return True
        objection = rule.judge(
            firing.case, firing.move if rule.needs_evidence else type(firing.move)
        )
        if objection is not None:
            firing.objections.append((rule, objection))
        return objection is None


class GuardedTransition(Transition):
    """A transition that asks every guard, where the library's stops at the first to fail."""

    condition_cls = Guard

    def _eval_conditions(self, event_data: EventData) -> bool:
        # A list, so that none is left unasked.
        return all([guard.check(event_data) for guard in self.conditions])  # noqa: C419


class GuardedMachine(Machine):
    """A machine whose transitions are guarded by rules."""

    transition_cls = GuardedTransition


def build(lifecycle: Lifecycle[Issue]) -> Machine:
    """The machine of a lifecycle; its state names and triggers are the class names."""
    names = [state.__name__ for state in lifecycle.states]
    states: Any = Enum("State", dict(zip(names, names, strict=True)))  # type: ignore[misc]
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
            conditions=cast("Any", list(lifecycle.rules_for(edge.move))),
        )
    return machine


def fire(machine: Machine, move: Move[Issue], case: Case) -> Firing:
    """Trigger a move on the machine; the context tells the state after and the objections.

    Raises `transitions.MachineError` where no transition of that name leaves the state.
    """
    state: Any = machine.get_state(type(move.issue).__name__)
    firing = Firing(state.value, move, case)
    machine.events[type(move).__name__].trigger(firing)
    return firing


def rules_on(machine: Machine, move: type[Move[Issue]]) -> tuple[Rule, ...]:
    """The rules that guard a move's transitions, in order."""
    first, *_ = cast("list[GuardedTransition]", machine.get_transitions(move.__name__))
    return tuple(cast("Guard", guard).rule for guard in first.conditions)
