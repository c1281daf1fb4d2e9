"""What a move is, and how its class says which states it joins.

The class of a move *is* the edge: the annotation of its ``issue`` field names the states
it starts from, its type parameter the state it enters. `sources` and `target` read them
back, so no table says it a second time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from types import UnionType
from typing import (
    Any,
    ClassVar,
    Generic,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from rectify.errors import IllegalMove, LifecycleError
from rectify.i18n import message
from rectify.issue import Issue
from rectify.labels import named

S_co = TypeVar("S_co", bound=Issue, covariant=True)


@attrs.frozen(slots=False)
class Step(Generic[S_co]):
    """What one record records: a registration, a move, or a link."""

    handles: ClassVar[bool] = False
    """Whether who takes the step has dealt with the issue, and so may not verify it."""

    def enter(self) -> S_co:
        """The issue after this step; each class says how."""
        raise LifecycleError([message("{move} does not define enter()", move=type(self).__name__)])


@attrs.frozen(slots=False)
class Move(Step[S_co]):
    """One step of an issue (处置), with its evidence.

    A subclass declares ``issue`` with the states it starts from and defines ``enter``.
    Building one on an issue in another state raises `IllegalMove`.
    """

    issue: Issue

    def __attrs_post_init__(self) -> None:
        if type(self.issue) not in sources(type(self)):
            raise _illegal(type(self), self.issue)


def _illegal(kind: type[Move[Issue]], issue: object) -> IllegalMove:
    starts = sources(kind)
    legal: list[type[object]] = []
    issue_id = "–"
    if isinstance(issue, Issue):
        legal, issue_id = list(dict.fromkeys(_leaving(type(issue), kind))), issue.id
    labels = {one.__name__: named(one) for one in (kind, type(issue), *starts, *legal)}
    return IllegalMove(
        kind.__name__,
        issue_id,
        type(issue).__name__,
        [state.__name__ for state in starts],
        [move.__name__ for move in legal],
        labels,
    )


def _leaving(state: type[Issue], kind: type[Move[Issue]]) -> Iterator[type[object]]:
    """The moves that leave a state, of the library's and of the two classes' modules.

    No ledger is at hand here to ask, and the program may hold moves of other lifecycles.
    """
    for module in ("rectify.moves", state.__module__, kind.__module__):
        values: list[Any] = list(vars(sys.modules.get(module, object)).values())
        for value in values:
            if isinstance(value, type) and issubclass(value, Move) and value is not Move:
                with suppress(LifecycleError):  # what it lacks is told where it is used
                    if state in sources(cast("type[Move[Issue]]", value)):
                        yield value


def _read_sources(kind: type[Step[Issue]]) -> tuple[type[Issue], ...]:
    hint: Any = field_types(kind).get("issue")
    states: tuple[Any, ...] = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    # A variable stands for any state: the step stays where it is.
    states = tuple(s.__bound__ if isinstance(s, TypeVar) else s for s in states)
    if not all(isinstance(state, type) and issubclass(state, Issue) for state in states):
        raise _unreadable(kind, "issue")
    return states


def _read_target(kind: type[Step[Issue]]) -> type[Issue]:
    for ancestor in kind.__mro__:
        for base in ancestor.__dict__.get("__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Issue):
                    return argument
    raise _unreadable(kind, "Move[…]")


_Read = TypeVar("_Read")


def _once(read: Callable[[type[Step[Issue]]], _Read]) -> Callable[[type[Step[Issue]]], _Read]:
    return cast("Callable[[type[Step[Issue]]], _Read]", cache(read))


sources = _once(_read_sources)
"""The states a move starts from, read off its ``issue`` annotation."""

target = _once(_read_target)
"""The state a move enters, read off its base ``Move[State]``."""


def field_types(kind: type[object]) -> dict[str, Any]:
    """The types of the fields of a step's or a state's class, as classes."""
    return read_annotations(kind, kind.__name__)


def read_annotations(thing: Any, name: str) -> dict[str, Any]:
    """What is annotated, as classes; `LifecycleError` where a name is not there at run time."""
    # Annotations may be strings; each class of the line is read with its own module's names.
    try:
        return get_type_hints(thing)
    except NameError as error:
        raise LifecycleError(
            [
                message(
                    "{move}: its annotations name {name}, which its module does not import"
                    " at run time",
                    move=name,
                    name=error.name,
                )
            ]
        ) from error


def _unreadable(kind: type[Step[Issue]], part: str) -> LifecycleError:
    return LifecycleError(
        [
            message(
                "{move}: its {part} names no states; write the classes of the states there",
                move=kind.__name__,
                part=part,
            )
        ]
    )
