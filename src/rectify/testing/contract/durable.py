"""What a durable store does more: its rows are there again, for other processes, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from multiprocessing import get_context
from threading import Event
from typing import Any, Final

import attrs

from rectify.store import Store
from rectify.testing.clock import Clock
from rectify.testing.contract.concurrency import (
    BOUND_SECONDS,
    at_once,
    move_on,
    move_on_often,
    versions,
)
from rectify.testing.contract.opening import Opening, OpenStore
from rectify.testing.contract.rows import (
    AT,
    deadline,
    delivery,
    entries,
    fill,
    moved_on,
    overdue,
    recorded,
    registered,
    secret,
)
from rectify.testing.contract.stories import ledger_on, live, told
from rectify.testing.contract.whole import everything

PROCESSES: Final = 3
READING_SECONDS: Final = 5
"""How long a reader goes on for a writer that does not get through."""
KILLED: Final = 9
"""The exit status of a process that ends at once, whatever it is doing."""


def in_processes(job: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[int | None]:
    """Run a job once with each of the arguments, in processes of their own; how they ended."""
    context = get_context("spawn")
    processes = [context.Process(target=job, args=one) for one in arguments]
    for process in processes:
        process.start()
    ends: list[int | None] = []
    for process in processes:
        process.join(BOUND_SECONDS * 4)
        ends.append(process.exitcode)
        process.kill()  # one that is still at it; None says so
    return ends


# These two run in processes of their own, where coverage does not look.


def write_often(open_store: OpenStore, times: int) -> None:  # pragma: no cover
    """Open the store and move one issue on so many times."""
    with closing(open_store()) as store:
        move_on_often(store, "issue-1", times)


def write_and_die(open_store: OpenStore) -> None:  # pragma: no cover
    """Commit one version, begin another with a write of each kind, and be gone."""
    store = open_store()
    assert move_on(store, "issue-1")
    with store.transaction() as tx:
        fill(tx, "issue-2", 2)
        tx.keep(secret("issue-2"))
        tx.owe([delivery("issue-2", 1)])
        tx.timeline.put([deadline("d-2")])
        tx.timeline.record(overdue("d-2"))
        tx.timeline.enter(entries("duty:d", 1)[0])
        os._exit(KILLED)


class Durable(Opening):
    """What was written outlives who wrote it."""

    def test_what_was_written_is_there_when_it_is_opened_again(self, open_store: OpenStore) -> None:
        """Every row of each kind, as it was; and what was claimed may be settled."""
        with closing(open_store()) as store:
            with store.transaction() as tx:
                fill(tx, "issue-1", 2)
                tx.keep(secret("issue-1"))
                tx.owe([delivery("issue-1", 1), delivery("issue-1", 2)])
                claimed = tx.claim(["tell"], AT, "me", AT)
                tx.timeline.put([deadline("d-1"), deadline("d-2")])
                assert tx.timeline.record(overdue("d-1"))
                tx.timeline.enter(entries("duty:d", 1)[0])
                tx.timeline.rest_on(tx.timeline.basis().fingerprint or "0" * 64, "plan")
            before = everything(store)
        with closing(open_store()) as again:
            assert everything(again) == before
            with again.transaction() as tx:
                assert claimed is not None
                assert tx.settle(attrs.evolve(claimed, status="done"))

    def test_a_story_goes_on_where_it_was_left(self, open_store: OpenStore) -> None:
        """A ledger opened again tells what it told, and records nothing a second time."""
        clock = Clock()
        with closing(open_store()) as store:
            live(ledger_on(store, clock), clock)
            before = told(ledger_on(store, clock))
        with closing(open_store()) as again:
            ledger = ledger_on(again, clock)
            assert told(ledger) == before
            assert (ledger.sweep().events, ledger.audit().intact) == ((), True)

    def test_another_opening_sees_what_is_committed_and_no_more(
        self, open_store: OpenStore
    ) -> None:
        """While it is open elsewhere, too."""
        head, body = registered("issue-1")
        with closing(open_store()) as one, closing(open_store()) as other:
            with one.transaction() as tx:
                tx.append(head, body)
                with other.reading() as seen:
                    assert seen.head("issue-1") is None
            with other.reading() as seen:
                assert seen.head("issue-1") == head
            with other.transaction() as tx:
                tx.append(*recorded(moved_on(head.issue)))
            with one.reading() as seen:
                assert list(versions(seen, "issue-1")) == [1, 2]

    def test_no_writer_waits_for_a_reader(self, store: Store) -> None:
        """A transaction ends while one that only reads goes on."""
        with store.transaction() as tx:
            fill(tx, "issue-1", 1)
        reading, written = Event(), Event()

        def read() -> bool:
            with store.reading() as tx:
                assert tx.head("issue-1") is not None
                reading.set()
                return written.wait(READING_SECONDS)

        def write() -> bool:
            assert reading.wait(BOUND_SECONDS)
            moved = move_on(store, "issue-1")
            written.set()
            return moved

        assert at_once(read, write) == [True, True]

    def test_processes_at_once_lose_nothing(self, open_store: OpenStore) -> None:
        """Each opens the store for itself, and goes on from where the issue stands."""
        each = 10
        with closing(open_store()) as store:
            with store.transaction() as tx:
                fill(tx, "issue-1", 1)
            ends = in_processes(write_often, [(open_store, each)] * PROCESSES)
            assert ends == [0] * PROCESSES
            with store.reading() as tx:
                assert list(versions(tx, "issue-1")) == list(range(1, PROCESSES * each + 2))

    def test_a_process_that_is_killed_leaves_what_it_committed(self, open_store: OpenStore) -> None:
        """And nothing of what it had begun; others go on at once."""
        with closing(open_store()) as store:
            with store.transaction() as tx:
                fill(tx, "issue-1", 1)
                tx.owe([delivery("issue-1", 1)])
            assert in_processes(write_and_die, [(open_store,)]) == [KILLED]
            with store.transaction() as tx:
                assert list(versions(tx, "issue-1")) == [1, 2]
                assert (tx.find("issue-2"), tx.secret("issue-2", "reporter")) == (None, None)
                assert [one.issue_id for one in tx.deliveries()] == ["issue-1"]
                assert list(tx.timeline.of_campaign()) == []
                assert (list(tx.timeline.events(0, 9)), list(tx.timeline.entries())) == ([], [])
                fill(tx, "issue-2", 1)
