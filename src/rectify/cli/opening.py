"""Opening a ledger that is there, for a command."""

from __future__ import annotations

from pathlib import Path

from rectify.campaign import Campaign
from rectify.issue import AnyIssue
from rectify.ledger import Ledger
from rectify.unit import UnitTree


def opened(given: str, campaign: Campaign, *, units: UnitTree | None = None) -> Ledger[AnyIssue]:
    """A ledger by a database address or a file; none is made of what is not there."""
    address = given if "://" in given else Path(given)
    return Ledger.open(address, campaign, create=False, units=units)
