"""A ledger opened to be read, by a command that writes nothing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rectify.campaign import Campaign
from rectify.errors import RectifyError, StoreUnreadable
from rectify.i18n import message
from rectify.issue import AnyIssue
from rectify.ledger import Ledger


@contextmanager
def reading(given: str, campaign: Campaign) -> Generator[Ledger[AnyIssue]]:
    """Open what is there, a file or a database address, and never make a ledger of what is not.

    Raises `StoreUnreadable` also where a row holds what is no JSON.
    """
    address = given if "://" in given else Path(given)
    with Ledger.open(address, campaign, create=False) as ledger:
        try:
            yield ledger
        except ValueError as error:
            if isinstance(error, RectifyError):
                raise
            raise StoreUnreadable(given, message("what it holds can't be read")) from error
