"""From the tables of a campaign file to its quotas and inspections."""

from __future__ import annotations

from collections.abc import Sequence

from rectify.campaign.build_duties import build_then, spans_of
from rectify.campaign.inspections import (
    Amount,
    Draw,
    DrawStratum,
    Inspection,
    Quota,
    QuotaLevel,
    QuotaStratum,
)
from rectify.campaign.model import Phase
from rectify.campaign.phrases import PhraseReader
from rectify.campaign.shape import CampaignTable, DrawTable, QuotaTable
from rectify.phrases import Recurrence, Within
from rectify.strict import Path


def build_quotas(table: CampaignTable, phrases: PhraseReader) -> tuple[Quota, ...]:
    """The quotas of a file."""
    return tuple(
        Quota(
            id=each.id,
            name=each.name,
            clause=each.clause,
            words=each.words,
            of=each.of,
            levels=_levels(each, ("quota", at), phrases),
            phase=each.phase,
            no_repeat=each.no_repeat,
            strata=tuple(
                QuotaStratum(
                    of=stratum.of, amount=_amount(stratum.at_least, stratum.at_least_percent)
                )
                for stratum in each.stratum
            ),
        )
        for at, each in enumerate(table.quota)
    )


def _amount(at_least: int | None, at_least_percent: int | None) -> Amount:
    return Amount(at_least=at_least, at_least_percent=at_least_percent)


def _levels(quota: QuotaTable, path: Path, phrases: PhraseReader) -> tuple[QuotaLevel, ...]:
    """What each level checks: by its own table, where that says so, else by the quota's."""
    every = phrases.read(Recurrence, quota.every, (*path, "every"), quota.words)
    shared = _amount(quota.at_least, quota.at_least_percent)
    plain = tuple(QuotaLevel(level=level, amount=shared, every=every) for level in quota.by)
    own = tuple(
        QuotaLevel(
            level=each.level,
            amount=(
                shared
                if each.at_least is None and each.at_least_percent is None
                else _amount(each.at_least, each.at_least_percent)
            ),
            every=phrases.read(Recurrence, each.every, (*path, "level", at, "every"), quota.words)
            or every,
        )
        for at, each in enumerate(quota.level)
    )
    return plain + own


def build_inspections(
    table: CampaignTable, phases: Sequence[Phase], phrases: PhraseReader
) -> tuple[Inspection, ...]:
    """The inspections of a file, over the days of their phase or of the campaign."""
    return tuple(
        Inspection(
            id=each.id,
            name=each.name,
            clause=each.clause,
            words=each.words,
            by=each.by,
            teams=each.teams,
            phase=each.phase,
            every=phrases.read(Recurrence, each.every, ("inspection", at, "every"), each.words),
            lasts=phrases.read(Within, each.lasts, ("inspection", at, "lasts"), each.words),
            draws=tuple(_draw(draw) for draw in each.draw),
            reports=build_then(each.report, ("inspection", at), "report", phrases),
            spans=spans_of(each.phase, phases, phrases.zone),
        )
        for at, each in enumerate(table.inspection)
    )


def _draw(draw: DrawTable) -> Draw:
    strata = tuple(DrawStratum(of=each.of, count=each.count) for each in draw.stratum)
    return Draw(level=draw.level, count=draw.count, words=draw.words, strata=strata)
