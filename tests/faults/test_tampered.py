"""Any byte of what is kept, changed; any record or issue, removed: found."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from faults.conftest import Report
from faults.exercising import DOCUMENT, DUTY
from faults.tampering import TAKEN, Database, places_of_bodies
from rectify import AnyIssue, Complete, Exposed, Found, Ledger, Scheduled, load_campaign
from rectify.checkpoint import Checkpoint
from rectify.errors import RectifyError, StoreUnreadable
from support import NOON, OFFICER, Clock, in_state, take


def _kept(url: str) -> Ledger[AnyIssue]:
    """A ledger with something of everything that is audited."""
    clock = Clock()
    ledger = Ledger.open(url, load_campaign("hubei-2018"), clock=clock)
    in_state(ledger, Exposed, reporter="举报人甲 00000000000", discipline_lead=False)
    take(ledger, Complete, in_state(ledger, Scheduled))
    ledger.split_lead(in_state(ledger, Found), organ="县纪委监委", lead="线索", by=OFFICER)
    ledger.submit(DUTY, by=OFFICER, document_hash=DOCUMENT, note="第一次报送")
    ledger.sweep(NOON + timedelta(days=60))
    return ledger


def _is_found(ledger: Ledger[AnyIssue], sealed: Checkpoint) -> bool:
    """Whether an audit finds something, or says that it can't read what is there."""
    try:
        return not ledger.audit(against=sealed).intact
    except RectifyError:
        return True


# Values of rows.


def _values(url: str, trials: int, report: Report) -> None:
    with _kept(url) as ledger, closing(Database(url)) as database:
        sealed = ledger.seal()
        chance = Random(trials)
        tried: Counter[str] = Counter()
        missed: list[object] = []
        for change in database.changes(chance):
            if tried.total() == trials:
                break
            try:
                with database.changed(change):
                    found = _is_found(ledger, sealed)
            except TAKEN:
                continue
            tried[change.table] += 1
            missed += [] if found else [change]
        report(**tried, missed=len(missed))
        assert [] == missed
        assert ledger.audit(against=sealed).intact


def test_each_of_some_bytes_changed_is_found(url: str, report: Report) -> None:
    """In any column of records, issues, what is confidential, events and entries."""
    _values(url, 150, report)


@pytest.mark.faults
def test_each_of_10_000_bytes_changed_is_found(url: str, report: Report) -> None:
    """The long form."""
    _values(url, 10_000, report)


# Bytes of the file.


def _given(ledger: Ledger[AnyIssue]) -> object:
    """All that the ledger gives of what is recorded."""
    issues = [(issue, ledger.history(issue.id)) for issue in ledger.issues()]
    return issues, list(ledger.events()), ledger.filed()


OPENED_ONE_IN = 10
"""How often the file is opened as a ledger anew, and not just read."""


def _write(file: Path, place: int, byte: bytes) -> None:
    with file.open("r+b") as open_file:
        open_file.seek(place)
        open_file.write(byte)


def _bytes(
    folder: Path, trials: int, places: Callable[[Path], list[int]], report: Report
) -> Counter[str]:
    """Change bytes of the file; each is found, or changes nothing of what the ledger gives."""
    file = folder / "ledger.db"
    with _kept(f"sqlite:///{file}") as ledger:
        sealed, as_it_was = ledger.seal(), _given(ledger)
    content, chance = file.read_bytes(), Random(trials)
    where, tally, copy = places(file), Counter[str](), folder / "copy.db"
    campaign = load_campaign("hubei-2018")
    shutil.copy(file, copy)
    with Ledger.open(copy, campaign, create=False) as ledger:
        for number in range(trials):
            place = chance.choice(where)
            byte = bytes([content[place] ^ chance.randrange(1, 256)])
            # Without connections, so that nothing is remembered of the file.
            ledger.close()
            _write(copy, place, byte)
            outcome = f"missed at {place}"
            try:
                if number % OPENED_ONE_IN == 0:
                    Ledger.open(copy, campaign, create=False).close()
                if _is_found(ledger, sealed):
                    outcome = "found"
                elif _given(ledger) == as_it_was:
                    outcome = "of no effect"
            except RectifyError:
                outcome = "found"
            tally[outcome] += 1
            ledger.close()
            shutil.copy(file, copy)
            for beside in folder.glob("copy.db-*"):
                beside.unlink()
        assert ledger.audit(against=sealed).intact
    report(**{kind.replace(" ", "_"): count for kind, count in tally.items()})
    return tally


