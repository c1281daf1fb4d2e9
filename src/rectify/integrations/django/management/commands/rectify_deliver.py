"""``manage.py rectify_deliver``: run the after hooks that are owed, once or as a worker."""

from __future__ import annotations

import time
from typing import Any

from django.db import close_old_connections

from rectify.i18n import message
from rectify.integrations.django.commands import LedgerCommand
from rectify.ledger import Ledger


class Command(LedgerCommand):
    """Runs what is owed to hooks: for ``"DELIVER": "worker"``, and for what failed before."""

    help = "Run the after hooks that are due; with --every, again and again."

    def add_arguments(self, parser: Any) -> None:
        """``--every``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on, this often")

    def run(self, ledger: Ledger[Any], *, every: float | None = None, **_: Any) -> Any:
        """Deliver; with ``every``, until it is stopped."""
        while True:
            done = ledger.deliver()
            self.say(
                message(
                    "done: {done}, to be tried again: {failed}, given up: {dead}",
                    done=done.done,
                    failed=done.failed,
                    dead=done.dead,
                )
            )
            if every is None:
                return {"done": done.done, "failed": done.failed, "dead": done.dead}
            time.sleep(every)
            close_old_connections()
