"""Ledgers chained by SM3: a property of the ledger, on every store, chosen once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import attrs
import pytest
from sqlalchemy import create_engine, inspect, text

from djangosite import set_up, sqlite, using
from rectify import AnyIssue, Ledger
from rectify.campaign import Campaign
from rectify.digests import ALGORITHMS, Algorithm
from rectify.errors import DigestMismatch, InvalidValue, NotIntact, StoreUnreadable
from rectify.event import Event
from rectify.issue import Found
from rectify.moves import Fix
from rectify.secret_key import SecretKey
from rectify.store import Store
from rectify.stores import tables
from rectify.stores.memory import MemoryStore
from rectify.stores.migration import Migrated, migrate
from rectify.testing.contract.stories import live
from support import OFFICER, Clock, MakeLedger, Tamper, finding, in_state, take
from test_cli import rectify

pytestmark = pytest.mark.skipif(
    "sm3" not in hashlib.algorithms_available, reason="no SM3 in this OpenSSL"
)


def sm3(text: str) -> str:
    """The hash as the standard library makes it."""
    return hashlib.new("sm3", text.encode()).hexdigest()


def store_of(ledger: Ledger[AnyIssue]) -> Store:
    """The store of a ledger."""
    store: Store = vars(ledger)["_store"]
    return store


def whole_story(ledger: Ledger[AnyIssue], clock: Clock, campaign: Campaign) -> None:
    """Every kind of chain: issues, events, duties, happenings, a replay, a campaign."""
    live(ledger, clock)
    with ledger.batch():
        take(ledger, Fix, in_state(ledger, Found))
    ledger.after(Event, name="late")(lambda occurred: None)
    ledger.replay("late")
    ledger.visited("undercover-visits", turn=1, ended_on=clock.now.date(), by=OFFICER)
    newer = attrs.evolve(campaign, fingerprint="1" * 64)
    ledger.adopt(newer, by=OFFICER, reason="第二版")
    take(ledger, Fix, in_state(ledger, Found))


@pytest.mark.parametrize("digest", ALGORITHMS)
def test_a_whole_story_is_chained_by_the_ledgers_hash(
    make_ledger: MakeLedger, clock: Clock, campaign: Campaign, digest: Algorithm
) -> None:
    """Each record, event and entry has the digest that `hashlib` makes, and the one before."""
    ledger = make_ledger(digest=digest)
    whole_story(ledger, clock, campaign)
    store = store_of(ledger)
    chains = [list(history.rows) for history in store.histories()]
    names: set[str] = set()
    for chain in store.chains():
        names.add(chain.name.partition(":")[0])
        chains.append([(entry.number, entry.body, entry.digest) for entry, _ in chain.rows])
    for rows in chains:
        previous = None
        for _, body, found in rows:
            assert hashlib.new(digest, body.encode()).hexdigest() == found
            assert previous == json.loads(body)["previous"]
            previous = found
    assert {"events", "duty", "visit", "hook", "campaign"} <= names
    assert (digest, True, True) == (
        ledger.digest,
        ledger.audit().intact,
        ledger.audit(replay=False).intact,
    )


def test_a_changed_byte_is_found(
    url: str, campaign: Campaign, clock: Clock, tamper: Tamper
) -> None:
    """In a record and in an event, by either audit; a digest of SHA-256 in its place is no help."""
    with Ledger.open(url, campaign, clock=clock, digest="sm3") as ledger:
        issue = take(ledger, Fix, in_state(ledger, Found))
        clock.pass_by(days=38)
        ledger.sweep()
        body = ledger.history(issue.id)[-1].body
        changed = body.replace("资金", "钱款")
        tamper(
            "UPDATE rectify_record SET body = :body, digest = :digest WHERE version = 2",
            "UPDATE rectify_issue SET digest = :digest",
            "UPDATE rectify_event SET body = replace(body, 'T', 't') WHERE number = 2",
            body=changed,
            digest=hashlib.sha256(changed.encode()).hexdigest(),
        )
        assert changed != body
        for replay in (True, False):
            problems = {
                (problem.issue_id, problem.version, problem.text.en)
                for problem in ledger.audit(replay=replay).problems
            }
            wrong = "its digest does not fit its content"
            assert {(issue.id, 2, wrong), ("events", 2, wrong)} <= problems
        with pytest.raises(NotIntact):
            ledger.seal()


def test_opened_again_it_has_the_hash_it_was_made_with(
    url: str, campaign: Campaign, clock: Clock
) -> None:
    """Named or not, within a host's transaction too; what is written then goes on in its chain."""
    with Ledger.open(url, campaign, clock=clock, digest="sm3") as ledger:
        issue = in_state(ledger, Found)
        sealed = ledger.seal()
    with Ledger.open(url, campaign, clock=clock) as ledger:
        assert "sm3" == ledger.digest
        issue = take(ledger, Fix, issue)
    engine = create_engine(url)
    with Ledger.open(url, campaign, clock=clock, digest="sm3") as ledger:
        with engine.begin() as connection:
            assert "sm3" == ledger.within(connection).digest
            in_state(ledger.within(connection), Found)
        with engine.begin() as connection:
            on = Ledger.on(connection, campaign, clock=clock)
            assert "sm3" == on.digest
            in_state(on, Found)
        records = [one for issue in ledger.issues() for one in ledger.history(issue.id)]
        assert 4 == len(records)
        assert [sm3(record.body) for record in records] == [record.digest for record in records]
        assert ledger.audit(against=sealed).intact
    engine.dispose()


