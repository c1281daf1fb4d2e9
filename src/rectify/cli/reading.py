"""A ledger opened to be read, by a command that writes nothing."""

from __future__ import annotations

from pathlib import Path

from rectify.campaign import Campaign
from rectify.issue import AnyIssue
from rectify.ledger import Ledger


def reading(given: str, campaign: Campaign) -> Ledger[AnyIssue]:
    """Open what is there, a file or a database address, and never make a ledger of what is not."""
    return Ledger.open(given if "://" in given else Path(given), campaign, create=False)
