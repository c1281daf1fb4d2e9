"""Hooks run by a queue that can't join in the ledger's transaction, fed by a relay.

Run it: ``python examples/relay.py``. The queue is Python's own, its workers are threads; with
Celery, ``jobs.put`` is ``task.delay`` and the worker's loop is the task.
"""

from __future__ import annotations

import queue
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from zoneinfo import ZoneInfo

from rectify import (
    Actor,
    AnyIssue,
    Complete,
    Finding,
    Ledger,
    Milestone,
    Move,
    Schedule,
    Timetable,
    load_campaign,
)
from rectify.hooks import Applied

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2018, 5, 10, 9, 0, tzinfo=BEIJING)
WORKERS, ISSUES = 3, 4

jobs: queue.Queue[int | None] = queue.Queue()
told: list[tuple[str, str]] = []
telling = Lock()


def platform(file: Path) -> Ledger[AnyIssue]:
    """The platform's ledger with its hook, as every one of its programs opens it."""
    ledger = Ledger.open(file, load_campaign("hubei-2018"), clock=lambda: NOW)

    def tell(applied: Applied[Move[AnyIssue]]) -> None:
        with telling:
            told.append((applied.issue.id, applied.record.move))

    ledger.after(Move, name="tell")(tell)
    return ledger


def work(file: Path) -> None:
    """A worker: it gets an id, and asks the ledger for that delivery."""
    with platform(file) as ledger:
        while (delivery := jobs.get()) is not None:
            ledger.deliver_one(delivery)


@contextmanager
def workers(file: Path) -> Generator[None]:
    """Workers, for as long as it is open."""
    threads = [Thread(target=work, args=(file,)) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    yield
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()


def relay(ledger: Ledger[AnyIssue]) -> int:
    """Feed the queue once with what is due now; in earnest, every second or so."""
    due = ledger.due()
    for delivery in due:
        jobs.put(delivery)
        jobs.put(delivery)  # a queue may bring a job twice; that does no harm
    return len(due)


def move(ledger: Ledger[AnyIssue], issue_id: str) -> None:
    """Two moves of one issue, which the hook is to be told in this order."""
    clerk = Actor(id="clerk-3", unit="420900")
    finding = Finding(
        title="扶贫车间闲置",
        area="funds",
        channel="undercover-visit",
        unit="420900",
        found_at=NOW - timedelta(days=2),
    )
    plan = Timetable((Milestone("m1", "盘活车间", NOW.date()),), responsible="乡镇长")
    found = ledger.register(finding, by=clerk, issue_id=issue_id)
    scheduled = ledger.apply(Schedule(found, plan), by=clerk)
    ledger.apply(Complete(scheduled, "m1", evidence="验收单"), by=clerk)


with TemporaryDirectory() as folder:
    file = Path(folder) / "ledger.db"
    with platform(file) as ledger:
        for number in range(1, ISSUES + 1):
            move(ledger, f"问题2018-{number:03}")
        print("待推送的队列：", relay(ledger), "条")
        with workers(file):
            pass
        print("全部推送后仍待推送：", relay(ledger), "条")

for number in range(1, ISSUES + 1):
    of_issue = [step for issue_id, step in told if issue_id == f"问题2018-{number:03}"]
    print(f"问题2018-{number:03}：", " → ".join(of_issue))
    assert of_issue == ["Schedule", "Complete"]
