"""The lifecycle: which moves join which states, as a table, a machine and a plan.

The table is read off the move classes; nothing else states it. It is checked when built.
The `transitions.Machine` made from it is for hosts to draw, ask and run, and the plan that
`Ledger` runs is compiled from that machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import attrs

from rectify.errors import LifecycleError, UnknownMove, UnknownState
from rectify.i18n import Message, message
from rectify.issue import (
    AnyIssue,
    Exposed,
    FixedOnTheSpot,
    Found,
    Issue,
    Scheduled,
    Transferred,
    Verified,
)
from rectify.move import Move, Step, sources, target
from rectify.moves import (
    Acknowledge,
    Complete,
    Expose,
    Extend,
    Fix,
    Register,
    Reject,
    Reopen,
    Return,
    Schedule,
    Tie,
    Transfer,
    Verify,
)
from rectify.rules import RULES, Rule

if TYPE_CHECKING:
    from transitions import Machine

I_co = TypeVar("I_co", bound=Issue, covariant=True)
J = TypeVar("J", bound=Issue)

STEPS: Final[tuple[type[Step[Issue]], ...]] = (Register, Tie)
"""What is recorded without being a move between states."""


@attrs.frozen
class Edge:
    """One line of the table: a move from a state to a state, by their classes."""

    move: type[Move[Issue]]
    source: type[Issue]
    target: type[Issue]


@attrs.frozen(slots=False)
class Lifecycle(Generic[I_co]):
    """The states an issue may be in, the moves between them, and the rules over the moves.

    Building one checks it and raises `LifecycleError` with every problem: a state that no
    move reaches or none leaves (but for ``finals``), a move from or to a state that is not
    there, a rule over a move that is not there.
    """

    states: tuple[type[I_co], ...]
    moves: tuple[type[Move[Issue]], ...]
    rules: tuple[Rule, ...]
    finals: frozenset[type[Issue]] = frozenset({Exposed})

    def __attrs_post_init__(self) -> None:
        if problems := _lint(self):
            raise LifecycleError(problems)

    def extended(
        self,
        *,
        states: Sequence[type[J]] = (),
        moves: Sequence[type[Move[Issue]]] = (),
        rules: Sequence[Rule] = (),
        finals: Sequence[type[Issue]] = (),
    ) -> Lifecycle[I_co | J]:
        """A lifecycle with a host's own states, moves and rules besides these."""
        return Lifecycle[Any](
            (*self.states, *states),
            (*self.moves, *moves),
            (*self.rules, *rules),
            self.finals | frozenset(finals),
        )

    @cached_property
    def table(self) -> tuple[Edge, ...]:
        """Every edge, in the order of the moves and of the states they start from."""
        return tuple(
            Edge(move, source, target(move)) for move in self.moves for source in sources(move)
        )

    @cached_property
    def machine(self) -> Machine:
        """The same table as a `transitions.Machine` without a model: triggers are move names.

        Its guards are the rules; fire it with ``rectify.machine.fire``.
        """
        from rectify.machine import build

        return build(self)

    def moves_from(self, state: type[Issue]) -> tuple[type[Move[Issue]], ...]:
        """The moves that start from a state."""
        return tuple(edge.move for edge in self.table if edge.source is state)

    def step(self, name: str) -> type[Step[Issue]]:
        """The class of a move, or of a registration or link, by its name; else `UnknownMove`."""
        for kind in (*self.moves, *STEPS):
            if kind.__name__ == name:
                return kind
        raise UnknownMove(name, [kind.__name__ for kind in self.moves])

    def state(self, name: str) -> type[I_co]:
        """The class of a state by its name; else `UnknownState`."""
        for kind in self.states:
            if kind.__name__ == name:
                return kind
        raise UnknownState(name, [kind.__name__ for kind in self.states])

    def rules_for(self, step: type[Step[Issue]]) -> tuple[Rule, ...]:
        """The rules that judge a step, in order."""
        return tuple(rule for rule in self.rules if issubclass(step, rule.steps))


def _lint(lifecycle: Lifecycle[Issue]) -> list[Message]:
    problems = [*_twice(lifecycle), *_strangers(lifecycle)]
    if not problems:
        problems += [*_unreached(lifecycle), *_dead_ends(lifecycle), *_rules_astray(lifecycle)]
    return problems


def _twice(lifecycle: Lifecycle[Issue]) -> list[Message]:
    names = [kind.__name__ for kind in (*lifecycle.states, *lifecycle.moves, *STEPS)]
    return [
        message("the name {name} is used twice", name=name)
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _strangers(lifecycle: Lifecycle[Issue]) -> list[Message]:
    known: set[type[Issue]] = set(lifecycle.states)
    return [
        message(
            "{move} joins {state}, which is not one of the lifecycle's states",
            move=move.__name__,
            state=state.__name__,
        )
        for move in lifecycle.moves
        for state in (*sources(move), target(move))
        if state not in known
    ] + [
        message("{move} does not define enter()", move=move.__name__)
        for move in lifecycle.moves
        if next(kind for kind in move.__mro__ if "enter" in vars(kind)) is Step
    ]


def _unreached(lifecycle: Lifecycle[Issue]) -> list[Message]:
    reached: set[type[Issue]] = {Found}
    frontier = list(reached)
    while frontier:
        state = frontier.pop()
        for edge in lifecycle.table:
            if edge.source is state and edge.target not in reached:
                reached.add(edge.target)
                frontier.append(edge.target)
    return [
        message("no path of moves reaches {state}", state=state.__name__)
        for state in lifecycle.states
        if state not in reached
    ]


def _dead_ends(lifecycle: Lifecycle[Issue]) -> list[Message]:
    left = {edge.source for edge in lifecycle.table if edge.source is not edge.target}
    return [
        message("no move leaves {state}, and it is not declared final", state=state.__name__)
        for state in lifecycle.states
        if state not in left and state not in lifecycle.finals
    ]


def _rules_astray(lifecycle: Lifecycle[Issue]) -> list[Message]:
    known = (*lifecycle.moves, *STEPS)
    return [
        message(
            "rule {code} judges {step}, which is not one of the lifecycle's moves",
            code=rule.code,
            step=step.__name__,
        )
        for rule in lifecycle.rules
        for step in rule.steps
        if not any(issubclass(kind, step) for kind in known)
    ]


STANDARD: Final = Lifecycle[AnyIssue](
    states=cast(
        "tuple[type[AnyIssue], ...]",
        (Found, FixedOnTheSpot, Scheduled, Transferred, Verified, Exposed),
    ),
    moves=(
        Fix,
        Schedule,
        Complete,
        Extend,
        Transfer,
        Acknowledge,
        Return,
        Verify,
        Reject,
        Reopen,
        Expose,
    ),
    rules=RULES,
)
"""The lifecycle of the reference document: six states, eleven moves."""
