"""A ledger held against its checkpoint: whatever was changed since, and however well, is found."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

from rectify import AnyIssue, Complete, Exposed, Fix, Found, Ledger, Scheduled
from rectify.campaign import Campaign
from rectify.canonical import encode
from rectify.checkpoint import Checkpoint
from rectify.comparison import against
from rectify.errors import CheckpointError, InvalidValue, NaiveInstant, NotIntact, StoreError
from rectify.stores.memory import MemoryStore
from support import NOON, OFFICER, Clock, MakeLedger, Tamper, finding, in_state, take


class Row(NamedTuple):
    """A record as it is kept."""

    issue_id: str
    version: int
    body: str
    digest: str


class Behind:
    """What somebody does who may write to the database and knows how records are made."""

    def __init__(self, url: str, tamper: Tamper) -> None:
        self.run = tamper
        self._engine = create_engine(url, poolclass=NullPool)

    def rows(self, issue_id: str) -> list[Row]:
        """The records of an issue."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text("SELECT * FROM rectify_record WHERE issue_id = :id ORDER BY version"),
                {"id": issue_id},
            )
            return [Row(row.issue_id, row.version, row.body, row.digest) for row in rows]

    def rewrite(self, issue_id: str, changes: list[dict[str, Any]]) -> None:
        """Write the records of an issue anew, with changes, in a chain without a fault."""
        previous: Row | None = None
        for version, change in enumerate(changes, 1):
            before = None if previous is None else previous.digest
            body = encode({**change, "version": version, "previous": before})
            row = Row(issue_id, version, body, hashlib.sha256(body.encode()).hexdigest())
            self.run(
                "DELETE FROM rectify_record WHERE issue_id = :issue_id AND version = :version",
                "INSERT INTO rectify_record VALUES (:issue_id, :version, :body, :digest)",
                "UPDATE rectify_issue SET digest = :digest WHERE id = :issue_id",
                **row._asdict(),
            )
            previous = row


@pytest.fixture
def kept(url: str, campaign: Campaign, clock: Clock) -> Iterator[Ledger[AnyIssue]]:
    """A durable ledger with a few issues."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        in_state(ledger, Exposed, reporter="举报人甲 00000000000")
        take(ledger, Complete, in_state(ledger, Scheduled))
        in_state(ledger, Found)
        yield ledger


@pytest.fixture
def behind(url: str, kept: Ledger[AnyIssue], tamper: Tamper) -> Behind:
    return Behind(url, tamper)


def found_by(kept: Ledger[AnyIssue], sealed: Checkpoint) -> set[tuple[str, int | None]]:
    """What an audit against a checkpoint finds: the same with the chains alone."""
    problems = {(p.issue_id, p.version) for p in kept.audit(against=sealed, replay=False).problems}
    assert problems <= {(p.issue_id, p.version) for p in kept.audit(against=sealed).problems}
    return problems


def test_a_ledger_that_went_on_holds_what_was_sealed(make_ledger: MakeLedger) -> None:
    """New issues and new records take nothing from a checkpoint."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    sealed = ledger.seal()
    in_state(ledger, Exposed)
    take(ledger, Fix, found)
    for replay in (True, False):
        audit = ledger.audit(against=sealed, replay=replay)
        assert (True, 2, 6) == (audit.intact, audit.issues, audit.records)


def test_an_empty_ledger_is_sealed_too(make_ledger: MakeLedger) -> None:
    """The root is that of no leaves, and any ledger of the campaign holds it."""
    ledger = make_ledger()
    sealed = ledger.seal()
    assert (0, 0, 0) == (sealed.header.heads, sealed.header.issues, sealed.header.records)
    assert hashlib.sha256(b"").hexdigest() == sealed.header.root
    in_state(ledger, Found)
    assert ledger.audit(against=sealed).intact
    assert ledger.seal(after=sealed).consistency(sealed.header).path == ()


def test_a_checkpoint_says_where_every_issue_stands(kept: Ledger[AnyIssue]) -> None:
    """Each issue by its id, with its version and last digest; and when, and of which campaign."""
    sealed = kept.seal(at=NOON)
    expected = [
        (issue.id, issue.version, kept.history(issue.id)[-1].digest)
        for issue in sorted(kept.issues(), key=lambda issue: issue.id)
    ]
    assert expected == [anchor[:3] for anchor in sealed.anchors]
    header = sealed.header
    assert (kept.campaign.id, kept.campaign.fingerprint) == (header.campaign, header.fingerprint)
    assert (NOON, 3, 8) == (header.made_at, header.issues, header.records)