def test_each_of_some_bytes_of_records_in_the_file_is_found(tmp_path: Path, report: Report) -> None:
    """Bytes of the bodies of records, where they are in the file."""
    assert {"found": 100} == _bytes(tmp_path, 100, places_of_bodies, report)


@pytest.mark.faults
def test_each_of_10_000_bytes_of_records_in_the_file_is_found(
    tmp_path: Path, report: Report
) -> None:
    """The long form."""
    assert {"found": 10_000} == _bytes(tmp_path, 10_000, places_of_bodies, report)


def _anywhere(file: Path) -> list[int]:
    return list(range(file.stat().st_size))


def test_a_byte_anywhere_in_the_file_is_found_or_of_no_effect(
    tmp_path: Path, report: Report
) -> None:
    """Pages, headers and what is free: no raw error, and no other content that seems intact."""
    assert {"found", "of no effect"} >= set(_bytes(tmp_path, 100, _anywhere, report))


@pytest.mark.faults
def test_10_000_bytes_anywhere_in_the_file_are_found_or_of_no_effect(
    tmp_path: Path, report: Report
) -> None:
    """The long form."""
    assert {"found", "of no effect"} >= set(_bytes(tmp_path, 10_000, _anywhere, report))


PAGE_BYTES = 4096


def test_a_page_that_is_damaged_amid_what_streams_is_told(tmp_path: Path) -> None:
    """The rows of a chain are read as they are looked at: an error of the library, there too."""
    file = tmp_path / "ledger.db"
    with _kept(f"sqlite:///{file}") as ledger:
        *_, last = ledger.events()
        ledger.close()
        place = file.read_bytes().rindex(f'"{last.key}"'.encode())
        _write(file, place - place % PAGE_BYTES, bytes(100))
        for read in (ledger.audit, ledger.seal, lambda: list(ledger.events())):
            with pytest.raises(StoreUnreadable, match="malformed"):
                read()


# What is removed.


def test_every_record_and_every_issue_that_is_removed_is_found(url: str) -> None:
    """Each record alone; each issue with all that is kept of it, as if it had never been."""
    with _kept(url) as ledger, closing(Database(url)) as database:
        sealed = ledger.seal()
        for row in database.rows("rectify_record"):
            key = (row["issue_id"], row["version"])
            database.run("DELETE FROM rectify_record WHERE issue_id = ? AND version = ?", *key)
            assert not ledger.audit(against=sealed).intact
            assert not ledger.audit(against=sealed, replay=False).intact
            insert = "INSERT INTO rectify_record (issue_id, version, body, digest)"
            database.run(f"{insert} VALUES (?, ?, ?, ?)", *key, row["body"], row["digest"])
            assert ledger.audit(against=sealed).intact
        for issue in list(ledger.issues()):
            _remove(database, issue.id)
            assert ledger.audit().intact
            problems = ledger.audit(against=sealed).problems
            assert issue.id in {problem.issue_id for problem in problems}


def _remove(database: Database, issue_id: str) -> None:
    key = issue_id.encode() if database.lite else issue_id
    for table in ("record", "secret", "delivery"):
        database.run(f"DELETE FROM rectify_{table} WHERE issue_id = ?", key)
    database.run("DELETE FROM rectify_deadline WHERE subject = ?", key)
    database.run("DELETE FROM rectify_issue WHERE id = ?", key)
