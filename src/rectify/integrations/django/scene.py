"""What a form is filled in on: the ledger, the issue, who fills it in, in whose units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from rectify.actor import Actor
from rectify.campaign import Campaign
from rectify.finding import Finding
from rectify.issue import Issue, Scheduled
from rectify.ledger import Ledger
from rectify.moves import Complete

Choices = Sequence[tuple[str, str]]


@attrs.frozen(kw_only=True)
class Scene:
    """Where a form stands. ``issue`` is None for a registration.

    ``units`` are the codes of the units whose issues the user may work on, None for any;
    ``now`` is the ledger's present.
    """

    ledger: Ledger[Any]
    actor: Actor
    now: datetime
    issue: Issue | None = None
    units: frozenset[str] | None = None

    def choices(self, kind: type[Any], field: str) -> Choices | None:
        """What may be chosen for a field, as values and labels; None where it is free."""
        campaign = self.ledger.campaign
        if kind is Finding:
            match field:
                case "area":
                    return areas(campaign)
                case "channel":
                    return [(channel.id, channel.name) for channel in campaign.channels]
                case "unit":
                    return self._units()
                case _:
                    return None
        if kind is Complete and field == "milestone" and isinstance(self.issue, Scheduled):
            return [(one.id, f"{one.title}（{one.due}）") for one in self.issue.open_milestones]
        return None

    def _units(self) -> Choices | None:
        tree = self.ledger.units
        if tree is None:
            return None
        return [
            (unit.code, f"{unit.name}（{unit.code}）")
            for unit in tree
            if unit.in_scope and (self.units is None or unit.code in self.units)
        ]

    def initial(self, field: str) -> Any:
        """What a field begins with: what the issue already has, or the plain case."""
        match field:
            case "timetable":
                return getattr(self.issue, "timetable", None)
            case "unit" if self.issue is None:
                return self.actor.unit
            case "found_at":
                return self.now
            case "milestone" if isinstance(self.issue, Scheduled):
                still = self.issue.open_milestones
                return still[0].id if still else None
            case _:
                return None


def areas(campaign: Campaign) -> Choices:
    """The areas of a campaign, each before the items below it."""
    known = [area for area in campaign.areas if area.parent is None]
    return [pair for area in known for pair in ((area.id, area.name), *_items(campaign, area.id))]


def _items(campaign: Campaign, area: str) -> Iterable[tuple[str, str]]:
    return [(one.id, f"　{one.name}") for one in campaign.areas if one.parent == area]
