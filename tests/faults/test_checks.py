"""The checks see what they are there to see: each kind of damage, planted, is found."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from faults.checking import Said, problems
from faults.walking import Flowing
from faults.working import Job, Log, Writer, opened

STEPS = 80


def _job(folder: Path, clock: Flowing) -> Job:
    return Job(f"sqlite:///{folder / 'ledger.db'}", folder / "said", "w", 1, clock)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Flowing]:
    """The folder of a ledger with some work done, every hook run, and what was said of it."""
    folder, clock = tmp_path_factory.mktemp("worked"), Flowing(time.time())
    job = _job(folder, clock)
    with opened(job, Log(job.log)) as ledger:
        writer = Writer(ledger, Random(3), Log(job.log), clock)
        for number in range(STEPS):
            writer.act(f"w.{number}")
        ledger.deliver()
    return folder, clock


def _found(folder: Path, clock: Flowing) -> list[str]:
    """The kinds of problems, each once."""
    job = _job(folder, clock)
    with opened(job, Log(folder / "later")) as ledger:
        found = problems(ledger, job.url, Said.read([job.log]))
    return sorted({problem.split(":")[0] for problem in found})


def test_nothing_is_found_where_nothing_was_done(worked: tuple[Path, Flowing]) -> None:
    """The work itself leaves nothing to object to."""
    assert [] == _found(*worked)


IN_THE_LEDGER = [
    ("UPDATE rectify_record SET digest = 'x' WHERE version = 1", "audit"),
    ("DELETE FROM rectify_record WHERE version = 1", "unreadable"),
    ("DELETE FROM rectify_record WHERE version = 2", "audit"),
    ("DELETE FROM rectify_record WHERE version > 1", "lost"),
    ("UPDATE rectify_issue SET version = version + 1", "audit"),
    ("DELETE FROM rectify_issue WHERE version > 2", "lost"),
    ("UPDATE rectify_deadline SET due_at = set_at WHERE kind = 'milestone'", "deadline"),
    ("DELETE FROM rectify_deadline", "deadline"),
    ("DELETE FROM rectify_delivery WHERE id = 3", "delivery owed and not kept"),
    ("UPDATE rectify_delivery SET seq = 77 WHERE id = 3", "delivery of nothing"),
    ("UPDATE rectify_delivery SET status = 'ready' WHERE id = 3", "delivery left"),
    ("UPDATE rectify_delivery SET key = 'x' WHERE id = 3", "hook not run"),
    ("DELETE FROM rectify_event", "lost"),
]


@pytest.mark.parametrize(("statement", "kind"), IN_THE_LEDGER)
def test_what_is_done_to_a_ledger_is_found(
    worked: tuple[Path, Flowing], tmp_path: Path, statement: str, kind: str
) -> None:
    """Rows changed and taken away."""
    folder, clock = worked
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    assert kind in _found(tmp_path, clock)


def _of(kind: str, lines: list[str]) -> list[int]:
    return [place for place, line in enumerate(lines) if line.startswith(f"{kind}\t")]


def _unsaid(lines: list[str]) -> list[str]:
    return [line for place, line in enumerate(lines) if place not in _of("done", lines)[:9]]


def _not_run(lines: list[str]) -> list[str]:
    return [line for place, line in enumerate(lines) if place not in _of("hook", lines)[:1]]


def _backwards(lines: list[str]) -> list[str]:
    return list(reversed(lines))


def _half(lines: list[str]) -> list[str]:
    return [f"{line}0" if line.startswith("about\t") else line for line in lines]


def _of_nothing(lines: list[str]) -> list[str]:
    return [*lines, "hook\tno-such"]


def _never_taken(lines: list[str]) -> list[str]:
    return [*lines, "done\tw.x\tno-such\t1"]


def _fallen(lines: list[str]) -> list[str]:
    return [*lines, "crash\tw\tValueError()"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_unsaid, "invented"),
        (_not_run, "hook not run"),
        (_backwards, "hook out of order"),
        (_half, "half"),
        (_of_nothing, "hook run of nothing"),
        (_never_taken, "lost"),
        (_fallen, "crash"),
    ],
)
def test_what_was_said_and_is_not_so_is_found(
    worked: tuple[Path, Flowing],
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
    kind: str,
) -> None:
    """Words that the ledger does not bear out."""
    folder, clock = worked
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "said").read_text().splitlines()
    (tmp_path / "said").write_text("\n".join(change(lines)) + "\n")
    assert [kind] == _found(tmp_path, clock)
