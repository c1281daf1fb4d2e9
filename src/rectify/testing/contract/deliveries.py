"""What hooks are owed: claimed in order, leased for a time, settled by who holds the lease."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from threading import Event
from typing import Any, Final

import attrs

from rectify.store import Delivery, Status, Store
from rectify.testing.contract.concurrency import BOUND_SECONDS, at_once, give_chance
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import AT, CHARACTERS, HOUR, delivery

LEASE: Final = timedelta(minutes=5)
INSTANT: Final = timedelta(microseconds=1)


def owe(store: Store, *deliveries: Delivery) -> None:
    """Add deliveries in a transaction of their own."""
    with store.transaction() as tx:
        tx.owe(deliveries)


def claim(
    store: Store, *hooks: str, after: timedelta = timedelta(0), owner: str = "me"
) -> Delivery | None:
    """Claim one of the hooks' deliveries, so long after `AT`, in a transaction of its own."""
    now = AT + after
    with store.transaction() as tx:
        return tx.claim(hooks or ("tell",), now, owner, now + LEASE)


def settle(store: Store, claimed: Delivery | None, **changes: Any) -> bool:
    """Settle a claimed delivery, by default as done, in a transaction of its own."""
    assert claimed is not None
    with store.transaction() as tx:
        return tx.settle(attrs.evolve(claimed, **{"status": "done", **changes}))


def kept(store: Store, status: Status | None = None) -> list[Delivery]:
    """The deliveries as the store has them, without their numbers."""
    with store.reading() as tx:
        found = tx.deliveries(status)
    return unnumbered(found)


def unnumbered(deliveries: Iterable[Delivery | None]) -> list[Delivery]:
    """The same without the number that the store gives each."""
    return [attrs.evolve(one, id=None) for one in deliveries if one is not None]


def place(claimed: Delivery | None) -> tuple[str, int, str] | None:
    """Which delivery it is: its issue, version and hook."""
    return None if claimed is None else (claimed.issue_id, claimed.seq, claimed.hook)


