"""Many transactions in one commit: a batch of the store's own."""

from __future__ import annotations

from threading import Event

import pytest

from rectify.errors import StaleIssue
from rectify.issue import Issue
from rectify.store import Store
from rectify.testing.contract.concurrency import BOUND_SECONDS, at_once, give_chance
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import (
    deadline,
    delivery,
    entries,
    fill,
    moved_on,
    overdue,
    recorded,
    secret,
)
from rectify.testing.contract.whole import everything


def write_stale(store: Store, issue: Issue) -> None:
    """Write another issue, what it is owed, and a version of this one that is taken."""
    with store.transaction() as tx:
        fill(tx, "issue-2", 1)
        tx.owe([delivery("issue-2", 1)])
        tx.append(*recorded(issue))


class BatchesContract(Opening):
    """A batch is committed whole or not at all."""

    def test_a_batch_is_committed_whole(self, store: Store) -> None:
        """What its transactions wrote is there as if each had been committed in turn."""
        with store.batch():
            with store.transaction() as tx:
                issue = fill(tx, "issue-1", 2)
                tx.keep(secret("issue-1"))
                tx.owe([delivery("issue-1", 1)])
            with store.transaction() as tx:
                assert tx.find("issue-1") == issue
                last, body = recorded(moved_on(issue))
                tx.append(last, body)
                tx.timeline.put([deadline("d-1")])
                assert tx.timeline.record(overdue("d-1"))
                tx.timeline.enter(entries("duty:d", 1)[0])
            with store.reading() as tx:
                assert tx.head("issue-1") == last
        with store.reading() as tx:
            assert [record.version for record in tx.records("issue-1")] == [1, 2, 3]
            assert (tx.head("issue-1"), tx.secret("issue-1", "reporter")) == (
                last,
                secret("issue-1").text,
            )
            assert (len(tx.deliveries()), len(tx.timeline.of_campaign())) == (1, 1)
            assert (len(tx.timeline.events(0, 9)), len(tx.timeline.entries())) == (1, 1)

    def test_a_batch_that_is_interrupted_leaves_nothing(self, store: Store) -> None:
        """Of none of its transactions, though each had ended."""
        with store.transaction() as tx:
            issue = fill(tx, "issue-1", 1)
        before = everything(store)

        def write() -> None:
            with store.batch():
                with store.transaction() as tx:
                    tx.append(*recorded(moved_on(issue)))
                    tx.owe([delivery("issue-1", 2)])
                with store.transaction() as tx:
                    fill(tx, "issue-2", 2)
                    tx.timeline.put([deadline("d-1")])
                    tx.timeline.record(overdue("d-1"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write()
        assert everything(store) == before

    def test_of_a_batch_a_transaction_is_taken_back_alone(self, store: Store) -> None:
        """One that raises leaves nothing; those before and after it stand."""
        with store.batch():
            with store.transaction() as tx:
                issue = fill(tx, "issue-1", 1)
            with pytest.raises(StaleIssue):
                write_stale(store, issue)
            with store.transaction() as tx:
                tx.append(*recorded(moved_on(issue)))
        with store.reading() as tx:
            assert [record.version for record in tx.records("issue-1")] == [1, 2]
            assert (tx.head("issue-2"), list(tx.deliveries())) == (None, [])

    def test_nothing_of_a_batch_shows_before_its_end(self, store: Store) -> None:
        """To others, who see all of it afterwards."""
        halfway, looked = Event(), Event()

        def write() -> None:
            with store.batch():
                with store.transaction() as tx:
                    fill(tx, "issue-1", 1)
                halfway.set()
                give_chance(looked)
                with store.transaction() as tx:
                    fill(tx, "issue-2", 1)

        def read() -> tuple[bool, bool]:
            assert halfway.wait(BOUND_SECONDS)
            with store.reading() as tx:
                seen = tx.find("issue-1") is not None, tx.find("issue-2") is not None
            looked.set()
            return seen

        assert at_once(write, read)[1] in ((False, False), (True, True))
        with store.reading() as tx:
            assert None not in (tx.find("issue-1"), tx.find("issue-2"))

    def test_a_store_tells_whether_what_is_written_is_committed_later(self, store: Store) -> None:
        """Within a batch it is, and not outside: hooks are run only then."""
        with store.batch():
            within = store.hosted
        assert (within, store.hosted) == (True, False)
