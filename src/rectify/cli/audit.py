"""``rectify audit``: whether what a ledger keeps is what it once wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rectify.audit import Audit
from rectify.campaign import load_campaign
from rectify.checkpoint import Checkpoint, read_checkpoint
from rectify.cli.keys import public_key_option, trusted
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
    @click.option(
        "--against",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help=translate("An earlier checkpoint; what it holds must be there.", language),
    )
    @public_key_option(language)
    @click.option(
        "--chain-only",
        is_flag=True,
        help=translate("Check digests and chains alone: many times as fast.", language),
    )
    @json_option(language)
    def audit(
        ledger: str,
        campaign: str,
        against: Path | None,
        public_key: str | None,
        chain_only: bool,
        as_json: bool,
    ) -> int:
        key, sealed = trusted(public_key), None
        if against is not None:
            sealed = read_checkpoint(against, signed_by=key)
        elif key is not None:
            raise click.UsageError(translate("--public-key needs --against", language))
        with opened(ledger, load_campaign(campaign)) as kept:
            found = kept.audit(against=sealed, replay=not chain_only)
        if as_json:
            print_json({**as_data(found), **_checkpoint_data(sealed, key)})
        else:
            print_audit(Terminal(language), found)
            _print_checkpoint(Terminal(language), sealed, key)
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
        "locked": found.locked,
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
    if found.locked:
        terminal.line(
            message(
                "confidential texts not compared, for want of the key: {count}", count=found.locked
            ),
            style="yellow",
        )
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


def _checkpoint_data(sealed: Checkpoint | None, key: str | None) -> dict[str, Any]:
    if sealed is None:
        return {}
    made_at = sealed.header.made_at.isoformat()
    return {"checkpoint": {"made_at": made_at, "root": sealed.header.root, "signed_by": key}}


def _print_checkpoint(terminal: Terminal, sealed: Checkpoint | None, key: str | None) -> None:
    if sealed is None:
        return
    terminal.line(
        message(
            "checkpoint of {made_at}; issues: {issues}, records: {records}",
            made_at=sealed.header.made_at.isoformat(),
            issues=sealed.header.issues,
            records=sealed.header.records,
        )
    )
    if key is not None:
        terminal.line(message("signed with key {key}", key=key))
    elif sealed.signature is None:
        terminal.line(message("not signed"))
    else:
        terminal.line(message("its signature was not checked; --public-key checks it"))