@pytest.mark.parametrize(("made", "asked"), [("sha256", "sm3"), ("sm3", "sha256")])
def test_another_hash_than_the_ledgers_is_refused(
    url: str, campaign: Campaign, made: Algorithm, asked: Algorithm
) -> None:
    """The error names both, wherever it is opened, and nothing is changed."""
    Ledger.open(url, campaign, digest=made).close()
    engine = create_engine(url)
    told = f"made with {made}, not with {asked}"
    with pytest.raises(DigestMismatch, match=told):
        Ledger.open(url, campaign, digest=asked)
    with engine.connect() as connection, pytest.raises(DigestMismatch, match=told):
        Ledger.on(connection, campaign, digest=asked)
    with pytest.raises(DigestMismatch, match=told):
        Ledger(campaign, store=MemoryStore(made), digest=asked)
    engine.dispose()
    with Ledger.open(url, campaign, digest=made) as ledger:
        ledger.register(finding(), by=OFFICER)
        assert ledger.audit().intact


def test_a_hosts_transaction_may_make_one(url: str, campaign: Campaign) -> None:
    """`Ledger.on` with ``create`` takes ``digest``, as `Ledger.open` does."""
    engine = create_engine(url)
    with engine.begin() as connection:
        ledger = Ledger.on(connection, campaign, create=True, digest="sm3")
        ledger.register(finding(), by=OFFICER)
    engine.dispose()
    with Ledger.open(url, campaign) as ledger:
        assert ("sm3", True) == (ledger.digest, ledger.audit().intact)


def test_a_memory_store_keeps_its_hash(campaign: Campaign) -> None:
    """A second ledger on it goes on with the first one's."""
    store = MemoryStore("sm3")
    issue = in_state(Ledger(campaign, store=store), Found)
    ledger: Ledger[AnyIssue] = Ledger(campaign, store=store, digest="sm3")
    take(ledger, Fix, issue)
    assert ("sm3", True) == (ledger.digest, ledger.audit().intact)


def test_what_is_sealed_is_sealed_with_the_same_hash(make_ledger: MakeLedger, clock: Clock) -> None:
    """Unless another is asked for; compared with either, what was sealed is found as it was."""
    ledger = make_ledger(digest="sm3")
    issue = in_state(ledger, Found)
    sealed, other = ledger.seal(), ledger.seal(algorithm="sha256")
    assert ("sm3", "sha256") == (sealed.header.algorithm, other.header.algorithm)
    assert sealed.anchors == other.anchors
    assert ledger.history(issue.id)[0].digest == sealed.latest["issue", issue.id].digest
    take(ledger, Fix, issue)
    for checkpoint in (sealed, other):
        assert ledger.audit(against=checkpoint).intact
        assert ledger.audit(against=checkpoint, replay=False).intact
        later = ledger.seal(after=checkpoint)
        assert later.consistency(checkpoint.header).holds(checkpoint.header, later.header)


def test_what_was_sealed_and_written_anew_is_found(
    url: str, campaign: Campaign, clock: Clock, tamper: Tamper
) -> None:
    """With digests of SM3 that fit, the checkpoint alone tells."""
    with Ledger.open(url, campaign, clock=clock, digest="sm3") as ledger:
        issue = in_state(ledger, Found)
        sealed = ledger.seal()
        body = ledger.history(issue.id)[0].body.replace("滞留", "存放")
        tamper(
            "UPDATE rectify_record SET body = :body, digest = :digest",
            "UPDATE rectify_issue SET digest = :digest",
            body=body,
            digest=sm3(body),
        )
        assert ledger.audit(replay=False).intact
        found = ledger.audit(replay=False, against=sealed).problems
        assert [(issue.id, 1)] == [(problem.issue_id, problem.version) for problem in found]


def _makers(
    url: str, campaign: Campaign, digest: Algorithm
) -> tuple[Callable[[], Ledger[AnyIssue]], ...]:
    """A ledger in memory, and one in a database."""
    return (
        lambda: Ledger(campaign, digest=digest),
        lambda: Ledger.open(url, campaign, digest=digest),
    )


def test_a_python_without_it_makes_and_opens_no_such_ledger(url: str, campaign: Campaign) -> None:
    """The error says what is wanting, before anything is made."""
    with patch("rectify.digests.hashlib.new", side_effect=ValueError("unsupported")):
        for make in _makers(url, campaign, "sm3"):
            with pytest.raises(InvalidValue, match="digest: the hashlib of this Python has no sm3"):
                make()
        Ledger.open(url, campaign).close()  # there was none: it is made, with SHA-256
    with Ledger.open(url, campaign) as ledger:
        assert "sha256" == ledger.digest