class DeliveriesContract(Opening):
    """Deliveries are claimed once, in the order of each issue and hook, until they are done."""

    def test_what_is_owed_is_kept_oldest_first(self, store: Store) -> None:
        """With all its fields, and by status; each has a number of its own."""
        first = delivery("b", 2, available_at=AT + HOUR)
        second = delivery("a", 1, attempts=7, status="dead", last_error=CHARACTERS)
        third = delivery("b", 2, "log")
        owe(store, first, second)
        owe(store, third)
        assert kept(store) == [first, second, third]
        assert kept(store, "ready") == [first, third]
        assert (kept(store, "dead"), kept(store, "done")) == ([second], [])
        with store.reading() as tx:
            numbers = [one.id for one in tx.deliveries()]
        assert (len(set(numbers)), None in numbers) == (3, False)

    def test_a_claim_leases_the_oldest_that_is_due(self, store: Store) -> None:
        """It counts as an attempt, and is kept with its owner and the end of its lease."""
        owed = [delivery("a", 1, available_at=AT + HOUR), delivery("b", 1), delivery("c", 1)]
        owe(store, *owed)
        claimed = claim(store)
        leased = attrs.evolve(
            owed[1], status="leased", attempts=1, lease_owner="me", lease_until=AT + LEASE
        )
        assert unnumbered([claimed]) == [leased]
        assert kept(store) == [owed[0], leased, owed[2]]

    def test_nothing_is_claimed_before_it_is_due(self, store: Store) -> None:
        """It is due from its very instant on."""
        owe(store, delivery("a", 1, available_at=AT + HOUR))
        assert claim(store, after=HOUR - INSTANT) is None
        assert place(claim(store, after=HOUR)) == ("a", 1, "tell")

    def test_only_the_hooks_that_are_asked_for_are_claimed(self, store: Store) -> None:
        """Deliveries of others stay as they are; of no hooks there are none."""
        owe(store, delivery("a", 1, "unknown"), delivery("a", 1, "tell"), delivery("a", 1, "log"))
        with store.transaction() as tx:
            assert tx.claim((), AT, "me", AT + LEASE) is None
        claimed = [place(claim(store, "tell", "log")) for _ in range(3)]
        assert claimed == [("a", 1, "tell"), ("a", 1, "log"), None]

    def test_each_line_goes_in_order(self, store: Store) -> None:
        """Of an issue and a hook nothing is claimed while an earlier version is not done."""
        lines = [delivery("a", 1), delivery("a", 2), delivery("a", 2, "log"), delivery("b", 3)]
        owe(store, *lines)
        first, log, other = (claim(store, "tell", "log") for _ in range(3))
        assert [place(one) for one in (first, log, other)] == [
            ("a", 1, "tell"),
            ("a", 2, "log"),
            ("b", 3, "tell"),
        ]
        assert claim(store) is None
        assert settle(store, first, status="ready", available_at=AT + HOUR)
        assert claim(store) is None
        assert settle(store, claim(store, after=HOUR))
        assert place(claim(store, after=HOUR)) == ("a", 2, "tell")

    def test_a_lease_that_has_run_out_passes_to_another(self, store: Store) -> None:
        """At its end, not before; each time counts as an attempt."""
        owe(store, delivery("a", 1))
        assert claim(store) is not None
        assert claim(store, after=LEASE - INSTANT, owner="other") is None
        again = claim(store, after=LEASE, owner="other")
        assert again is not None
        assert (again.attempts, again.lease_owner, again.lease_until) == (
            2,
            "other",
            AT + 2 * LEASE,
        )

    def test_who_has_lost_the_lease_settles_nothing(self, store: Store) -> None:
        """Neither while another holds it, be it under the same name, nor once that is done."""
        owe(store, delivery("a", 1))
        late = claim(store)
        current = claim(store, after=LEASE)
        assert not settle(store, late)
        assert kept(store) == unnumbered([current])
        assert settle(store, current)
        assert not settle(store, late, status="dead")
        assert [one.status for one in kept(store)] == ["done"]

    def test_what_is_settled_is_kept_without_a_lease(self, store: Store) -> None:
        """As done, as dead, or as ready again later with the error's place."""
        owe(store, delivery("a", 1), delivery("b", 1), delivery("c", 1))
        for status, error in (("done", None), ("dead", "E at x.py:1"), ("ready", "E at x.py:2")):
            changes = {"status": status, "last_error": error, "available_at": AT + HOUR}
            assert settle(store, claim(store), **changes)
        assert kept(store) == [
            delivery("a", 1, status="done", attempts=1, available_at=AT + HOUR),
            delivery(
                "b", 1, status="dead", attempts=1, available_at=AT + HOUR, last_error="E at x.py:1"
            ),
            delivery("c", 1, attempts=1, available_at=AT + HOUR, last_error="E at x.py:2"),
        ]
        assert [place(claim(store, after=HOUR)) for _ in range(2)] == [("c", 1, "tell"), None]

    def test_two_who_claim_at_once_get_different_ones(self, store: Store) -> None:
        """One passes over what another's transaction has claimed, or waits for its end."""
        owe(store, delivery("a", 1), delivery("a", 2), delivery("b", 1))
        claimed, looked = Event(), Event()

        def first() -> Delivery | None:
            with store.transaction() as tx:
                mine = tx.claim(["tell"], AT, "first", AT + LEASE)
                claimed.set()
                give_chance(looked)
                return mine

        def second() -> Delivery | None:
            assert claimed.wait(BOUND_SECONDS)
            mine = claim(store, owner="second")
            looked.set()
            return mine

        assert [place(one) for one in at_once(first, second)] == [
            ("a", 1, "tell"),
            ("b", 1, "tell"),
        ]
        assert claim(store) is None
