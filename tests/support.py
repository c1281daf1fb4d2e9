"""What tests share: the library's own cases and clock, and a few names more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from rectify import AnyIssue, Ledger
from rectify.hooks import Applied
from rectify.testing import (
    BEIJING,
    COMMISSION,
    CONCLUSIONS,
    INSPECTOR,
    MOVES,
    NOON,
    OFFICER,
    WHO,
    Clock,
    build,
    bulletin,
    finding,
    in_state,
    take,
    timetable,
)

__all__ = [
    "BEIJING",
    "COMMISSION",
    "CONCLUSIONS",
    "INSPECTOR",
    "MOVES",
    "NOON",
    "OFFICER",
    "WHO",
    "Clock",
    "MakeLedger",
    "Tamper",
    "beside",
    "build",
    "bulletin",
    "do_nothing",
    "finding",
    "in_state",
    "is_durable",
    "take",
    "timetable",
    "utc",
]

MakeLedger: TypeAlias = Callable[..., Ledger[AnyIssue]]
Tamper: TypeAlias = Callable[..., None]


def do_nothing(applied: Applied[Any]) -> None:
    """An after hook that is well."""


def beside(ledger: Ledger[AnyIssue], **settings: Any) -> Ledger[AnyIssue]:
    """Another program's ledger on the same store, without any hooks."""
    store, clock = ledger._store, ledger._clock  # pyright: ignore[reportPrivateUsage]
    return Ledger(ledger.campaign, store=store, clock=clock, **settings)


def is_durable(ledger: Ledger[AnyIssue]) -> bool:
    """Whether a ledger is kept in a database."""
    return ledger._store.url != "memory"  # pyright: ignore[reportPrivateUsage]


def utc(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
