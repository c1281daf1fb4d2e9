"""Watching a ledger at work: what it is asked to do, and how that ends.

For traces, metrics and logs; a platform's business is in hooks. A watcher is given an act as it
begins and returns what is entered then and left at its end, with the error if there is one. An
act holds nothing confidential; an error's own text may, so a watcher tells its class alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from rectify.errors import Refused, StaleIssue

if TYPE_CHECKING:
    from rectify.sweep import Swept

_log: Final = logging.getLogger("rectify")


def warn_of_what_is_left() -> None:
    """Tell the host's log that erased texts may still be in the database's files."""
    _log.warning("erased texts may still be in the database's files; call scrub() again later")


@attrs.frozen
class Taking:
    """A step being taken, by the names of its class and of the states it leaves and enters.

    It is done when it is committed, but for one in a host's transaction or a batch, which may
    yet be rolled back. A lead being split off is one act, ``"SplitLead"``. ``source`` and
    ``issue_id`` are None for a registration.
    """

    step: str
    source: str | None
    target: str
    issue_id: str | None


@attrs.frozen
class Delivering:
    """An after hook being run: its name, whose delivery it is, and which attempt it is."""

    hook: str
    subject: str
    attempt: int


@attrs.define(eq=False)
class Sweeping:
    """A sweep; ``swept`` is there once it has ended."""

    swept: Swept | None = None


Act: TypeAlias = Taking | Delivering | Sweeping
Watcher: TypeAlias = Callable[[Act], AbstractContextManager[object]]
Outcome: TypeAlias = Literal["done", "refused", "stale", "failed"]


def outcome(error: BaseException | None) -> Outcome:
    """How an act ended, by the error it ended with."""
    if error is None:
        return "done"
    if isinstance(error, Refused):
        return "refused"
    return "stale" if isinstance(error, StaleIssue) else "failed"


def codes(error: BaseException | None) -> tuple[str, ...]:
    """The codes of the reasons for which a step was refused."""
    return tuple(reason.code for reason in error.reasons) if isinstance(error, Refused) else ()


class Watching:
    """An act under the eyes of watchers; where one of them fails, the act goes on."""

    def __init__(self, watchers: Sequence[Watcher], act: Act) -> None:
        self._watchers = watchers
        self._act = act
        self._entered: list[AbstractContextManager[object]] = []

    def __enter__(self) -> None:
        for watcher in self._watchers:
            try:
                eyes = watcher(self._act)
                eyes.__enter__()
            except Exception:
                _log.exception("a watcher failed")
            else:
                self._entered.append(eyes)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for eyes in reversed(self._entered):
            try:
                eyes.__exit__(kind, error, trace)
            except Exception:
                _log.exception("a watcher failed")


@attrs.frozen
class Ending(AbstractContextManager[None]):
    """What a watcher returns that only wants to know how an act ended."""

    tell: Callable[[BaseException | None], object]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.tell(error)
