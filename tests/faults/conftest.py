"""Fixtures of the faults: a PostgreSQL that may be killed, and a place to say what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from faults.server import Server, own_server

Report: TypeAlias = Callable[..., None]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL that may be killed, for the whole run."""
    with own_server() as server:
        yield server


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Prints the figures of a long run, whether output is captured or not."""
    capture = request.getfixturevalue("capsys")

    def say(**figures: object) -> None:
        with capture.disabled():
            line = ", ".join(f"{name} {value}" for name, value in figures.items())
            request.config.get_terminal_writer().line(f"\n  {request.node.name}: {line}")

    return say
