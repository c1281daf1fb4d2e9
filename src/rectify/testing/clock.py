"""A clock that stands still, for tests and simulations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs

NOON: Final = datetime(2018, 5, 7, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""Noon of 7 May 2018 in Beijing: a working day in the second phase of Hubei's campaign."""


@attrs.define
class Clock:
    """A clock that is set, and moves only when told: ``Ledger(campaign, clock=Clock())``."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """The instant it stands at."""
        return self.now

    def pass_by(self, **time: float) -> None:
        """Move it on, by what `timedelta` takes: ``clock.pass_by(days=3)``."""
        self.now += timedelta(**time)
