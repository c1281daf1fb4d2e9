"""``rectify campaign diff``: what a newer version of a campaign moves."""

from __future__ import annotations

import click

from rectify.calendar import china, load_calendar
from rectify.campaign import load_campaign
from rectify.cli.opening import opened
from rectify.cli.options import command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.difference import Difference, campaign_difference
from rectify.i18n import Language, message, translate
from rectify.unit import UnitTree


def diff_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Show which deadlines of the campaign OLD move in NEW, from, to and why; exit 1 if any do."
        " Without NEW it is OLD itself, read by a newer calendar.",
        language,
    )

    @command("diff", language, help_text)
    @click.argument("old")
    @click.argument("new", required=False)
    @click.option(
        "--calendar",
        metavar="FILE",
        help=translate("Read NEW by this calendar too, such as next year's notice.", language),
    )
    @click.option(
        "--ledger",
        metavar="LEDGER",
        help=translate("Compare what a ledger keeps; OLD is the campaign it opens with.", language),
    )
    @click.option(
        "--units",
        metavar="CSV",
        help=translate("The table of the units that owe duties.", language),
    )
    @json_option(language)
    def diff(
        old: str,
        new: str | None,
        calendar: str | None,
        ledger: str | None,
        units: str | None,
        as_json: bool,
    ) -> int:
        if new is None and calendar is None and ledger is None:
            asked = message("give NEW, --calendar or --ledger: there is nothing to compare with")
            raise click.UsageError(asked.text(language))
        tree = None if units is None else UnitTree.from_csv(units)
        known = china if calendar is None else load_calendar(calendar, extends=china)
        before, after = load_campaign(old), load_campaign(new or old, calendar=known)
        if before.id != after.id:
            asked = message(
                "{old} and {new} are two campaigns; only versions of one can be compared",
                old=before.id,
                new=after.id,
            )
            raise click.UsageError(asked.text(language))
        if ledger is None:
            found = campaign_difference(before, after, units=tree)
        else:
            with opened(ledger, before, units=tree) as kept:
                found = kept.behind(after)
        if as_json:
            print_json(found.as_data())
        else:
            _print(Terminal(language), found)
        return 1 if found else 0

    return diff


def _print(terminal: Terminal, found: Difference) -> None:
    if not found:
        terminal.line(message("no difference"), style="green")
        return
    terminal.line(found.summary, style="bold")
    for change in found.changes:
        terminal.line(change.text, indent=2)
    for part in found.others:
        terminal.line(message("also changed: {part}", part=part), indent=2)
