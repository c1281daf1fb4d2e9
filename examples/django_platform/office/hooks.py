"""What the office does when the ledger moves."""

from __future__ import annotations

from rectify import Ledger, Transfer
from rectify.hooks import Applied


def add(ledger: Ledger) -> None:
    """Add the hooks, once, as ``RECTIFY`` asks for."""

    @ledger.after(Transfer, name="office-notice")
    def notify(applied: Applied[Transfer]) -> None:
        from office.models import Notice

        text = f"线索已移送{applied.move.organ}，请跟踪签收"
        Notice.objects.get_or_create(
            key=applied.key, defaults={"issue_id": applied.issue.id, "text": text}
        )
