"""``manage.py rectify_due``: what is due on a day, by whom, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from rectify.integrations.django.commands import LedgerCommand
from rectify.integrations.django.desk import now
from rectify.integrations.django.dossier import told
from rectify.integrations.django.words import language
from rectify.ledger import Ledger
from rectify.todo import agenda_of, horizon_of


class Command(LedgerCommand):
    """Lists duties, milestones of issues, leads without a receipt, visits."""

    help = "List what is due."

    def add_arguments(self, parser: Any) -> None:
        """``--on``, ``--until``, ``--explain``, ``--json``."""
        super().add_arguments(parser)
        parser.add_argument("--on", type=date.fromisoformat, help="the day; by default today")
        parser.add_argument("--until", type=date.fromisoformat, help="the last due day to list")
        parser.add_argument("--explain", action="store_true", help="tell how each was reached")

    def run(
        self,
        ledger: Ledger[Any],
        *,
        on: date | None = None,
        until: date | None = None,
        explain: bool = False,
        **_: Any,
    ) -> Any:
        """List."""
        when: Any = on or now()
        entries = agenda_of(ledger, on=when, until=until or horizon_of(ledger, when))
        data: list[dict[str, Any]] = []
        for entry in entries:
            one = told(entry)
            day = "–" if entry.due is None else entry.due.effective.isoformat()
            who = entry.who if isinstance(entry.who, str) else entry.who.text(language())
            self.say(f"{day}  {one.standing}  {one.title}  {who}")
            if explain:
                self.say(one.explained)
            data.append(
                {
                    "key": entry.key,
                    "kind": entry.kind,
                    "title": one.title,
                    "who": who,
                    "unit": entry.unit,
                    "standing": entry.standing,
                    "due": None if entry.due is None else entry.due.as_data(),
                }
            )
        return {"campaign": ledger.campaign.id, "entries": data}
