"""What a ledger does, as events for a structured log: structlog's, or any callable like it.

structlog itself is not needed: ``log_events(ledger, structlog.get_logger().info)``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from rectify.ledger import Ledger
from rectify.watching import Act, Delivering, Ending, Sweeping, Taking, codes, outcome


def log_events(ledger: Ledger[Any], log: Callable[..., object]) -> None:
    """Have a function called with the name of each event and its values, by their names.

    ``rectify.step``: ``step``, ``source``, ``target``, ``issue``, ``outcome`` (done, refused,
    stale or failed), ``codes`` of the refusal, ``error``, the class of another error.
    ``rectify.delivery``: ``hook``, ``subject``, ``attempt``, ``outcome``, ``error``.
    ``rectify.sweep``: how many ``opened``, ``closed``, ``soon``, ``overdue``. Nothing
    confidential is among them.
    """

    def watch(act: Act) -> AbstractContextManager[object]:
        return Ending(lambda error: _log(log, act, error))

    ledger.watch(watch)


def _log(log: Callable[..., object], act: Act, error: BaseException | None) -> None:
    ended = {"outcome": outcome(error), "error": None if error is None else type(error).__name__}
    if isinstance(act, Taking):
        states = {"source": act.source, "target": act.target}
        step, issue = act.step, act.issue_id
        log("rectify.step", step=step, **states, issue=issue, codes=codes(error), **ended)
    elif isinstance(act, Delivering):
        hook, subject, attempt = act.hook, act.subject, act.attempt
        log("rectify.delivery", hook=hook, subject=subject, attempt=attempt, **ended)
    else:
        log("rectify.sweep", **_counted(act), **ended)


def _counted(sweeping: Sweeping) -> dict[str, int]:
    """How many events of each kind a sweep recorded; none where it failed."""
    swept = sweeping.swept
    if swept is None:
        return {}
    return {
        "opened": len(swept.opened),
        "closed": len(swept.closed),
        "soon": len(swept.soon),
        "overdue": len(swept.overdue),
    }
