"""The office's clock: it started on 10 May 2018, when the campaign was on, and goes on from there.

A real platform has none: ``RECTIFY`` without ``CLOCK`` takes the time of the day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

OPENED = datetime(2018, 5, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@cache
def _behind() -> timedelta:
    """How far the office's time is behind: kept, since time must not run backwards."""
    started = settings.DATA_DIR / "started-at"
    if not started.exists():
        started.write_text(datetime.now(UTC).isoformat(), "utf-8")
    return datetime.fromisoformat(started.read_text("utf-8")) - OPENED


def now() -> datetime:
    """The present of the office."""
    return (datetime.now(UTC) - _behind()).astimezone(UTC)
