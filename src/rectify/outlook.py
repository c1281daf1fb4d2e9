"""The outlook of a ledger: all that its campaign sets a date for, over its units."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs

from rectify.canonical import encode
from rectify.duty import Owed, owed
from rectify.errors import HorizonError, InvalidValue
from rectify.timeline import Deadline, of_campaign

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.unit import UnitTree


class Outlook:
    """What a campaign sets a date for, over a table of units; worked out when asked for.

    A campaign with an end is looked at whole. One without is looked at through the end of the
    year after the one in question, or less far where it takes working days that are not
    published yet.
    """

    def __init__(self, campaign: Campaign, units: UnitTree | None) -> None:
        self.campaign = campaign
        self.units = units
        self._of_year: dict[int, tuple[int, tuple[Owed, ...]]] = {}

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
            return tuple(owed(self.campaign, self.units))
        except InvalidValue:
            return None

    def owed(self, year: int) -> tuple[Owed, ...]:
        """What is owed, by when it is due, as looked at in a year.

        Raises what `rectify.duty.owed` raises.
        """
        return self._looked_at(year)[1]

    def _looked_at(self, year: int) -> tuple[int, tuple[Owed, ...]]:
        """Through which year it is looked at, 0 for the whole, and what is owed."""
        if self._whole is not None:
            return 0, self._whole
        if year not in self._of_year:
            self._of_year[year] = self._through(year)
        return self._of_year[year]

    def _through(self, year: int) -> tuple[int, tuple[Owed, ...]]:
        for last in (year + 1, year):
            with suppress(HorizonError):
                return last, self._until(last)
        return year - 1, self._until(year - 1)

    def _until(self, year: int) -> tuple[Owed, ...]:
        return tuple(owed(self.campaign, self.units, until=date(year, 12, 31)))

    def at(self, now: datetime) -> Plan:
        """The plan for a ledger at an instant."""
        year = now.astimezone(self.campaign.zone).year
        return Plan(self, *self._looked_at(year))


@attrs.frozen
class Plan:
    """The deadlines a campaign sets in a ledger, and what tells two such plans apart."""

    outlook: Outlook
    through: int
    owing: tuple[Owed, ...] = attrs.field(repr=False)

    @property
    def name(self) -> str:
        """What the ledger keeps of it: the campaign, the units, the year."""
        return f"{self.outlook.campaign.fingerprint}:{self.outlook.units_digest}:{self.through}"

    def is_followed(self, planned: str | None) -> bool:
        """Whether a ledger planned so needs nothing more.

        A ledger without a table of units leaves a plan that was made with one as it is.
        """
        if planned is None:
            return False
        campaign, units, through = planned.split(":")
        return (
            campaign == self.outlook.campaign.fingerprint
            and self.outlook.units_digest in ("", units)
            and int(through) >= self.through
        )

    def deadlines(self) -> Sequence[Deadline]:
        """The deadlines themselves."""
        return list(of_campaign(self.outlook.campaign, self.owing))
