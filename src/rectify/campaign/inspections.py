"""Who is checked: quotas (抽查比例) and random visits (明察暗访)."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import TYPE_CHECKING

import attrs

from rectify.campaign.duties import Then, turns_over
from rectify.errors import InvalidValue
from rectify.i18n import message

if TYPE_CHECKING:
    from rectify.campaign.shape import StratumName
    from rectify.deadline import Span
    from rectify.phrases.recurrence import Recurrence, Window
    from rectify.phrases.within import Within
    from rectify.unit import Level, Unit, UnitTree


@attrs.frozen(kw_only=True)
class Amount:
    """How many of some units: at least a count, a whole percentage, or the larger of both."""

    at_least: int | None = None
    at_least_percent: int | None = None

    def of(self, units: int) -> int:
        """How many of a number of units, rounded up; never more than there are."""
        if units < 0:
            raise InvalidValue("units", message("a number of units can't be negative"))
        share = -(-units * (self.at_least_percent or 0) // 100)
        return min(units, max(share, self.at_least or 0))


def in_stratum(unit: Unit, stratum: StratumName, key_units: Set[str] = frozenset()) -> bool:
    """Whether a unit is of a stratum; ``key_units`` are the codes of 重点单位."""
    if stratum == "key":
        return unit.code in key_units
    return unit.poor == (stratum == "poor")


@attrs.frozen(kw_only=True)
class QuotaStratum:
    """What a quota asks of a stratum."""

    of: StratumName
    amount: Amount


@attrs.frozen(kw_only=True)
class QuotaLevel:
    """Who checks how many, how often; ``every`` None is once in the phase or campaign."""

    level: Level
    amount: Amount
    every: Recurrence | None = attrs.field(default=None, hash=False)


@attrs.frozen(kw_only=True)
class Quota:
    """抽查比例: of the units of level ``of``, how many each level that checks must check.

    The denominator is the units of that level in scope below the one who checks.
    ``no_repeat``: no unit twice within a round.
    """

    id: str
    name: str
    clause: str
    words: str
    of: Level
    levels: tuple[QuotaLevel, ...]
    phase: str | None = None
    no_repeat: bool = False
    strata: tuple[QuotaStratum, ...] = ()

    def population(self, units: UnitTree, checker: str) -> tuple[Unit, ...]:
        """The denominator: units of the level ``of``, in scope and below the checker.

        :raises InvalidValue: no unit of that code.
        """
        below = units.descendants(checker)
        return tuple(unit for unit in below if unit.level == self.of and unit.in_scope)


@attrs.frozen(kw_only=True)
class DrawStratum:
    """How many of a draw come from a stratum."""

    of: StratumName
    count: int


@attrs.frozen(kw_only=True)
class Draw:
    """One stage of a random draw: ``count`` units of a level in each unit drawn before."""

    level: Level
    count: int
    words: str
    strata: tuple[DrawStratum, ...] = ()


@attrs.frozen(kw_only=True)
class Inspection:
    """明察暗访: who goes how often, where it is drawn, who gets the report.

    ``lasts`` is how long a visit takes; 左右 makes it advisory. The first report runs
    from the end of the visit, each next one from the one before. ``spans`` are the days
    of its phase, or of the campaign.
    """

    id: str
    name: str
    clause: str
    words: str
    by: str
    teams: int = 1
    phase: str | None = None
    every: Recurrence | None = attrs.field(default=None, hash=False)
    lasts: Within | None = attrs.field(default=None, hash=False)
    draws: tuple[Draw, ...] = ()
    reports: tuple[Then, ...] = ()
    spans: tuple[Span, ...] = attrs.field(default=(), hash=False)

    def turns(self, *, span: Span | None = None, anchor: date | None = None) -> tuple[Window, ...]:
        """Each turn in which visits are due; none where no cadence is given.

        每2个月 over a phase of six months and ten days is three turns and a stub.

        :param span: the days to look at, in place of the inspection's own.
        :param anchor: the day from which turns count; without it the span's first.
        :raises InvalidValue: no span is known or given.
        """
        if self.every is None:
            return ()
        return turns_over(self.every, self.spans if span is None else (span,), anchor)
