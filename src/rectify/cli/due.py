"""``rectify due``: what is due on a day, by whom, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from rectify.campaign import Campaign, load_campaign
from rectify.cli.due_printing import as_data, print_agenda
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.errors import UnknownMove, UnknownState
from rectify.exchange import ics
from rectify.i18n import Language, Message, message, translate
from rectify.strict import shown
from rectify.todo import Entry, agenda, agenda_of
from rectify.unit import UnitTree

if TYPE_CHECKING:
    F = TypeVar("F", bound=Callable[..., object])


def due_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "List what is due: duties, milestones of issues, leads without a receipt, visits.", language
    )

    @command("due", language, help_text)
    @_options(language)
    @json_option(language)
    def due(
        campaign: str,
        ledger: str | None,
        units: str | None,
        on: date | None,
        until: date | None,
        ics_file: str | None,
        explain: bool,
        as_json: bool,
    ) -> int:
        loaded = load_campaign(campaign)
        now = datetime.now(loaded.zone)
        day = on or now.date()
        tree = None if units is None else UnitTree.from_csv(units)
        told, unread = _told(ledger, loaded, tree, on or now, until, finished=ics_file is not None)
        if unread is not None:
            said = message("left out are issues that can't be read: {problem}", problem=unread)
            click.echo(said.text(language), err=True)
        status = 0 if unread is None else 1
        entries = [entry for entry in told if entry.standing != "done"]
        if ics_file is not None:
            Path(ics_file).write_bytes(ics.calendar(loaded, told, on=day))
        if as_json:
            print_json(as_data(loaded, entries, day, until, explain=explain))
            return status
        terminal = Terminal(language)
        print_agenda(terminal, loaded, entries, day, explain=explain)
        if ics_file is not None:
            _say_written(terminal, ics_file, told)
        return status

    return due


def _options(language: Language) -> Callable[[F], F]:
    """The options but for those that every command has."""
    texts = {
        "ledger": translate("A ledger, for its issues: a SQLite file or an address.", language),
        "units": translate("The units that owe: a CSV table.", language),
        "on": translate("The day, as 2018-04-09; by default today.", language),
        "until": translate("The last due day to show, as 2018-12-31.", language),
        "ics": translate("Also write a calendar, in Chinese, to a file.", language),
        "explain": translate("Tell how each due date was reached.", language),
    }
    day = _reader(language)
    options = (
        campaign_option(language),
        click.option("--ledger", metavar="LEDGER", help=texts["ledger"]),
        click.option("--units", metavar="CSV", help=texts["units"]),
        click.option("--on", callback=day, metavar="DATE", help=texts["on"]),
        click.option("--until", callback=day, metavar="DATE", help=texts["until"]),
        click.option("--ics", "ics_file", metavar="FILE", help=texts["ics"]),
        click.option("--explain", is_flag=True, help=texts["explain"]),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _reader(
    language: Language,
) -> Callable[[click.Context, click.Parameter, str | None], date | None]:
    """Reads a date in ISO form, such as 2018-04-09."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
        if value is None:
            return None
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            said = message("“{value}” is not a date such as 2018-04-09", value=shown(value))
            raise click.BadParameter(said.text(language), ctx, param) from None

    return read


def _told(
    given: str | None,
    campaign: Campaign,
    units: UnitTree | None,
    on: date,
    until: date | None,
    *,
    finished: bool,
) -> tuple[Sequence[Entry], Message | None]:
    """What is due, in a ledger if one is given; with what is done, for a calendar.

    And why some issues are left out, where the standard lifecycle does not know their states.
    """
    if given is None:
        return agenda(campaign, units, on=on, until=until, finished=finished), None
    with opened(given, campaign, units=units) as ledger:
        try:
            return agenda_of(ledger, on=on, until=until, finished=finished), None
        except (UnknownState, UnknownMove) as error:
            told = agenda_of(ledger, on=on, until=until, finished=finished, known_only=True)
            return told, error.message


def _say_written(terminal: Terminal, file: str, entries: Sequence[Entry]) -> None:
    terminal.line()
    terminal.line(
        message(
            "{file}: {count} calendar entries",
            file=file,
            count=sum(entry.due is not None for entry in entries),
        )
    )
