"""``rectify lifecycle``: which moves join which states."""

from __future__ import annotations

import sys
from typing import Final

import click

from rectify.cli.options import command, json_option
from rectify.cli.terminal import Terminal
from rectify.exchange import diagrams
from rectify.i18n import Language, message, translate
from rectify.issue import Issue
from rectify.labels import label
from rectify.lifecycle import STANDARD
from rectify.move import Move, sources, target

_FORMATS: Final = ("table", "mermaid", "dot", "json", "scxml", "xstate")


def lifecycle_command(language: Language) -> click.Command:
    """The command, with its help in a language."""

    @command(
        "lifecycle", language, translate("Show the states and the moves between them.", language)
    )
    @click.option(
        "--format",
        "form",
        type=click.Choice(_FORMATS),
        default="table",
        show_default=True,
        help=translate("What to print it as.", language),
    )
    @json_option(language)
    def lifecycle(form: str, as_json: bool) -> int:
        form = "json" if as_json else form
        if form == "table":
            _print_table(Terminal(language))
        else:
            sys.stdout.write(_drawn(form, language).rstrip("\n") + "\n")
        return 0

    return lifecycle


def _drawn(form: str, language: Language) -> str:
    if form == "mermaid":
        return diagrams.mermaid(STANDARD, language)
    if form == "dot":
        return diagrams.dot(STANDARD, language)
    if form == "scxml":
        return diagrams.scxml(STANDARD)
    return diagrams.xstate(STANDARD) if form == "xstate" else diagrams.as_json(STANDARD)


def _print_table(terminal: Terminal) -> None:
    heads = (message("move"), "", message("from"), message("enters"), message("rules"))
    terminal.table(heads, [_row(move, terminal) for move in STANDARD.moves])


def _row(move: type[Move[Issue]], terminal: Terminal) -> tuple[str, ...]:
    comma = "、" if terminal.language == "zh" else ", "
    rules = dict.fromkeys(rule.code for rule in STANDARD.rules_for(move))
    return (
        move.__name__,
        label(move, "zh"),
        comma.join(label(state, terminal.language) for state in sources(move)),
        label(target(move), terminal.language),
        comma.join(rules),
    )
