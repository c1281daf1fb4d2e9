"""What tests share: the library's own cases and clock, and a few names more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from rectify import AnyIssue, Ledger
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
    "build",
    "bulletin",
    "finding",
    "in_state",
    "take",
    "timetable",
    "utc",
]

MakeLedger: TypeAlias = Callable[..., Ledger[AnyIssue]]
Tamper: TypeAlias = Callable[..., None]


def utc(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
