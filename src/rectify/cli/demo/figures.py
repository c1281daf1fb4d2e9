"""What the ledger comes to: counts, what is owed by when, and what is overdue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from rectify.campaign.duties import Duty
from rectify.evidence import Milestone
from rectify.issue import AnyIssue, Issue, Scheduled
from rectify.ledger import Ledger


@attrs.frozen
class Owing:
    """A duty on a day: how many days are left; negative once it has fallen due."""

    duty: Duty
    days_left: int


@attrs.frozen
class Late:
    """A milestone that is open though its day has passed, and by how many days."""

    issue: Scheduled
    milestone: Milestone
    days_late: int


@attrs.frozen
class Stock:
    """What there is to see on a day: how many issues in which state, duties, late milestones."""

    on: date
    states: Mapping[type[Issue], int]
    duties: tuple[Owing, ...]
    late: tuple[Late, ...]


def take_stock(ledger: Ledger[AnyIssue], on: date) -> Stock:
    """How a ledger stands at the end of a day."""
    duties = sorted(ledger.campaign.duties, key=lambda duty: duty.due.effective)
    late = [
        Late(issue, milestone, (on - milestone.due).days)
        for issue in ledger.issues(state=Scheduled)
        for milestone in issue.open_milestones
        if milestone.due < on
    ]
    return Stock(
        on,
        Counter(type(issue) for issue in ledger.issues()),
        tuple(Owing(duty, (duty.due.effective - on).days) for duty in duties),
        tuple(sorted(late, key=lambda each: (each.milestone.due, each.issue.id))),
    )


def by_area(issues: Iterable[Issue]) -> Mapping[str, Counter[type[Issue]]]:
    """Issues by area (its items taken together) and state."""
    counts: dict[str, Counter[type[Issue]]] = {}
    for issue in issues:
        area = issue.finding.area.partition("/")[0]
        counts.setdefault(area, Counter())[type(issue)] += 1
    return counts


def by_channel(issues: Iterable[Issue]) -> Mapping[str, Counter[type[Issue]]]:
    """Issues by channel and state."""
    counts: dict[str, Counter[type[Issue]]] = {}
    for issue in issues:
        counts.setdefault(issue.finding.channel, Counter())[type(issue)] += 1
    return counts
