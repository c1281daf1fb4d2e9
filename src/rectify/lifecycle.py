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
from rectify.lifecycle_check import find_problems
from rectify.move import Move, Step, sources, target
from rectify.moves import (
    STEPS,
    Acknowledge,
    Complete,
    Expose,
    Extend,
    Fix,
    Reject,
    Reopen,
    Return,
    Schedule,
    Transfer,
    Verify,
)
from rectify.rules import RULES, Rule

if TYPE_CHECKING:
    from transitions import Machine

I_co = TypeVar("I_co", bound=Issue, covariant=True)
J = TypeVar("J", bound=Issue)


@attrs.frozen
class Edge:
    """One line of the table: a move from a state to a state, by their classes."""

    move: type[Move[Issue]]
    source: type[Issue]
    target: type[Issue]


@attrs.frozen(slots=False)
class Lifecycle(Generic[I_co]):
    """The states an issue may be in, the moves between them, and the rules over the moves.

    Building one checks it and raises `LifecycleError` with every problem: a class that says
    too little, a name used twice, a state that no move reaches or none leaves (but for
    ``finals``), a move from or to a state that is not there, a rule over a move that is not
    there.
    """

    states: tuple[type[I_co], ...]
    moves: tuple[type[Move[Issue]], ...]
    rules: tuple[Rule, ...]
    finals: frozenset[type[Issue]] = frozenset({Exposed})

    def __attrs_post_init__(self) -> None:
        if problems := find_problems(self):
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
