"""Sixteen writers at the same issues: legal histories, one winner a version, no lost update."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from faults.conftest import Report
from faults.racing import WRITERS, race
from faults.server import Server


def _race(url: str, folder: Path, moves: int, report: Report) -> None:
    result = race(url, folder, moves)
    report(**attrs.asdict(result) | {"problems": len(result.problems)})
    assert ([], moves) == (result.problems, result.won)
    assert result.lost > 0


def test_writers_lose_no_update_on_sqlite(tmp_path: Path, report: Report) -> None:
    """Each step that a writer was told of is recorded, once, and nothing else is."""
    _race(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path, 30 * WRITERS, report)


def test_writers_lose_no_update_on_postgresql(
    tmp_path: Path, server: Server, report: Report
) -> None:
    """Each step that a writer was told of is recorded, once, and nothing else is."""
    _race(server.database(), tmp_path, 30 * WRITERS, report)


@pytest.mark.faults
def test_100_000_moves_lose_no_update_on_sqlite(tmp_path: Path, report: Report) -> None:
    """The long form."""
    _race(f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path, 100_000, report)


@pytest.mark.faults
def test_100_000_moves_lose_no_update_on_postgresql(
    tmp_path: Path, server: Server, report: Report
) -> None:
    """The long form."""
    _race(server.database(), tmp_path, 100_000, report)
