"""What inspections (明察暗访) make due: each turn of visits, each report on one (四·第二阶段)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rectify.happening import Visit
from rectify.i18n import Message, message
from rectify.started import inspection_of, reports_on
from rectify.todo.entry import Entry
from rectify.todo.steps import View, entry_of_step
from rectify.turns import turns_of

if TYPE_CHECKING:
    from rectify.campaign.inspections import Inspection


def entries_of_visits(view: View, visits: Iterable[Visit], until: date | None) -> Iterator[Entry]:
    """The turns whose visits have not all taken place, and the next report on each visit.

    :raises InvalidValue: a visit of an inspection that the campaign does not have.
    """
    done: dict[str, list[Visit]] = {each.id: [] for each in view.campaign.inspections}
    for visit in visits:
        done[inspection_of(view.campaign, visit).id].append(visit)
    for inspection in view.campaign.inspections:
        yield from _turns(view, inspection, done[inspection.id], until)
        for visit in done[inspection.id]:
            yield from _reports(view, inspection, visit)


def _turns(
    view: View, inspection: Inspection, visits: Sequence[Visit], until: date | None
) -> Iterator[Entry]:
    if inspection.every is None:
        return
    for turn in turns_of(
        view.campaign,
        inspection.every,
        inspection.spans,
        named=inspection.id,
        phase=inspection.phase,
        until=until,
    ):
        teams = {visit.team for visit in visits if visit.turn == turn.number}
        took_place = len(teams) >= inspection.teams
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
                sequence=int(took_place),
            )


def _reports(view: View, inspection: Inspection, visit: Visit) -> Iterator[Entry]:
    """The reports that have begun: the first, and each next one once the one before it came."""
    for step in reports_on(view.campaign, visit, view.filed.met_at):
        yield from entry_of_step(
            view,
            step,
            "report",
            step.key,
            _title(inspection, visit),
            inspection.by,
            moved=visit.recorded - 1,
            done=step.step <= len(visit.reported_on),
        )


def _title(inspection: Inspection, visit: Visit) -> Message:
    name, turn = inspection.name, visit.turn
    if inspection.teams == 1:
        return message("report on {name}, turn {turn}", name=name, turn=turn)
    return message(
        "report on {name}, turn {turn}, team {team}", name=name, turn=turn, team=visit.team
    )
