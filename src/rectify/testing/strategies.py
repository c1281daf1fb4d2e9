"""Hypothesis strategies: findings, actors, timetables and moves, as a host's tests need them.

What they make is whole: it can be recorded and read back. Whether a move is allowed is for
the rules to say, which is what a test then asks; findings are such as no rule refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, get_type_hints

import attrs

from rectify import fields
from rectify.actor import DISCIPLINE, Actor
from rectify.campaign import Campaign, load_campaign
from rectify.errors import MissingExtra
from rectify.evidence import Bulletin, Conclusion, Milestone, Timetable
from rectify.finding import Finding
from rectify.issue import Issue, Scheduled
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move
from rectify.moves import Complete
from rectify.testing.clock import NOON

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise MissingExtra(error.name or "hypothesis", "testing") from None

_YEAR: Final = timedelta(days=365)


def lines(characters_max: int = 40) -> st.SearchStrategy[str]:
    """Single lines that a record may hold: ids, titles, names of organs."""
    characters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
    return st.text(characters, min_size=1, max_size=characters_max).filter(fields.is_line)


def actors(*, roles: tuple[str, ...] = (DISCIPLINE,)) -> st.SearchStrategy[Actor]:
    """Who acts: any id and unit, with some of the roles."""
    held = st.frozensets(st.sampled_from(roles)) if roles else st.just(frozenset[str]())
    return st.builds(Actor, lines(), lines(), held)


def findings(
    campaign: Campaign | None = None,
    *,
    unit: st.SearchStrategy[str] | None = None,
    until: datetime = NOON,
) -> st.SearchStrategy[Finding]:
    """Findings in the campaign's vocabularies, by default Hubei's of 2018, made ``until`` then.

    ``unit`` draws the codes of units, by default any; a ledger with units takes its own only.
    """
    campaign = campaign or load_campaign("hubei-2018")
    found_at = _instants(until - _YEAR, until)
    return st.builds(
        Finding,
        title=lines(),
        area=st.sampled_from(sorted(campaign.area_ids)),
        channel=st.sampled_from(sorted(campaign.channel_ids)),
        unit=lines() if unit is None else unit,
        found_at=found_at,
        discipline_lead=st.booleans(),
        conduct_from=st.none() | st.dates(date(2010, 1, 1), (until - _YEAR).date()),
        amount_yuan=st.none() | st.decimals(Decimal(0), Decimal(10) ** 9, places=2),
        reporter=st.none() | lines(),
        description=st.just("") | lines(200),
    )


def timetables(
    *, first: date = date(2018, 5, 8), last: date = date(2018, 12, 15)
) -> st.SearchStrategy[Timetable]:
    """Timetables of one to four milestones between two days, in order."""
    days = st.lists(st.dates(first, last), min_size=1, max_size=4).map(sorted)
    return st.builds(Timetable, days.flatmap(_milestones), lines())


def _milestones(days: list[date]) -> st.SearchStrategy[tuple[Milestone, ...]]:
    made = (st.builds(Milestone, st.just(f"m{n}"), lines(), st.just(d)) for n, d in enumerate(days))
    return st.tuples(*made)


def moves(
    issue: Issue,
    lifecycle: Lifecycle[Any] = STANDARD,
    *,
    evidence: Mapping[type[Any], st.SearchStrategy[Any]] | None = None,
) -> st.SearchStrategy[Move[Issue]]:
    """Any move that starts from the issue's state, with evidence by the types of its fields.

    What may be left out is left out. ``evidence`` says how values of a host's own types are
    drawn. From a state that no move leaves there is none: the strategy is empty.
    """
    drawn = {**_EVIDENCE, **(evidence or {})}
    kinds = [kind for kind in lifecycle.moves_from(type(issue)) if _is_open(kind, issue)]
    return st.one_of([_of_kind(kind, issue, drawn) for kind in kinds])


def _is_open(kind: type[Move[Issue]], issue: Issue) -> bool:
    """Whether such a move can be built: a timetable may have no milestone that is left."""
    return kind is not Complete or not isinstance(issue, Scheduled) or bool(issue.open_milestones)


def _of_kind(
    kind: type[Move[Issue]], issue: Issue, drawn: Mapping[type[Any], st.SearchStrategy[Any]]
) -> st.SearchStrategy[Move[Issue]]:
    types = get_type_hints(kind)
    needed = [
        field.name
        for field in attrs.fields(kind)
        if field.default is attrs.NOTHING and field.name != "issue"
    ]
    values = {
        name: drawn[types[name]] if types[name] in drawn else st.from_type(types[name])
        for name in needed
    }
    if isinstance(issue, Scheduled) and kind is Complete:
        values["milestone"] = st.sampled_from([one.id for one in issue.open_milestones])
    return st.builds(kind, st.just(issue), **values)


def _instants(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    """Instants from one to another, in UTC."""
    first, last = (one.astimezone(UTC).replace(tzinfo=None) for one in (first, last))
    return st.datetimes(first, last, timezones=st.just(UTC))


_EVIDENCE: Final[Mapping[type[Any], st.SearchStrategy[Any]]] = {
    str: lines(),
    Timetable: timetables(),
    Conclusion: st.sampled_from(Conclusion),
    Bulletin: st.builds(Bulletin, lines(), lines(200), lines(), lines()),
    datetime: _instants(NOON - _YEAR, NOON),
    date: st.dates(date(2018, 1, 1), date(2018, 12, 31)),
}
"""How evidence is drawn, by its type."""
