"""What is owed because something happened (事项起算): derived from what happened and what came.

An event starts duties, a visit its first report, and what was handed in the step that
follows it (审定后上报). A step for which no time is given is `Untimed`: it can be handed in,
and is never late. Working days that are not published yet make a date provisional.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from rectify.duty import Owed, owed_after
from rectify.errors import InvalidValue
from rectify.happening import Classified, Happening, Visit
from rectify.i18n import message

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.duties import IssueClass, Then
    from rectify.campaign.inspections import Inspection
    from rectify.deadline import Due
    from rectify.unit import Level, UnitTree

REPORT: Final = "report"
"""How the key of a report on a visit begins."""


@attrs.frozen(kw_only=True)
class Untimed:
    """后续步骤: a step for which the document gives no time, in its ``words``."""

    key: str
    duty: str
    name: str
    words: str
    unit: str | None
    level: Level | None
    to: str
    clause: str | None
    turn: int | None
    step: int


Step: TypeAlias = Owed | Untimed
MetAt: TypeAlias = Callable[[str], datetime | None]
"""When what is owed under a key was met: its first submission that was not sent back."""


def started(campaign: Campaign, units: UnitTree | None, happening: Happening) -> tuple[Owed, ...]:
    """What an event started. Raises what `rectify.duty.owed_after` raises."""
    among = happening.among or None
    found = owed_after(
        campaign, happening.event, happening.on, units=units, subject=happening.subject, among=among
    )
    return tuple(found)


def steps_after(campaign: Campaign, first: Owed, met_at: MetAt) -> Iterator[Step]:
    """The steps after something owed that have begun, each once the one before it was met."""
    then = _then(campaign).get(first.duty, ())
    return _steps(first, then, 2, first.key, met_at(first.key) if then else None, met_at)


def _then(campaign: Campaign) -> dict[str, Sequence[Then]]:
    return {duty.id: duty.then for duty in campaign.all_duties if duty.then}


def keys_after(campaign: Campaign, first: Owed | Visit) -> list[str]:
    """The keys of all steps there may be after something owed or a visit."""
    if isinstance(first, Visit):
        base = report_key(first).rpartition("/")[0]
        reports = inspection_of(campaign, first).reports
        return [f"{base}/{step}" for step, _ in enumerate(reports, 1)]
    return [f"{first.key}/{step}" for step, _ in enumerate(_then(campaign).get(first.duty, ()), 2)]


def all_steps(
    campaign: Campaign, visits: Iterable[Visit], met_at: MetAt, owing: Iterable[Owed]
) -> Iterator[Step]:
    """The steps after all that is owed, and the reports on all visits."""
    then = _then(campaign)
    for first in owing:
        if first.duty in then:
            at = met_at(first.key)
            yield from _steps(first, then[first.duty], 2, first.key, at, met_at)
    for visit in visits:
        yield from reports_on(campaign, visit, met_at)


def reports_on(campaign: Campaign, visit: Visit, met_at: MetAt) -> Iterator[Step]:
    """The reports on a visit that have begun: the first is, each next one once that came.

    :raises InvalidValue: no such inspection, turn or team.
    """
    inspection = inspection_of(campaign, visit)
    key = report_key(visit).rpartition("/")[0]
    done = dict(enumerate(visit.reported_on, 1))

    def came(of: str) -> datetime | date | None:
        return done.get(int(of.rpartition("/")[2])) or met_at(of)

    yield from _steps(
        _Base(key, inspection.id, inspection.name, None, None, inspection.clause, visit.turn),
        inspection.reports, 1, key, visit.ended_on, came,
    )  # fmt: skip


def report_key(visit: Visit) -> str:
    """The key of the first report on a visit."""
    return f"{REPORT}/{visit.inspection}/{visit.turn}/{visit.team}/1"


def before(step: Step) -> str:
    """The key of the step before one; of no step before a first report."""
    base = step.key.rpartition("/")[0]
    first_of_duty = base.count("/") == 2 and step.step == 2
    return base if first_of_duty else f"{base}/{step.step - 1}"


@attrs.frozen
class _Base:
    """What the steps of a visit have in common, as those of an `Owed` have."""

    key: str
    duty: str
    name: str
    unit: str | None
    level: Level | None
    clause: str | None
    turn: int | None


def _steps(
    of: Owed | _Base,
    then: Sequence[Then],
    number: int,
    key: str,
    since: date | datetime | None,
    met: Callable[[str], date | datetime | None],
) -> Iterator[Step]:
    for step, each in enumerate(then, number):
        if since is None:
            return
        own = f"{key}/{step}"
        if each.within is None:
            yield Untimed(
                key=own, duty=of.duty, name=of.name, words=each.words, unit=of.unit,
                level=of.level, to=each.to, clause=of.clause, turn=of.turn, step=step,
            )  # fmt: skip
        else:
            due = each.within.after(since, provisional=True)
            yield Owed(
                own, of.duty, of.name, of.unit, of.level, each.to, due, of.turn, of.clause, step
            )
        since = met(own)


def inspection_of(campaign: Campaign, visit: Visit) -> Inspection:
    """The inspection that a visit is of.

    :raises InvalidValue: the campaign has none of that id, or no such team; no turn is numbered so.
    """
    known = {inspection.id: inspection for inspection in campaign.inspections}
    inspection = known.get(visit.inspection)
    if inspection is None:
        problem = message(
            "the campaign has no “{id}”; it has: {known}", id=visit.inspection, known=tuple(known)
        )
        raise InvalidValue("inspection", problem)
    if visit.turn < 1:
        raise InvalidValue("turn", message("turns are numbered from 1"))
    if not 1 <= visit.team <= inspection.teams:
        problem = message("{name} has teams 1 to {last}", name=inspection.name,
                          last=inspection.teams)  # fmt: skip
        raise InvalidValue("team", problem)
    return inspection


def class_due(campaign: Campaign, classified: Classified) -> tuple[IssueClass, Due]:
    """The class an issue was given, and by when such an issue is to be put right.

    :raises InvalidValue: no such class; a period without the day it runs from.
    """
    known = {each.id: each for each in campaign.issue_classes}
    found = known.get(classified.issue_class)
    if found is None:
        problem = message(
            "the campaign has no “{id}”; it has: {known}",
            id=classified.issue_class,
            known=tuple(known),
        )
        raise InvalidValue("issue_class", problem)
    if found.by is not None:
        return found, found.by
    if classified.since is None:
        problem = message("its time runs from “{event}”; say when that was", event=found.after)
        raise InvalidValue("since", problem)
    return found, found.due(classified.since)
