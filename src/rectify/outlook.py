"""The outlook of a ledger: all that its campaign sets a date for, over its units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs

from rectify.canonical import encode
from rectify.duty import Owed, owed
from rectify.errors import InvalidValue
from rectify.happening import Happening, Visit
from rectify.past import Past
from rectify.started import Step, all_steps, before, report_key, started
from rectify.timeline import Deadline, of_campaign, of_duty, of_visits
from rectify.turns import Turn, turns_of_inspection

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.inspections import Inspection
    from rectify.unit import UnitTree


class Outlook:
    """What a campaign sets a date for, over a table of units; worked out when asked for.

    A campaign with an end is looked at whole. One without is looked at through the end of the
    year after the one in question.
    """

    def __init__(self, campaign: Campaign, units: UnitTree | None) -> None:
        self.campaign = campaign
        self.units = units
        self._of_year: dict[int, tuple[Owed, ...]] = {}

    @cached_property
    def units_digest(self) -> str:
        """What tells tables of units apart; empty without one."""
        if self.units is None:
            return ""
        plain = [list(attrs.astuple(unit)) for unit in self.units]
        return sha256(encode(plain).encode()).hexdigest()[:16]

    @cached_property
    def _whole(self) -> tuple[Owed, ...] | None:
        """All that is owed; None where something is owed again without an end."""
        try:
            tuple(self._visits(None))
            return tuple(owed(self.campaign, self.units))
        except InvalidValue:
            return None

    def through(self, year: int) -> int:
        """Through which year it is looked at in a year; 0 for the whole."""
        return year + 1 if self._whole is None else 0

    def owed(self, year: int) -> tuple[Owed, ...]:
        """What is owed by a date, by when it is due, as looked at in a year.

        Raises what `rectify.duty.owed` raises.
        """
        if self._whole is not None:
            return self._whole
        if year not in self._of_year:
            until = date(year + 1, 12, 31)
            self._of_year[year] = tuple(owed(self.campaign, self.units, until=until))
        return self._of_year[year]

    def visits(self, year: int) -> Iterator[tuple[Inspection, Turn]]:
        """The turns in which visits (明察暗访) are due, as looked at in a year."""
        return self._visits(date(year + 1, 12, 31) if self._whole is None else None)

    def _visits(self, until: date | None) -> Iterator[tuple[Inspection, Turn]]:
        for inspection in self.campaign.inspections:
            for turn in turns_of_inspection(self.campaign, inspection, until):
                yield inspection, turn

    def started(self, past: Past) -> tuple[Owed, ...]:
        """What events started, by when it is due."""
        found = [
            one for each in past.happenings for one in started(self.campaign, self.units, each)
        ]
        return tuple(sorted(found, key=lambda one: (one.due.ends_at, one.key)))

    def steps(self, year: int, past: Past) -> tuple[Step, ...]:
        """The steps that have begun after what was handed in, and the reports on visits."""
        owing = (*self.owed(year), *self.started(past))
        return tuple(all_steps(self.campaign, past.visits, past.met_at, owing))

    def at(self, now: datetime) -> Plan:
        """The plan for a ledger at an instant."""
        year = now.astimezone(self.campaign.zone).year
        return Plan(self, year)


@attrs.frozen
class Plan:
    """The deadlines a campaign sets in a ledger, and what tells two such plans apart."""

    outlook: Outlook
    year: int

    @property
    def through(self) -> int:
        """Through which year it looks; 0 for the whole."""
        return self.outlook.through(self.year)

    @property
    def name(self) -> str:
        """What the ledger keeps of it: campaign, units, year, last day whose work is known."""
        campaign, units = self.outlook.campaign, self.outlook.units_digest
        return f"{campaign.fingerprint}:{units}:{self.through}:{campaign.known_through}"

    def is_followed(self, planned: str | None) -> bool:
        """Whether a ledger planned so needs nothing more.

        A ledger without a table of units leaves a plan that was made with one as it is; so
        does one that knows fewer working days.
        """
        if planned is None:
            return False
        # What an earlier version planned tells no last day: it is planned again.
        campaign, units, through, known_through, *_ = (*planned.split(":"), "")
        return (
            campaign == self.outlook.campaign.fingerprint
            and self.outlook.units_digest in ("", units)
            and int(through) >= self.through
            and known_through >= self.outlook.campaign.known_through.isoformat()
        )

    def deadlines(self, past: Past) -> Iterator[Deadline]:
        """The deadlines themselves; what is provisional has none yet."""
        outlook, campaign, year = self.outlook, self.outlook.campaign, self.year
        yield from of_campaign(
            campaign, [one for one in outlook.owed(year) if not one.due.provisional]
        )
        yield from of_visits(outlook.visits(year))
        visited: dict[str, datetime] = {}
        for one, at in past.occasions:
            if isinstance(one, Happening):
                for first in started(campaign, outlook.units, one):
                    yield from rows_of(first, at)
            elif isinstance(one, Visit):
                visited[report_key(one)] = at
        for step in outlook.steps(year, past):
            yield from rows_of(step, visited.get(step.key) or past.met_at(before(step)))

    def met(self, deadline: Deadline, past: Past) -> datetime | None:
        """When what a deadline is of was met, in UTC; None if it was not."""
        if deadline.kind == "duty":
            return past.met_at(deadline.subject)
        if deadline.kind == "visit":
            campaign = self.outlook.campaign
            teams = {each.id: each.teams for each in campaign.inspections}[deadline.ref]
            return past.visited_at(deadline.ref, deadline.round, teams, campaign.zone.key)
        return None


def rows_of(step: Step, at: datetime | None) -> Iterator[Deadline]:
    """The deadline of something owed, as set at an instant; none where it has no settled date."""
    if isinstance(step, Owed) and not step.due.provisional:
        yield attrs.evolve(of_duty(step), set_at=at)
