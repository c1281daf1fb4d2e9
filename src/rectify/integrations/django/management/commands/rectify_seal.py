"""``manage.py rectify_seal FILE``: a checkpoint of the ledger, to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rectify.checkpoint import read_checkpoint
from rectify.i18n import message
from rectify.integrations.django.commands import LedgerCommand, plain
from rectify.ledger import Ledger


class Command(LedgerCommand):
    """Writes a checkpoint, signed where a key is given; never over a file that is there."""

    help = "Write a checkpoint, by which to tell later what was changed since."

    def add_arguments(self, parser: Any) -> None:
        """``out``, ``--after``, ``--key``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("out", type=Path, metavar="FILE")
        parser.add_argument("--after", type=Path, metavar="FILE", help="continue this checkpoint")
        parser.add_argument("--key", type=Path, metavar="FILE", help="sign with this Ed25519 key")

    def run(
        self,
        ledger: Ledger[Any],
        *,
        out: Path | None = None,
        after: Path | None = None,
        key: Path | None = None,
        **_: Any,
    ) -> Any:
        """Seal."""
        assert out is not None
        made = ledger.seal(after=None if after is None else read_checkpoint(after))
        if key is not None:
            made = made.signed(key.read_bytes())
        made.write(out)
        self.say(message("checkpoint: {file}", file=str(out)))
        self.say(message("root: {root}", root=made.header.root))
        return {"file": str(out), **plain(made.header)}