def test_a_python_without_it_opens_none_that_is_there(url: str, campaign: Campaign) -> None:
    """Nor one that it is not told the hash of."""
    Ledger.open(url, campaign, digest="sm3").close()
    with (
        patch("rectify.digests.hashlib.new", side_effect=ValueError("unsupported")),
        pytest.raises(InvalidValue, match="no sm3"),
    ):
        Ledger.open(url, campaign)


def test_an_unknown_hash_is_refused(url: str, campaign: Campaign, tamper: Tamper) -> None:
    """When it is asked for, and when a damaged ledger names it."""
    unknown: Algorithm = "md5"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    for make in _makers(url, campaign, unknown):
        with pytest.raises(InvalidValue, match=r"digest: expected .*sm3.*md5"):
            make()
    Ledger.open(url, campaign).close()
    tamper("UPDATE rectify_ledger SET digest = 'md5'")
    with pytest.raises(StoreUnreadable, match="which hash"):
        Ledger.open(url, campaign)


def test_a_ledger_of_layout_2_stays_with_sha256(url: str, campaign: Campaign, clock: Clock) -> None:
    """Its migration notes what its records were made with so far."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        issue = in_state(ledger, Found)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE rectify_ledger DROP COLUMN digest"))
        if engine.dialect.name == "sqlite":
            for table, _ in tables.ONLY_GROWING:
                connection.execute(text(f"DROP TRIGGER {table}_no_replace"))
        connection.execute(text("UPDATE rectify_ledger SET schema_version = 2"))
        connection.execute(text(f"UPDATE {tables.VERSION_TABLE} SET version_num = '0002'"))
    assert migrate(url) == Migrated(2, tables.SCHEMA)
    with engine.connect() as connection:
        columns = inspect(connection).get_columns("rectify_ledger")
        assert [False] == [one["nullable"] for one in columns if one["name"] == "digest"]
    engine.dispose()
    with pytest.raises(DigestMismatch):
        Ledger.open(url, campaign, digest="sm3")
    with Ledger.open(url, campaign, clock=clock) as ledger:
        take(ledger, Fix, issue)
        assert ("sha256", True) == (ledger.digest, ledger.audit().intact)


def test_the_commands_follow_the_ledger(
    tmp_path: Path, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Audit and seal need not be told; the checkpoint's tree is of the same hash."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    file, sealed = tmp_path / "ledger.db", tmp_path / "sealed"
    with Ledger.open(file, campaign, digest="sm3") as ledger:
        ledger.register(finding(), by=OFFICER)
    made = rectify("seal", file, "--out", sealed, "--json")
    assert (0, "sm3") == (made.exit_code, json.loads(made.stdout)["algorithm"])
    for options in ((), ("--chain-only",), ("--against", sealed)):
        assert 0 == rectify("audit", file, *options).exit_code


def test_the_audit_counts_what_it_could_not_compare(
    tmp_path: Path, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key, the command says of how many confidential texts; else nothing of it."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    plain, locked = tmp_path / "plain.db", tmp_path / "locked.db"
    for file, key in ((plain, None), (locked, SecretKey(b"k" * 32))):
        with Ledger.open(file, campaign, secrets=key) as ledger:
            ledger.register(finding(reporter="举报人甲 00000000000"), by=OFFICER)
    said = "confidential texts not compared, for want of the key: 1"
    assert [True, False] == [said in rectify("audit", file).stdout for file in (locked, plain)]
    counts = [json.loads(rectify("audit", file, "--json").stdout) for file in (locked, plain)]
    assert [1, 0] == [one["locked"] for one in counts]
    assert "缺少密钥" in rectify("audit", locked, "--lang", "zh").stdout


def test_a_django_project_chooses_it_in_its_settings(tmp_path: Path) -> None:
    """``migrate`` makes the ledger with it; a project that says otherwise is told both."""
    set_up()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import override_settings

    from rectify.integrations.django import get_ledger
    from rectify.integrations.django.conf import current

    file = tmp_path / "project.db"
    with using(sqlite(file)):
        with override_settings(RECTIFY={**settings.RECTIFY, "DIGEST": "sm3"}):
            call_command("migrate", verbosity=0)
            ledger = get_ledger()
            issue = ledger.register(finding(), by=OFFICER)
            (record,) = ledger.history(issue.id)
            assert ("sm3", sm3(record.body)) == (ledger.digest, record.digest)
            assert ledger.audit(against=ledger.seal()).intact
        with pytest.raises(DigestMismatch, match="made with sm3, not with sha256"):
            get_ledger().get(issue.id)
        with (
            override_settings(RECTIFY={**settings.RECTIFY, "DIGEST": "md5"}),
            pytest.raises(Exception, match=r"DIGEST.*sm3.*md5"),
        ):
            current()
    with Ledger.open(file, ledger.campaign) as plain:
        assert ("sm3", True) == (plain.digest, plain.audit().intact)
