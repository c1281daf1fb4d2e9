"""``rectify audit``: whether what a ledger keeps is what it once wrote."""

from __future__ import annotations

from typing import Any

import click

from rectify.audit import Audit
from rectify.campaign import load_campaign
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, Message, message, translate


def audit_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Check every record of LEDGER, a SQLite file or a database address.", language
    )

    @command("audit", language, help_text)
    @click.argument("ledger")
    @campaign_option(language)
    @json_option(language)
    def audit(ledger: str, campaign: str, as_json: bool) -> int:
        with opened(ledger, load_campaign(campaign)) as kept:
            found = kept.audit()
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
        "events": found.events,
        "entries": found.entries,
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
