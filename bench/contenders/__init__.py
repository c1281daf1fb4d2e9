"""One module for each contender: how its users fire a move, bare and with the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final, Protocol, TypeAlias

import attrs

from bench.story import Step

Run: TypeAlias = Callable[["Sequence[Any]"], None]


class Runner(Protocol):
    """Some issues in one contender's hands, all on the same path."""

    def ready(self, step: Step) -> tuple[Run, Sequence[Any]]:
        """What takes issues through a step, and for each issue what it is to be given.

        What can be made beforehand is made here.
        """
        ...

    def states(self) -> Sequence[str]:
        """The state of each issue, as the contender itself tells it."""
        ...

    def digests(self) -> Sequence[str]:
        """The digest of each issue's last record; none where no record is made."""
        ...


Start: TypeAlias = Callable[[int, "Callable[[], datetime]"], Runner]
"""Starts a run: how many issues, and the clock."""


@attrs.frozen
class Contender:
    """A library, or none, with its ways to run the story: each by what it is asked to do."""

    name: str
    package: str | None
    bare: Start | None = None
    work: Start | None = None
    built: Start | None = None
    """The work, and the move built in the time measured."""

    @property
    def version(self) -> str:
        """The version that is installed; empty for what is no package."""
        return version(self.package) if self.package else ""


_MODULES: Final = (
    "ledger",
    "by_hand",
    "with_transitions",
    "with_machine",
    "with_statemachine",
    "with_automat",
    "with_django_fsm",
    "with_sismic",
)


def load() -> tuple[list[Contender], list[str]]:
    """The contenders that are installed, and the modules that are missing for the others."""
    found: list[Contender] = []
    missing: list[str] = []
    for name in _MODULES:
        try:
            found.append(import_module(f"{__name__}.{name}").CONTENDER)
        except ModuleNotFoundError as error:
            missing.append(str(error.name))
    return found, missing
