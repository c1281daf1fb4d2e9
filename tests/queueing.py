"""A ledger whose hooks Procrastinate runs, here or in a worker's own process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
from procrastinate import App, PsycopgConnector

from delivering import note
from rectify import AnyIssue, Ledger, Move, load_campaign
from rectify.hooks import LEASE, Applied
from rectify.integrations.procrastinate import ProcrastinateDispatcher


@attrs.frozen
class Host:
    """A platform on one database, and what its hook does: note, fail, or take all along."""

    url: str
    log: Path
    clock: Callable[[], datetime]
    fails: bool = False
    dies: bool = False

    @property
    def address(self) -> str:
        """The database, as PostgreSQL's own programs call it."""
        return self.url.replace("postgresql+psycopg://", "postgresql://")

    def app(self) -> App:
        """The queue, on the same database."""
        return App(connector=PsycopgConnector(conninfo=self.address))

    def ledger(self, app: App) -> Ledger[AnyIssue]:
        """The ledger, with its hook; it hands deliveries to the queue."""
        dispatcher = ProcrastinateDispatcher(app, lambda: ledger)
        ledger = Ledger.open(
            self.url,
            load_campaign("hubei-2018"),
            clock=self.clock,
            dispatcher=dispatcher,
        )

        @ledger.after(Move, name="tell")
        def tell(applied: Applied[Move[Any]]) -> None:
            note(self.log, f"{applied.issue.id} {applied.record.version} {applied.attempt}")
            if self.fails:
                raise ConnectionError
            if self.dies:
                os.kill(os.getpid(), signal.SIGKILL)

        return ledger

    def came(self) -> list[str]:
        """What the hook noted."""
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


def now() -> datetime:
    """The present: the queue has no other clock than the database's."""
    return datetime.now(UTC)


def once_leases_are_over() -> datetime:
    """An instant at which no lease that was taken till now still holds."""
    return now() + LEASE


def work(host: Host) -> None:
    """Be a worker until there is no job that is due."""
    app = host.app()

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=4)

    with host.ledger(app):
        asyncio.run(run())


def retry_stalled(host: Host) -> int:
    """Have the jobs run again that no living worker runs any more; gives how many."""
    app = host.app()

    async def run() -> int:
        async with app.open_async():
            jobs = [*await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=0)]
            for job in jobs:
                await app.job_manager.retry_job(job)
            return len(jobs)

    return asyncio.run(run())
