"""The agenda of a ledger: what its issues, its journal and its campaign make due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from rectify.duty import SOON_DAYS
from rectify.errors import UnknownMove
from rectify.issue import Issue
from rectify.outlook import Outlook
from rectify.record import replay
from rectify.todo.agenda import agenda, entry_of_milestone, milestone_due, unit_name
from rectify.todo.entry import Entry

if TYPE_CHECKING:
    from rectify.evidence import Timetable
    from rectify.ledger import Ledger


def horizon_of(ledger: Ledger[Any], on: date | datetime) -> date | None:
    """The last due day to look at where none is asked for: the end of the year after.

    None for a campaign with an end, which is looked at whole.
    """
    day = on.astimezone(ledger.campaign.zone) if isinstance(on, datetime) else on
    year = Outlook(ledger.campaign, ledger.units).through(day.year)
    return date(year, 12, 31) if year else None


def agenda_of(
    ledger: Ledger[Any],
    *,
    on: date | datetime,
    until: date | None = None,
    soon_days: int = SOON_DAYS,
    finished: bool = False,
    known_only: bool = False,
) -> tuple[Entry, ...]:
    """What is due in a ledger at an instant or on a day; see `agenda`.

    With ``finished`` every issue's records are read, for the milestones that were met, moved to
    a new round or dropped: what a calendar is to take away. Whatever the ledger records of
    an entry, its ``sequence`` goes up, and that of all where a campaign is adopted. Raises
    `UnknownState` or `UnknownMove` for an issue that the lifecycle can't read; with
    ``known_only`` it is left out.
    """
    issues = _known(ledger) if known_only else tuple(ledger.issues())
    past = ledger.past()
    entries = agenda(
        ledger.campaign,
        ledger.units,
        issues,
        on=on,
        until=until,
        soon_days=soon_days,
        events=past.filed,
        occasions=[one for one, _ in past.occasions],
        dropped=past.dropped,
        finished=finished,
    )
    if finished:
        open_keys = {entry.key for entry in entries}
        done = (one for issue in issues for one in _done(ledger, issue, known_only))
        entries = (*entries, *(entry for entry in done if entry.key not in open_keys))
    # A campaign that was adopted may have moved any of them.
    return tuple(attrs.evolve(one, sequence=one.sequence + past.adoptions) for one in entries)


def _known(ledger: Ledger[Any]) -> tuple[Issue, ...]:
    """The issues in the states that the lifecycle has."""
    found = (issue for state in ledger.lifecycle.states for issue in ledger.issues(state))
    return tuple(sorted(found, key=attrgetter("id")))


def _done(ledger: Ledger[Any], issue: Issue, known_only: bool) -> Iterator[Entry]:
    """The milestones that an issue ever had, as done: those still open are told apart by key."""
    had: dict[str, Entry] = {}
    who = unit_name(issue.finding.unit, ledger.units)
    with suppress(UnknownMove) if known_only else nullcontext():
        for _, _, state, _ in replay(ledger.history(issue.id), ledger.lifecycle.step):
            timetable: Timetable | None = getattr(state, "timetable", None)
            for milestone in () if timetable is None else timetable.milestones:
                due = milestone_due(state, milestone, ledger.campaign)
                entry = entry_of_milestone(state, milestone, who, due, "done", issue.version)
                had[entry.key] = entry
    yield from had.values()
