"""Hooks: one that may veto before a move, one that is owed and delivered after it.

Run it: ``python examples/hooks.py``. The platform's own checks and notices are two functions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rectify import Actor, Finding, Fix, Ledger, Transfer, load_campaign
from rectify.errors import Refused
from rectify.hooks import Applied, Proposed
from rectify.i18n import bilingual
from rectify.reason import Reason

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock:
    """The present, which the example moves on by hand."""

    now = datetime(2018, 5, 10, 9, 0, tzinfo=BEIJING)

    def __call__(self) -> datetime:
        return self.now


clock = Clock()
ledger = Ledger(load_campaign("hubei-2018"), clock=clock)
clerk = Actor(id="clerk-3", unit="420900")


# Before: inside the transaction. Raising Refused vetoes, with reasons of the platform's own.


@ledger.before(Fix)
def measure_names_a_document(proposed: Proposed[Fix]) -> None:
    """A measure on the spot must name the document it rests on."""
    if "〔" in proposed.move.measure:
        return
    text = bilingual("整改措施未注明文号", "the measure names no document")
    raise Refused(
        [Reason(code="document-missing", text=text)],
        move="Fix",
        issue_id=proposed.move.issue.id,
    )


# After: owed by a row written with the record, so it is lost with neither. Run by deliver().


received: list[str] = []


@ledger.after(Transfer, name="notify-commission")
def notify_commission(applied: Applied[Transfer]) -> None:
    """Send the lead on. The first attempt meets a line that is down."""
    if applied.attempt == 1:
        raise ConnectionError("专网中断")
    if applied.key not in received:  # the receiver drops a repeat by its key
        received.append(applied.key)
    print(f"  第{applied.attempt}次发送，{applied.move.organ}已接收：{applied.move.lead}")


def register(title: str, *, lead: bool) -> Finding:
    """What was found, in the platform's own words."""
    return Finding(
        title=title,
        area="conduct",
        channel="petition",
        unit="420900",
        found_at=clock.now - timedelta(days=2),
        discipline_lead=lead,
    )


slow = ledger.register(register("帮扶手册长期未更新", lead=False), by=clerk)
try:
    ledger.apply(Fix(slow, measure="补记帮扶手册"), by=clerk)
except Refused as refused:
    print("否决:", refused.reasons[0].text.zh)
print("仍为:", type(ledger.get(slow.id)).__name__)
ledger.apply(Fix(slow, measure="按县扶组〔2018〕4号补记帮扶手册"), by=clerk)

case = ledger.register(register("驻村工作队员挂名走读", lead=True), by=clerk)
ledger.apply(Transfer(case, organ="市纪委监委", lead="驻村工作队员长期挂名走读"), by=clerk)

print("第一轮:", ledger.deliver())
for delivery in ledger.deliveries("ready"):
    print(f"  待重发：{delivery.hook}，原因 {(delivery.last_error or '').split(' ')[0]}")
clock.now += timedelta(minutes=1)
print("第二轮:", ledger.deliver())
assert len(received) == 1
