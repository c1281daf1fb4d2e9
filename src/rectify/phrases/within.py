"""A length of time that runs from an event: 一周内, 30个工作日内."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import attrs

from rectify.calendar import Day, WorkingCalendar, china
from rectify.deadline import Due
from rectify.derivation import Note, Step, derivation, explained
from rectify.errors import HorizonError, InvalidValue
from rectify.foreseen import Foreseen, unpublished
from rectify.i18n import Language, Message, message
from rectify.instants import ONE_DAY, SHANGHAI, aware, plain_date, zone_of
from rectify.period import Period
from rectify.rolling import Roll
from rectify.wording import clock_in_words, day_and_weekday


@attrs.frozen
class Within:
    """A period from an event not yet known; `after` gives the due date once it is.

    Without a period it is due on the day of the event itself (当日17时前). `clock` is
    the hour of the day it ends, None for 24:00. `event_words` is what the words say of
    the event, such as 自收到通知之日起. `on_next_day` tells that the words name the day
    after it (次日), which is then the period of one day.
    """

    words: str
    period: Period | None
    clock: time | None = None
    event_words: str = ""
    on_next_day: bool = False
    zone: str = SHANGHAI
    roll: Roll = "none"
    calendar: WorkingCalendar = attrs.field(default=china, eq=False, repr=False)
    steps: tuple[Step, ...] = attrs.field(default=(), repr=False, hash=False)
    notes: tuple[Note, ...] = attrs.field(default=(), repr=False, hash=False)

    def after(self, event: date | datetime, *, provisional: bool = False) -> Due:
        """The due date of an event; the day it happens is not counted.

        An instant is taken to its date in the period's zone; hours run from the
        instant itself and need one. With ``provisional``, working days past the calendar
        are foreseen, and the due date says so. Raises `NaiveInstant` for a datetime
        without a zone, `InvalidValue` for hours from a date, and `HorizonError` for
        working days that are not known.
        """
        try:
            return self._after(event)
        except HorizonError:
            if not provisional:
                raise
        notes = (*self.notes, unpublished(self.calendar))
        return attrs.evolve(self, calendar=Foreseen(self.calendar), notes=notes)._after(event)

    def _after(self, event: date | datetime) -> Due:
        period = self.period
        if isinstance(event, datetime):
            local = aware("event", event).astimezone(zone_of(self.zone))
            if period and period.hours:
                return self._hours_after(local, period)
            event = local.date()
        said = day_and_weekday(plain_date("event", event))
        if period is None:
            same = message("the event is on {day}, the day it is due", day=said)
            return self._due(event, self.clock, [Step("event", same)])
        if period.hours:
            raise InvalidValue("event", message("hours run from an instant; give its time too"))
        day = period.after(event, self.calendar)
        if self.on_next_day:
            following = message(
                "the event is on {day}; it is due on the day after it, {next}",
                day=said,
                next=day_and_weekday(day),
            )
            return self._due(day, self.clock, [Step("event", following)])
        begin = message("the event is on {day}; that day is not counted", day=said)
        steps = [Step("event", begin), self._counted(period, event, day)]
        return self._due(day, self.clock, steps)

    def _counted(self, period: Period, event: date, day: date) -> Step:
        length, said = period.text, day_and_weekday(day)
        if period.working_days:
            days = tuple(self._unlike_plain_days(event, day))
            return Step("working-days", _worked(length, said, days), days)
        if period.months and not period.days and day.day != event.day:
            return Step(
                "month-end",
                message(
                    "{length} on is {day}: that month has no {number}th, so its last day",
                    length=length,
                    day=said,
                    number=event.day,
                ),
            )
        return Step("counted", message("{length} on from there is {day}", length=length, day=said))

    def _unlike_plain_days(self, event: date, day: date) -> list[Day]:
        between = (event + n * ONE_DAY for n in range(1, (day - event).days + 1))
        days = (self.calendar.day(each) for each in between)
        return [each for each in days if each.kind != "workday"]

    def _hours_after(self, event: datetime, period: Period) -> Due:
        span = timedelta(hours=period.hours)
        end = (event.astimezone(UTC) + span).astimezone(event.tzinfo)
        said = message(
            "{length} from {clock} on {day}",
            length=period.text,
            clock=clock_in_words(event.time()),
            day=day_and_weekday(event.date()),
        )
        return self._due(end.date(), end.time(), [Step("hours", said)])

    def _due(self, day: date, clock: time | None, steps: list[Step]) -> Due:
        counted: Literal["calendar", "working"] = (
            "working" if self.period and self.period.working_days else "calendar"
        )
        return Due.on(
            day,
            words=self.words,
            nominal=day,
            clock=clock,
            zone=self.zone,
            roll=self.roll,
            counted=counted,
            calendar=self.calendar,
            steps=(*self.steps, *steps),
            notes=self.notes,
        )

    def explain(self, language: Language) -> str:
        """The period and how its words were read, in one language."""
        if self.on_next_day:
            headline = message("“{words}”: on the day after the event", words=self.words)
            return explained(headline, self.steps, self.notes, language)
        headline = (
            message(
                "“{words}”: {length} from the event, whose day is not counted",
                words=self.words,
                length=self.period.text,
            )
            if self.period
            else message("“{words}”: on the day of the event", words=self.words)
        )
        return explained(headline, self.steps, self.notes, language)

    def as_data(self) -> dict[str, object]:
        """The period as plain JSON values."""
        return {
            "kind": "within",
            "words": self.words,
            "event": self.event_words,
            "period": self.period and attrs.asdict(self.period),
            "clock": self.clock and self.clock.isoformat("minutes"),
            "zone": self.zone,
            "roll": self.roll,
            **derivation(self.steps, self.notes),
        }


def _worked(length: Message, said: Message, days: Sequence[Day]) -> Message:
    """Where working days end, with the days that were skipped or made up, if there are any."""
    off = sum(not each.working for each in days)
    made_up = len(days) - off
    if made_up:
        return message(
            "{length} on from there is {day}: {off} days off skipped,"
            " {made_up} made-up days counted",
            length=length,
            day=said,
            off=off,
            made_up=made_up,
        )
    if off:
        return message(
            "{length} on from there is {day}: {off} days off skipped",
            length=length,
            day=said,
            off=off,
        )
    return message("{length} on from there is {day}", length=length, day=said)
