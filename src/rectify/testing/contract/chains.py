"""What is recorded of no issue: events once each, entries of the journal in their order."""

from __future__ import annotations

import pytest

from rectify.errors import StaleIssue
from rectify.journal import EVENT_CHAIN, Entry
from rectify.store import Basis, Store
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import PRINT, entries, overdue

MANY = 600
"""More events than a store would look for at once."""


def enter(store: Store, *given: Entry) -> None:
    """Add entries to the journal in a transaction of their own."""
    with store.transaction() as tx:
        for entry in given:
            tx.timeline.enter(entry)


class ChainsContract(Opening):
    """Events, the journal, and what the ledger rests on."""

    def test_a_ledger_without_events_begins_at_nothing(self, store: Store) -> None:
        """No event is recorded, and the chain of events has no head yet."""
        with store.reading() as tx:
            basis = tx.timeline.basis()
            assert (basis.events, basis.digest, list(tx.timeline.events(0, 9))) == (0, "", [])
            assert list(tx.timeline.entries()) == []

    def test_events_come_back_in_order(self, store: Store) -> None:
        """One by its number, or those after one, no more than are asked for."""
        first = overdue("d-1", "d-2")
        then = overdue("d-3", after=first[-1][1])
        for events in (first, then):
            with store.transaction() as tx:
                assert tx.timeline.record(events)
        expected = [entry for _, entry in (*first, *then)]
        with store.reading() as tx:
            timeline = tx.timeline
            assert list(timeline.events(0, 9)) == expected
            assert list(timeline.events(1, 1)) == expected[1:2]
            assert list(timeline.events(3, 9)) == []
            assert [timeline.event(number) for number in (1, 2, 3)] == expected

    def test_the_head_of_the_events_moves_on(self, store: Store) -> None:
        """What the ledger rests on has the number and digest of the last event."""
        first = overdue("d-1", "d-2")
        with store.transaction() as tx:
            before = tx.timeline.basis()
            assert tx.timeline.record(first)
            assert tx.timeline.record([])
        with store.reading() as tx:
            assert tx.timeline.basis() == Basis(
                before.fingerprint, before.planned, 2, first[-1][1].digest
            )

    def test_an_event_is_recorded_once(self, store: Store) -> None:
        """Where one of several is recorded already, none is, and the rest of the transaction is."""
        first = overdue("d-1")
        with store.transaction() as tx:
            assert tx.timeline.record(first)
        with store.transaction() as tx:
            assert not tx.timeline.record(overdue("d-1", "d-2", after=first[-1][1]))
            tx.timeline.enter(entries("duty:d", 1)[0])
        with store.reading() as tx:
            assert list(tx.timeline.events(0, 9)) == [first[0][1]]
            assert tx.timeline.basis().events == 1
            assert len(tx.timeline.entries()) == 1

    def test_the_keys_that_are_recorded_are_told(self, store: Store) -> None:
        """However many are asked for."""
        events = overdue(*(f"d-{number}" for number in range(MANY)))
        keys = [event.key for event, _ in events]
        with store.transaction() as tx:
            assert tx.timeline.record(events)
        with store.reading() as tx:
            assert set(tx.timeline.recorded(["none", *keys])) == set(keys)
            assert set(tx.timeline.recorded([])) == set()

    def test_entries_come_back_by_chain_and_number(self, store: Store) -> None:
        """All, or those of one chain; one chain does not show in another."""
        late, early, longer = entries("duty:b", 3), entries("duty:a", 1), entries("duty:bb", 1)
        enter(store, late[0], *longer, *early, *late[1:])
        with store.reading() as tx:
            assert list(tx.timeline.entries()) == [*early, *late, *longer]
            assert list(tx.timeline.entries("duty:b")) == list(late)
            assert list(tx.timeline.entries("duty")) == []

    def test_an_entry_whose_number_is_taken_is_stale(self, store: Store) -> None:
        """It raises `StaleIssue` with the chain, and its transaction leaves nothing."""
        first, second = entries("duty:a", 2), entries("duty:b", 1)
        enter(store, *first)

        def write() -> None:
            enter(store, *second, first[1])

        with pytest.raises(StaleIssue) as caught:
            write()
        assert caught.value.issue_id == "duty:a"
        with store.reading() as tx:
            assert list(tx.timeline.entries()) == list(first)

    def test_what_the_ledger_rests_on_is_kept(self, store: Store) -> None:
        """The campaign's fingerprint and what its deadlines were planned for; events stay."""
        events = overdue("d-1")
        with store.transaction() as tx:
            tx.timeline.record(events)
            tx.timeline.rest_on(PRINT, "plan")
        with store.transaction() as tx:
            assert tx.timeline.basis(lock=True) == Basis(PRINT, "plan", 1, events[0][1].digest)
            tx.timeline.rest_on("1" * 64, None)
        with store.reading() as tx:
            assert tx.timeline.basis() == Basis("1" * 64, None, 1, events[0][1].digest)

    def test_chains_are_given_as_they_are_kept(self, store: Store) -> None:
        """The events with their rows and head, then each chain of the journal by its name."""
        events = overdue("d-1", "d-2")
        late, early = entries("duty:b", 2), entries("duty:a", 1)
        with store.transaction() as tx:
            tx.timeline.record(events)
        enter(store, *late, *early)
        chains = [(chain.name, list(chain.rows), chain.head) for chain in store.chains()]
        rows = [(entry, (e.key, entry.kind, e.subject, e.at)) for e, entry in events]
        assert chains == [
            (EVENT_CHAIN, rows, (2, events[-1][1].digest)),
            ("duty:a", [(early[0], None)], None),
            ("duty:b", [(entry, None) for entry in late], None),
        ]
