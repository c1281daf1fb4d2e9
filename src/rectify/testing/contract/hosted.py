"""What a store does that can work inside a host's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

import pytest

from rectify.errors import StaleIssue
from rectify.store import Store
from rectify.testing.contract.batches import write_stale
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import (
    deadline,
    delivery,
    fill,
    moved_on,
    overdue,
    recorded,
    secret,
)
from rectify.testing.contract.whole import everything

InHost: TypeAlias = Callable[[], AbstractContextManager[Store]]
"""Begins a transaction of a host's and gives the store within it.

It is committed as the block ends, or rolled back on an exception.
"""


class HostedContract(Opening):
    """The host's rows and the ledger's are committed together or not at all.

    Taken beside `DurableStoreContract`, with the fixture `in_host`.
    """

    @pytest.fixture
    def in_host(self) -> InHost:
        """What begins a host's transaction on the database of ``open_store``."""
        raise NotImplementedError("define the fixture in_host: the store in a host's transaction")

    def test_what_the_host_commits_is_there(self, store: Store, in_host: InHost) -> None:
        """After its commit, and for no one else before."""
        with in_host() as within:
            with within.transaction() as tx:
                issue = fill(tx, "issue-1", 2)
                tx.owe([delivery("issue-1", 1)])
            with within.reading() as tx:
                assert tx.find("issue-1") == issue
            with store.reading() as tx:
                assert (tx.find("issue-1"), list(tx.deliveries())) == (None, [])
        with store.reading() as tx:
            assert (tx.find("issue-1"), len(tx.deliveries())) == (issue, 1)

    def test_what_the_host_rolls_back_is_not(self, store: Store, in_host: InHost) -> None:
        """Nothing is left of transactions of the store that had ended in it."""
        with store.transaction() as tx:
            issue = fill(tx, "issue-1", 1)
        before = everything(store)

        def write() -> None:
            with in_host() as within:
                with within.transaction() as tx:
                    tx.append(*recorded(moved_on(issue)))
                    tx.keep(secret("issue-1"))
                    tx.owe([delivery("issue-1", 2)])
                with within.transaction() as tx:
                    tx.timeline.put([deadline("d-1")])
                    tx.timeline.record(overdue("d-1"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write()
        assert everything(store) == before

    def test_what_is_refused_is_undone_alone(self, store: Store, in_host: InHost) -> None:
        """The host goes on, and commits what was written before and after."""
        with in_host() as within:
            with within.transaction() as tx:
                issue = fill(tx, "issue-1", 1)
            with pytest.raises(StaleIssue):
                write_stale(within, issue)
            with within.transaction() as tx:
                tx.append(*recorded(moved_on(issue)))
        with store.reading() as tx:
            assert [record.version for record in tx.records("issue-1")] == [1, 2]
            assert tx.head("issue-2") is None

    def test_the_store_tells_that_a_host_commits(self, store: Store, in_host: InHost) -> None:
        """So that no hook is run of what may be rolled back."""
        with in_host() as within:
            told = within.hosted
        assert (told, store.hosted) == (True, False)