def test_nothing_confidential_is_in_a_checkpoint(kept: Ledger[AnyIssue]) -> None:
    written = b"\n".join(kept.seal().lines()).decode()
    assert not any(word in written for word in ("举报人", "0000000", "salt", "reporter", "officer"))


# Five kinds of tampering, of which the ledger alone betrays but the first two.


def test_a_changed_byte(kept: Ledger[AnyIssue], behind: Behind) -> None:
    sealed = kept.seal()
    (exposed,) = kept.issues(Exposed)
    where = "WHERE issue_id = :id AND version = 2"
    behind.run(
        f"UPDATE rectify_record SET body = replace(body, '资金', '资全') {where}", id=exposed.id
    )
    assert (exposed.id, 2) in found_by(kept, sealed)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_removed_record(kept: Ledger[AnyIssue], behind: Behind, version: int) -> None:
    """The last one too, after which the chain is as good as before."""
    sealed = kept.seal()
    (scheduled,) = kept.issues(Scheduled)
    behind.run(
        "DELETE FROM rectify_record WHERE issue_id = :id AND version = :version",
        id=scheduled.id,
        version=version,
    )
    expected = version if version == 3 else version + 1
    assert (scheduled.id, expected) in found_by(kept, sealed)


def test_a_removed_record_with_the_issue_put_back(
    kept: Ledger[AnyIssue], behind: Behind, make_ledger: MakeLedger
) -> None:
    """Where the row is put back as well, only the checkpoint knows."""
    (before,) = kept.issues(Found)
    row = {"id": before.id, "body": encode(before), "digest": behind.rows(before.id)[0].digest}
    take(kept, Fix, before)
    sealed = kept.seal()
    behind.run(
        "DELETE FROM rectify_record WHERE issue_id = :id AND version = 2",
        "UPDATE rectify_issue SET state = 'Found', version = 1, body = :body, digest = :digest,"
        " facts = (SELECT facts FROM rectify_issue WHERE id = :id) WHERE id = :id",
        **row,
    )
    assert {(before.id, 2)} == found_by(kept, sealed)


