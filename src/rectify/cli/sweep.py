"""``rectify sweep``: record what has opened, closed, come near its end or run out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from rectify.campaign import Campaign, load_campaign
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.event import DueEvent, DueSoon, Event, Overdue, PhaseClosed, PhaseEvent, PhaseOpened
from rectify.i18n import Language, Message, message, translate
from rectify.sweep import Swept
from rectify.unit import UnitTree

_EVENT_WORDS: dict[type[Event], Message] = {
    PhaseOpened: message("phase opened"),
    PhaseClosed: message("phase closed"),
    DueSoon: message("due soon"),
    Overdue: message("overdue"),
}


def sweep_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Record what has opened, closed, come near its end or run out in LEDGER, once each.",
        language,
    )

    @command("sweep", language, help_text)
    @click.argument("ledger")
    @click.option(
        "--at",
        metavar="INSTANT",
        help=translate("Until when, such as 2018-06-16T00:00+08:00; by default now.", language),
    )
    @click.option(
        "--units",
        metavar="CSV",
        help=translate("The table of the units that owe duties.", language),
    )
    @campaign_option(language)
    @json_option(language)
    def sweep(ledger: str, at: str | None, units: str | None, campaign: str, as_json: bool) -> int:
        until = _instant(at, language)
        loaded = load_campaign(campaign)
        tree = None if units is None else UnitTree.from_csv(units)
        with opened(ledger, loaded, units=tree) as kept:
            swept = kept.sweep(until)
        if as_json:
            print_json(as_data(swept))
        else:
            _print(Terminal(language), swept, loaded)
        return 0

    return sweep


def _instant(given: str | None, language: Language) -> datetime | None:
    if given is None:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        problem = message(
            "“{given}” is no instant with its time zone, such as 2018-06-16T00:00+08:00",
            given=given,
        )
        raise click.BadParameter(problem.text(language), param_hint="'--at'")
    return at


def as_data(swept: Swept) -> dict[str, Any]:
    """A sweep as plain JSON values; instants are in UTC."""
    return {"now": swept.now.isoformat(), "events": [_event(event) for event in swept.events]}


def _event(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = {
        "event": type(event).__name__,
        "at": event.at.isoformat(),
        "key": event.key,
        "subject": event.subject,
    }
    if isinstance(event, PhaseEvent):
        return {**data, "level": event.level}
    assert isinstance(event, DueEvent)
    return {
        **data,
        "kind": event.kind,
        "ref": event.ref,
        "round": event.round,
        "unit": event.unit,
        "due_at": event.due_at.isoformat(),
    }


def _print(terminal: Terminal, swept: Swept, loaded: Campaign) -> None:
    terminal.line(message("recorded: {count}", count=len(swept.events)), style="bold")
    if not swept.events:
        return
    terminal.table(
        (message("when"), message("what"), message("of what"), message("milestone or duty")),
        [
            (
                event.at.astimezone(loaded.zone).strftime("%Y-%m-%d %H:%M"),
                _EVENT_WORDS[type(event)],
                event.subject,
                _detail(event, loaded),
            )
            for event in swept.events
        ],
        whole=frozenset({0}),
    )


def _detail(event: Event, loaded: Campaign) -> Message | str:
    if isinstance(event, PhaseEvent):
        names = {phase.id: phase.name for phase in loaded.phases}
        return names.get(event.subject, "")
    assert isinstance(event, DueEvent)
    return event.ref
