"""Hooks run by Procrastinate: a job for each delivery, in the move's own transaction.

A job is written on the connection of the move, on PostgreSQL, and is there once the move is;
it holds the id of the delivery, and nothing else. Needs the package ``procrastinate``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from procrastinate import App, RetryStrategy

from rectify.ledger import Ledger

RETRY_SECONDS: Final = 60
"""When a job is run again that failed by itself: the database was away, or the hook unknown."""


class ProcrastinateDispatcher:
    """A `Dispatcher` that defers jobs of one task of an app's.

    ``ledger`` gives the ledger that has the hooks; a worker asks it for each job. A hook that
    fails is no failed job: a new job is deferred for when its delivery is due again. What a
    worker leaves behind that dies is a stalled job: have Procrastinate retry those.
    """

    def __init__(
        self,
        app: App,
        ledger: Callable[[], Ledger[Any]],
        *,
        queue: str = "rectify",
        name: str = "rectify.deliver",
    ) -> None:
        @app.task(name=name, queue=queue, retry=RetryStrategy(wait=RETRY_SECONDS))
        def deliver(delivery: int) -> None:
            again = ledger().deliver_one(delivery)
            if again is not None:
                deliver.configure(schedule_at=again).defer(delivery=delivery)

        self._task = deliver

    def handoff(self, connection: Any, deliveries: Sequence[int]) -> None:
        """See `Dispatcher.handoff`."""
        jobs: list[dict[str, Any]] = [{"delivery": delivery} for delivery in deliveries]
        on = self._task.configure(connection=connection.connection.driver_connection)
        on.batch_defer(*jobs)
