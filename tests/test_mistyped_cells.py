"""Cells of a SQLite ledger that hold a value of another type than is ever written there."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rectify import AnyIssue, Exposed, Found, Ledger
from rectify.campaign import Campaign
from rectify.checkpoint import Checkpoint
from rectify.errors import RectifyError, StoreUnreadable
from rectify.stores import tables
from support import OFFICER, in_state

_READ = (tables.record, tables.issue, tables.secret, tables.event_row, tables.journal)
# The number of an event is SQLite's own number of the row, which it keeps a number.
_CELLS = [
    (table.name, column.name)
    for table in _READ
    for column in table.c
    if column is not tables.event_row.c.number
]
_VALUES = ["cast({0} as blob)", "x'ff'", "'x'", "1.5"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, campaign: Campaign) -> tuple[Path, Checkpoint]:
    """A ledger with something in each of its tables, and its checkpoint."""
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    with Ledger.open(path, campaign) as ledger:
        in_state(ledger, Exposed, reporter="举报人甲 00000000000")
        in_state(ledger, Found)
        ledger.sweep()
        ledger.submit("inspection-report/-/-city", by=OFFICER, document_hash="0a" * 32)
        return path, ledger.seal()


def _changed(sound: Path, folder: Path, table: str, change: str) -> tuple[Path, bool]:
    """A copy with one cell changed, and whether that changed anything."""
    path = folder / "ledger.db"
    shutil.copy(sound, path)
    with closing(sqlite3.connect(path)) as driver, driver:
        triggers = driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            driver.execute(f"DROP TRIGGER {name}")
        column, value = change.split("=", 1)
        row = f"FROM {table} ORDER BY rowid LIMIT 1"
        was = driver.execute(f"SELECT {column}, typeof({column}) {row}").fetchone()
        driver.execute(f"UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT rowid {row})")
        now = driver.execute(f"SELECT {column}, typeof({column}) {row}").fetchone()
    return path, was != now


@pytest.mark.parametrize("value", _VALUES)
@pytest.mark.parametrize(("table", "column"), _CELLS)
def test_a_cell_of_another_type_is_a_problem_of_the_audit(
    sound: tuple[Path, Checkpoint],
    campaign: Campaign,
    tmp_path: Path,
    table: str,
    column: str,
    value: str,
) -> None:
    """Every form of the audit reads past it to its end, and the whole one finds it."""
    change = f"{column}={value.format(column)}"
    path, is_changed = _changed(sound[0], tmp_path, table, change)
    with Ledger.open(path, campaign, create=False) as ledger:
        assert ledger.audit().intact is not is_changed
        ledger.audit(replay=False)
        ledger.audit(against=sound[1])
        for asked in (ledger.seal, lambda: [ledger.history(i.id) for i in ledger.issues()]):
            try:
                asked()
            except RectifyError as error:
                assert str(error)  # noqa: PT017


@pytest.mark.parametrize("value", ["'x'", "x'ff'"])
def test_a_layout_that_is_no_number_is_told(
    sound: tuple[Path, Checkpoint], campaign: Campaign, tmp_path: Path, value: str
) -> None:
    """A ledger that does not say of which layout it is can't be opened, nor migrated."""
    path, _ = _changed(sound[0], tmp_path, tables.ledger.name, f"schema_version={value}")
    for migrate in (False, True):
        with pytest.raises(StoreUnreadable, match="layout"):
            Ledger[AnyIssue].open(path, campaign, create=False, migrate=migrate)
