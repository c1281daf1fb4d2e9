"""``rectify sweep``: record what has opened, closed, come near its end or run out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from rectify.campaign import Campaign, load_campaign
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.platform_hooks import adder_of_hooks
from rectify.cli.terminal import Terminal, print_json
from rectify.event import (
    DueEvent,
    DueSoon,
    Event,
    Overdue,
    PhaseClosed,
    PhaseEvent,
    PhaseOpened,
    ReceiptMissing,
)
from rectify.i18n import Language, Message, message, translate
from rectify.ledger import Ledger
from rectify.sweep import Swept
from rectify.unit import LEVEL_WORDS, UnitTree

_NO_HOOKS = message(
    "no hook is owed anything of this; where the platform has hooks, name them with --hooks"
)

_EVENT_WORDS: dict[type[Event], Message] = {
    PhaseOpened: message("phase opened"),
    PhaseClosed: message("phase closed"),
    DueSoon: message("due soon"),
    Overdue: message("overdue"),
    ReceiptMissing: message("receipt missing"),
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
    @click.option(
        "--hooks",
        "hooks_in",
        metavar="MODULE:FUNCTION",
        help=translate(
            "The platform's function that adds its hooks to a ledger; they are then owed what"
            " is recorded.",
            language,
        ),
    )
    @campaign_option(language)
    @json_option(language)
    def sweep(
        ledger: str,
        at: str | None,
        units: str | None,
        hooks_in: str | None,
        campaign: str,
        as_json: bool,
    ) -> int:
        until = _instant(at, language)
        add_hooks = None if hooks_in is None else adder_of_hooks(hooks_in, language)
        loaded = load_campaign(campaign)
        tree = None if units is None else UnitTree.from_csv(units)
        with opened(ledger, loaded, units=tree) as kept:
            if add_hooks is not None:
                add_hooks(kept)
            _check_past(until, kept, language)
            swept = kept.sweep(until)
        if as_json:
            print_json(as_data(swept))
            return 0
        terminal = Terminal(language)
        _print(terminal, swept, loaded)
        if swept.events and add_hooks is None:
            terminal.line()
            terminal.line(_NO_HOOKS)
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


def _check_past(until: datetime | None, kept: Ledger[Any], language: Language) -> None:
    """What a sweep records stays, so that a mistyped year would spoil the ledger for good."""
    tolerance, now = timedelta(seconds=kept.campaign.tolerance_seconds), kept.now()
    if until is not None and until > now + tolerance:
        problem = message(
            "{at} is in the future: the clock says {now}, and what a sweep records stays",
            at=until.isoformat(),
            now=now.astimezone(kept.campaign.zone).isoformat(timespec="seconds"),
        )
        raise click.BadParameter(problem.text(language), param_hint="'--at'")


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
    if isinstance(event, ReceiptMissing):
        return {**data, "round": event.round, "unit": event.unit}
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
        (message("when"), message("what"), message("of what"), message("milestone or whose")),
        [
            (
                _when(event.at.astimezone(loaded.zone)),
                _EVENT_WORDS[type(event)],
                _subject(event, loaded),
                _detail(event, loaded),
            )
            for event in swept.events
        ],
        whole=frozenset({0}),
    )


def _when(at: datetime) -> Message:
    return message("{day} {clock}", day=at.date(), clock=f"{at:%H:%M}")


def _subject(event: Event, loaded: Campaign) -> Message | str:
    """What it happened to, by its name where the campaign names it."""
    if isinstance(event, PhaseEvent):
        names = {phase.id: phase.name for phase in loaded.phases}
        return names.get(event.subject, event.subject)
    if isinstance(event, DueEvent) and event.kind in ("duty", "visit"):
        named = {each.id: each.name for each in (*loaded.all_duties, *loaded.inspections)}
        name = named.get(event.ref, event.ref)
        if event.kind == "visit":
            return message("{name}, turn {turn}", name=name, turn=event.round)
        return name
    return event.subject


def _detail(event: Event, loaded: Campaign) -> Message | str:
    """Which of several it is: the level of a phase, whose duty, the milestone of an issue."""
    if isinstance(event, PhaseEvent):
        return "" if event.level is None else _level(event.level)
    if not isinstance(event, DueEvent):
        return message("receipt")
    if event.kind != "duty":
        classes = {each.id: each.name for each in loaded.issue_classes}
        return classes.get(event.ref, event.ref) if event.kind == "class" else _milestone(event)
    if event.unit is not None:
        return event.unit
    return _level(event.subject.split("/")[2].removeprefix("-"))


def _level(level: str) -> Message | str:
    return {str(each): words for each, words in LEVEL_WORDS.items()}.get(level, level)


def _milestone(event: DueEvent) -> str:
    return event.ref if event.kind == "milestone" else ""
