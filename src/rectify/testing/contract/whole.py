"""All issues of a store: listed with filters, and read whole for an audit."""

from __future__ import annotations

from typing import Final

import attrs

from rectify.issue import FixedOnTheSpot
from rectify.store import Store
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import (
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

MANY: Final = 1_201
"""More issues than a store would fetch at once."""


def listed(
    store: Store,
    state: str | None = None,
    unit: str | None = None,
    areas: list[str] | None = None,
) -> list[str]:
    """The ids of the issues that fit, as the store gives them."""
    return [head.issue.id for head in store.heads(state=state, unit=unit, areas=areas)]


class WholeContract(Opening):
    """What a store tells of all its issues is all of it, once, in order."""

    def test_heads_are_listed_by_state_unit_and_areas(self, store: Store) -> None:
        """Filters combine; no areas are no issues; the order is that of the ids."""
        with store.transaction() as tx:
            fill(tx, "c", 1, unit="A", area="funds")
            fill(tx, "a", 2, unit="B", area="conduct")
            found = fill(tx, "b", 1, unit="A", area="funds/embezzlement")
            tx.append(*recorded(FixedOnTheSpot(*found.onward(), "资金已拨付")))
        assert listed(store) == ["a", "b", "c"]
        assert listed(store, "Found") == ["a", "c"]
        assert listed(store, "FixedOnTheSpot") == ["b"]
        assert listed(store, None, "A") == ["b", "c"]
        assert listed(store, None, None, ["funds", "conduct"]) == ["a", "c"]
        assert listed(store, "Found", "A", ["funds", "funds/embezzlement"]) == ["c"]
        assert listed(store, None, None, []) == []

    def test_heads_are_listed_as_they_stand(self, store: Store) -> None:
        """Each is what was last appended, not what it was first."""
        with store.transaction() as tx:
            tx.append(*registered("issue-1"))
        last, body = recorded(moved_on(registered("issue-1", title="另一标题")[0].issue))
        with store.transaction() as tx:
            tx.append(last, body)
        assert list(store.heads(state=None, unit=None, areas=None)) == [last]

    def test_a_listing_goes_on_after_an_issue(self, store: Store) -> None:
        """With those whose ids come later, whether the issue is there or not."""
        with store.transaction() as tx:
            for name in ("a", "b", "d"):
                fill(tx, name, 1)
        found = {
            after: [
                head.issue.id
                for head in store.heads(state="Found", unit=None, areas=None, after=after)
            ]
            for after in ("", "a", "c", "d")
        }
        assert found == {"": ["a", "b", "d"], "a": ["b", "d"], "c": ["d"], "d": []}

    def test_a_long_listing_is_whole_and_without_repeats(self, store: Store) -> None:
        """Of more issues than are fetched at once, each comes once, by id; so do histories."""
        names = [f"issue-{number:05}" for number in range(MANY)]
        with store.transaction() as tx:
            for name in reversed(names):
                fill(tx, name, 1)
        assert listed(store) == names
        assert listed(store, "Found", "420000", ["funds"]) == names
        assert [history.issue_id for history in store.histories()] == names

    def test_a_history_is_what_was_written_of_an_issue(self, store: Store) -> None:
        """Its records with their bytes and digests, by version, and its secrets."""
        head, body = registered("b")
        second, second_body = recorded(moved_on(head.issue), text="第二条")
        with store.transaction() as tx:
            tx.append(head, body)
            tx.append(second, second_body)
            tx.keep(secret("b"))
            fill(tx, "a", 1)
        first, history = store.histories()
        assert (first.issue_id, len(first.rows), list(first.secrets)) == ("a", 1, [])
        assert (history.issue_id, list(history.secrets)) == ("b", [secret("b")])
        assert [tuple(row) for row in history.rows] == [
            (1, body.decode(), head.digest),
            (2, second_body.decode(), second.digest),
        ]

    def test_a_history_tells_whether_the_issue_is_as_it_should_be(self, store: Store) -> None:
        """The last head is held; one that differs in anything is not."""
        head, body = registered("issue-1")
        with store.transaction() as tx:
            tx.append(head, body)
        (history,) = store.histories()
        facts = attrs.evolve(head.facts, handlers=frozenset({"a-1"}))
        others = [
            attrs.evolve(head, issue=moved_on(head.issue)),
            attrs.evolve(head, issue=registered("issue-1", title="改过的标题")[0].issue),
            attrs.evolve(head, facts=facts),
            attrs.evolve(head, digest="0" * 64),
            attrs.evolve(head, at=head.at.replace(microsecond=1)),
        ]
        assert history.holds(head)
        assert [history.holds(other) for other in others] == [False] * len(others)

    def test_what_an_exception_interrupts_leaves_nothing(self, store: Store) -> None:
        """Of a transaction with a write of each kind, all is as it was before."""
        (event,) = overdue("d-1")
        with store.transaction() as tx:
            issue = fill(tx, "issue-1", 2)
            tx.keep(secret("issue-1", "reporter", "甲"))
            tx.owe([delivery("issue-1", 1)])
            tx.timeline.put([deadline("d-1"), deadline("d-2")])
            tx.timeline.record([event])
            tx.timeline.enter(entries("duty:d", 1)[0])
            tx.timeline.rest_on("1" * 64, "plan-1")
        before = everything(store)

        def write(error: BaseException) -> None:
            with store.transaction() as tx:
                tx.append(*recorded(moved_on(issue)))
                fill(tx, "issue-2", 3)
                tx.keep(secret("issue-2"))
                claimed = tx.claim(["tell"], event[1].at, "me", event[1].at)
                assert claimed is not None
                assert tx.settle(attrs.evolve(claimed, status="done"))
                tx.owe([delivery("issue-1", 3), delivery("issue-2", 1)])
                tx.timeline.put([deadline("d-3"), deadline("d-1", unit="other")])
                tx.timeline.go_on([(deadline("d-2").key, None)])
                tx.timeline.record(overdue("d-2", "d-3", after=event[1]))
                tx.timeline.enter(entries("duty:d", 2)[1])
                tx.timeline.enter(entries("duty:e", 1)[0])
                tx.timeline.rest_on("2" * 64, None)
                raise error

        for error in (ZeroDivisionError(), KeyboardInterrupt()):
            try:
                write(error)
            except type(error):
                pass
            assert everything(store) == before

    def test_once_interrupted_it_goes_on(self, store: Store) -> None:
        """What was taken back may be written again, by the next transaction."""
        head, body = registered("issue-1")
        for fails in (True, False):
            try:
                with store.transaction() as tx:
                    tx.append(head, body)
                    tx.keep(secret("issue-1"))
                    tx.owe([delivery("issue-1", 1)])
                    assert tx.timeline.record(overdue("d-1"))
                    tx.timeline.enter(entries("duty:d", 1)[0])
                    if fails:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                pass
        with store.reading() as tx:
            assert (len(tx.records("issue-1")), len(tx.deliveries())) == (1, 1)
            assert (len(tx.timeline.events(0, 9)), len(tx.timeline.entries())) == (1, 1)


def everything(store: Store) -> list[object]:
    """All that a store can be asked, as plain values."""
    with store.transaction() as tx:
        timeline = tx.timeline
        of_transaction: list[object] = [
            [list(tx.records(name)) for name in ("issue-1", "issue-2")],
            [tx.secret(name, "reporter") for name in ("issue-1", "issue-2")],
            list(tx.deliveries()),
            sorted((attrs.astuple(row) for row in timeline.of_campaign()), key=repr),
            [row.key for row in timeline.due(deadline("d").due_at, 99)],
            list(timeline.events(0, 99)),
            timeline.recorded([event.key for event, _ in overdue("d-1", "d-2", "d-3")]),
            list(timeline.entries()),
            timeline.basis(),
        ]
    heads = list(store.heads(state=None, unit=None, areas=None))
    histories = [(one.issue_id, list(one.rows), list(one.secrets)) for one in store.histories()]
    chains = [(one.name, list(one.rows), one.head) for one in store.chains()]
    return [*of_transaction, heads, histories, chains]
