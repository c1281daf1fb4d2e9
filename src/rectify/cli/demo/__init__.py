"""``rectify demo``: a whole campaign, played on a ledger of its own."""

from __future__ import annotations

from pathlib import Path

import click

from rectify.campaign import load_campaign
from rectify.cli.demo.folder import LEDGER, SUMMARY, replaced
from rectify.cli.demo.play import as_data, perform
from rectify.cli.demo.printing import Programme
from rectify.cli.demo.summary import markdown
from rectify.cli.options import command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, message, translate


def demo_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Play a made-up campaign of 2018; leave its ledger and a summary.", language
    )

    @command("demo", language, help_text)
    @click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default="rectify-demo",
        metavar="DIR",
        show_default=True,
        help=translate("The folder for the ledger and the summary.", language),
    )
    @click.option(
        "--force", is_flag=True, help=translate("Replace a ledger that is there.", language)
    )
    @json_option(language)
    def demo(out: Path, force: bool, as_json: bool) -> int:
        str(out).encode()  # where it can't be said where the files are, none are made
        campaign = load_campaign("hubei-2018")
        terminal = Terminal(language)
        programme = Programme(terminal, campaign)
        with replaced(out, force=force) as new:
            if not as_json:
                programme.open()
            show = _ignore if as_json else programme.show
            play = perform(campaign, new / LEDGER, show)
            (new / SUMMARY).write_text(markdown(play, language), encoding="utf-8")
        if as_json:
            print_json(
                {"ledger": str(out / LEDGER), "summary": str(out / SUMMARY), **as_data(play)}
            )
        else:
            programme.close(play)
            terminal.line()
            terminal.line(message("ledger: {file}", file=out / LEDGER))
            terminal.line(message("summary: {file}", file=out / SUMMARY))
        return 0 if play.audit.intact else 1

    return demo


def _ignore(_: object) -> None:
    """What is shown while JSON is asked for."""
