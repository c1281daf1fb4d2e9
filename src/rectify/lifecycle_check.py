"""Whether states, moves and rules fit together: what a lifecycle is asked when it is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import attrs

from rectify.errors import LifecycleError
from rectify.i18n import Message, message
from rectify.issue import Exposed, Found, Issue
from rectify.move import Move, Step, field_types, sources, target
from rectify.moves import STEPS
from rectify.rules import Rule

if TYPE_CHECKING:
    from rectify.lifecycle import Lifecycle


def find_problems(lifecycle: Lifecycle[Issue]) -> list[Message]:
    """Every problem of a lifecycle; what rests on a class is asked once the classes are sound."""
    problems = list(_misfits(lifecycle))
    problems = problems or [*_twice(lifecycle), *_unsound(lifecycle)]
    problems = problems or [*_strangers(lifecycle), *_rules_astray(lifecycle)]
    return problems or [*_unreached(lifecycle), *_dead_ends(lifecycle)]


def _misfits(lifecycle: Lifecycle[Issue]) -> Iterator[Message]:
    """What is not even of the right kind; type checkers say so earlier."""
    for base, kinds in ((Issue, lifecycle.states), (Move, lifecycle.moves)):
        for kind in cast("tuple[Any, ...]", kinds):
            if not (isinstance(kind, type) and issubclass(kind, base)):
                yield message("{thing} is no {kind} class", thing=_shown(kind), kind=base.__name__)
    for rule in cast("tuple[Any, ...]", lifecycle.rules):
        if not isinstance(rule, Rule):
            yield message("{thing} is no rule; write @rule(code) above it", thing=_shown(rule))


def _shown(thing: Any) -> str:
    return str(getattr(thing, "__name__", repr(thing)))


def _twice(lifecycle: Lifecycle[Issue]) -> list[Message]:
    names = [kind.__name__ for kind in (*lifecycle.states, *lifecycle.moves, *STEPS)]
    return [
        message("the name {name} is used twice", name=name)
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def _unsound(lifecycle: Lifecycle[Issue]) -> Iterator[Message]:
    """What a class leaves unsaid, without which its records could not be read back."""
    for state in lifecycle.states:
        unread = list(_unreadable(state))
        yield from unread or _kinds_of(state, lifecycle)
    for move in lifecycle.moves:
        unread = list(_unreadable(move))
        yield from unread or _unsaid(move)


def _unreadable(kind: type[Issue] | type[Move[Issue]]) -> Iterator[Message]:
    if vars(kind).get("__annotations__") and "__attrs_attrs__" not in vars(kind):
        yield message("{kind} has fields but no @attrs.frozen above it", kind=kind.__name__)
    try:
        field_types(kind)
    except LifecycleError as error:
        yield from error.problems


def _kinds_of(state: type[Issue], lifecycle: Lifecycle[Issue]) -> Iterator[Message]:
    for other in lifecycle.states:
        if state is not other and issubclass(state, other):
            yield message(
                "{state} is a subclass of the state {other}, so moves from {other} would start"
                " from it unsaid; derive it from Issue",
                state=state.__name__,
                other=other.__name__,
            )


def _unsaid(move: type[Move[Issue]]) -> Iterator[Message]:
    if next(kind for kind in move.__mro__ if "enter" in vars(kind)) is Step:
        yield message("{move} does not define enter()", move=move.__name__)
    for read in (sources, target):
        try:
            read(move)
        except LifecycleError as error:
            yield from error.problems
    for field in attrs.fields(move):
        if not field.init or field.alias != field.name:
            yield message(
                "{move}.{field} can't be read back from a record; its name must be the name"
                " it is given by",
                move=move.__name__,
                field=field.name,
            )


def _strangers(lifecycle: Lifecycle[Issue]) -> Iterator[Message]:
    known: set[type[Issue]] = set(lifecycle.states)
    for move in lifecycle.moves:
        for state in (*sources(move), target(move)):
            if state not in known:
                yield message(
                    "{move} joins {state}, which is not one of the lifecycle's states",
                    move=move.__name__,
                    state=state.__name__,
                )
    # Exposed is final by default, and a lifecycle of a host's own may do without it.
    for state in lifecycle.finals - known - {Exposed}:
        yield message("{state} is final but not one of the lifecycle's states", state=_shown(state))


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
