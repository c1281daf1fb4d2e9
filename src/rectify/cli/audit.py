"""``rectify audit``: whether what a ledger keeps is what it once wrote."""

from __future__ import annotations

from typing import Any

import click

from rectify.audit import Audit
from rectify.campaign import load_campaign
from rectify.cli.options import command, json_option
from rectify.cli.reading import reading
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, Message, message, translate


def audit_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Check every record of LEDGER, a SQLite file or a database address.", language
    )

    @command("audit", language, help_text)
    @click.argument("ledger")
    @click.option(
        "--campaign",
        default="hubei-2018",
        metavar="CAMPAIGN",
        show_default=True,
        help=translate("The campaign of the ledger: a name or a TOML file.", language),
    )
    @json_option(language)
    def audit(ledger: str, campaign: str, as_json: bool) -> int:
        with reading(ledger, load_campaign(campaign)) as opened:
            found = opened.audit()
        if as_json:
            print_json(as_data(found))
        else:
            print_audit(Terminal(language), found)
        return 0 if found.intact else 1

    return audit


def as_data(found: Audit) -> dict[str, Any]:
    """An audit as plain JSON values."""
    return {
        "intact": found.intact,
        "issues": found.issues,
        "records": found.records,
        "problems": [
            {
                "issue": problem.issue_id,
                "version": problem.version,
                "zh": problem.text.zh,
                "en": problem.text.en,
            }
            for problem in found.problems
        ],
    }


def verdict(found: Audit) -> Message:
    """What an audit comes to, in a line."""
    if found.intact:
        return message(
            "intact; issues: {issues}, records: {records}",
            issues=found.issues,
            records=found.records,
        )
    return message(
        "NOT intact; issues: {issues}, records: {records}, problems: {count}",
        issues=found.issues,
        records=found.records,
        count=len(found.problems),
    )


def print_audit(terminal: Terminal, found: Audit) -> None:
    """Print what an audit found."""
    terminal.line(verdict(found), style="green" if found.intact else "bold red")
    if found.intact:
        return
    terminal.table(
        (message("issue"), message("record"), message("problem")),
        [
            (
                problem.issue_id,
                "–" if problem.version is None else str(problem.version),
                problem.text,
            )
            for problem in found.problems
        ],
    )
