"""A disk that is full, a file that is only read, cut short or held: clear errors, nothing half."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import PendingRollbackError

from faults.exercising import WRITES, check_works, filled, opened, refusals, rows
from faults.reading import (
    audit_by_command,
    killed,
    open_folder,
    read_while_it_changes,
    unprivileged,
    use,
)
from rectify import AnyIssue, Complete, Found, Ledger, Schedule, load_campaign
from rectify.errors import InvalidValue, Refused, StoreError, StoreUnreadable
from rectify.stores import connection as connecting
from support import OFFICER, Clock, finding, timetable

ONLY_READ = "it can only be read here"
FULL = "the disk is full"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a ledger in a file."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@contextmanager
def _no_page_more() -> Generator[None]:
    """Connections that are made meanwhile may not make their file grow."""

    def limit(connection: Any, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_is_told_and_leaves_nothing_half_done(url: str) -> None:
    """SQLite may not make the file grow: each write fails whole, and later works."""
    filled(url).close()
    with _no_page_more(), opened(url) as ledger:
        _fill(ledger)
        before = rows(url)
        with pytest.raises(StoreError, match=FULL):
            WRITES["batch"](ledger)
        assert before == rows(url)
        assert ledger.audit().intact
    with opened(url) as ledger:
        assert ledger.audit().intact
        ledger.register(finding(), by=OFFICER)


def _fill(ledger: Ledger[AnyIssue]) -> None:
    for description in ("长" * 2_000, ""):
        with pytest.raises(StoreError, match=FULL):
            _register(ledger, 1_000, description=description)


def _register(ledger: Ledger[AnyIssue], count: int, **changes: Any) -> None:
    for _ in range(count):
        ledger.register(finding(**changes), by=OFFICER)


def test_a_ledger_that_finds_no_room_is_not_begun(url: str) -> None:
    """No page for the first table: an error, and later the ledger is made."""

    def limit(connection: Any, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 5")

    event.listen(Engine, "connect", limit)
    try:
        with pytest.raises(StoreError, match=FULL):
            opened(url)
    finally:
        event.remove(Engine, "connect", limit)
    with filled(url) as ledger:
        check_works(ledger)


def test_a_held_file_is_waited_for_and_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program writes for longer than is waited: each write fails whole, reads go on."""
    monkeypatch.setattr(connecting, "BUSY_SECONDS_MAX", 0.05)
    with filled(url) as ledger:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            errors = refusals(ledger, url)
            assert ledger.audit().intact
            with opened(url) as another:
                assert another.get("moved") == ledger.get("moved")
            other.rollback()
        assert errors.keys() == WRITES.keys()
        assert all("another program" in str(error) for error in errors.values())
        check_works(ledger)


# What may only be read.


@pytest.mark.parametrize("closed", ["folder", "file", "both"])
def test_what_may_only_be_read_is_read(closed: str) -> None:
    """In a folder or a file that is closed to writing, all that reads works; writes are told."""
    with open_folder() as folder:
        url, file = f"sqlite:///{folder / 'ledger.db'}", folder / "ledger.db"
        filled(url).close()
        before = rows(url)
        folder.chmod(0o777 if closed == "file" else 0o555)
        file.chmod(0o666 if closed == "folder" else 0o444)
        intact, records, said = unprivileged(use, url)
        assert (True, 4) == (intact, records)
        assert WRITES.keys() == said.keys()
        assert all(ONLY_READ in text for text in said.values()), said
        assert 0 == unprivileged(audit_by_command, str(file))
        folder.chmod(0o755)
        file.chmod(0o644)
        assert before == rows(url)
        with opened(url) as ledger:
            check_works(ledger)


def test_what_another_program_writes_is_read_beside_it() -> None:
    """A folder closed to the reader, while a writer has the ledger open: the last step is seen."""
    with open_folder() as folder:
        url = f"sqlite:///{folder / 'ledger.db'}"
        with filled(url) as ledger:
            WRITES["register"](ledger)
            intact, records, said = unprivileged(use, url)
            assert (True, 5, set(WRITES)) == (intact, records, set(said))


