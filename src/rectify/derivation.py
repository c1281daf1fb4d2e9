"""How a date was reached: steps, notes, and their telling in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from rectify.calendar import Day
from rectify.i18n import Language, Message, message
from rectify.wording import day_and_weekday


@attrs.frozen
class Step:
    """One step of a derivation: a stable code, a sentence, the days it passed or used."""

    code: str
    message: Message
    days: tuple[Day, ...] = ()


@attrs.frozen
class Note:
    """What a careful reader should know about a result: a stable code and a sentence."""

    code: str
    message: Message
    days: tuple[Day, ...] = ()


def explained(
    headline: Message, steps: Sequence[Step], notes: Sequence[Note], language: Language
) -> str:
    """A headline and a line for each step and note, in one language."""
    lines = [message("{sentence}.", sentence=headline)]
    for number, step in enumerate(steps, 1):
        lines.append(message("  {number}. {sentence}.", number=number, sentence=step.message))
        lines.extend(_days_in_words(step.days))
    for note in notes:
        lines.append(message("  Note: {sentence}.", sentence=note.message))
    return "\n".join(line.text(language) for line in lines)


def _days_in_words(days: Sequence[Day]) -> Iterator[Message]:
    """A line for each holiday and each day made up; plain weekends go without saying."""
    special = [day for day in days if day.kind in ("holiday", "make-up")]
    for _, run in groupby(special, key=lambda day: (day.kind, day.holiday, day.notice)):
        group = list(run)
        first, last = day_and_weekday(group[0].on), day_and_weekday(group[-1].on)
        if len(group) == 1:
            yield message("     – {first}: {why}", first=first, why=group[0].why)
        else:
            yield message(
                "     – {first} to {last}: {why}", first=first, last=last, why=group[0].why
            )


def derivation(steps: Sequence[Step], notes: Sequence[Note]) -> dict[str, object]:
    """Steps and notes as plain JSON values."""
    return {
        "steps": [_as_data(step) for step in steps],
        "notes": [_as_data(note) for note in notes],
    }


def _as_data(said: Step | Note) -> dict[str, object]:
    days = [
        {
            "date": day.on.isoformat(),
            "kind": day.kind,
            "holiday": day.holiday,
            "notice": day.notice.citation if day.notice else None,
        }
        for day in said.days
    ]
    return {"code": said.code, "zh": said.message.zh, "en": said.message.en, "days": days}
