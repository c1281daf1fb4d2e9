"""The agenda: what is due on a day, put together from what is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from rectify.campaign.shape import EVENTS
from rectify.deadline import Due
from rectify.derivation import Note
from rectify.derivation import Step as Derived
from rectify.duty import SOON_DAYS, DutyEvent, Owed, key_part, owed
from rectify.happening import Classified, Happening, Occasion, Visit
from rectify.i18n import Message, message
from rectify.issue import Issue, Transferred
from rectify.running import is_being_put_right
from rectify.started import Step, class_due, started, steps_after
from rectify.todo.entry import Entry, EntryStanding, Moment
from rectify.todo.steps import Filed, View, entries_of_steps
from rectify.todo.visits import entries_of_dropped, entries_of_visits
from rectify.unit import LEVEL_WORDS
from rectify.wording import day_and_weekday

if TYPE_CHECKING:
    from rectify.campaign import Campaign
    from rectify.evidence import Milestone
    from rectify.phrases import Within
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
    occasions: Iterable[Occasion] = (),
    visits: Iterable[Visit] = (),
    also: Iterable[Owed] = (),
    dropped: Iterable[Occasion] = (),
    finished: bool = False,
) -> tuple[Entry, ...]:
    """What is due at an instant or on a day, by when it is due; what has no time comes last.

    Duties that have not come (``events`` are the submissions known), what events started,
    steps that follow what came, open milestones and classes of issues, transferred leads
    without a receipt (a warning: no time is given), turns of visits and the reports on those
    that took place. ``occasions`` are the events, visits and classes known, ``visits`` more of
    those, and ``also`` is what events started that are not among them. ``on`` is aware, or a
    date, which stands for its last instant in the campaign's zone. ``until`` is the last due
    day to look at. With ``finished``, what is done is there too, as ``"done"``: a calendar
    takes it away; so is what ``dropped`` brought, occasions that were withdrawn or set
    otherwise since (`Past.dropped`), and a step that is not owed for what came before it
    was sent back. `agenda_of` takes all of it from a ledger.

    :raises InvalidValue: what recurs without an end, and no ``until``; a visit of no
        inspection of the campaign, an event or a class that it does not have.
    :raises NaiveInstant: a datetime without a zone.
    """
    moment = Moment.of(on, campaign.zone.key, soon_days)
    known, past, shown = tuple(occasions), tuple(dropped), tuple(issues)
    filed = Filed(each for each in events if each.at <= moment.now)
    view = View(campaign, units, moment, filed, finished)
    owing = [(one, 0) for one in (*owed(campaign, units, until=until), *also)]
    owing += [
        (one, happening.recorded - 1)
        for happening in known
        if isinstance(happening, Happening)
        for one in started(campaign, units, happening)
    ]
    found = [entry for first, moved in owing for entry in _line(view, first, moved)]
    classes = {one.issue_id: one for one in known if isinstance(one, Classified)}
    for issue in shown:
        found.extend(_of_issue(issue, view, classes.get(issue.id)))
    all_visits = (*visits, *(one for one in known if isinstance(one, Visit)))
    gone_visits = [one for one in past if isinstance(one, Visit)]
    found.extend(entries_of_visits(view, all_visits, gone_visits, until))
    if finished:
        there = {entry.key for entry in found}
        gone = {entry.key: entry for entry in _gone(view, owing, all_visits, past, shown)}
        found += [entry for key, entry in gone.items() if key not in there]
    return tuple(sorted((each for each in found if _by(each, until)), key=_order))


def _gone(
    view: View,
    owing: Iterable[tuple[Owed, int]],
    visits: Iterable[Visit],
    dropped: Sequence[Occasion],
    issues: Iterable[Issue],
) -> Iterator[Entry]:
    """What was due once and may not be any longer, as done."""
    campaign, by_id = view.campaign, {issue.id: issue for issue in issues}
    known = {*EVENTS, *(event.id for event in campaign.events)}
    classes = {each.id for each in campaign.issue_classes}
    for first, moved in owing:
        yield from _line(view, first, moved, gone=True)
    for one in dropped:
        if isinstance(one, Happening) and one.event in known:
            for first in started(campaign, view.units, one):
                yield from _line(view, first, one.recorded - 1, gone=True)
        elif isinstance(one, Classified) and one.issue_class in classes and one.issue_id in by_id:
            issue = by_id[one.issue_id]
            who = unit_name(issue.finding.unit, view.units)
            yield from _of_class(issue, one, view, who, gone=True)
    yield from entries_of_dropped(view, visits)
    yield from entries_of_dropped(view, (one for one in dropped if isinstance(one, Visit)))


def of_issue(
    issue: Issue,
    campaign: Campaign,
    units: UnitTree | None,
    *,
    on: date | datetime,
    soon_days: int = SOON_DAYS,
    classified: Classified | None = None,
) -> tuple[Entry, ...]:
    """What is due of one issue, by when it is due; ``on`` is as in `agenda`.

    :raises NaiveInstant: a datetime without a zone.
    """
    moment = Moment.of(on, campaign.zone.key, soon_days)
    view = View(campaign, units, moment, Filed(()), finished=False)
    return tuple(sorted(_of_issue(issue, view, classified), key=_order))


def _by(entry: Entry, until: date | None) -> bool:
    return until is None or entry.due is None or entry.due.effective <= until


def _order(entry: Entry) -> tuple[bool, float, str]:
    ends_at = 0.0 if entry.due is None else entry.due.ends_at.timestamp()
    return entry.due is None, ends_at, entry.key


def _line(view: View, first: Owed, moved: int = 0, *, gone: bool = False) -> Iterator[Entry]:
    """Something owed, and the steps after it that have begun."""
    met_at = view.filed.ever_at if gone else view.filed.met_at
    steps = (first, *steps_after(view.campaign, first, met_at))
    return entries_of_steps(
        view, steps, "duty", lambda one: _named(one, view.units), moved, None if gone else 0
    )


def _named(one: Step, units: UnitTree | None) -> tuple[str, Message, Message | str]:
    title = message("{name}", name=one.name)
    if one.step > 1:
        title = message("{name}, step {step}", name=one.name, step=one.step)
    return f"duty/{one.key}", title, _who(one, units)


def _who(one: Step, units: UnitTree | None) -> Message | str:
    if one.unit is not None:
        return unit_name(one.unit, units)
    return "–" if one.level is None else LEVEL_WORDS[one.level]


def unit_name(code: str, units: UnitTree | None) -> str:
    """The name of a unit; its code where no table of units tells it."""
    unit = None if units is None else units.get(code)
    return code if unit is None else unit.name


def entry_of_milestone(
    issue: Issue,
    milestone: Milestone,
    who: str,
    due: Due,
    standing: EntryStanding,
    sequence: int,
    days_late: int | None = None,
) -> Entry:
    """The line of a milestone that an issue had in its round."""
    return Entry(
        key=f"milestone/{key_part(issue.id)}/{issue.round}/{key_part(milestone.id)}",
        kind="milestone",
        title=message("issue {id}: {milestone}", id=issue.id, milestone=milestone.title),
        who=who,
        standing=standing,
        unit=issue.finding.unit,
        due=due,
        days_late=days_late,
        sequence=sequence,
    )


def _of_issue(issue: Issue, view: View, classified: Classified | None) -> Iterator[Entry]:
    campaign, moment = view.campaign, view.moment
    who = unit_name(issue.finding.unit, view.units)
    # A host's own state may have milestones too.
    milestones: tuple[Milestone, ...] = getattr(issue, "open_milestones", ())
    for milestone in milestones:
        due = milestone_due(issue, milestone, campaign)
        standing, late = moment.standing(due), moment.days_late(due)
        yield entry_of_milestone(issue, milestone, who, due, standing, issue.version, late)
    if classified is not None:
        yield from _of_class(issue, classified, view, who)
    within = campaign.receipt_within
    if isinstance(issue, Transferred) and issue.receipt is None and within is not None:
        yield _without_receipt(issue, campaign, within, who)


def _of_class(
    issue: Issue, classified: Classified, view: View, who: str, *, gone: bool = False
) -> Iterator[Entry]:
    issue_class, due = class_due(view.campaign, classified)
    done = gone or not is_being_put_right(issue)
    if not done or view.finished:
        yield Entry(
            key=f"class/{key_part(issue.id)}",
            kind="class",
            title=message("issue {id}: {milestone}", id=issue.id, milestone=issue_class.name),
            who=who,
            standing="done" if done else view.moment.standing(due),
            unit=issue.finding.unit,
            clause=issue_class.clause,
            due=due,
            days_late=None if done else view.moment.days_late(due),
            sequence=classified.recorded - 1 + issue.version,
        )


def milestone_due(issue: Issue, milestone: Milestone, campaign: Campaign) -> Due:
    """The due date of a milestone, with where it comes from."""
    day = milestone.due
    steps = [Derived("timetable", _timetable(issue, milestone))]
    if getattr(issue, "reason", None) is not None:
        steps.append(Derived("revised", message("why it was set or changed is in the ledger")))
    words = f"{day.year}年{day.month}月{day.day}日前"
    return Due.on(day, words=words, nominal=day, zone=campaign.zone.key, steps=steps)


def _timetable(issue: Issue, milestone: Milestone) -> Message:
    return message(
        "the timetable of issue {id}, round {round}, sets {day}",
        id=issue.id,
        round=issue.round,
        day=day_and_weekday(milestone.due),
    )


def _without_receipt(issue: Transferred, campaign: Campaign, within: Within, who: str) -> Entry:
    rule = campaign.rules.get(_TRANSFER_RULE)
    assert within.period is not None, "a campaign gives a length of time"
    said = message(
        "no time is given for the receipt, so this only warns and is never overdue; a sweep"
        " tells of it {length} after the transfer",
        length=within.period.text,
    )
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
