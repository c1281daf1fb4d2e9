"""The phrases of a campaign file: parsed in the campaign's zone, problems collected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

import attrs

from rectify.calendar import WorkingCalendar
from rectify.campaign.shape import Roll
from rectify.deadline import Due, Span
from rectify.errors import HorizonError, RectifyError
from rectify.foreseen import Foreseen, unpublished
from rectify.i18n import Message, message
from rectify.phrases import Phrase, Recurrence, Within, parse
from rectify.phrases.grammar import FIRST_YEAR, LAST_YEAR
from rectify.strict import Path, Problems

T = TypeVar("T", Span, Due, Recurrence, Within)

_KINDS: Mapping[type, Message] = {
    Span: message("a span of days, such as 2018年4月中旬至10月中旬"),
    Due: message("a due date, such as 2018年4月9日前"),
    Recurrence: message("a cadence, such as 每2个月"),
    Within: message("a period, such as 30个工作日内"),
}


@attrs.frozen
class PhraseReader:
    """Reads phrases; what can't be read, or is of another kind, becomes a problem."""

    zone: str
    roll: Roll
    calendar: WorkingCalendar
    problems: Problems

    def read(
        self,
        kind: type[T],
        phrase: str | None,
        path: Path,
        words: str = "",
        year: int | None = None,
        roll: Roll | None = None,
    ) -> T | None:
        """The phrase as the kind that is meant; None where there is none or it is refused.

        ``words`` are the document's, which must hold the phrase if given; ``year`` is for
        a phrase that names none.
        """
        if not phrase or (year is not None and not FIRST_YEAR <= year <= LAST_YEAR):
            # A year out of range is a problem of its own, at its own place.
            return None
        if words and phrase not in words:
            problem = message("“{phrase}” is not in the words quoted here", phrase=phrase)
            self.problems.append((path, problem))
        try:
            parsed = self._parsed(phrase, year, roll or self.roll or "none")
        except RectifyError as error:
            self.problems.append((path, error.message))
            return None
        if isinstance(parsed, kind):
            return parsed
        problem = message(
            "{expected}, is expected; “{phrase}” is {actual}",
            expected=_KINDS[kind],
            phrase=phrase,
            actual=_KINDS[type(parsed)],
        )
        self.problems.append((path, problem))
        return None

    def _parsed(self, phrase: str, year: int | None, roll: Roll) -> Phrase:
        """The phrase; a date past the calendar is provisional, for the others' sake."""
        try:
            return parse(phrase, year=year, zone=self.zone, calendar=self.calendar, roll=roll)
        except HorizonError:
            beyond = Foreseen(self.calendar)
            parsed = parse(phrase, year=year, zone=self.zone, calendar=beyond, roll=roll)
        # Only a due date is worked out here; the others are once their event or turn is known.
        assert isinstance(parsed, Due)
        return attrs.evolve(parsed, notes=(*parsed.notes, unpublished(self.calendar)))

    def day(self, phrase: str, path: Path) -> date | None:
        """The one day a phrase such as 2017年12月25日 names."""
        found = len(self.problems)
        span = self.read(Span, phrase, path)
        if span is not None and any(note.code == "no-such-day" for note in span.notes):
            self.problems.append((path, message("there is no “{words}”", words=phrase)))
        elif span is not None and span.notes:
            self.problems.append((path, span.notes[0].message))
        elif span is not None and span.opens == span.closes:
            return span.opens
        if phrase and len(self.problems) == found:
            problem = message("one day is expected, such as 2017年12月25日")
            self.problems.append((path, problem))
        return None
