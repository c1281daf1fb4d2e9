"""Four processes sweep at once, and each event is recorded exactly once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from rectify import Ledger, load_campaign
from rectify.event import DueEvent
from support import BEIJING, timetable
from sweeping import PROCESSES, fill, sweep_at_once

ISSUES = 10_000


def test_four_processes_record_each_event_once(url: str) -> None:
    """Over ten thousand issues, on SQLite and on PostgreSQL: once, in order, intact."""
    fill(url, ISSUES, timetable("2018-06-15"))
    by_process = sweep_at_once(url, datetime(2018, 6, 16, tzinfo=BEIJING))
    recorded = [key for keys in by_process for key in keys]
    with Ledger.open(url, load_campaign("hubei-2018"), create=False) as ledger:
        events = list(ledger.events())
        audit = ledger.audit()
    assert len(by_process) == PROCESSES
    assert Counter(recorded) == Counter(event.key for event in events)
    assert set(Counter(recorded).values()) == {1}
    of_issues = [event for event in events if isinstance(event, DueEvent) and event.issue_id]
    assert Counter(type(event).__name__ for event in of_issues) == {
        "DueSoon": ISSUES,
        "Overdue": ISSUES,
    }
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert (audit.problems, audit.events, audit.issues) == ((), len(events), ISSUES)
