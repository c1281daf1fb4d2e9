"""Hooks (钩子): the platform's code that runs before or after a step.

A *before* hook runs inside the transaction; raising `Refused` vetoes the step and any
other exception aborts it, in both cases with nothing written. An *after* hook runs once
the step is committed, from a row written in the same transaction: at least once, in order
for each issue, again after a failure and later each time, until it is given up as dead.
"""

from __future__ import annotations

import inspect
import random
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Generic, Literal, Protocol, TypeAlias, TypeVar

import attrs

from rectify.actor import Actor
from rectify.errors import InvalidValue, UnknownHook, UnknownMove
from rectify.event import EVENTS, Event
from rectify.fields import is_line
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.move import Step
from rectify.moves import STEPS
from rectify.record import Record
from rectify.store import Delivery, Transaction
from rectify.watching import Watcher

T_co = TypeVar("T_co", bound=Step[Issue], covariant=True)
T = TypeVar("T", bound=Step[Issue])
E_co = TypeVar("E_co", bound=Event, covariant=True)
E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Callable[..., None])

ATTEMPTS_MAX: Final = 8
"""How often a delivery is tried before it is dead, unless its hook's policy says otherwise."""
LEASE: Final = timedelta(minutes=5)
"""How long a hook may take before its delivery may be run again, unless `deliver` is told."""
TIME_MAX: Final = timedelta(days=366)
"""The longest wait, timeout and lease."""
JITTER: Final = 0.2
"""By how much of itself a wait is stretched at most, so that what failed at once is spread."""


@attrs.frozen(kw_only=True)
class Policy:
    """How an after hook is tried (重试策略).

    ``attempts`` is how often before a delivery is dead. A failed one waits ``wait``, then twice
    that each time up to ``wait_max``, stretched by up to a fifth at random. ``when_dead`` is
    what a dead delivery does to the later ones of its issue: ``"hold"`` keeps them until it is
    retried, so that the receiver never sees them out of order; with ``"go-on"`` they are
    delivered. With ``timeout`` the hook runs in a thread of its own, and one that takes longer
    has failed; the thread is left behind, for no thread can be stopped.

    Raises `InvalidValue` for what can't be.
    """

    attempts: int = ATTEMPTS_MAX
    wait: timedelta = timedelta(seconds=2)
    wait_max: timedelta = timedelta(hours=1)
    when_dead: Literal["hold", "go-on"] = "hold"
    timeout: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1:
            raise InvalidValue("Policy.attempts", message("at least one attempt is made"))
        if self.when_dead not in ("hold", "go-on"):
            raise InvalidValue("Policy.when_dead", message("expected “hold” or “go-on”"))
        for name in ("wait", "wait_max", "timeout"):
            length = getattr(self, name)
            if length is not None and not timedelta(0) < length <= TIME_MAX:
                problem = message("expected a time above nothing, at most {most}", most=TIME_MAX)
                raise InvalidValue(f"Policy.{name}", problem)

    def waits(self, attempts: int) -> timedelta:
        """How long to wait after so many failed attempts, before it is stretched."""
        return self.wait * min(2.0 ** min(attempts - 1, 64), self.wait_max / self.wait)


class GiveUp(Exception):
    """Raise it in an after hook for what no further attempt will mend: it is dead at once."""


class Dispatcher(Protocol):
    """What runs the deliveries, where it isn't `Ledger.deliver` that is called in a loop.

    A queue is told of deliveries in the very transaction that owes them, and its workers call
    `Ledger.deliver_one`. The rows stay the truth: a queue may lose a job, or run it twice.
    """

    def handoff(self, connection: Any, deliveries: Sequence[int]) -> None:
        """Take note of deliveries by their ids, in the transaction that is open.

        ``connection`` is the SQLAlchemy connection of that transaction; None in memory. What
        is written on it is committed with the move, or not at all. An exception aborts both.
        """
        ...


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


@attrs.frozen
class Hook:
    """An after hook as it was added."""

    run: Callable[[Any], None]
    policy: Policy


