"""Hooks (钩子): the platform's code that runs before or after a step.

A *before* hook runs inside the transaction; raising `Refused` vetoes the step and any
other exception aborts it, in both cases with nothing written. An *after* hook runs once
the step is committed, from a row written in the same transaction: at least once, in order
for each issue, again after a failure and later each time, until it is given up as dead.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

import attrs

from rectify.actor import Actor
from rectify.errors import InvalidValue, UnknownMove
from rectify.event import EVENTS, Event
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.move import Step
from rectify.moves import STEPS
from rectify.record import Record
from rectify.store import Delivery
from rectify.watching import Watcher

T_co = TypeVar("T_co", bound=Step[Issue], covariant=True)
T = TypeVar("T", bound=Step[Issue])
E_co = TypeVar("E_co", bound=Event, covariant=True)
E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Callable[..., None])

ATTEMPTS_MAX: Final = 8
"""How often a delivery is tried before it is dead."""
LEASE: Final = timedelta(minutes=5)
"""How long a hook may take before its delivery may be run again."""
_BACKOFF_FIRST: Final = timedelta(seconds=2)
_BACKOFF_MAX: Final = timedelta(hours=1)


@attrs.frozen
class Proposed(Generic[T_co]):
    """What a before hook sees: the step, who takes it when, the issue it would enter."""

    move: T_co
    by: Actor
    at: datetime
    entered: Issue


@attrs.frozen
class Applied(Generic[T_co]):
    """What an after hook sees: the step, the issue after it, the record.

    ``key`` is the same on every attempt, for the receiver to tell a repeat; ``attempt``
    counts from 1. Nothing here holds a confidential value.
    """

    move: T_co
    issue: Issue
    record: Record
    key: str
    attempt: int


@attrs.frozen
class Occurred(Generic[E_co]):
    """What a hook on an event sees; ``key`` and ``attempt`` are as an after hook's."""

    event: E_co
    key: str
    attempt: int


Before: TypeAlias = Callable[[Proposed[T]], None]
After: TypeAlias = Callable[[Applied[T]], None]
OnEvent: TypeAlias = Callable[[Occurred[E]], None]


class Hooks:
    """The hooks of one ledger, by the step classes they run on."""

    def __init__(self, lifecycle: Lifecycle[Issue]) -> None:
        self._kinds = (*lifecycle.moves, *STEPS)
        self.before: dict[type[Step[Issue]], tuple[Before[Any], ...]]
        self.before = dict.fromkeys(self._kinds, ())
        self.after: dict[type[Step[Issue]], tuple[str, ...]] = dict.fromkeys(self._kinds, ())
        self.on: dict[type[Event], tuple[str, ...]] = dict.fromkeys(EVENTS, ())
        self.named: dict[str, Callable[[Any], None]] = {}
        self.watchers: tuple[Watcher, ...] = ()

    def add_before(self, step: type[Step[Issue]], hook: Before[Any]) -> None:
        """Run a hook before a step class and those below it; `UnknownMove` for a stranger."""
        for kind in self._below(step):
            self.before[kind] = (*self.before[kind], hook)

    def add_after(self, step: type[Step[Issue]], name: str, hook: After[Any]) -> None:
        """Run a hook after a step class and those below it, under a name used once."""
        self._check_new(name)
        for kind in self._below(step):
            self.after[kind] = (*self.after[kind], name)
        self.named[name] = hook

    def add_on(self, event: type[Event], name: str, hook: OnEvent[Any]) -> None:
        """Run a hook after an event's class and those below it, under a name used once."""
        self._check_new(name)
        for kind in EVENTS:
            if issubclass(kind, event):
                self.on[kind] = (*self.on[kind], name)
        self.named[name] = hook

    def _check_new(self, name: str) -> None:
        if name in self.named:
            raise InvalidValue("name", message("a hook named “{name}” is there", name=name))

    def _below(self, step: type[Step[Issue]]) -> Sequence[type[Step[Issue]]]:
        below = [kind for kind in self._kinds if issubclass(kind, step)]
        if not below:
            raise UnknownMove(step.__name__, [kind.__name__ for kind in self._kinds])
        return below


def failed(delivery: Delivery, error: BaseException, now: datetime, jitter: float) -> Delivery:
    """A delivery after a failed attempt: due again later, or dead after the last.

    The wait doubles from 2 seconds to an hour and is stretched by up to ``jitter`` of
    itself. What is kept of the error is its class and place, since its text may hold
    anything.
    """
    dead = delivery.attempts >= ATTEMPTS_MAX
    wait = min(_BACKOFF_FIRST * 2 ** (delivery.attempts - 1), _BACKOFF_MAX)
    return attrs.evolve(
        delivery,
        status="dead" if dead else "ready",
        available_at=now + wait * (1 + jitter * random.random()),  # noqa: S311
        last_error=_place(error),
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
