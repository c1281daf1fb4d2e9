"""A point of the calendar as the words name it, and the days it stands for."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias

import attrs

from rectify.derivation import Note, Step
from rectify.i18n import Message, message
from rectify.wording import day_and_weekday, day_in_words

Part: TypeAlias = Literal[
    "start", "middle", "end",
    "first-ten", "middle-ten", "last-ten",
    "first-twenty", "last-twenty",
    "first-half", "second-half",
]  # fmt: skip
Role: TypeAlias = Literal["opens", "closes"]

_DAYS: dict[Part, tuple[int, int]] = {
    "start": (1, 1),
    "middle": (15, 15),
    "end": (31, 31),
    "first-ten": (1, 10),
    "middle-ten": (11, 20),
    "last-ten": (21, 31),
    "first-twenty": (1, 20),
    "last-twenty": (11, 31),
    "first-half": (1, 15),
    "second-half": (16, 31),
}
_RULES: dict[Part, Message] = {
    "start": message("初 is the first day"),
    "middle": message("the middle of a month is the 15th, of a year 30 June"),
    "end": message("底 and 末 are the last day"),
    "first-ten": message("上旬 is the 1st to the 10th"),
    "middle-ten": message("中旬 is the 11th to the 20th"),
    "last-ten": message("下旬 is the 21st to the last day"),
    "first-twenty": message("上中旬 is the 1st to the 20th"),
    "last-twenty": message("中下旬 is the 11th to the last day"),
    "first-half": message("上半月 is the 1st to the 15th"),
    "second-half": message("下半月 is the 16th to the last day"),
}
_LOOSE: frozenset[Part] = frozenset({"middle", "first-twenty", "last-twenty"})


@attrs.frozen
class Point:
    """What the words name: the fields that are written, the others None.

    The parser has checked each field for its range, and that they go together.
    """

    words: str = ""
    position: int = 0
    year: int | None = None
    half: int | None = None
    quarter: int | None = None
    month: int | None = None
    part: Part | None = None
    day: int | None = None
    weekday: int | None = None

    @property
    def grain(self) -> str:
        """The finest thing named: day, part, month, quarter, half or year."""
        named = ("day", "part", "month", "quarter", "half")
        return next((name for name in named if getattr(self, name) is not None), "year")

    def bounds(self) -> Bounds:
        """The days the point stands for; year and, for a day, month must be known."""
        assert self.year is not None
        first_month, last_month = self._months()
        last_of_month = monthrange(self.year, last_month)[1]
        if self.day is not None:
            first = last = date(self.year, last_month, min(self.day, last_of_month))
            return Bounds(self, first, last, exists=self.day <= last_of_month)
        if self.part == "middle" and self.month is None:
            first = last = date(self.year, 6, 30)
            return Bounds(self, first, last)
        low, high = _DAYS[self.part] if self.part else (1, 31)
        first = date(self.year, first_month, min(low, last_of_month))
        last = date(self.year, last_month, min(high, last_of_month))
        if self.part == "start":
            last = first
        if self.part == "end":
            first = last
        return Bounds(self, first, last)

    @property
    def several_days(self) -> bool:
        """Whether it names more than one day."""
        return self.day is None and self.part not in ("start", "middle", "end")

    def doubtful(self, role: Role) -> bool:
        """Whether what it stands for is a convention that people may not share."""
        return self.part in _LOOSE or self.part == ("start" if role == "closes" else "end")

    def _months(self) -> tuple[int, int]:
        if self.month is not None:
            return self.month, self.month
        if self.quarter is not None:
            return self.quarter * 3 - 2, self.quarter * 3
        if self.half is not None:
            return self.half * 6 - 5, self.half * 6
        return 1, 12


@attrs.frozen
class Bounds:
    """The first and last day of a point; `exists` is False for a day like 31 September."""

    point: Point
    first: date
    last: date
    exists: bool = True

    @property
    def plain(self) -> bool:
        """Whether the words name one day outright, year and all, so that there is no reading."""
        return (
            self.exists
            and self.point.year is not None
            and self.point.words == (f"{self.last.year}年{self.last.month}月{self.last.day}日")
        )

    @property
    def step(self) -> Step:
        """How the point was read."""
        words, part = self.point.words, self.point.part
        if not self.exists:
            read = message("“{words}” is taken as {day}", words=words, day=day_in_words(self.last))
        elif self.first == self.last:
            read = message("“{words}” is {day}", words=words, day=day_in_words(self.last))
        else:
            first, last = day_in_words(self.first), day_in_words(self.last)
            read = message("“{words}” is {first} to {last}", words=words, first=first, last=last)
        if part:
            read = message("{read}: {rule}", read=read, rule=_RULES[part])
        return Step("read", read)

    def notes(self, role: Role, *, whole: bool = False) -> Iterator[Note]:
        """What is doubtful about the point where it opens or closes something."""
        if not self.exists:
            yield self._no_such_day()
        if self.point.weekday not in (None, self.last.isoweekday()):
            said = message(
                "“{words}” is {day}; the weekday written is another",
                words=self.point.words,
                day=day_and_weekday(self.last),
            )
            yield Note("other-weekday", said)
        if self.point.doubtful(role):
            yield self.unsettled(role, whole=whole)

    def unsettled(self, role: Role, *, whole: bool = False) -> Note:
        """That the day taken is a convention, because the words have no settled meaning.

        ``whole`` is for a point that stands for all its days, not for an end of something.
        """
        if whole and self.first != self.last:
            said = message(
                "“{words}” has no settled meaning; {first} to {last} is this library’s convention",
                words=self.point.words,
                first=day_in_words(self.first),
                last=day_in_words(self.last),
            )
            return Note("ambiguous", said)
        day = self.first if role == "opens" else self.last
        said = message(
            "“{words}” has no settled meaning; {day} is this library’s convention",
            words=self.point.words,
            day=day_in_words(day),
        )
        return Note("ambiguous", said)

    def _no_such_day(self) -> Note:
        said = message(
            "there is no “{words}”: that month ends on {last}, which is taken instead",
            words=self.point.words,
            last=day_in_words(self.last),
        )
        return Note("no-such-day", said)