class Hooks:
    """The hooks of one ledger, by the step classes they run on."""

    def __init__(self, lifecycle: Lifecycle[Issue], dispatcher: Dispatcher | None = None) -> None:
        self._kinds = (*lifecycle.moves, *STEPS)
        self.dispatcher = dispatcher
        self.before: dict[type[Step[Issue]], tuple[Before[Any], ...]]
        self.before = dict.fromkeys(self._kinds, ())
        self.after: dict[type[Step[Issue]], tuple[str, ...]] = dict.fromkeys(self._kinds, ())
        self.on: dict[type[Event], tuple[str, ...]] = dict.fromkeys(EVENTS, ())
        self.named: dict[str, Hook] = {}
        self.watchers: tuple[Watcher, ...] = ()

    def add_before(self, step: type[Step[Issue]], hook: Before[Any]) -> None:
        """Run a hook before a step class and those below it; `UnknownMove` for a stranger."""
        _check_runs(hook)
        for kind in self._below(step):
            self.before[kind] = (*self.before[kind], hook)

    def add_after(self, step: type[Step[Issue]], name: str, hook: Hook) -> None:
        """Run a hook after a step class and those below it, under a name used once."""
        self._check_new(name)
        _check_runs(hook.run)
        for kind in self._below(step):
            self.after[kind] = (*self.after[kind], name)
        self.named[name] = hook

    def add_on(self, event: type[Event], name: str, hook: Hook) -> None:
        """Run a hook after an event's class and those below it, under a name used once."""
        self._check_new(name)
        _check_runs(hook.run)
        for kind in EVENTS:
            if issubclass(kind, event):
                self.on[kind] = (*self.on[kind], name)
        self.named[name] = hook

    def get(self, name: str) -> Hook:
        """The after hook of that name; `UnknownHook` with those there are."""
        if name not in self.named:
            raise UnknownHook(name, list(self.named))
        return self.named[name]

    def is_on_events(self, name: str) -> bool:
        """Whether a hook is on events, not on steps."""
        return any(name in names for names in self.on.values())

    def kinds_of(self, name: str) -> frozenset[str]:
        """The names of the steps or events that a hook runs after."""
        on: dict[type, tuple[str, ...]] = {**self.after, **self.on}
        return frozenset(kind.__name__ for kind, names in on.items() if name in names)

    def owe(self, tx: Transaction, owing: Sequence[Delivery], *, missing: bool = False) -> int:
        """Add deliveries in a transaction and hand them over in it; see `Transaction.owe`."""
        handoff = None if self.dispatcher is None else self.dispatcher.handoff
        return tx.owe(owing, handoff, missing=missing)

    def _check_new(self, name: str) -> None:
        if not is_line(name):
            raise InvalidValue("name", message("it is no line of text"))
        if name in self.named:
            raise InvalidValue("name", message("a hook named “{name}” is there", name=name))

    def _below(self, step: type[Step[Issue]]) -> Sequence[type[Step[Issue]]]:
        below = [kind for kind in self._kinds if issubclass(kind, step)]
        if not below:
            raise UnknownMove(step.__name__, [kind.__name__ for kind in self._kinds])
        return below


def _check_runs(hook: object) -> None:
    """`InvalidValue` for what a call would not run, so that nobody takes it for done."""
    if not callable(hook):
        raise InvalidValue("hook", message("it can't be called"))
    for part in (hook, getattr(hook, "__call__", None)):  # noqa: B004
        if inspect.iscoroutinefunction(part) or inspect.isasyncgenfunction(part):
            raise InvalidValue(
                "hook", message("it is asynchronous; give a plain function that runs it to its end")
            )
        if inspect.isgeneratorfunction(part):
            raise InvalidValue("hook", message("it is a generator, which a call does not run"))


def failed(delivery: Delivery, error: BaseException, now: datetime, policy: Policy) -> Delivery:
    """A delivery after a failed attempt: due again later, or dead after the last.

    What is kept of the error is its class, place and HTTP ``status`` if it has one, since its
    text may hold anything.
    """
    dead = delivery.attempts >= policy.attempts or isinstance(error, GiveUp)
    stretched = 1 + JITTER * random.random()  # noqa: S311
    return attrs.evolve(
        delivery,
        status="dead" if dead else "ready",
        available_at=now + policy.waits(delivery.attempts) * stretched,
        last_error=_place(error),
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    status = getattr(error, "status", None)
    code = f" {status}" if isinstance(status, int) and 100 <= status < 600 else ""
    return f"{type(error).__name__}{code}{where}"
