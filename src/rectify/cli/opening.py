"""Opening a ledger that is there, for a command: whatever it holds, an error is in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rectify.campaign import Campaign
from rectify.errors import RectifyError, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.issue import AnyIssue
from rectify.ledger import Ledger
from rectify.unit import UnitTree


@contextmanager
def opened(
    url: str, campaign: Campaign, *, units: UnitTree | None = None
) -> Iterator[Ledger[AnyIssue]]:
    """A ledger that is there; none is made of what is not.

    Raises `StoreUnreadable` also where the driver stumbles over what a damaged file holds.
    """
    try:
        with Ledger.open(url, campaign, create=False, units=units) as ledger:
            try:
                yield ledger
            except StoreError as error:
                raise StoreUnreadable(error.url, error.problem) from error
    except ValueError as error:
        if isinstance(error, RectifyError):
            raise
        raise StoreUnreadable(url, message("what it holds can't be read")) from error
