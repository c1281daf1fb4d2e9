"""What inspections (明察暗访) make due: each turn of visits, each report on one (四·第二阶段)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import attrs

from rectify import fields
from rectify.campaign.duties import Then
from rectify.derivation import Note
from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.todo.entry import Entry, Moment
from rectify.turns import turns_of

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.inspections import Inspection


@attrs.frozen(kw_only=True)
class Visit:
    """A visit that took place: by which team, in which turn, the day it ended.

    ``reported_on`` has the day of each report handed in, in the order the campaign asks
    for them. Raises `InvalidValue` for a value that no record may hold.
    """

    inspection: str
    turn: int
    ended_on: date = attrs.field(validator=fields.day)
    team: int = 1
    reported_on: tuple[date, ...] = attrs.field(
        default=(), validator=attrs.validators.deep_iterable(fields.day)
    )


def entries_of_visits(
    campaign: Campaign, visits: Iterable[Visit], moment: Moment, until: date | None
) -> Iterator[Entry]:
    """The turns whose visits have not all taken place, and the next report on each visit.

    :raises InvalidValue: a visit of an inspection that the campaign does not have.
    """
    done: dict[str, list[Visit]] = {inspection.id: [] for inspection in campaign.inspections}
    for visit in visits:
        if visit.inspection not in done:
            problem = message(
                "the campaign has no “{id}”; it has: {known}",
                id=visit.inspection,
                known=tuple(done),
            )
            raise InvalidValue("inspection", problem)
        done[visit.inspection].append(visit)
    for inspection in campaign.inspections:
        yield from _turns(campaign, inspection, done[inspection.id], moment, until)
        for visit in done[inspection.id]:
            yield from _report(inspection, visit, moment)


def _turns(
    campaign: Campaign,
    inspection: Inspection,
    visits: Sequence[Visit],
    moment: Moment,
    until: date | None,
) -> Iterator[Entry]:
    if inspection.every is None:
        return
    for turn in turns_of(
        campaign,
        inspection.every,
        inspection.spans,
        named=inspection.id,
        phase=inspection.phase,
        until=until,
    ):
        if len({visit.team for visit in visits if visit.turn == turn.number}) < inspection.teams:
            yield Entry(
                key=f"visit/{inspection.id}/{turn.number}",
                kind="visit",
                title=message("{name}, turn {turn}", name=inspection.name, turn=turn.number),
                who=inspection.by,
                standing=moment.standing(turn.due),
                clause=inspection.clause,
                due=turn.due,
                days_late=moment.days_late(turn.due),
            )


def _report(inspection: Inspection, visit: Visit, moment: Moment) -> Iterator[Entry]:
    """The first report that has not been handed in; the next one waits for it."""
    number = len(visit.reported_on)
    if number >= len(inspection.reports):
        return
    step = inspection.reports[number]
    since = visit.reported_on[-1] if visit.reported_on else visit.ended_on
    due = None if step.within is None else step.within.after(since)
    yield Entry(
        key=f"report/{inspection.id}/{visit.turn}/{visit.team}/{number + 1}",
        kind="report",
        title=_title(inspection, visit),
        who=inspection.by,
        standing="warning" if due is None else moment.standing(due),
        to=step.to,
        clause=inspection.clause,
        due=due,
        days_late=None if due is None else moment.days_late(due),
        notes=_no_time(step) if due is None else (),
    )


def _title(inspection: Inspection, visit: Visit) -> Message:
    name, turn = inspection.name, visit.turn
    if inspection.teams == 1:
        return message("report on {name}, turn {turn}", name=name, turn=turn)
    return message(
        "report on {name}, turn {turn}, team {team}", name=name, turn=turn, team=visit.team
    )


def _no_time(step: Then) -> tuple[Note, ...]:
    said = message(
        "no time is given, so this only warns and is never overdue: “{words}”", words=step.words
    )
    return (Note("no-time", said),)
