"""What happens and starts something: an incident, what it makes due, and what is handed in.

Run it: ``python examples/occasions.py``. The campaign, every unit and the incident are made up.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rectify import Actor, Ledger, UnitTree, load_campaign
from rectify.todo import agenda_of
from rectify.unit import Unit

BEIJING = ZoneInfo("Asia/Shanghai")
now = datetime(2023, 5, 10, 15, 0, tzinfo=BEIJING)

campaign = load_campaign(Path(__file__).parent / "campaigns" / "school-meals.toml")
units = UnitTree(
    [
        Unit("99", "某市", "city", has_task=True),
        Unit("9901", "甲县", "county", "99", has_task=True),
        Unit("9902", "乙县", "county", "99", has_task=True),
    ]
)
ledger = Ledger(campaign, units=units, clock=lambda: now)
clerk = Actor(id="clerk-3", unit="9901")

# The incident is the only thing anybody records; what it makes due follows from the campaign.
happened_at = datetime(2023, 5, 10, 14, 30, tzinfo=BEIJING)
for one in ledger.happened(
    "incident", on=happened_at, subject="SJ-2023-07", among=["9901"], by=clerk
):
    print(one.due.explain("zh"))

ledger.submit("incident-flash/SJ-2023-07/9901", by=clerk, document_hash="0a" * 32)
for entry in agenda_of(ledger, on=now):
    if "SJ-2023-07" in entry.key:
        print(entry.standing, entry.title.zh, entry.who)

# Two days on, nobody has followed up: the sweep tells of it once.
for event in ledger.sweep(datetime(2023, 5, 12, 9, 0, tzinfo=BEIJING)).overdue:
    print("逾期", event.ref, event.unit, event.due_at.astimezone(BEIJING))
