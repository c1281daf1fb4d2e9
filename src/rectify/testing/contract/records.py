"""Issues, their records and what is kept apart from them, by one writer after another."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import pytest

from rectify.case import Facts
from rectify.errors import StaleIssue
from rectify.issue import FixedOnTheSpot, Issue
from rectify.record import Record
from rectify.sealed import Sealed
from rectify.store import Head, Store
from rectify.testing.contract.opening import Opening
from rectify.testing.contract.rows import (
    AT,
    CHARACTERS,
    deadline,
    fill,
    moved_on,
    recorded,
    registered,
    secret,
)


def ids(heads: Iterable[Head]) -> list[str]:
    """The ids of the issues of heads."""
    return [head.issue.id for head in heads]


class RecordsContract(Opening):
    """Records come back byte by byte, heads as they were last appended."""

    def test_nothing_is_known_of_an_unknown_issue(self, store: Store) -> None:
        """An id that was never used has no head, no issue, no record and no secret."""
        with store.transaction() as tx:
            fill(tx, "issue-1", 2)
            tx.keep(secret("issue-1"))
        with store.reading() as tx:
            assert (tx.head("issue"), tx.find("issue"), list(tx.records("issue"))) == (
                None,
                None,
                [],
            )
            assert (tx.secret("issue", "reporter"), tx.secret("issue-1", "other")) == (None, None)

    def test_records_come_back_in_order_and_byte_by_byte(self, store: Store) -> None:
        """Whatever characters they hold, short or long, by version."""
        texts = ("a", "问题", "长" * 100_000, CHARACTERS.replace('"', ""), " ")
        issue: Issue = registered("issue-1")[0].issue
        expected: list[Record] = []
        for text in texts:
            head, body = recorded(issue, text=text)
            with store.transaction() as tx:
                tx.append(head, body)
            expected.append(Record(issue.id, issue.version, body.decode(), head.digest))
            issue = moved_on(issue)
        with store.reading() as tx:
            assert list(tx.records("issue-1")) == expected

    def test_a_head_is_as_it_was_last_appended(self, store: Store) -> None:
        """The issue in its state, its facts, digest and instant; the same issue is found."""
        first, body = registered("issue-1", description=CHARACTERS)
        fixed = FixedOnTheSpot(*first.issue.onward(), "资金已拨付")
        second, second_body = recorded(fixed, Facts(frozenset({"a-1", "b-2"}), transferred=True))
        with store.transaction() as tx:
            tx.append(first, body)
        with store.transaction() as tx:
            assert tx.head("issue-1") == first
            tx.append(second, second_body)
        with store.reading() as tx:
            assert (tx.head("issue-1"), tx.find("issue-1")) == (second, fixed)

    def test_a_known_issue_is_no_other_than_the_stores(self, store: Store) -> None:
        """Given one that is equal or one that is not, the head is that which is kept."""
        head, body = registered("issue-1")
        equal = attrs.evolve(head.issue)
        others = (moved_on(head.issue), registered("issue-1", title="改过的标题")[0].issue)
        with store.transaction() as tx:
            tx.append(head, body)
        with store.reading() as tx:
            assert [tx.head("issue-1", known) for known in (equal, *others)] == [head] * 3

    def test_ids_are_told_apart(self, store: Store) -> None:
        """Ids of up to 500 characters, in any letters; neither case nor blanks are folded."""
        names = ("A-1", "a-1", "a-1 ", "鄂治〔2018〕1号", "问" * 500, "问" * 499 + "闻", "%", "_")
        with store.transaction() as tx:
            for number, name in enumerate(names, 1):
                fill(tx, name, number)
        with store.reading() as tx:
            assert [len(tx.records(name)) for name in names] == list(range(1, len(names) + 1))
        assert set(ids(store.heads(state=None, unit=None, areas=None))) == set(names)

    def test_a_version_that_is_not_the_next_is_stale(self, store: Store) -> None:
        """One that is taken and one that leaves a gap raise `StaleIssue`; nothing is written."""
        with store.transaction() as tx:
            issue = fill(tx, "issue-1", 2)

        def write(version: int) -> None:
            with store.transaction() as tx:
                tx.keep(secret("issue-1"))
                tx.timeline.put([deadline("d-1")])
                tx.append(*recorded(attrs.evolve(issue, version=version), text="late"))

        for version in (1, 2, 4):
            with pytest.raises(StaleIssue) as caught:
                write(version)
            assert (caught.value.issue_id, caught.value.version) == ("issue-1", version - 1)
        with store.reading() as tx:
            assert [record.version for record in tx.records("issue-1")] == [1, 2]
            assert tx.find("issue-1") == issue
            assert tx.secret("issue-1", "reporter") is None
            assert list(tx.timeline.of_campaign()) == []

    def test_an_issue_begins_with_its_first_version(self, store: Store) -> None:
        """A second version of what has no first is stale, and leaves no issue behind."""
        head, body = recorded(moved_on(registered("issue-1")[0].issue))
        with pytest.raises(StaleIssue), store.transaction() as tx:
            tx.append(head, body)
        with store.reading() as tx:
            assert (tx.head("issue-1"), list(tx.records("issue-1"))) == (None, [])
        assert list(store.histories()) == []

    def test_secrets_are_kept_by_issue_and_field(self, store: Store) -> None:
        """Each is found by both; one whose text is gone has none."""
        with store.transaction() as tx:
            for issue_id in ("issue-1", "issue-2"):
                fill(tx, issue_id, 1)
            tx.keep(secret("issue-1", "reporter", CHARACTERS))
            tx.keep(secret("issue-1", "person", "乙"))
            tx.keep(secret("issue-2", "reporter", None))
        wanted = [("issue-1", "reporter"), ("issue-1", "person"), ("issue-2", "reporter")]
        with store.reading() as tx:
            assert [tx.secret(*one) for one in wanted] == [
                Sealed(CHARACTERS),
                Sealed("乙"),
                None,
            ]

    def test_an_erased_secret_leaves_when_it_was_erased(self, store: Store) -> None:
        """Its text and salt are gone; what others keep, and who keeps any, stays."""
        with store.transaction() as tx:
            for issue_id in ("issue-1", "issue-2", "issue-3"):
                fill(tx, issue_id, 1)
                tx.keep(secret(issue_id))
        left = secret("issue-1").erased(AT)
        with store.transaction() as tx:
            tx.erase(left)
            assert tx.kept("issue-1", "reporter") == left
        with store.reading() as tx:
            assert (tx.kept("issue-1", "reporter"), tx.secret("issue-1", "reporter")) == (
                left,
                None,
            )
            assert tx.kept("issue-2", "reporter") == secret("issue-2")
            assert tx.kept("issue-2", "other") is None
            assert list(tx.keeping(["Found"], "", 9)) == ["issue-2", "issue-3"]
            assert list(tx.keeping(["Found"], "", 1)) == ["issue-2"]
            assert list(tx.keeping(["Found"], "issue-2", 9)) == ["issue-3"]
            assert list(tx.keeping(["Verified"], "", 9)) == []
        assert isinstance(store.scrub(), bool)

    def test_writes_show_within_their_transaction(self, store: Store) -> None:
        """What a transaction has written it reads, before it ends."""
        head, body = registered("issue-1")
        with store.transaction() as tx:
            tx.append(head, body)
            tx.keep(secret("issue-1"))
            assert (tx.head("issue-1"), tx.find("issue-1")) == (head, head.issue)
            assert [record.body for record in tx.records("issue-1")] == [body.decode()]
            assert tx.secret("issue-1", "reporter") == secret("issue-1").text
