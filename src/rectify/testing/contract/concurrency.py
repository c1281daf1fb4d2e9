"""Writers and readers at once, in threads: one wins, none is lost, nothing half done shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from typing import Final, TypeVar

from rectify.errors import StaleIssue
from rectify.store import Store, Transaction
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import fill, moved_on, recorded

T = TypeVar("T")

WRITERS: Final = 4
BOUND_SECONDS: Final = 30
"""How long anything that must happen is waited for."""
CHANCE_SECONDS: Final = 0.1
"""How long another thread is given to do what a store may let it do, or have it wait for."""


def give_chance(happened: Event) -> None:
    """Wait a little for what another thread may do, if the store lets it."""
    happened.wait(CHANCE_SECONDS)


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """What jobs give that begin together, each in its own thread; the first error is raised."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        gate.wait(BOUND_SECONDS)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        waiting = [pool.submit(run, job) for job in jobs]
        return [one.result(BOUND_SECONDS) for one in waiting]


def move_on(store: Store, issue_id: str) -> bool:
    """Append the next version of an issue as it stands; False where another was first."""
    try:
        with store.transaction() as tx:
            issue = tx.find(issue_id)
            assert issue is not None
            tx.append(*recorded(moved_on(issue)))
    except StaleIssue:
        return False
    return True


def move_on_often(store: Store, issue_id: str, times: int) -> None:
    """Append so many versions, each time as the issue stands, trying again where it moved on."""
    done = 0
    while done < times:
        done += move_on(store, issue_id)


def versions(tx: Transaction, issue_id: str) -> Sequence[int]:
    """The versions of an issue's records."""
    return [record.version for record in tx.records(issue_id)]


class ConcurrencyContract(Opening):
    """Transactions take turns, or seem to."""

    def test_of_many_writers_at_one_version_one_wins(self, store: Store) -> None:
        """The others get `StaleIssue`, whatever the instant they write at."""
        with store.transaction() as tx:
            issue = fill(tx, "issue-1", 1)

        def write(number: int) -> str:
            try:
                with store.transaction() as tx:
                    tx.append(*recorded(moved_on(issue), text=f"writer {number}"))
            except StaleIssue as error:
                return type(error).__name__
            return f"writer {number}"

        outcomes = at_once(*(partial(write, number) for number in range(WRITERS)))
        won = [outcome for outcome in outcomes if outcome != "StaleIssue"]
        with store.reading() as tx:
            records = tx.records("issue-1")
        assert ([record.version for record in records], len(won)) == ([1, 2], 1)
        assert won[0] in records[1].body

    def test_no_update_is_lost(self, store: Store) -> None:
        """Writers who each go on from where the issue stands leave versions without a gap."""
        with store.transaction() as tx:
            fill(tx, "issue-1", 1)
        each = 10
        at_once(*[partial(move_on_often, store, "issue-1", each)] * WRITERS)
        with store.reading() as tx:
            head = tx.head("issue-1")
            assert versions(tx, "issue-1") == list(range(1, WRITERS * each + 2))
            assert head is not None
            assert (head.issue.version, head.digest) == (
                WRITERS * each + 1,
                tx.records("issue-1")[-1].digest,
            )

    def test_writers_of_different_issues_all_win(self, store: Store) -> None:
        """Who writes elsewhere is never stale."""
        names = [f"issue-{number}" for number in range(WRITERS)]
        with store.transaction() as tx:
            for name in names:
                fill(tx, name, 1)

        def write(name: str) -> list[bool]:
            return [move_on(store, name) for _ in range(5)]

        assert at_once(*(partial(write, name) for name in names)) == [[True] * 5] * WRITERS
        with store.reading() as tx:
            assert [versions(tx, name) for name in names] == [list(range(1, 7))] * WRITERS

    def test_nothing_half_done_shows(self, store: Store) -> None:
        """Two issues written in one transaction are seen by others both or not at all."""
        halfway, looked = Event(), Event()

        def write() -> None:
            with store.transaction() as tx:
                fill(tx, "issue-1", 1)
                halfway.set()
                give_chance(looked)
                fill(tx, "issue-2", 1)

        def read() -> tuple[bool, bool]:
            assert halfway.wait(BOUND_SECONDS)
            with store.reading() as tx:
                seen = tx.find("issue-1") is not None, tx.find("issue-2") is not None
            looked.set()
            return seen

        seen = at_once(write, read)[1]
        assert seen in ((False, False), (True, True))

    def test_reading_is_one_view(self, store: Store) -> None:
        """What others write while one reads does not change what is read, until the next time."""
        with store.transaction() as tx:
            fill(tx, "issue-1", 1)
        reading, written = Event(), Event()

        def write() -> None:
            assert reading.wait(BOUND_SECONDS)
            with store.transaction() as tx:
                issue = tx.find("issue-1")
                assert issue is not None
                tx.append(*recorded(moved_on(issue)))
                fill(tx, "issue-2", 1)
            written.set()

        def read() -> list[tuple[Sequence[int], Sequence[int]]]:
            with store.reading() as tx:
                views = [(versions(tx, "issue-1"), versions(tx, "issue-2"))]
                reading.set()
                give_chance(written)
                views.append((versions(tx, "issue-1"), versions(tx, "issue-2")))
            assert written.wait(BOUND_SECONDS)
            with store.reading() as tx:
                return [*views, (versions(tx, "issue-1"), versions(tx, "issue-2"))]

        assert at_once(write, read)[1] == [([1], []), ([1], []), ([1, 2], [1])]
