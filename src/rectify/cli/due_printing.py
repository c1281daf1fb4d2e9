"""An agenda as a table for people and as plain JSON values for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from rectify.campaign import Campaign
from rectify.cli.terminal import Terminal
from rectify.i18n import Message, message
from rectify.todo import Entry, EntryStanding
from rectify.wording import clock_in_words, day_in_words

STANDING_WORDS: Final[Mapping[EntryStanding, Message]] = {
    "open": message("not due yet"),
    "soon": message("due soon"),
    "overdue": message("overdue"),
    "sent-back": message("sent back"),
    "warning": message("no time given"),
    "done": message("done"),
}
"""Where an entry stands, in words."""


def print_agenda(
    terminal: Terminal, campaign: Campaign, entries: Sequence[Entry], on: date, *, explain: bool
) -> None:
    """Print what is due, with the derivation of each where it is asked for."""
    counts = Counter(entry.standing for entry in entries)
    terminal.line(
        message(
            "{campaign}, {day}: overdue: {overdue}, due soon: {soon}, entries in all: {all}",
            campaign=campaign.name,
            day=day_in_words(on),
            overdue=sum(entry.days_late is not None for entry in entries),
            soon=counts["soon"],
            all=len(entries),
        ),
        style="bold",
    )
    if not entries:
        return
    terminal.line()
    if explain:
        _explain(terminal, entries)
        return
    heads = (message("due"), message("standing"), message("what"), message("whose"), message("to"))
    terminal.table(heads, [_row(entry) for entry in entries], whole=frozenset({0, 1}))


def _row(entry: Entry) -> tuple[Message | str, ...]:
    return _when(entry), _standing(entry), entry.title, entry.who, entry.to or "–"


def _when(entry: Entry) -> Message | str:
    if entry.due is None:
        return "–"
    day = day_in_words(entry.due.effective)
    if entry.due.clock is None:
        return day
    return message("{day}, {clock}", day=day, clock=clock_in_words(entry.due.clock))


def _standing(entry: Entry) -> Message:
    words = STANDING_WORDS[entry.standing]
    if not entry.days_late:
        return words
    return message("{standing}, days: {days}", standing=words, days=entry.days_late)


def _explain(terminal: Terminal, entries: Sequence[Entry]) -> None:
    for entry in entries:
        style = "bold red" if entry.days_late is not None else "bold"
        first, *rest = entry.explain(terminal.language).splitlines()
        terminal.line(
            message("[{standing}] {text}", standing=_standing(entry), text=first), style=style
        )
        for line in rest:
            terminal.line(line.strip(), indent=2 + (len(line) - len(line.lstrip())))


def as_data(
    campaign: Campaign, entries: Sequence[Entry], on: date, until: date | None, *, explain: bool
) -> dict[str, Any]:
    """What `rectify due` prints, for programs; days and instants in ISO form."""
    return {
        "campaign": campaign.id,
        "on": on.isoformat(),
        "until": until.isoformat() if until else None,
        "entries": [_entry(entry, explain) for entry in entries],
    }


def _entry(entry: Entry, explain: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "key": entry.key,
        "kind": entry.kind,
        "zh": entry.title.zh,
        "en": entry.title.en,
        "standing": entry.standing,
        "days_late": entry.days_late,
        "unit": entry.unit,
        "who": entry.who.zh if isinstance(entry.who, Message) else entry.who,
        "to": entry.to,
        "clause": entry.clause,
        "due": entry.due.as_data() if entry.due is not None else None,
    }
    if explain:
        data["explanation"] = {"zh": entry.explain("zh"), "en": entry.explain("en")}
    return data
