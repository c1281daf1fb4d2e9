"""What inspections (明察暗访) make due: each turn of visits, each report on one (四·第二阶段)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rectify.happening import Visit
from rectify.i18n import Message, message
from rectify.started import inspection_of, reports_on
from rectify.todo.entry import Entry
from rectify.todo.steps import View, entries_of_steps
from rectify.turns import turns_of_inspection

if TYPE_CHECKING:
    from rectify.campaign.inspections import Inspection


def entries_of_visits(
    view: View, visits: Iterable[Visit], dropped: Iterable[Visit], until: date | None
) -> Iterator[Entry]:
    """The turns whose visits have not all taken place, and the next report on each visit.

    ``dropped`` are the visits that no longer hold.

    :raises InvalidValue: a visit of an inspection that the campaign does not have.
    """
    done: dict[str, list[Visit]] = {each.id: [] for each in view.campaign.inspections}
    gone: dict[str, list[Visit]] = {each.id: [] for each in view.campaign.inspections}
    for visit in visits:
        done[inspection_of(view.campaign, visit).id].append(visit)
    for visit in dropped:
        gone.get(visit.inspection, []).append(visit)
    for inspection in view.campaign.inspections:
        took_place = done[inspection.id]
        yield from _turns(view, inspection, took_place, gone[inspection.id], until)
        for visit in took_place:
            yield from _reports(view, inspection, visit)


def entries_of_dropped(view: View, visits: Iterable[Visit]) -> Iterator[Entry]:
    """The reports there were on visits, as no longer owed."""
    known = {each.id: each for each in view.campaign.inspections}
    for visit in visits:
        if visit.inspection in known:
            yield from _reports(view, known[visit.inspection], visit, gone=True)


def _turns(
    view: View,
    inspection: Inspection,
    visits: Sequence[Visit],
    dropped: Sequence[Visit],
    until: date | None,
) -> Iterator[Entry]:
    for turn in turns_of_inspection(view.campaign, inspection, until):
        teams = {visit.team for visit in visits if visit.turn == turn.number}
        took_place = len(teams) >= inspection.teams
        recorded = {
            each.team: each.recorded for each in (*dropped, *visits) if each.turn == turn.number
        }
        if not took_place or view.finished:
            yield Entry(
                key=f"visit/{inspection.id}/{turn.number}",
                kind="visit",
                title=message("{name}, turn {turn}", name=inspection.name, turn=turn.number),
                who=inspection.by,
                standing="done" if took_place else view.moment.standing(turn.due),
                clause=inspection.clause,
                due=turn.due,
                days_late=None if took_place else view.moment.days_late(turn.due),
                sequence=sum(recorded.values()),
            )


def _reports(
    view: View, inspection: Inspection, visit: Visit, *, gone: bool = False
) -> Iterator[Entry]:
    """The reports that have begun: the first, and each next one once the one before it came."""
    return entries_of_steps(
        view,
        reports_on(view.campaign, visit, view.filed.ever_at if gone else view.filed.met_at),
        "report",
        lambda step: (step.key, _title(inspection, visit), inspection.by),
        moved=visit.recorded - 1 + len(visit.reported_on),
        done=None if gone else len(visit.reported_on),
    )


def _title(inspection: Inspection, visit: Visit) -> Message:
    name, turn = inspection.name, visit.turn
    if inspection.teams == 1:
        return message("report on {name}, turn {turn}", name=name, turn=turn)
    return message(
        "report on {name}, turn {turn}, team {team}", name=name, turn=turn, team=visit.team
    )
