"""What is owed in a campaign (报送任务): once by a date, again and again, or after an event.

Levels may differ, in a date, a cadence or a period of their own. No duty is ever owed by
a village (五(七)).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import attrs

from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.unit import LEVEL_WORDS

if TYPE_CHECKING:
    from rectify.deadline import Due, Span
    from rectify.phrases import Recurrence, Within
    from rectify.phrases.recurrence import Window
    from rectify.unit import Level, Unit

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Then:
    """A step after something is done (审定后上报): to whom, and in what time if any is given.

    The time runs from the step before.
    """

    to: str
    words: str
    within: Within | None = attrs.field(default=None, hash=False)


@attrs.frozen(kw_only=True)
class ForLevel(Generic[T]):
    """What holds for one level: its date, cadence or period, and to whom and in what words
    if not as the duty's. ``spans`` are the days in which a cadence recurs.
    """

    level: Level
    timing: T = attrs.field(hash=False)
    to: str | None = None
    words: str | None = None
    spans: tuple[Span, ...] = attrs.field(default=(), hash=False)


@attrs.frozen(kw_only=True)
class Owed(Generic[T]):
    """What every kind of duty has: who owes it to whom, and where the document says so.

    ``levels`` has one entry for each level that owes it. ``phase`` is the id of a phase,
    or of a yearly one without its year.
    """

    id: str
    name: str
    clause: str
    words: str
    levels: tuple[ForLevel[T], ...]
    to: str | None = None
    phase: str | None = None
    then: tuple[Then, ...] = ()

    @property
    def owed_by(self) -> tuple[Level, ...]:
        """The levels that owe it."""
        return tuple(each.level for each in self.levels)

    def is_owed_by(self, unit: Unit) -> bool:
        """Whether a unit owes it: it is in scope and of a level that does."""
        return unit.in_scope and unit.level in self.owed_by

    def for_level(self, level: Level) -> ForLevel[T]:
        """What holds for a level.

        :raises InvalidValue: the level does not owe it.
        """
        for each in self.levels:
            if each.level == level:
                return each
        problem = message(
            "“{id}” is not owed by the {level}, but by: {known}",
            level=LEVEL_WORDS[level],
            id=self.id,
            known=tuple(self.owed_by),
        )
        raise InvalidValue("level", problem)


@attrs.frozen(kw_only=True)
class Duty(Owed["Due"]):
    """A duty owed once, by a date.

    Where levels have their own dates (逐级上报), ``due`` is the last of them, when the
    whole is in. ``wave`` is the year of a yearly duty, whose id is then ``id@year``.
    """

    due: Due = attrs.field(hash=False)
    wave: int | None = None


@attrs.frozen(kw_only=True)
class RecurringDuty(Owed["Recurrence"]):
    """A duty owed again and again; levels may differ in how often.

    It recurs in the span the document gives, else in its phase, as that is for the level,
    or in the campaign; there is none where nothing says so.
    """

    def turns(
        self, level: Level, *, span: Span | None = None, anchor: date | None = None
    ) -> tuple[Window, ...]:
        """Each turn of a level, with the date it is due.

        :param span: the days to look at, in place of the duty's own.
        :param anchor: the day from which turns count.
        :raises InvalidValue: the level does not owe it, or no span is known or given.
        """
        own = self.for_level(level)
        return turns_over(own.timing, own.spans if span is None else (span,), anchor)


@attrs.frozen(kw_only=True)
class EventDuty(Owed["Within"]):
    """A duty that an event starts; ``after`` is the event's id."""

    after: str

    def due(self, level: Level, event: date | datetime) -> Due:
        """By when a level owes it, given the day or instant of the event.

        :raises InvalidValue: the level does not owe it; hours after a mere date.
        :raises NaiveInstant: a datetime without a zone.
        :raises HorizonError: working days past the last published calendar.
        """
        return self.for_level(level).timing.after(event)


AnyDuty: TypeAlias = Duty | RecurringDuty | EventDuty


@attrs.frozen(kw_only=True)
class IssueClass:
    """问题类别: how long an issue of a class may take: ``within`` a period of the event
    ``after``, or until ``by``.
    """

    id: str
    name: str
    clause: str
    words: str
    within: Within | None = attrs.field(default=None, hash=False)
    after: str | None = None
    by: Due | None = attrs.field(default=None, hash=False)

    def due(self, event: date | datetime) -> Due:
        """By when such an issue is to be done, given the day or instant of the event.

        Working days that are not published yet are foreseen: `Due.provisional`.

        :raises InvalidValue: hours after a mere date.
        :raises NaiveInstant: a datetime without a zone.
        """
        if self.by is not None:
            return self.by
        assert self.within is not None, "a class has a period or a day"
        return self.within.after(event, provisional=True)


def turns_over(
    every: Recurrence,
    spans: Sequence[Span],
    anchor: date | None,
    *,
    provisional: bool = False,
) -> tuple[Window, ...]:
    """The turns of a recurrence over several spans, in order; see `Recurrence.windows`.

    :raises InvalidValue: no span at all.
    """
    if not spans:
        problem = message("the campaign does not say from when to when; give a span")
        raise InvalidValue("span", problem)
    return tuple(
        turn
        for span in spans
        for turn in every.windows(span, anchor=anchor, provisional=provisional)
    )
