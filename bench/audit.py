"""Print what an audit of a ledger costs, beside hashing the bytes of the same records.

``python -m bench.audit --records 100000``; with ``--sqlite`` the ledger is kept in a file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.story import CAMPAIGN, CHECKER, FINDING, PATHS, instants
from rectify import AnyIssue, Ledger
from rectify.stores.memory import MemoryStore


def main() -> None:
    arguments = _arguments()
    with TemporaryDirectory() as folder, closing(_filled(arguments.records)) as ledger:
        if arguments.sqlite:
            ledger = _copied(ledger, Path(folder) / "ledger.db")
        report = _measured(ledger, arguments.rounds)
    print(json.dumps(report, indent=2) if arguments.json else _shown(report))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench.audit", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="records audited (100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the least (3)")
    parser.add_argument("--sqlite", action="store_true", help="keep the ledger in a file")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    return parser.parse_args()


def _filled(records: int) -> Ledger[AnyIssue]:
    to_come: list[datetime] = []
    ledger = Ledger(CAMPAIGN, clock=to_come.pop)
    written = 0
    while True:
        for path in PATHS.values():
            # Each issue begins at the same instant, or the last ones' timetables had run out.
            to_come[:] = reversed(instants(len(path) + 1))
            issue: Any = ledger.register(FINDING, by=CHECKER)
            written += 1
            for step in path:
                move: Any = step.kind
                issue = ledger.apply(move(issue, **step.evidence), by=step.by)
                written += 1
            if written >= records:
                return ledger


def _copied(ledger: Ledger[AnyIssue], file: Path) -> Ledger[AnyIssue]:
    """The same records on SQLite, written in bulk: it is not writing that is measured."""
    from sqlalchemy import create_engine, insert

    from rectify.stores import tables
    from rectify.stores.sql_transaction import row_of

    copy = Ledger.open(file, CAMPAIGN)
    store = ledger._store
    assert isinstance(store, MemoryStore)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        for kept in store._issues.values():
            issue_id = kept.head.issue.id
            rows = [
                {"issue_id": issue_id, "version": n, "body": body.decode(), "digest": digest}
                for n, (body, digest) in enumerate(kept.rows, 1)
            ]
            connection.execute(insert(tables.record), rows)
            connection.execute(insert(tables.issue), row_of(kept.head))
    engine.dispose()
    return copy


def _measured(ledger: Ledger[AnyIssue], rounds: int) -> dict[str, Any]:
    bodies = [body for each in ledger._store.histories() for _, body, _ in each.rows]
    checkpoint = ledger.seal(at=instants(1)[0])

    def hashing() -> None:
        for body in bodies:
            sha256(body.encode()).hexdigest()

    def reading() -> None:
        for each in ledger._store.histories():
            for _ in each.rows:
                pass

    lanes: dict[str, Callable[[], object]] = {
        "hashing the same bytes": hashing,
        "reading the records": reading,
        "audit(replay=False)": lambda: ledger.audit(replay=False),
        "audit(replay=False, against=…)": lambda: ledger.audit(replay=False, against=checkpoint),
        "audit()": lambda: ledger.audit(),
        "seal()": lambda: ledger.seal(at=checkpoint.header.made_at),
    }
    times: dict[str, list[float]] = {name: [] for name in lanes}
    for _ in range(rounds):
        for name, run in lanes.items():
            began = perf_counter()
            run()
            times[name].append(perf_counter() - began)
    least = {name: min(taken) for name, taken in times.items()}
    return {
        "records": len(bodies),
        "bytes": sum(len(body.encode()) for body in bodies),
        "issues": checkpoint.header.issues,
        "microseconds": {name: time / len(bodies) * 1e6 for name, time in least.items()},
        "ratios": {name: time / least["hashing the same bytes"] for name, time in least.items()},
    }


def _shown(report: dict[str, Any]) -> str:
    size = report["bytes"] / report["records"]
    counts = f"{report['records']:,} records of {report['issues']:,} issues"
    lines = [
        f"{counts}, {size:.0f} bytes each; least of the rounds.",
        "",
        f"{'':<34}{'µs a record':>12}{'× hashing':>11}",
    ]
    for name, time in report["microseconds"].items():
        lines.append(f"{name:<34}{time:>12.2f}{report['ratios'][name]:>11.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
