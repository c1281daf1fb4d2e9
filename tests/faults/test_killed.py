"""Killed with -9 at any instant, a ledger has lost nothing and half done nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from faults.conftest import Report
from faults.killing import Tally, trials
from faults.server import Server


def _on_sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


def _check(run: Callable[[], Tally], count: int, report: Report) -> Tally:
    begun = time.monotonic()
    tally = run()
    figures = attrs.asdict(tally) | {"problems": len(tally.problems)}
    report(**figures, seconds=round(time.monotonic() - begun))
    assert ([], count) == (tally.problems, tally.trials)
    assert min(tally.steps, tally.hooks) > 0
    return tally


def _killed_on_sqlite(folder: Path, count: int, report: Report) -> None:
    tally = _check(lambda: trials(_on_sqlite, folder, count, seed=count), count, report)
    assert 0 == tally.errors


def _killed_on_postgresql(folder: Path, server: Server, count: int, report: Report) -> None:
    def run() -> Tally:
        return trials(
            lambda _: server.database(), folder, count, seed=count, kill_server=server.crash
        )

    tally = _check(run, count, report)
    assert tally.servers_killed > 0


def test_what_is_killed_loses_nothing_on_sqlite(tmp_path: Path, report: Report) -> None:
    """Writers and deliverers killed: nothing acknowledged is lost, every hook is run in order."""
    _killed_on_sqlite(tmp_path, 6, report)


def test_what_is_killed_loses_nothing_on_postgresql(
    tmp_path: Path, server: Server, report: Report
) -> None:
    """The same with the database killed under load, too, and started again."""
    _killed_on_postgresql(tmp_path, server, 4, report)


@pytest.mark.faults
def test_what_is_killed_500_times_loses_nothing_on_sqlite(tmp_path: Path, report: Report) -> None:
    """The long form."""
    _killed_on_sqlite(tmp_path, 500, report)


@pytest.mark.faults
def test_what_is_killed_100_times_loses_nothing_on_postgresql(
    tmp_path: Path, server: Server, report: Report
) -> None:
    """The long form."""
    _killed_on_postgresql(tmp_path, server, 100, report)
