"""``rectify seal``: a checkpoint of a ledger, in a file to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from rectify.campaign import load_campaign
from rectify.checkpoint import Checkpoint, read_checkpoint
from rectify.cli.keys import public_key_option, trusted
from rectify.cli.opening import opened
from rectify.cli.options import campaign_option, command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.digests import ALGORITHMS, Algorithm
from rectify.i18n import Language, message, translate
from rectify.signing import sign

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


def seal_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Write a checkpoint of LEDGER, by which to tell later what was changed since.", language
    )

    @command("seal", language, help_text)
    @click.argument("ledger")
    @click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        required=True,
        metavar="FILE",
        help=translate("The checkpoint's file, kept elsewhere; never written over.", language),
    )
    @click.option(
        "--key",
        type=_FILE,
        metavar="FILE",
        help=translate("Sign it with this Ed25519 private key (PEM).", language),
    )
    @click.option(
        "--after",
        type=_FILE,
        metavar="FILE",
        help=translate("Continue this earlier checkpoint.", language),
    )
    @public_key_option(language)
    @click.option(
        "--algorithm",
        type=click.Choice(ALGORITHMS),
        help=translate(
            "The hash of the tree over all issues; that of the records, if not given.", language
        ),
    )
    @campaign_option(language)
    @json_option(language)
    def seal(
        ledger: str,
        out: Path,
        key: Path | None,
        after: Path | None,
        public_key: str | None,
        algorithm: Algorithm | None,
        campaign: str,
        as_json: bool,
    ) -> int:
        _check_options(language, out, after, public_key)
        private = None if key is None else key.read_bytes()
        if private is not None:
            sign(b"", private)  # A key that can't sign is told before the ledger is read.
        earlier = None
        if after is not None:
            earlier = read_checkpoint(after, signed_by=trusted(public_key))
            _check_algorithm(language, earlier, algorithm)
        with opened(ledger, load_campaign(campaign)) as kept:
            made = kept.seal(after=earlier, algorithm=algorithm)
        if private is not None:
            made = made.signed(private)
        made.write(out)
        if as_json:
            print_json({"file": str(out), **as_data(made)})
        else:
            _print(Terminal(language), made, out)
        return 0

    return seal


def _check_options(language: Language, out: Path, after: Path | None, key: str | None) -> None:
    """Misuse of what would otherwise be left aside in silence."""
    if out == Path():
        raise click.BadParameter(message("it is a folder").text(language), param_hint="'--out'")
    if key is not None and after is None:
        raise click.UsageError(translate("--public-key needs --after", language))


def _check_algorithm(language: Language, earlier: Checkpoint, asked: Algorithm | None) -> None:
    theirs = earlier.header.algorithm
    if asked not in (None, theirs):
        problem = message("the checkpoint that it continues is of {theirs}", theirs=theirs)
        raise click.BadParameter(problem.text(language), param_hint="'--algorithm'")


def as_data(made: Checkpoint) -> dict[str, Any]:
    """A checkpoint as plain JSON values, without its heads."""
    header = made.header
    return {
        "campaign": header.campaign,
        "made_at": header.made_at.isoformat(),
        "issues": header.issues,
        "records": header.records,
        "entries": header.entries,
        "algorithm": header.algorithm,
        "root": header.root,
        "key": made.signature.fingerprint if made.signature else None,
    }


def _print(terminal: Terminal, made: Checkpoint, file: Path) -> None:
    header = made.header
    terminal.line(
        message(
            "sealed; issues: {issues}, records: {records}",
            issues=header.issues,
            records=header.records,
        ),
        style="green",
    )
    terminal.line(message("root: {root}", root=header.root))
    if made.signature is None:
        terminal.line(message("not signed"))
    else:
        terminal.line(message("signed with key {key}", key=made.signature.fingerprint))
    terminal.line(message("checkpoint: {file}", file=file))
