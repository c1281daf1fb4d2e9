"""What hooks are owed: claimed in order, leased for a time, settled by who holds the lease."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from threading import Event
from typing import Any, Final

import attrs
import pytest

from rectify.errors import InvalidValue
from rectify.store import LEASE_LOST, Backlog, Delivery, Status, Store
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

    def test_a_lease_that_was_lost_shows(self, store: Store) -> None:
        """What is claimed from one that never came back says so, and nothing else does."""
        owe(store, delivery("a", 1))
        first = claim(store)
        again = claim(store, after=LEASE)
        assert [one.last_error for one in (first, again) if one] == [None, LEASE_LOST]

    def test_a_dead_delivery_holds_its_line_unless_it_is_passed(self, store: Store) -> None:
        """Of the hooks that are named, a later one is claimed; of others it waits."""
        owe(store, *(delivery("a", seq, hook) for hook in ("tell", "log") for seq in (1, 2)))
        for _ in range(2):
            assert settle(store, claim(store, "tell", "log"), status="dead")
        with store.transaction() as tx:
            leasing = (["tell", "log"], AT, "me", AT + LEASE)
            claimed = [place(tx.claim(*leasing, past_dead=["log"])) for _ in range(2)]
        assert claimed == [("a", 2, "log"), None]

    def test_of_one_line_no_other_is_claimed(self, store: Store) -> None:
        """Of an issue and hook that are named, in their order; others stay as they are."""
        owe(store, delivery("a", 1), delivery("b", 1), delivery("b", 1, "log"), delivery("b", 2))
        with store.transaction() as tx:
            leasing = (["tell", "log"], AT, "me", AT + LEASE)
            claimed = [place(tx.claim(*leasing, line=delivery("b", 2))) for _ in range(2)]
        assert claimed == [("b", 1, "tell"), None]

    def test_what_may_be_claimed_is_told_without_claiming_it(self, store: Store) -> None:
        """The first of each line that is due, oldest first, at most so many."""
        owe(store, delivery("b", 1), delivery("b", 2), delivery("a", 1, available_at=AT + HOUR))
        owe(store, delivery("a", 1, "log"), delivery("c", 1, status="dead"), delivery("c", 2))
        with store.reading() as tx:
            numbers = [one.id for one in tx.deliveries()]
            due = [
                list(tx.due(["tell", "log"], AT, at_most=9)),
                list(tx.due(["tell", "log"], AT, at_most=1)),
                list(tx.due(["tell"], AT + HOUR, past_dead=["tell"], at_most=9)),
            ]
        assert due == [
            [numbers[0], numbers[3]],
            [numbers[0]],
            [numbers[0], numbers[2], numbers[5]],
        ]
        assert claim(store) is not None
        with store.reading() as tx:
            assert list(tx.due(["tell"], AT, at_most=9)) == []

    def test_only_what_a_hook_is_not_owed_yet_is_added(self, store: Store) -> None:
        """Where the missing ones are asked for, what is there stays as it is, whatever its key."""
        there = [delivery("a", 1, status="done"), delivery("a", 2, key="another")]
        owe(store, *there)
        missing = [delivery("a", seq) for seq in (1, 2, 3)]
        with store.transaction() as tx:
            assert tx.owe(missing, missing=True) == 1
        assert kept(store) == [*there, missing[2]]

    def test_what_is_owed_is_handed_over_by_its_number(self, store: Store) -> None:
        """With the transaction's own connection, and only what is open; what fails undoes it."""
        told: list[tuple[object, list[int]]] = []

        def tell(connection: object, numbers: Sequence[int]) -> None:
            told.append((connection, list(numbers)))

        owe(store, delivery("a", 1, status="done"))
        with store.transaction() as tx:
            connection = tx.connection
            owed = [delivery("a", 1), delivery("a", 2)]
            tx.owe(owed, tell, missing=True)
        with store.reading() as tx:
            assert told == [(connection, [one.id for one in tx.deliveries("ready")])]

        def fail(connection: object, numbers: object) -> None:
            raise ConnectionError

        with pytest.raises(ConnectionError), store.transaction() as tx:
            tx.owe([delivery("b", 1)], fail)
        assert kept(store, "ready") == [delivery("a", 2)]

    def test_deliveries_are_found_by_hook_issue_and_number(self, store: Store) -> None:
        """All that is asked for must fit, and no more than so many are given."""
        owed = [delivery("a", 1), delivery("a", 1, "log"), delivery("b", 1), delivery("a", 2)]
        owe(store, *owed)
        with store.reading() as tx:
            numbers = [one.id or 0 for one in tx.deliveries()]
            found = [
                tx.deliveries(hook="tell", issue_id="a"),
                tx.deliveries("ready", hook="tell", at_most=2),
                tx.deliveries(ids=[numbers[3], numbers[1]]),
                tx.deliveries(ids=[], hook="tell"),
                tx.deliveries("dead"),
            ]
        assert [unnumbered(each) for each in found] == [
            [owed[0], owed[3]],
            [owed[0], owed[2]],
            [owed[1], owed[3]],
            [],
            [],
        ]

    def test_what_is_open_is_counted_by_hook_and_status(self, store: Store) -> None:
        """With the earliest instant that one is due; what is done is not counted."""
        owe(
            store,
            delivery("a", 1, available_at=AT + HOUR),
            delivery("b", 1),
            delivery("c", 1, status="dead"),
            delivery("d", 1, status="done"),
            delivery("a", 1, "log"),
        )
        with store.reading() as tx:
            assert list(tx.backlog()) == [
                Backlog("log", "ready", 1, AT),
                Backlog("tell", "dead", 1, AT),
                Backlog("tell", "ready", 2, AT),
            ]

    def test_what_is_dead_is_revived(self, store: Store) -> None:
        """Due at once, its attempts forgotten, its key as before; only what is asked for."""
        dead = [delivery(one, 1, hook, status="dead", attempts=8) for one, hook in _THREE]
        owe(store, *dead, delivery("d", 1, attempts=3))
        with store.transaction() as tx:
            numbers = [one.id or 0 for one in tx.deliveries("dead")]
            assert list(tx.revive(AT + HOUR, ids=[numbers[0]])) == numbers[:1]
            assert list(tx.revive(AT + HOUR, hook="log")) == numbers[1:2]
            assert list(tx.revive(AT + 2 * HOUR)) == numbers[2:]
            assert list(tx.revive(AT)) == []
        instants = (AT + HOUR, AT + HOUR, AT + 2 * HOUR)
        assert kept(store) == [
            *(
                attrs.evolve(one, status="ready", attempts=0, available_at=at)
                for one, at in zip(dead, instants, strict=True)
            ),
            delivery("d", 1, attempts=3),
        ]

    def test_deliveries_are_given_to_another_hook(self, store: Store) -> None:
        """All of them and their keys as before, unless that one is owed the same."""
        owed = [delivery("a", 1, status="done"), delivery("a", 2), delivery("a", 2, "log")]
        owe(store, *owed)
        with pytest.raises(InvalidValue, match="log"), store.transaction() as tx:
            tx.rename_hook("tell", "log")
        assert kept(store) == owed
        with store.transaction() as tx:
            assert (tx.rename_hook("tell", "new"), tx.rename_hook("tell", "x")) == (2, 0)
        renamed = [attrs.evolve(one, hook="new") for one in owed[:2]]
        assert kept(store) == [*renamed, owed[2]]
        with store.transaction() as tx:
            assert tx.owe([delivery("a", 2, "new")], missing=True) == 0

    def test_who_settles_keeps_the_new_name(self, store: Store) -> None:
        """What was renamed while it was leased is not given its old name back."""
        owe(store, delivery("a", 1))
        claimed = claim(store)
        with store.transaction() as tx:
            tx.rename_hook("tell", "new")
        assert settle(store, claimed)
        assert [(one.hook, one.status) for one in kept(store)] == [("new", "done")]


_THREE: Final = (("a", "tell"), ("b", "log"), ("c", "tell"))
