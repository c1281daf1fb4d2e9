"""An issue (问题台账条目): a finding plus where it stands. One class for each of the six states.

A state holds only what is true there: a `Scheduled` issue has a timetable, a `Found` one
has not, and asking is a type error. ``match issue:`` narrows; ``assert_never`` closes it.
Issues are made by the ledger, from moves; nobody writes them by hand.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, TypeAlias

import attrs

from rectify import fields
from rectify.evidence import Bulletin, Completion, Conclusion, Milestone, Outcome, Timetable
from rectify.finding import Finding

LEAD: Final = "lead"
"""The kind of link from an issue to the lead that was split off it."""
ORIGIN: Final = "origin"
"""The kind of link from a lead back to the issue it was split off."""


@attrs.frozen
class Link:
    """A tie to another issue: its kind (``"lead"``, ``"origin"``) and the other's id."""

    kind: str = attrs.field(validator=fields.line)
    issue_id: str = attrs.field(validator=fields.line)


# The classes keep a __dict__: attrs fills a frozen one in half the time slots take.
@attrs.frozen(slots=False)
class Issue:
    """What every issue has: ``version`` counts its records, ``round`` its rectifications."""

    id: str
    finding: Finding
    version: int
    round: int
    links: tuple[Link, ...]

    def onward(self, *, rounds: int = 0) -> tuple[str, Finding, int, int, tuple[Link, ...]]:
        """These fields one record later, as the next state's first arguments."""
        return self.id, self.finding, self.version + 1, self.round + rounds, self.links


@attrs.frozen(slots=False)
class Found(Issue):
    """发现: registered in the ledger."""

    term: ClassVar[str] = "发现"


@attrs.frozen(slots=False)
class FixedOnTheSpot(Issue):
    """立行立改: a minor issue, put right at once."""

    term: ClassVar[str] = "立行立改"
    measure: str


@attrs.frozen(slots=False)
class Scheduled(Issue):
    """列入时间表: being rectified by a timetable; ``completed`` holds the milestones reached."""

    term: ClassVar[str] = "列入时间表"
    timetable: Timetable
    completed: tuple[Completion, ...] = ()
    carry_over: str | None = None
    reason: str | None = None

    @property
    def open_milestones(self) -> tuple[Milestone, ...]:
        """The milestones not yet reached, in the timetable's order."""
        if not self.completed:
            return self.timetable.milestones
        done = [completion.milestone for completion in self.completed]
        return tuple([m for m in self.timetable.milestones if m.id not in done])


@attrs.frozen(slots=False)
class Transferred(Issue):
    """移送: with the discipline inspection and supervision organ."""

    term: ClassVar[str] = "移送"
    organ: str
    lead: str
    receipt: str | None = None


@attrs.frozen(slots=False)
class Verified(Issue):
    """核实: the rectification was checked, or the case decided."""

    term: ClassVar[str] = "核实"
    conclusion: Conclusion
    evidence: str
    outcomes: tuple[Outcome, ...] = ()
    answered_reporter_at: datetime | None = None
    merged_into: str | None = None
    clearing: str | None = None


@attrs.frozen(slots=False)
class Exposed(Issue):
    """曝光: published by name, with what it was verified as."""

    term: ClassVar[str] = "曝光"
    bulletin: Bulletin
    conclusion: Conclusion
    evidence: str
    outcomes: tuple[Outcome, ...] = ()


AnyIssue: TypeAlias = Found | FixedOnTheSpot | Scheduled | Transferred | Verified | Exposed
"""Any of the six states, for exhaustive ``match``."""
