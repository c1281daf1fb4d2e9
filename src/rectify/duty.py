"""Who owes what, to whom, by when (报送任务), and whether it came.

`owed` expands the duties of a campaign over its units, `owed_after` those that an event
starts; `standing` folds what was submitted and sent back. All of it is derived: nothing
here knows the time or keeps anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from rectify import fields
from rectify.campaign.duties import ForLevel, RecurringDuty
from rectify.campaign.shape import EVENTS
from rectify.deadline import Due
from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.instants import aware, plain_date
from rectify.turns import Turn, turns_of

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.campaign.duties import AnyDuty
    from rectify.unit import Level, Unit, UnitTree

DutyStatus: TypeAlias = Literal["open", "soon", "overdue", "submitted", "sent-back"]

SOON_DAYS: Final = 3
"""How many times 24 hours before its end a due date is soon, unless it is said otherwise."""

_NO_VILLAGE: Final = "任何单位任何部门不得以任何理由要求村级填报扶贫数据"
_DIGEST: Final = re.compile("[0-9a-f]{64}")


@attrs.frozen
class Owed:
    """报送任务的一次: one report that one unit owes once.

    ``key`` is unique in the campaign and stays the same, whatever is asked for and in
    whatever order the units are: ``duty/turn/unit``. The turn is ``-`` for what is owed
    once; without a table of units the unit is ``-`` and the level; a step that follows has
    its number after that. ``turn`` is the number of a turn, from 1. ``to`` is in the
    document's words, or else the parent's name.
    """

    key: str
    duty: str
    name: str
    unit: str | None
    level: Level | None
    to: str | None
    due: Due
    turn: int | None = None
    clause: str | None = None
    step: int = 1


def owed(
    campaign: Campaign,
    units: UnitTree | None,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Iterator[Owed]:
    """Everything that is owed by a date, once or again and again, by when it is due.

    Each unit in scope (治理范围) of a level that owes a duty owes it; without units, each
    such level once. ``since`` and ``until`` bound the due day, both included. What an
    event starts is `owed_after`'s. Working days that are not published yet are foreseen:
    `Due.provisional`.

    :raises InvalidValue: a duty that a village would owe (五(七)); one that recurs without
        an end, and no ``until``; a datetime for a date.
    """
    first = None if since is None else plain_date("since", since)
    last = None if until is None else plain_date("until", until)
    expand = _Expansion(campaign, units)
    found: list[Owed] = []
    for duty in campaign.duties:
        for each in duty.levels:
            found.extend(expand(duty, each, each.timing, "-"))
    for recurring in campaign.recurring_duties:
        for every in recurring.levels:
            for turn in _turns(campaign, recurring, every, last):
                found.extend(expand(recurring, every, turn.due, turn.label, turn.number))
    return _in_order(
        one
        for one in found
        if (first is None or first <= one.due.effective)
        and (last is None or one.due.effective <= last)
    )


def owed_after(
    campaign: Campaign,
    event_id: str,
    event_on: date | datetime,
    *,
    units: UnitTree | None = None,
    subject: str | None = None,
    among: Collection[str] | None = None,
) -> Iterator[Owed]:
    """What is owed because an event happened, on a day or at an instant (aware).

    ``subject`` is what it happened to, such as the id of an issue; it stands for the turn
    in the keys, else the day or instant does. ``among`` leaves the duty to the units of
    these codes, such as where it happened; it needs ``units``.

    :raises InvalidValue: no such event; no unit of a code; a period of hours after a date;
        a duty that a village would owe (五(七)).
    :raises NaiveInstant: a datetime without a zone.
    """
    events = (*EVENTS, *(event.id for event in campaign.events))
    if event_id not in events:
        problem = message("the campaign has no “{id}”; it has: {known}", id=event_id, known=events)
        raise InvalidValue("event", problem)
    label = happening_label(campaign, event_on, subject)
    expand = _Expansion(campaign, units, among)
    return _in_order(
        one
        for duty in campaign.event_duties
        if duty.after == event_id
        for each in duty.levels
        for one in expand(duty, each, each.timing.after(event_on, provisional=True), label)
    )


def _turns(
    campaign: Campaign, duty: RecurringDuty, every: ForLevel[Any], until: date | None
) -> Sequence[Turn]:
    return turns_of(
        campaign,
        every.timing,
        every.spans,
        named=duty.id,
        phase=duty.phase,
        level=every.level,
        until=until,
    )


def happening_label(campaign: Campaign, event_on: date | datetime, subject: str | None) -> str:
    """What stands for the turn in the keys of what an event started."""
    if subject is not None:
        return key_part(subject)
    if isinstance(event_on, datetime):
        return aware("event", event_on).astimezone(campaign.zone).isoformat()
    return plain_date("event", event_on).isoformat()


def key_part(text: str) -> str:
    """A text as a part of a key, in which a slash would end it."""
    return text.replace("%", "%25").replace("/", "%2F")


def _in_order(found: Iterable[Owed]) -> Iterator[Owed]:
    return iter(sorted(found, key=lambda one: (one.due.ends_at, one.key)))


class _Expansion:
    """Expands a duty of one level over the units that owe it."""

    def __init__(
        self, campaign: Campaign, units: UnitTree | None, among: Collection[str] | None = None
    ) -> None:
        self._units = units
        self._direct = {
            code: direct.to for direct in campaign.direct_reports for code in direct.units
        }
        self._owers: dict[Level, list[Unit]] = {}
        if units is None:
            if among is not None:
                raise InvalidValue("among", message("which units these are needs a table of units"))
            return
        for unit in units if among is None else [units[code] for code in dict.fromkeys(among)]:
            if unit.in_scope:
                self._owers.setdefault(unit.level, []).append(unit)

    def __call__(
        self,
        duty: AnyDuty,
        each: ForLevel[Any],
        due: Due,
        label: str,
        turn: int | None = None,
    ) -> Iterator[Owed]:
        level = each.level
        if level == "village":
            problem = message(
                "no village may be made to report (五(七): {words})", words=_NO_VILLAGE
            )
            raise InvalidValue(duty.id, problem)
        said = each.to or duty.to
        owers: list[tuple[str, str | None, str | None]] = (
            [(f"-{level}", None, said)]
            if self._units is None
            else [(u.code, u.code, self._to(u, said)) for u in self._owers.get(level, ())]
        )
        for last, unit, to in owers:
            yield Owed(
                key=f"{duty.id}/{label}/{last}",
                duty=duty.id,
                name=duty.name,
                unit=unit,
                level=level,
                to=to,
                due=due,
                turn=turn,
                clause=duty.clause,
            )

    def _to(self, unit: Unit, said: str | None) -> str | None:
        direct = self._direct.get(unit.code)
        if direct is not None or said is not None or unit.parent is None:
            return direct or said
        assert self._units is not None
        return self._units[unit.parent].name


# What came.


def _digest(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        problem = message("a hash is 64 hexadecimal digits in lower case, as of SHA-256")
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name}", problem)


@attrs.frozen
class Submission:
    """报送: what a unit handed in for what it owes.

    ``key`` is the `Owed`'s, ``by`` an actor's id, ``at`` an aware datetime,
    ``document_hash`` the SHA-256 of the document, 64 hexadecimal digits in lower case.

    Raises `InvalidValue` for a value that no record may hold.
    """

    key: str = attrs.field(validator=fields.line)
    unit: str | None = attrs.field(validator=fields.optional(fields.line))
    by: str = attrs.field(validator=fields.line)
    at: datetime = attrs.field(validator=fields.instant)
    document_hash: str = attrs.field(validator=_digest)
    note: str = attrs.field(default="", validator=fields.blank_or_prose)


@attrs.frozen
class SentBack:
    """退回: what was handed in will not do, and is owed again. ``at`` is aware.

    Raises `InvalidValue` for a value that no record may hold.
    """

    key: str = attrs.field(validator=fields.line)
    by: str = attrs.field(validator=fields.line)
    at: datetime = attrs.field(validator=fields.instant)
    reason: str = attrs.field(validator=fields.prose)


DutyEvent: TypeAlias = Submission | SentBack


@attrs.frozen
class DutyStanding:
    """Where something owed stands at an instant.

    ``late_by`` is how long after its end it came, or is still missing; None in time. What
    comes at the very instant of the end is late, by nothing. ``submissions`` and
    ``sent_back`` hold them all, oldest first.
    """

    owed: Owed
    status: DutyStatus
    late_by: timedelta | None
    submissions: tuple[Submission, ...] = ()
    sent_back: tuple[SentBack, ...] = ()


def standing(
    owed: Owed, events: Iterable[DutyEvent], now: datetime, *, soon_days: int = SOON_DAYS
) -> DutyStanding:
    """Where it stands, from what was submitted and sent back by then.

    What counts is the first submission since it was last sent back: handing in a better
    one unasked does not make it late. Events of other keys, and those after ``now``, are
    left aside; sending back what never came changes nothing.

    :raises NaiveInstant: ``now`` has no zone.
    """
    aware("now", now)
    known = [event for event in events if event.key == owed.key and event.at <= now]
    submissions: list[Submission] = []
    sent_back: list[SentBack] = []
    counts: Submission | None = None
    for event in sorted(known, key=lambda event: event.at):
        if isinstance(event, Submission):
            submissions.append(event)
            counts = counts or event
        elif submissions:
            sent_back.append(event)
            counts = None
    late_by = (counts.at if counts else now) - owed.due.ends_at
    status: DutyStatus = owed.due.standing(now, soon_days=soon_days)
    if submissions:
        status = "submitted" if counts else "sent-back"
    return DutyStanding(
        owed,
        status,
        late_by if late_by >= timedelta(0) else None,
        tuple(submissions),
        tuple(sent_back),
    )
