"""``manage.py rectify_adopt``: take a table of the project's own over, by its status column."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import attrs
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError

from rectify.i18n import message
from rectify.integrations.django.actors import NoActor, actor_of_user
from rectify.integrations.django.commands import LedgerCommand, plain
from rectify.integrations.django.words import said
from rectify.ledger import Ledger
from rectify.takeover import take_over
from rectify.takeover_mapping import TableMapping

_TAKEN: Final = message("taken over: {taken}, there already: {there}, not explained: {left}")
_TRIED: Final = message(
    "can be taken over: {taken}, there already: {there}, not explained: {left}; nothing was written"
)
_LEFT: Final = message("not every row was taken over")


class Command(LedgerCommand):
    """Old statuses become legal moves; what can't be explained is listed, and stays out."""

    help = "Take the rows of a model, with a status column, over into the ledger."

    def add_arguments(self, parser: Any) -> None:
        """``model``, ``--mapping``, ``--by``, ``--dry-run``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("model", help="such as office.Problem")
        parser.add_argument("--mapping", type=Path, required=True, metavar="TOML")
        parser.add_argument("--by", required=True, metavar="USER", help="who takes it over")
        parser.add_argument("--dry-run", action="store_true", help="only list; write nothing")

    def run(
        self,
        ledger: Ledger[Any],
        *,
        model: str = "",
        mapping: Path = Path(),
        by: str = "",
        dry_run: bool = False,
        **_: Any,
    ) -> Any:
        """Take over, or try it."""
        users: Any = get_user_model()
        try:
            rows: Any = apps.get_model(model)._default_manager.values().iterator()
            actor = actor_of_user(users._default_manager.get_by_natural_key(by))
        except users.DoesNotExist:
            raise CommandError(said(message("no user is called “{user}”", user=by))) from None
        except (LookupError, ValueError, NoActor) as error:
            raise CommandError(str(error)) from None
        read = TableMapping.from_toml(mapping)
        done = take_over(ledger, rows, read, by=actor, dry_run=dry_run)
        counted = {
            "taken": len(done.taken),
            "there": len(done.there),
            "left": len(done.unexplained),
        }
        self.say(attrs.evolve(_TRIED if dry_run else _TAKEN, values=counted))
        for one in done.unexplained:
            for problem in one.problems:
                self.say(
                    message(
                        "row {row}, “{status}”: {problem}",
                        row=one.row,
                        status=one.status,
                        problem=problem,
                    )
                )
        if done.unexplained:
            self.failed = _LEFT
        return plain(done)