def test_a_removed_issue(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """With its row, its records and what is kept of its reporter, there is nothing to see."""
    sealed = kept.seal()
    (exposed,) = kept.issues(Exposed)
    behind.run(
        "DELETE FROM rectify_record WHERE issue_id = :id",
        "DELETE FROM rectify_issue WHERE id = :id",
        "DELETE FROM rectify_secret WHERE issue_id = :id",
        id=exposed.id,
    )
    assert kept.audit().intact
    assert {(exposed.id, None)} == found_by(kept, sealed)
    (problem,) = kept.audit(against=sealed).problems
    assert "已不在台账中" in problem.text.zh


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_rewritten_history(kept: Ledger[AnyIssue], behind: Behind, first: int) -> None:
    """From any record on, each digest made anew: only the checkpoint tells."""
    sealed = kept.seal()
    (scheduled,) = kept.issues(Scheduled)
    history = [json.loads(row.body) for row in behind.rows(scheduled.id)]
    history[first - 1]["by"]["unit"] = "429000"
    behind.rewrite(scheduled.id, history)
    assert kept.audit().intact
    assert {(scheduled.id, 3)} == found_by(kept, sealed)


def test_a_history_rewritten_and_continued(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """Steps taken since on what was rewritten do not cover it up."""
    sealed = kept.seal()
    (found,) = kept.issues(Found)
    history = [json.loads(row.body) for row in behind.rows(found.id)]
    history[0]["by"]["unit"] = "429000"
    behind.rewrite(found.id, history)
    take(kept, Fix, found)
    assert kept.audit().intact
    assert {(found.id, 1)} == found_by(kept, sealed)


def test_a_reordered_chain(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """Two records that change places, the links made anew."""
    (scheduled,) = kept.issues(Scheduled)
    kept.link(scheduled, in_state(kept, Found).id, kind="same-project", by=OFFICER)
    sealed = kept.seal()
    history = [json.loads(row.body) for row in behind.rows(scheduled.id)]
    behind.rewrite(scheduled.id, [history[0], history[1], history[3], history[2]])
    assert (scheduled.id, 4) in found_by(kept, sealed)


def test_records_that_change_issues(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """Two whole histories that change ids."""
    sealed = kept.seal()
    (exposed,) = kept.issues(Exposed)
    (found,) = kept.issues(Found)
    one, other = exposed.id, found.id
    for old, new in ((one, "–"), (other, one), ("–", other)):
        behind.run(
            "UPDATE rectify_record SET issue_id = :new WHERE issue_id = :old", old=old, new=new
        )
    assert {one, other} <= {issue_id for issue_id, _ in found_by(kept, sealed)}


def test_the_chain_alone_tells_what_is_broken_in_it(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """Without a checkpoint and without replay: gaps, digests, links; not what records lead to."""
    (scheduled,) = kept.issues(Scheduled)
    behind.run("UPDATE rectify_issue SET state = 'Found' WHERE id = :id", id=scheduled.id)
    assert (True, False) == (kept.audit(replay=False).intact, kept.audit().intact)
    steps: list[tuple[str, set[int | None]]] = [
        ("UPDATE rectify_record SET version = 9 WHERE issue_id = :id AND version = 3", {9}),
        ("UPDATE rectify_record SET digest = 'é' WHERE issue_id = :id AND version = 2", {2, 9}),
        ("DELETE FROM rectify_record WHERE issue_id = :id AND version = 1", {2, 9}),
        ("DELETE FROM rectify_record WHERE issue_id = :id", {None}),
    ]
    for statement, expected in steps:
        behind.run(statement, id=scheduled.id)
        found = kept.audit(replay=False).problems
        assert {(scheduled.id, None)} | {(scheduled.id, version) for version in expected} >= {
            (problem.issue_id, problem.version) for problem in found
        }
        assert found


# What is no issue: events, duties, campaigns.

DUTY = "inspection-report/-/-city"


@pytest.fixture
def swept(kept: Ledger[AnyIssue]) -> Ledger[AnyIssue]:
    """A ledger with events, and a duty that was met."""
    kept.sweep(NOON)
    kept.submit(DUTY, by=OFFICER, document_hash="0" * 64)
    return kept


def test_chains_are_sealed_too(swept: Ledger[AnyIssue]) -> None:
    """Each with its last entry; what is added later takes nothing from them."""
    sealed = swept.seal()
    chains = [anchor.id for anchor in sealed.anchors if anchor.kind == "chain"]
    assert ["events", f"duty:{DUTY}"] == chains
    assert len(list(swept.events())) + 1 == sealed.header.entries
    assert sealed.inclusion("events", "chain").holds(sealed.header)
    swept.sweep(NOON + timedelta(days=200))
    swept.submit(DUTY, by=OFFICER, document_hash="1" * 64)
    assert swept.audit(against=sealed).intact
    later = swept.seal(after=sealed)
    assert sealed.header.heads + 2 == later.header.heads
    assert later.consistency(sealed.header).holds(sealed.header, later.header)


@pytest.mark.parametrize(
    ("statements", "version"),
    [
        (["DELETE FROM rectify_journal"], None),
        (["UPDATE rectify_journal SET number = 2"], 1),
        (
            [
                "DELETE FROM rectify_event",
                "UPDATE rectify_ledger SET events = 0, events_digest = ''",
            ],
            13,
        ),
    ],
)
def test_what_is_removed_of_chains_is_found(
    swept: Ledger[AnyIssue], tamper: Tamper, statements: list[str], version: int | None
) -> None:
    """A whole chain, or its last entry, with what pointed at it."""
    sealed = swept.seal()
    assert 13 == sealed.latest["chain", "events"].version
    tamper(*statements)
    assert version in {found for _, found in found_by(swept, sealed)}
    with pytest.raises(NotIntact):
        swept.seal(after=sealed)


def test_an_entry_written_anew_is_found(swept: Ledger[AnyIssue], url: str, tamper: Tamper) -> None:
    """Another document, with a digest that fits."""
    sealed = swept.seal()
    with create_engine(url, poolclass=NullPool).connect() as connection:
        body = str(connection.execute(text("SELECT body FROM rectify_journal")).scalar_one())
    changed = body.replace("0" * 64, "f" * 64)
    digest = hashlib.sha256(changed.encode()).hexdigest()
    tamper("UPDATE rectify_journal SET body = :body, digest = :digest", body=changed, digest=digest)
    assert swept.audit().intact
    assert {(f"duty:{DUTY}", 1)} == found_by(swept, sealed)


# Single bytes, thousands of them.


def changed_bytes(
    kept: Ledger[AnyIssue], sealed: Checkpoint, url: str, tamper: Tamper, trials: int
) -> None:
    """Change one byte of a record at a time; each change is found, in each kind of audit."""
    chance = random.Random(trials)
    tamper()
    with closing(_connect(url)) as connection:
        mark = "?" if url.startswith("sqlite") else "%s"
        rows = connection.execute("SELECT issue_id, version, body, digest FROM rectify_record")
        records = [Row(*row) for row in rows.fetchall()]
        connection.commit()
        for _ in range(trials):
            row = chance.choice(records)
            column = chance.choice(["body", "body", "body", "digest"])
            value = getattr(row, column).encode()
            changed = _change(value, chance, any_byte=url.startswith("sqlite"))
            for content, intact in ((changed, False), (value, True)):
                text_of = "CAST(? AS TEXT)" if mark == "?" else "convert_from(%s, 'UTF8')"
                connection.execute(
                    f"UPDATE rectify_record SET {column} = {text_of}"
                    f" WHERE issue_id = {mark} AND version = {mark}",
                    (content, row.issue_id, row.version),
                )
                connection.commit()
                if not intact:
                    for audit in (kept.audit(), kept.audit(replay=False, against=sealed)):
                        problems = audit.problems
                        assert row.issue_id in {problem.issue_id for problem in problems}, content
    assert kept.audit(against=sealed).intact


def _connect(url: str) -> Any:
    if url.startswith("sqlite"):
        import sqlite3

        return sqlite3.connect(url.removeprefix("sqlite:///"))
    return psycopg.connect(url.replace("+psycopg", ""))


def _change(value: bytes, chance: random.Random, *, any_byte: bool) -> bytes:
    """The value with one byte changed to any other; or to one that still makes a text."""
    while True:
        place, byte = chance.randrange(len(value)), chance.randrange(1, 256)
        changed = value[:place] + bytes([byte]) + value[place + 1 :]
        if changed != value and (any_byte or _is_text(changed)):
            return changed


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_each_of_a_hundred_changed_bytes_is_found(
    kept: Ledger[AnyIssue], url: str, tamper: Tamper
) -> None:
    changed_bytes(kept, kept.seal(), url, tamper, 100)


@pytest.mark.soak
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_each_of_ten_thousand_changed_bytes_is_found(
    kept: Ledger[AnyIssue], url: str, tamper: Tamper
) -> None:
    changed_bytes(kept, kept.seal(), url, tamper, 10_000)


# One checkpoint after another.


def test_a_checkpoint_continues_another(make_ledger: MakeLedger, clock: Clock) -> None:
    """It begins as the earlier one and goes on with what changed; a proof ties the headers."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    in_state(ledger, Exposed)
    first = ledger.seal()
    clock.pass_by(hours=1)
    take(ledger, Fix, found)
    second = ledger.seal(after=first)
    in_state(ledger, Found)
    third = ledger.seal(after=second)
    assert (2, 3, 4) == tuple(each.header.heads for each in (first, second, third))
    assert (2, 2, 3) == tuple(each.header.issues for each in (first, second, third))
    assert (5, 6, 7) == tuple(each.header.records for each in (first, second, third))
    assert first.anchors == second.anchors[:2] == third.anchors[:2]
    for earlier, later in ((first, second), (first, third), (second, third), (third, third)):
        proof = later.consistency(earlier.header)
        assert proof.holds(earlier.header, later.header)
        assert ledger.audit(against=later).intact
    assert not third.consistency(first.header).holds(first.header, second.header)


def test_what_was_sealed_apart_is_not_proven_to_continue(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Two checkpoints that were not made after one another have no proof; an audit has both."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    first = ledger.seal()
    clock.pass_by(hours=1)
    take(ledger, Fix, found)
    second = ledger.seal()
    for earlier, later in ((first, second), (second, first)):
        with pytest.raises(CheckpointError, match="does not continue"):
            later.consistency(earlier.header)
    in_state(ledger, Found)
    with pytest.raises(CheckpointError, match="does not continue"):
        first.consistency(ledger.seal(after=second).header)
    assert ledger.audit(against=first).intact
    assert ledger.audit(against=second).intact


def test_proofs_hold_for_their_own_headers_only(make_ledger: MakeLedger) -> None:
    """Another campaign, another hash, an earlier instant, another head: no."""
    ledger = make_ledger()
    issue = in_state(ledger, Exposed)
    in_state(ledger, Found)
    first = ledger.seal()
    header = first.header
    proof = first.consistency(header)
    for other in (
        attrs.evolve(header, campaign="other"),
        attrs.evolve(header, algorithm="sm3"),
        attrs.evolve(header, made_at=header.made_at - timedelta(seconds=1)),
    ):
        assert not proof.holds(header, other)
    inclusion = first.inclusion(issue.id)
    assert (issue.id, 4) == inclusion.anchor[:2]
    assert inclusion.holds(header)
    changed = inclusion.anchor._replace(version=3)
    assert not attrs.evolve(inclusion, anchor=changed).holds(header)
    assert not attrs.evolve(inclusion, index=1 - inclusion.index).holds(header)
    with pytest.raises(CheckpointError, match="does not hold"):
        first.inclusion("–")


def test_what_is_damaged_is_not_sealed(kept: Ledger[AnyIssue], behind: Behind) -> None:
    """A seal would vouch for it."""
    (found,) = kept.issues(Found)
    sealed = kept.seal()
    behind.run("DELETE FROM rectify_record WHERE issue_id = :id", id=found.id)
    with pytest.raises(NotIntact, match=found.id) as caught:
        kept.seal()
    assert [(found.id, None)] == [(p.issue_id, p.version) for p in caught.value.problems]
    with pytest.raises(NotIntact, match=sealed.header.made_at.isoformat()[:10]):
        kept.seal(after=sealed)


def test_a_checkpoint_of_another_campaign_is_refused(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    """As is an instant before the checkpoint that is continued, and one without a zone."""
    sealed = ledger.seal()
    theirs = attrs.evolve(sealed, header=attrs.evolve(sealed.header, campaign="other-2020"))
    with pytest.raises(CheckpointError, match="other-2020"):
        ledger.audit(against=theirs)
    with pytest.raises(CheckpointError, match="other-2020"):
        ledger.seal(after=theirs)
    with pytest.raises(InvalidValue, match="before the checkpoint"):
        ledger.seal(after=sealed, at=NOON - timedelta(days=1))
    with pytest.raises(NaiveInstant):
        ledger.seal(at=NOON.replace(tzinfo=None))


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="no SM3 in this OpenSSL")
def test_the_tree_may_be_of_sm3(make_ledger: MakeLedger) -> None:
    """The root is another; what continues such a checkpoint is of SM3 too."""
    ledger = make_ledger()
    issue = in_state(ledger, Found)
    sealed = ledger.seal(algorithm="sm3")
    assert ledger.seal().header.root != sealed.header.root
    assert ledger.audit(against=sealed).intact
    in_state(ledger, Found)
    later = ledger.seal(after=sealed)
    assert "sm3" == later.header.algorithm
    assert later.consistency(sealed.header).holds(sealed.header, later.header)
    assert later.inclusion(issue.id).holds(later.header)


def test_histories_are_compared_without_a_ledger(campaign: Campaign, clock: Clock) -> None:
    """The comparison alone takes histories and chains wherever they come from."""
    store = MemoryStore()
    ledger = Ledger(campaign, store=store, clock=clock)
    in_state(ledger, Found)
    ledger.sweep(NOON)
    sealed = ledger.seal()
    assert [] == list(against(sealed, store.histories(), store.chains()))
    assert [None, None] == [problem.version for problem in against(sealed, [])]


def test_a_store_that_fails_is_told(url: str, campaign: Campaign, tmp_path: Path) -> None:
    """An error of the database is an error of ours, and no checkpoint."""
    with Ledger.open(url, campaign) as kept:
        kept.register(finding(), by=OFFICER)
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("DROP TABLE rectify_record"))
        with pytest.raises(StoreError):
            kept.seal()
