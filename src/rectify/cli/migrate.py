"""``rectify migrate``: bring a ledger of an older program up to this one's layout."""

from __future__ import annotations

from pathlib import Path

import click

from rectify.cli.options import command, json_option
from rectify.cli.terminal import Terminal, print_json
from rectify.i18n import Language, message, translate


def migrate_command(language: Language) -> click.Command:
    """The command, with its help in a language."""
    help_text = translate(
        "Bring LEDGER, of an older version, up to this version's layout, for good.", language
    )

    @command("migrate", language, help_text)
    @click.argument("ledger")
    @json_option(language)
    def migrate(ledger: str, as_json: bool) -> int:
        # Alembic takes a while to import; the other commands do without.
        from rectify.stores.migration import migrate as bring_up

        done = bring_up(ledger if "://" in ledger else Path(ledger))
        if as_json:
            print_json({"was": done.was, "now": done.now})
        elif done.was == done.now:
            Terminal(language).line(message("its layout is number {now} already", now=done.now))
        else:
            Terminal(language).line(
                message("its layout was number {was} and is {now} now", was=done.was, now=done.now)
            )
        return 0

    return migrate
