"""``manage.py rectify_audit``: whether what the ledger keeps is what it once wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rectify.checkpoint import read_checkpoint
from rectify.i18n import message
from rectify.integrations.django.commands import NOT_INTACT, LedgerCommand, plain
from rectify.ledger import Ledger


class Command(LedgerCommand):
    """Reads every record; ends with 1 where something was changed."""

    help = "Check every record of the ledger, and against a checkpoint kept elsewhere."

    def add_arguments(self, parser: Any) -> None:
        """``--against``, ``--chain-only``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("--against", type=Path, metavar="FILE", help="an earlier checkpoint")
        parser.add_argument("--chain-only", action="store_true", help="digests and chains alone")

    def run(
        self,
        ledger: Ledger[Any],
        *,
        against: Path | None = None,
        chain_only: bool = False,
        **_: Any,
    ) -> Any:
        """Audit."""
        sealed = None if against is None else read_checkpoint(against)
        found = ledger.audit(against=sealed, replay=not chain_only)
        self.say(
            message(
                "issues: {issues}, records: {records}, problems: {count}",
                issues=found.issues,
                records=found.records,
                count=len(found.problems),
            )
        )
        for problem in found.problems:
            self.say(f"  {problem}")
        self.failed = None if found.intact else NOT_INTACT
        return {"intact": found.intact, **plain(found)}
