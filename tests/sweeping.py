"""Sweeps from several processes at once; a module of its own, for what they import."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context

from rectify import AnyIssue, Ledger, Schedule, Timetable, load_campaign
from rectify.lifecycle import STANDARD
from rectify.store import Chain, Head, History
from rectify.stores.connection import connect
from rectify.stores.sql import SqlStore, SqlTransaction
from support import NOON, OFFICER, finding

PROCESSES = 4


class OneTransaction:
    """A store whose every transaction is part of one, so that many moves are one commit."""

    url = "one transaction"

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        yield self._tx

    reading = transaction

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None
    ) -> Iterator[Head]:
        raise NotImplementedError

    def histories(self) -> Iterator[History]:
        raise NotImplementedError

    def chains(self) -> Iterator[Chain]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def fill(url: str, count: int, plan: Timetable) -> None:
    """Make a ledger with so many scheduled issues, by moves, in one commit."""
    campaign = load_campaign("hubei-2018")
    Ledger.open(url, campaign).close()
    store = SqlStore(connect(url, create=False), STANDARD)
    with store.transaction() as tx:
        ledger: Ledger[AnyIssue] = Ledger(campaign, store=OneTransaction(tx), clock=lambda: NOON)
        for number in range(count):
            found = ledger.register(finding(), by=OFFICER, issue_id=f"issue-{number:06}")
            ledger.apply(Schedule(found, plan), by=OFFICER)
    store.close()


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
