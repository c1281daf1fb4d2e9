"""Sweeps at once: they take turns at the head of the events, and share out what is due."""

from __future__ import annotations

from functools import partial
from threading import Event

from rectify.errors import StaleIssue
from rectify.store import Store
from rectify.testing.contract.concurrency import (
    BOUND_SECONDS,
    WRITERS,
    at_once,
    give_chance,
)
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import AT, HOUR, deadline, entries, overdue


class TurnsContract(Opening):
    """What several sweepers and clerks do at once."""

    def test_who_locks_the_basis_has_it_alone(self, store: Store) -> None:
        """Each who adds an event after the last does so after the one before has ended."""
        each = 5

        def add(number: int) -> None:
            for count in range(each):
                with store.transaction() as tx:
                    basis = tx.timeline.basis(lock=True)
                    last = tx.timeline.event(basis.events) if basis.events else None
                    assert tx.timeline.record(overdue(f"d-{number}-{count}", after=last))

        at_once(*(partial(add, number) for number in range(WRITERS)))
        with store.reading() as tx:
            events = tx.timeline.events(0, 99)
        assert [event.number for event in events] == list(range(1, WRITERS * each + 1))
        assert [event.previous or "" for event in events] == [
            "",
            *(event.digest for event in events[:-1]),
        ]

    def test_what_one_looks_at_is_passed_over_by_another(self, store: Store) -> None:
        """What is due for one transaction is, until it ends, due for no other."""
        rows = [deadline(f"d-{number}", AT + number * HOUR) for number in range(4)]
        with store.transaction() as tx:
            tx.timeline.put(rows)
        taken, looked = Event(), Event()

        def first() -> list[str]:
            with store.transaction() as tx:
                mine = tx.timeline.due(AT + 9 * HOUR, 2)
                taken.set()
                give_chance(looked)
                tx.timeline.go_on((one.key, None) for one in mine)
            return [one.subject for one in mine]

        def second() -> list[str]:
            assert taken.wait(BOUND_SECONDS)
            with store.transaction() as tx:
                mine = tx.timeline.due(AT + 9 * HOUR, 2)
                tx.timeline.go_on((one.key, None) for one in mine)
            looked.set()
            return [one.subject for one in mine]

        assert at_once(first, second) == [["d-0", "d-1"], ["d-2", "d-3"]]
        with store.reading() as tx:
            assert not tx.timeline.is_due(AT + 9 * HOUR)

    def test_an_event_that_two_record_at_once_is_recorded_once(self, store: Store) -> None:
        """One is told that it is; the other, that it was already."""

        def add() -> bool:
            with store.transaction() as tx:
                basis = tx.timeline.basis(lock=True)
                last = tx.timeline.event(basis.events) if basis.events else None
                return tx.timeline.record(overdue("d-1", after=last))

        assert sorted(at_once(*[add] * WRITERS)) == [False] * (WRITERS - 1) + [True]
        with store.reading() as tx:
            assert len(tx.timeline.events(0, 9)) == 1

    def test_of_many_who_enter_one_number_one_does(self, store: Store) -> None:
        """The others get `StaleIssue`."""
        (entry,) = entries("duty:a", 1)

        def enter() -> str:
            try:
                with store.transaction() as tx:
                    tx.timeline.enter(entry)
            except StaleIssue:
                return "stale"
            return "entered"

        assert sorted(at_once(*[enter] * WRITERS)) == ["entered"] + ["stale"] * (WRITERS - 1)
        with store.reading() as tx:
            assert list(tx.timeline.entries()) == [entry]
