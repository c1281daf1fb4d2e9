"""Sweeps from several processes at once; a module of its own, for what they import."""

from __future__ import annotations

from datetime import datetime
from multiprocessing import get_context

from rectify import Ledger, Schedule, Timetable, load_campaign
from support import NOON, OFFICER, finding

PROCESSES = 4


def fill(url: str, count: int, plan: Timetable) -> None:
    """Make a ledger with so many scheduled issues, by moves, in one commit."""
    campaign = load_campaign("hubei-2018")
    with Ledger.open(url, campaign, clock=lambda: NOON) as ledger, ledger.batch():
        for number in range(count):
            found = ledger.register(finding(), by=OFFICER, issue_id=f"issue-{number:06}")
            ledger.apply(Schedule(found, plan), by=OFFICER)


def sweep_once(job: tuple[str, datetime]) -> list[str]:
    """Open the ledger in this process, sweep it, and give the keys of what it recorded."""
    url, now = job
    with Ledger.open(url, load_campaign("hubei-2018"), create=False) as ledger:
        return [event.key for event in ledger.sweep(now).events]


def sweep_at_once(url: str, now: datetime) -> list[list[str]]:
    """Sweep from several processes that begin together."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        pool.map(abs, range(PROCESSES), chunksize=1)
        return pool.map(sweep_once, [(url, now)] * PROCESSES, chunksize=1)
