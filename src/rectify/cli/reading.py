"""A ledger opened to be read, by a command that writes nothing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rectify.campaign import Campaign
from rectify.errors import RectifyError, StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.issue import AnyIssue
from rectify.ledger import Ledger


@contextmanager
def reading(url: str, campaign: Campaign) -> Generator[Ledger[AnyIssue]]:
    """Open what is there, and never make a ledger of what is not.

    Raises `StoreUnreadable` also where the driver stumbles over what a damaged file holds.
    """
    try:
        with Ledger.open(url, campaign, create=False) as ledger:
            try:
                yield ledger
            except StoreError as error:
                raise StoreUnreadable(error.url, error.problem) from error
    except ValueError as error:
        if isinstance(error, RectifyError):
            raise
        raise StoreUnreadable(url, message("what it holds can't be read")) from error
