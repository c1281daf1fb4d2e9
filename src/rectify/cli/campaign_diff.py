"""``rectify campaign diff``: what a newer version of a campaign moves."""

from __future__ import annotations

import click

from rectify.campaign import load_campaign
from rectify.cli.options import command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.difference import Difference, campaign_difference
from rectify.i18n import Language, message, translate
from rectify.unit import UnitTree


def diff_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Show which deadlines of the campaign OLD move in NEW, from, to and why; exit 1 if any do.",
        language,
    )

    @command("diff", language, help_text)
    @click.argument("old")
    @click.argument("new")
    @click.option(
        "--units",
        metavar="CSV",
        help=translate("The table of the units that owe duties.", language),
    )
    @json_option(language)
    def diff(old: str, new: str, units: str | None, as_json: bool) -> int:
        tree = None if units is None else UnitTree.from_csv(units)
        found = campaign_difference(load_campaign(old), load_campaign(new), units=tree)
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
