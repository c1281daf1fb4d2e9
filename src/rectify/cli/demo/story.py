"""The story as data: ``story.toml`` read into acts, in the order they happen.

A story says of each finding how it went; a play needs to know what happens next. So the
acts of all findings are put in one line, by their instants.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import attrs

from rectify.actor import Actor
from rectify.finding import Finding
from rectify.structure import restore
from rectify.unit import UnitTree

REGISTER: Final = "Register"
SPLIT: Final = "split_lead"
_HERE: Final = Path(__file__).parent


@attrs.frozen(kw_only=True)
class Act:
    """Something someone does at an instant: a registration, a lead split off, or a move.

    ``do`` is `REGISTER`, `SPLIT` or the name of a move's class; ``evidence`` what it
    carries, as plain data. ``refused`` are the codes it is refused with, empty for an act
    that is carried out; ``illegal`` is one that the issue's state does not know. ``dated``
    is the instant it claims, where that is not the clock's.
    """

    at: datetime
    by: Actor
    do: str
    issue_id: str
    title: str
    evidence: Mapping[str, Any]
    finding: Finding | None = None
    refused: tuple[str, ...] = ()
    illegal: bool = False
    dated: datetime | None = None


@attrs.frozen
class Story:
    """Every act in order, the days on which to take stock, and the units it happens in."""

    acts: tuple[Act, ...]
    looks: tuple[date, ...]
    units: UnitTree
    reporters: tuple[str, ...] = attrs.field(repr=False)


def read_story(zone: ZoneInfo) -> Story:
    """The story that ships; its times of day are those of the zone."""
    data = tomllib.loads((_HERE / "story.toml").read_text(encoding="utf-8"))
    actors = {
        name: Actor(id=name, unit=each["unit"], roles=frozenset(each.get("roles", ())))
        for name, each in data["actors"].items()
    }
    acts = [act for finding in data["finding"] for act in _acts(finding, actors, zone)]
    return Story(
        tuple(sorted(acts, key=lambda act: act.at)),
        tuple(data["looks"]),
        UnitTree.from_csv(_HERE / "units.csv"),
        tuple(each["reporter"] for each in data["finding"] if "reporter" in each),
    )


def _acts(told: dict[str, Any], actors: Mapping[str, Actor], zone: ZoneInfo) -> Iterator[Act]:
    registration = Act(
        at=told["at"].replace(tzinfo=zone),
        by=actors[told["by"]],
        do=REGISTER,
        issue_id=told.get("id", "–"),
        title=told["title"],
        evidence={},
        finding=_finding(told, zone),
        refused=tuple(told.get("refused", ())),
    )
    yield registration
    for step in told.get("steps", ()):
        rest = dict(step)
        dated = rest.pop("dated", None)
        yield Act(
            at=rest.pop("at").replace(tzinfo=zone),
            by=actors[rest.pop("by")],
            do=rest.pop("do"),
            issue_id=rest.pop("issue", registration.issue_id),
            title=registration.title,
            refused=tuple(rest.pop("refused", ())),
            illegal=rest.pop("illegal", False),
            dated=dated and dated.replace(tzinfo=zone),
            evidence=_evidence(rest, zone),
        )


def _finding(told: Mapping[str, Any], zone: ZoneInfo) -> Finding:
    began, ended = told.get("conduct", (None, None))
    facts = {
        "title": told["title"],
        "area": told["area"],
        "channel": told["channel"],
        "unit": told["unit"],
        "found_at": told.get("found", told["at"]),
        "discipline_lead": told.get("lead", False),
        "conduct_from": began,
        "conduct_until": ended,
        "amount_yuan": told.get("amount_yuan"),
        "description": told.get("description", ""),
    }
    finding = restore(Finding, _plain(facts, zone))
    return attrs.evolve(finding, reporter=told.get("reporter"))


def _evidence(told: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Evidence as a record would hold it; the story writes lists where a record has names."""
    if "milestones" in told:
        listed = [
            dict(zip(("id", "title", "due"), each, strict=True)) for each in told["milestones"]
        ]
        told["timetable"] = {"milestones": listed, "responsible": told.pop("responsible")}
        del told["milestones"]
    if "outcomes" in told:
        names = ("subject", "kind", "organ", "decided_on")
        told["outcomes"] = [dict(zip(names, each, strict=True)) for each in told["outcomes"]]
    plain: dict[str, Any] = _plain(told, zone)
    return plain


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """Data as JSON has it: days and instants as texts, instants with the zone's offset."""
    match value:
        case dict():
            named = cast("dict[str, Any]", value)
            return {name: _plain(each, zone) for name, each in named.items()}
        case list():
            return [_plain(each, zone) for each in cast("Sequence[Any]", value)]
        case datetime():
            return value.replace(tzinfo=zone).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value
