"""What becomes of a hook that fails: waits, a dead letter, a retry; a hook that comes later.

Run it: ``python examples/deliveries.py``. The clock is moved on by hand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rectify import Actor, Finding, Fix, Ledger, Move, load_campaign
from rectify.hooks import Applied, Policy

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock:
    """The present, which the example moves on by hand."""

    now = datetime(2018, 5, 10, 9, 0, tzinfo=BEIJING)

    def __call__(self) -> datetime:
        return self.now


clock = Clock()
ledger = Ledger(load_campaign("hubei-2018"), clock=clock)
clerk = Actor(id="clerk-3", unit="420900")
line_is_down = True


# Three attempts, ten seconds apart and then twenty; what is dead holds up its own issue alone.


@ledger.after(Move, name="notify-commission", policy=Policy(attempts=3, wait=timedelta(seconds=10)))
def notify(applied: Applied[Move[Any]]) -> None:
    """Tell the commission of every step; the line is down at first."""
    if line_is_down:
        raise ConnectionError
    print(f"  已推送：{applied.issue.id}，第{applied.attempt}次")


def fix(issue_id: str) -> None:
    """Register something small, and put it right on the spot."""
    finding = Finding(
        title="帮扶手册长期未更新",
        area="conduct",
        channel="petition",
        unit="420900",
        found_at=clock.now - timedelta(days=2),
    )
    found = ledger.register(finding, by=clerk, issue_id=issue_id)
    ledger.apply(Fix(found, measure="补记帮扶手册"), by=clerk)


fix("问题2018-001")
while not ledger.deliveries("dead"):
    delivered = ledger.deliver()
    for waiting in ledger.deliveries("ready"):
        seconds = (waiting.available_at - clock.now).total_seconds()
        print(f"第{waiting.attempts}次失败，{seconds:.0f}秒后重试：{waiting.last_error}")
    clock.now += timedelta(minutes=1)
(dead,) = ledger.deliveries("dead")
print(f"第{dead.attempts}次失败，已放弃：推送{dead.id}")

line_is_down = False
print("重新推送：", ledger.retry(), "项")
print(ledger.deliver())


# A hook that comes later is owed what was recorded before, once, since it asks.


@ledger.after(Move, name="archive", replay=True)
def archive(applied: Applied[Move[Any]]) -> None:
    """Keep every record elsewhere, too."""
    print(f"  已归档：{applied.record!r}"[:40])


assert ledger.deliver().done == 1
assert ledger.replay("archive") == 0
assert ledger.audit().intact