def test_what_a_killed_program_left_is_read_or_told() -> None:
    """Where nothing can be written, the last steps are read from beside the file, or missed.

    They are never passed over: without SQLite's index to them, the error says what to do.
    """
    with open_folder() as folder:
        url = f"sqlite:///{folder / 'ledger.db'}"
        process = get_context("forkserver").Process(target=killed, args=(url,))
        process.start()
        process.join()
        assert 9 == process.exitcode
        assert (True, 5) == unprivileged(use, url)[:2]
        (folder / "ledger.db-shm").unlink()
        with pytest.raises(StoreError, match=r"ledger\.db-wal"):
            unprivileged(use, url)
        with opened(url) as ledger:
            assert 5 == ledger.audit().records


def test_what_changes_while_it_is_taken_not_to_is_told() -> None:
    """A file read as one that doesn't change is written to: an error, not half of two times."""
    with open_folder() as folder, ThreadPoolExecutor(1) as pool:
        url, ledger_folder = f"sqlite:///{folder / 'ledger.db'}", folder
        filled(url).close()
        signals = folder.parent / f"{folder.name}-signals"
        signals.mkdir()
        signals.chmod(0o777)
        try:
            said = pool.submit(unprivileged, read_while_it_changes, url, str(signals))
            while not (signals / "read").exists():
                assert not said.done(), said.result()
                time.sleep(0.01)
            with opened(url) as ledger:
                WRITES["register"](ledger)
            (signals / "written").touch()
            assert "another program is writing to it" in said.result()
        finally:
            shutil.rmtree(signals)
        assert ledger_folder.is_dir()


# An error within a batch, or within a transaction of the host's.


def test_a_batch_that_the_database_undid_is_not_gone_on_with(url: str) -> None:
    """A full disk undoes what the batch wrote so far: caught or not, nothing of it stays."""
    filled(url).close()
    with _no_page_more(), opened(url) as ledger:
        _fill(ledger)
        before = rows(url)

        def go_on() -> None:
            with ledger.batch():
                for _ in range(30):
                    with suppress(StoreError):
                        ledger.register(finding(), by=OFFICER)
                        # What is asked of the database has it take in what was gathered.
                        ledger.deliveries()

        with pytest.raises(StoreError, match="begin it again"):
            go_on()
        assert before == rows(url)
        assert ledger.audit().intact


def test_a_host_never_commits_half_of_what_a_full_disk_undid(url: str) -> None:
    """Either the step alone is undone and the host goes on, or it is refused all the rest."""
    filled(url).close()
    engine = connecting.connect(url, create=False)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE host (row TEXT)"))
    with _no_page_more():
        engine.dispose()
        with opened(url) as ledger:
            _fill(ledger)
        before = rows(url)

        def go_on() -> None:
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO host VALUES ('first')"))
                within = Ledger.on(connection, load_campaign("hubei-2018"), clock=Clock())
                with pytest.raises(StoreError, match=FULL):
                    _register(within, 30)
                connection.execute(text("INSERT INTO host VALUES ('second')"))

        expected = ["first", "second"]
        try:
            go_on()
        except PendingRollbackError:
            expected = []
        assert before == rows(url)
        with engine.connect() as connection:
            assert expected == list(connection.execute(text("SELECT row FROM host")).scalars())
    engine.dispose()


# A file that is cut short.


def test_a_file_that_is_cut_short_is_never_taken_for_whole(url: str) -> None:
    """Cut anywhere: opening or reading says so, or the audit against a checkpoint does."""
    chance, file = Random(5), Path(url.removeprefix("sqlite:///"))
    with filled(url) as ledger:
        sealed = ledger.seal()
    whole = file.read_bytes()
    for _ in range(40):
        file.write_bytes(whole[: chance.randrange(len(whole))])
        before = file.read_bytes()
        try:
            with opened(url, create=False) as ledger:
                assert not ledger.audit(against=sealed).intact
        except StoreUnreadable:
            pass
        assert before == file.read_bytes()
    file.write_bytes(whole)
    with opened(url) as ledger:
        assert ledger.audit(against=sealed).intact
        check_works(ledger)


