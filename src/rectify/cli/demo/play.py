"""The play as a whole: every scene and stocktaking, and what the ledger came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from rectify.audit import Audit
from rectify.campaign import Campaign
from rectify.cli.audit import as_data as audit_as_data
from rectify.cli.demo.figures import Stock, by_area, by_channel
from rectify.cli.demo.stage import Scene, Stage
from rectify.cli.demo.story import read_story
from rectify.issue import AnyIssue, Issue
from rectify.unit import UnitTree


@attrs.frozen
class Play:
    """What was played; ``moves`` counts the records by the names of their moves."""

    campaign: Campaign
    units: UnitTree
    scenes: tuple[Scene, ...]
    stocks: tuple[Stock, ...]
    issues: tuple[AnyIssue, ...]
    moves: Mapping[str, int]
    deliveries: Mapping[str, int]
    audit: Audit


def perform(campaign: Campaign, file: Path, show: Callable[[Scene | Stock], None]) -> Play:
    """Play the story on a new ledger, showing each part as it happens."""
    story = read_story(campaign.zone)
    scenes: list[Scene] = []
    stocks: list[Stock] = []
    stage = Stage(story, campaign, file)
    with stage.ledger as ledger:
        for part in stage.play():
            show(part)
            if isinstance(part, Stock):
                stocks.append(part)
            else:
                scenes.append(part)
        issues = tuple(ledger.issues())
        moves = Counter(record.move for issue in issues for record in ledger.history(issue.id))
        deliveries = Counter[str](delivery.status for delivery in ledger.deliveries())
        audit = ledger.audit()
    return Play(
        campaign,
        story.units,
        tuple(scenes),
        tuple(stocks),
        issues,
        moves,
        deliveries,
        audit,
    )


def as_data(play: Play) -> dict[str, Any]:
    """What was played as plain JSON values."""
    return {
        "campaign": play.campaign.id,
        "issues": len(play.issues),
        "records": play.audit.records,
        "moves": dict(sorted(play.moves.items())),
        "states": _named(Counter(type(issue) for issue in play.issues)),
        "areas": {area: _named(counts) for area, counts in by_area(play.issues).items()},
        "channels": {name: _named(counts) for name, counts in by_channel(play.issues).items()},
        "refusals": [_refusal(scene) for scene in play.scenes if scene.reasons or scene.illegal],
        "stocks": [_stock(stock) for stock in play.stocks],
        "deliveries": dict(play.deliveries),
        "audit": audit_as_data(play.audit),
    }


def _named(counts: Mapping[type[Issue], int]) -> dict[str, int]:
    return {state.__name__: counts[state] for state in sorted(counts, key=lambda s: s.__name__)}


def _refusal(scene: Scene) -> dict[str, Any]:
    illegal = scene.illegal.message if scene.illegal else None
    return {
        "at": scene.act.at.isoformat(),
        "issue": scene.act.issue_id,
        "move": scene.act.do,
        "illegal": illegal and {"zh": illegal.zh, "en": illegal.en},
        "reasons": [
            {
                "code": reason.code,
                "clause": reason.clause,
                "zh": reason.text.zh,
                "en": reason.text.en,
            }
            for reason in scene.reasons
        ],
    }


def _stock(stock: Stock) -> dict[str, Any]:
    return {
        "on": stock.on.isoformat(),
        "states": _named(stock.states),
        "duties": [
            {
                "id": owing.duty.id,
                "last_day": owing.duty.due.effective.isoformat(),
                "days_left": owing.days_left,
            }
            for owing in stock.duties
        ],
        "overdue": [
            {
                "issue": late.issue.id,
                "milestone": late.milestone.id,
                "due": late.milestone.due.isoformat(),
                "days": late.days_late,
            }
            for late in stock.late
        ],
    }
