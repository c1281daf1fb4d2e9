"""What moves carry: timetables, conclusions, outcomes, bulletins."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from functools import cached_property

import attrs

from rectify import fields
from rectify.canonical import object_encoder
from rectify.errors import InvalidValue
from rectify.i18n import Message, message


@attrs.frozen
class Milestone:
    """One step of a timetable (节点); due through the end of ``due`` in the campaign's zone."""

    id: str = attrs.field(validator=fields.line)
    title: str = attrs.field(validator=fields.line)
    due: date = attrs.field(validator=fields.day)


@attrs.frozen
class Origin:
    """Where an imported finding was kept before: the table, the row's id there, its status.

    ``taken_at`` is the instant it was taken over, in UTC.
    """

    table: str = attrs.field(validator=fields.line)
    row: str = attrs.field(validator=fields.line)
    status: str = attrs.field(validator=fields.line)
    taken_at: datetime = attrs.field(converter=fields.in_utc, validator=fields.instant)


# With a __dict__, for what is worked out once.
@attrs.frozen(slots=False)
class Timetable:
    """How a scheduled issue will be put right (时间表), and who answers for it.

    Rules refuse a timetable that is empty or out of order; two milestones with one id
    raise `InvalidValue`.
    """

    milestones: tuple[Milestone, ...] = attrs.field(validator=fields.tuple_of(Milestone))
    responsible: str = attrs.field(validator=fields.line)

    def __attrs_post_init__(self) -> None:
        ids = [milestone.id for milestone in self.milestones]
        if len(set(ids)) < len(ids):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            raise InvalidValue(
                "Timetable.milestones", message("ids used twice: {ids}", ids=tuple(twice))
            )
        # Written out here, once: it goes into a record, and into the row at every step.
        _ = self.canonical

    @cached_property
    def canonical(self) -> str:
        """Its canonical JSON."""
        return _encode_timetable(self)

    @cached_property
    def ends_on(self) -> date | None:
        """The last milestone's day; None for an empty timetable."""
        return max([milestone.due for milestone in self.milestones], default=None)


_encode_timetable = object_encoder(Timetable)


@attrs.frozen
class Completion:
    """A milestone reached, and what shows it."""

    milestone: str
    evidence: str


class Conclusion(Enum):
    """What verification (核实) concludes."""

    RECTIFIED = "rectified"
    """整改到位: the rectification was checked and holds."""
    SUBSTANTIATED = "substantiated"
    """查实: the case was proven."""
    UNSUBSTANTIATED = "unsubstantiated"
    """查否: the case was not proven; the evidence gives the reason."""
    MERGED = "merged"
    """并案: it is followed under another issue."""

    @property
    def label(self) -> Message:
        """What it is called in documents and refusals."""
        return {
            Conclusion.RECTIFIED: message("rectified"),
            Conclusion.SUBSTANTIATED: message("substantiated"),
            Conclusion.UNSUBSTANTIATED: message("unsubstantiated"),
            Conclusion.MERGED: message("merged"),
        }[self]


@attrs.frozen
class Outcome:
    """What was done to a person or unit: 谈话提醒, 诫勉, 党内警告 … 移送司法; 问责.

    ``subject`` is a pseudonym or a unit, never a person's name. ``decided_on`` is a date,
    or an ISO text to the day or to the month (``"2018-05"``); it is kept as that text.
    """

    subject: str = attrs.field(validator=fields.line)
    kind: str = attrs.field(validator=fields.line)
    organ: str = attrs.field(validator=fields.line)
    decided_on: str = attrs.field(converter=fields.partial_date)


@attrs.frozen
class Bulletin:
    """The publication of a typical case (通报); ``drafted_by`` is an actor's id."""

    title: str = attrs.field(validator=fields.line)
    text: str = attrs.field(validator=fields.prose)
    scope: str = attrs.field(validator=fields.line)
    drafted_by: str = attrs.field(validator=fields.line)