def test_a_file_that_is_cut_short_under_an_open_ledger_is_told(url: str) -> None:
    """The next reads and writes say that it is damaged, or are not touched by it."""
    file = Path(url.removeprefix("sqlite:///"))
    with filled(url) as ledger:
        ledger.close()
        whole = file.stat().st_size
        assert ledger.audit().intact
        os.truncate(file, whole // 2)
        errors = 0
        reads: tuple[Callable[[Ledger[AnyIssue]], object], ...]
        reads = (Ledger.audit, lambda it: list(it.events()), Ledger.deliveries)
        for use_it in (*WRITES.values(), *reads):
            with suppress(StoreError):
                use_it(ledger)
                errors -= 1
            errors += 1
        assert errors > 0


def test_a_log_that_is_cut_short_ends_at_a_whole_step(tmp_path: Path) -> None:
    """SQLite's log, cut anywhere, as by a disk that lost its end: a whole number of steps."""
    source = tmp_path / "source"
    source.mkdir()
    url = f"sqlite:///{source / 'ledger.db'}"
    with filled(url) as ledger:
        for _ in range(10):
            WRITES["batch"](ledger)
        sealed = ledger.seal()
        counts: set[int] = set()
        log = (source / "ledger.db-wal").read_bytes()
        for number in range(12):
            copy = tmp_path / f"{number}"
            copy.mkdir()
            shutil.copy(source / "ledger.db", copy)
            cut = len(log) * number // 12 + number
            (copy / "ledger.db-wal").write_bytes(log[:cut])
            try:
                with opened(f"sqlite:///{copy / 'ledger.db'}", create=False) as cut_short:
                    audit = cut_short.audit()
                    assert () == audit.problems
                    assert not cut_short.audit(against=sealed).intact
                    counts.add(audit.records)
            except StoreUnreadable:
                # Cut before the ledger was begun.
                assert number < 3
    # Four records, and then six by each batch.
    assert all(count <= 4 or count % 6 == 4 for count in counts), counts
    assert len(counts) > 3


# A clock that is turned back.


def test_a_clock_that_is_turned_back_loses_nothing(url: str) -> None:
    """Steps wait until it is right again or are refused by name; hooks and sweeps are not lost."""
    clock = Clock()
    with filled(url) as ledger:
        ledger.close()
    ran: list[str] = []
    ledger = Ledger.open(url, load_campaign("hubei-2018"), clock=clock)
    ledger.after(Schedule, name="tell")(lambda applied: ran.append(applied.key))
    found = ledger.get("moved")
    assert isinstance(found, Found)
    scheduled = ledger.apply(Schedule(found, timetable()), by=OFFICER)
    swept = ledger.sweep()
    sealed = ledger.seal()
    clock.pass_by(days=-3)
    with pytest.raises(Refused) as caught:
        ledger.apply(Complete(scheduled, "m1", "凭证"), by=OFFICER)
    assert "time-runs-backwards" in {reason.code for reason in caught.value.reasons}
    assert () == ledger.sweep().events
    assert 0 == ledger.deliver().done
    with pytest.raises(InvalidValue):
        ledger.seal(after=sealed)
    assert ledger.audit(against=sealed).intact
    clock.pass_by(days=3, seconds=1)
    ledger.apply(Complete(scheduled, "m1", "凭证"), by=OFFICER)
    assert (1, 1) == (ledger.deliver().done, len(ran))
    assert len(list(ledger.events())) == len(swept.events)
    assert ledger.audit(against=sealed).intact
    ledger.close()
