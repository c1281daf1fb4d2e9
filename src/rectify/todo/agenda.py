"""The agenda: what is due on a day, put together from what is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from rectify.deadline import Due
from rectify.derivation import Note, Step
from rectify.duty import SOON_DAYS, DutyEvent, Owed, SentBack, key_part, owed, standing
from rectify.i18n import Message, message
from rectify.instants import zone_of
from rectify.issue import Issue, Transferred
from rectify.todo.entry import Entry, EntryStanding, Moment, moves_of
from rectify.todo.visits import Visit, entries_of_visits
from rectify.unit import LEVEL_WORDS
from rectify.wording import day_and_weekday

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.evidence import Milestone
    from rectify.unit import UnitTree

_TRANSFER_RULE: Final = "lead-must-be-transferred"


def agenda(
    campaign: Campaign,
    units: UnitTree | None,
    issues: Iterable[Issue] = (),
    *,
    on: date | datetime,
    until: date | None = None,
    soon_days: int = SOON_DAYS,
    events: Iterable[DutyEvent] = (),
    visits: Iterable[Visit] = (),
    also: Iterable[Owed] = (),
) -> tuple[Entry, ...]:
    """What is due at an instant or on a day, by when it is due; what has no time comes last.

    Duties that have not come (``events`` are the submissions known), open milestones of
    issues, transferred leads without a receipt (a warning: no time is given), turns of
    visits and the next report on each of the ``visits`` that took place. ``also`` is what
    events started, from `owed_after`. ``on`` is aware, or a date, which stands for its last
    instant in the campaign's zone. ``until`` is the last due day to look at.

    :raises InvalidValue: what recurs without an end, and no ``until``; a visit of no
        inspection of the campaign.
    :raises NaiveInstant: a datetime without a zone.
    :raises HorizonError: a due date must roll and is past the last published calendar.
    """
    moment = Moment.of(on, campaign.zone.key, soon_days)
    by_key: dict[str, list[DutyEvent]] = {}
    for event in events:
        by_key.setdefault(event.key, []).append(event)
    found: list[Entry] = []
    for one in (*owed(campaign, units, until=until), *also):
        found.extend(_of_duty(one, by_key.get(one.key, []), units, moment))
    for issue in issues:
        found.extend(_of_issue(issue, campaign, units, moment))
    found.extend(entries_of_visits(campaign, visits, moment, until))
    return tuple(sorted((each for each in found if _by(each, until)), key=_order))


def of_issue(
    issue: Issue,
    campaign: Campaign,
    units: UnitTree | None,
    *,
    on: date | datetime,
    soon_days: int = SOON_DAYS,
) -> tuple[Entry, ...]:
    """What is due of one issue, by when it is due; ``on`` is as in `agenda`.

    :raises NaiveInstant: a datetime without a zone.
    """
    moment = Moment.of(on, campaign.zone.key, soon_days)
    return tuple(sorted(_of_issue(issue, campaign, units, moment), key=_order))


def _by(entry: Entry, until: date | None) -> bool:
    return until is None or entry.due is None or entry.due.effective <= until


def _order(entry: Entry) -> tuple[bool, float, str]:
    ends_at = 0.0 if entry.due is None else entry.due.ends_at.timestamp()
    return entry.due is None, ends_at, entry.key


def _of_duty(
    one: Owed, events: Iterable[DutyEvent], units: UnitTree | None, moment: Moment
) -> Iterator[Entry]:
    came = standing(one, events, moment.now)
    if came.status == "submitted":
        return
    stands: EntryStanding = "sent-back" if came.status == "sent-back" else moment.standing(one.due)
    yield Entry(
        key=f"duty/{one.key}",
        kind="duty",
        title=message("{name}", name=one.name),
        who=_who(one, units),
        standing=stands,
        unit=one.unit,
        to=one.to,
        clause=one.clause,
        due=one.due,
        days_late=moment.days_late(one.due),
        sequence=moves_of(one.due),
        notes=tuple(Note("sent-back", _sent_back(each, one.due.zone)) for each in came.sent_back),
    )


def _sent_back(back: SentBack, zone: str) -> Message:
    return message(
        "it was sent back on {day} and is owed again",
        day=day_and_weekday(back.at.astimezone(zone_of(zone)).date()),
    )


def _who(one: Owed, units: UnitTree | None) -> Message | str:
    if one.unit is not None:
        return _name(one.unit, units)
    return "–" if one.level is None else LEVEL_WORDS[one.level]


def _name(code: str, units: UnitTree | None) -> str:
    unit = None if units is None else units.get(code)
    return code if unit is None else unit.name


def _of_issue(
    issue: Issue, campaign: Campaign, units: UnitTree | None, moment: Moment
) -> Iterator[Entry]:
    who = _name(issue.finding.unit, units)
    # A host's own state may have milestones too.
    milestones: tuple[Milestone, ...] = getattr(issue, "open_milestones", ())
    for milestone in milestones:
        due = _due(issue, milestone, campaign)
        yield Entry(
            key=f"milestone/{key_part(issue.id)}/{issue.round}/{key_part(milestone.id)}",
            kind="milestone",
            title=message("issue {id}: {milestone}", id=issue.id, milestone=milestone.title),
            who=who,
            standing=moment.standing(due),
            unit=issue.finding.unit,
            due=due,
            days_late=moment.days_late(due),
            sequence=issue.version,
        )
    if isinstance(issue, Transferred) and issue.receipt is None:
        yield _without_receipt(issue, campaign, who)


def _due(issue: Issue, milestone: Milestone, campaign: Campaign) -> Due:
    day = milestone.due
    steps = [Step("timetable", _timetable(issue, milestone))]
    if getattr(issue, "reason", None) is not None:
        steps.append(Step("revised", message("why it was set or changed is in the ledger")))
    words = f"{day.year}年{day.month}月{day.day}日前"
    return Due.on(day, words=words, nominal=day, zone=campaign.zone.key, steps=steps)


def _timetable(issue: Issue, milestone: Milestone) -> Message:
    return message(
        "the timetable of issue {id}, round {round}, sets {day}",
        id=issue.id,
        round=issue.round,
        day=day_and_weekday(milestone.due),
    )


def _without_receipt(issue: Transferred, campaign: Campaign, who: str) -> Entry:
    rule = campaign.rules.get(_TRANSFER_RULE)
    said = message("no time is given for the receipt, so this only warns and is never overdue")
    notes = [Note("no-time", said)]
    if rule is not None and rule.words is not None:
        notes.append(Note("words", message("“{words}”", words=rule.words.rstrip("。"))))
    return Entry(
        key=f"transfer/{key_part(issue.id)}/{issue.round}",
        kind="transfer",
        title=message("issue {id}: the receipt of {organ} is missing", id=issue.id,
                      organ=issue.organ),
        who=who,
        standing="warning",
        unit=issue.finding.unit,
        clause=rule.clause if rule is not None else None,
        sequence=issue.version,
        notes=tuple(notes),
    )  # fmt: skip
