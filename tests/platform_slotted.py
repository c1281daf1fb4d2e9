"""A platform's own states and moves, with slots and with annotations as strings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

from rectify import Issue, Move, Scheduled, Timetable, fields
from rectify.case import Case
from rectify.i18n import bilingual
from rectify.rules import Objection, rule


@attrs.frozen
class Approval:
    """What a hold rests on."""

    number: str
    by_unit: str


@attrs.frozen
class OnHold(Issue):
    """暂缓."""

    approval: Approval
    until: date
    set_aside_yuan: Decimal | None
    notes: tuple[str, ...]
    timetable: Timetable


@attrs.frozen
class Hold(Move[OnHold]):
    """列入暂缓."""

    issue: Scheduled
    approval: Approval = attrs.field(validator=fields.instance_of(Approval))
    until: date = attrs.field(validator=fields.day)
    set_aside_yuan: Decimal | None = attrs.field(
        default=None, validator=fields.optional(fields.yuan)
    )
    notes: tuple[str, ...] = attrs.field(default=(), validator=fields.tuple_of(str))

    def enter(self) -> OnHold:
        return OnHold(
            *self.issue.onward(),
            self.approval,
            self.until,
            self.set_aside_yuan,
            self.notes,
            self.issue.timetable,
        )


@attrs.frozen
class Resume(Move[Scheduled]):
    """恢复整改."""

    issue: OnHold
    timetable: Timetable = attrs.field(validator=fields.instance_of(Timetable))

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable)


@rule("hold-beyond-campaign")
def hold_beyond_campaign(case: Case, move: Hold) -> Objection | None:
    closes = case.campaign.closes
    if closes is None or move.until <= closes:
        return None
    return Objection(bilingual("暂缓至{day}", "on hold until {day}", day=move.until))


@rule("held-by-another")
def held_by_another(case: Case, kind: type[Resume]) -> Objection | None:
    if case.by.unit == case.issue.finding.unit:
        return None
    return Objection(bilingual("应由{unit}恢复", "{unit} resumes it", unit=case.issue.finding.unit))
