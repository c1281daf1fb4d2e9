"""``manage.py rectify_sweep``: record what has opened, closed, come near its end or run out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rectify.i18n import message
from rectify.integrations.django.commands import LedgerCommand, instant, plain
from rectify.ledger import Ledger


class Command(LedgerCommand):
    """Sweeps the project's ledger; run it from cron or a scheduler, as often as you like."""

    help = "Record what has opened, closed, come near its end or run out, once each."

    def add_arguments(self, parser: Any) -> None:
        """``--at``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("--at", type=instant, help="until when (ISO, with its zone)")

    def run(self, ledger: Ledger[Any], *, at: datetime | None = None, **_: Any) -> Any:
        """Sweep, and run the hooks that this owes."""
        swept = ledger.sweep(at)
        ledger.deliver()
        self.say(message("recorded: {count}", count=len(swept.events)))
        for event in swept.events:
            at = event.at.astimezone(ledger.campaign.zone)
            self.say(f"  {at.isoformat()} {type(event).__name__} {event.subject}")
        return {"now": plain(swept.now), "events": [plain(event) for event in swept.events]}
