"""Fixtures for the tests of hosts: ``pytest_plugins = ["rectify.testing.plugin"]``.

A host with a campaign, units or a lifecycle of its own overrides the fixture, in its
``conftest.py``, and the ledger is made with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rectify.campaign import Campaign, load_campaign
from rectify.issue import AnyIssue
from rectify.ledger import Ledger
from rectify.testing.clock import Clock


@pytest.fixture(scope="session")
def rectify_campaign() -> Campaign:
    """Hubei's campaign of 2018 (鄂扶组发〔2017〕33号)."""
    return load_campaign("hubei-2018")


@pytest.fixture
def rectify_clock() -> Clock:
    """A clock at noon of 7 May 2018 in Beijing, which stands still."""
    return Clock()


@pytest.fixture
def rectify_ledger(rectify_campaign: Campaign, rectify_clock: Clock) -> Iterator[Ledger[AnyIssue]]:
    """A ledger in memory, empty, of the campaign and on the clock."""
    with Ledger(rectify_campaign, clock=rectify_clock) as ledger:
        yield ledger
