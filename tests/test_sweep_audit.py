"""The audit covers events and submissions: any change to what is kept of them is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, exc, text

from rectify import AnyIssue, Ledger, Scheduled
from rectify.audit import audit
from rectify.campaign import Campaign
from rectify.errors import InvalidValue, StaleIssue, StoreError
from rectify.event import event_of
from rectify.journal import Entry, writer
from rectify.lifecycle import STANDARD
from rectify.store import Chain
from rectify.stores.connection import connect
from rectify.stores.memory import MemoryStore
from rectify.stores.source import Pool
from rectify.stores.sql import SqlStore
from support import BEIJING, NOON, OFFICER, Clock, in_state

Tamper = Callable[..., None]
HASH = "0123456789abcdef" * 4
KEY = "inspection-report/-/-city"
NOW = datetime(2018, 7, 1, tzinfo=BEIJING)


@pytest.fixture
def kept(url: str, campaign: Campaign, clock: Clock) -> Iterator[Ledger[AnyIssue]]:
    """A durable ledger that was swept, with two submissions."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        in_state(ledger, Scheduled)
        ledger.sweep(NOW)
        ledger.submit(KEY, by=OFFICER, document_hash=HASH)
        ledger.send_back(KEY, by=OFFICER, reason="缺附表")
        yield ledger


@pytest.fixture
def tamper(url: str) -> Tamper:
    """Runs SQL behind the ledger's back, with the triggers taken off."""
    engine = create_engine(url, poolclass=NullPool)

    def run(*statements: str, **values: Any) -> None:
        with engine.begin() as connection:
            for table in ("rectify_event", "rectify_journal"):
                if engine.dialect.name == "sqlite":
                    for action in ("update", "delete"):
                        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{action}"))
                else:
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_grows ON {table}"))
            for statement in statements:
                connection.execute(text(statement), values)

    return run


def test_what_is_untouched_is_intact(kept: Ledger[AnyIssue]) -> None:
    """Events and entries are counted beside the records."""
    found = kept.audit()
    assert (found.problems, found.events, found.entries) == ((), 17, 2)


@pytest.mark.parametrize("table", ["rectify_event", "rectify_journal"])
@pytest.mark.parametrize("action", ["UPDATE {} SET digest = ''", "DELETE FROM {}"])
def test_the_database_refuses_to_change_them(
    kept: Ledger[AnyIssue], url: str, table: str, action: str
) -> None:
    """A trigger refuses every update and delete, by whatever program."""
    engine = create_engine(url, poolclass=NullPool)
    with pytest.raises(exc.DBAPIError, match="only grows"), engine.begin() as connection:
        connection.execute(text(action.format(table)))
    assert kept.audit().intact


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE rectify_event SET key = 'x' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET kind = 'DueSoon' WHERE number = 17", ("events", 17)),
        ("UPDATE rectify_event SET kind = 'Nothing' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET subject = 'x' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET at = '2018-01-01 00:00:00' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET digest = 'x' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET body = '{}' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET body = '[]' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET body = '' WHERE number = 7", ("events", 7)),
        ("UPDATE rectify_event SET number = 99 WHERE number = 17", ("events", 99)),
        ("DELETE FROM rectify_event WHERE number = 7", ("events", 8)),
        ("DELETE FROM rectify_event WHERE number = 17", ("events", None)),
        ("DELETE FROM rectify_event", ("events", None)),
        ("UPDATE rectify_journal SET digest = 'x' WHERE number = 1", (f"duty:{KEY}", 1)),
        ("UPDATE rectify_journal SET body = '{}' WHERE number = 2", (f"duty:{KEY}", 2)),
        ("DELETE FROM rectify_journal WHERE number = 1", (f"duty:{KEY}", 2)),
        ("UPDATE rectify_journal SET chain = 'duty:x' WHERE number = 1", ("duty:x", 1)),
    ],
)
def test_what_is_changed_or_removed_is_found(
    kept: Ledger[AnyIssue], tamper: Tamper, statement: str, where: tuple[str, int | None]
) -> None:
    """Whatever is changed, moved or taken away is found at its place."""
    tamper(statement)
    assert where in {(problem.issue_id, problem.version) for problem in kept.audit().problems}


def test_a_rewritten_event_breaks_the_chain(
    kept: Ledger[AnyIssue], url: str, tamper: Tamper
) -> None:
    """A body rewritten together with its digest no longer fits the event after it."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        body = connection.execute(text("SELECT body FROM rectify_event WHERE number = 7")).scalar()
    assert isinstance(body, str)
    rewritten = body.replace("2018", "2017")
    digest = hashlib.sha256(rewritten.encode()).hexdigest()
    tamper(
        "UPDATE rectify_event SET body = :body, digest = :digest WHERE number = 7",
        body=rewritten,
        digest=digest,
    )
    assert ("events", 8) in {(one.issue_id, one.version) for one in kept.audit().problems}


def test_an_entry_whose_author_is_no_actor_is_found() -> None:
    """An author without what an actor has is a problem, and not a crash."""
    entry = writer("duty:x", "f" * 64, 0, "")("Submission", NOON, "{}", OFFICER)
    body = entry.body.replace('"unit":"420000"', '"unit":1')
    broken = Entry("duty:x", 1, body, hashlib.sha256(body.encode()).hexdigest())
    found = audit((), STANDARD.step, [Chain("duty:x", [(broken, None)], None)])
    assert [problem.version for problem in found.problems] == [1]


@pytest.mark.parametrize(
    ("kind", "data"),
    [("Nothing", {}), ("Overdue", {"due_at": "soon"}), ("PhaseOpened", {"key": "x"})],
)
def test_what_is_no_event_is_told(kind: str, data: dict[str, Any]) -> None:
    """A record that is not that of an event is an error that says so."""
    with pytest.raises(InvalidValue, match="not that of an event"):
        event_of(kind, NOON, data)


def test_an_entry_takes_the_next_number_or_none(url: str, campaign: Campaign) -> None:
    """Two writers of one chain can't both have its next place, on every store."""
    Ledger.open(url, campaign).close()
    entry = writer("duty:x", campaign.fingerprint, 0, "")("Submission", NOON, "{}", OFFICER)
    durable = SqlStore(Pool(connect(url, create=False)), STANDARD)
    for store in (durable, MemoryStore()):
        with store.transaction() as tx:
            tx.timeline.enter(entry)
        with pytest.raises(StaleIssue), store.transaction() as tx:
            tx.timeline.enter(entry)
        with store.reading() as tx:
            assert [one.body for one in tx.timeline.entries("duty:x")] == [entry.body]
            assert tx.timeline.entries("duty:y") in ([], ())
    durable.close()


def test_a_memory_chain_that_was_taken_back_is_not_there(campaign: Campaign, clock: Clock) -> None:
    """An entry of a transaction that fails leaves no chain behind."""
    store = MemoryStore()
    ledger = Ledger(campaign, store=store, clock=clock)

    def submit_in_vain() -> None:
        with store.transaction():
            ledger.submit(KEY, by=OFFICER, document_hash=HASH)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_in_vain()
    assert (ledger.audit().entries, ledger.audit().problems) == (0, ())


def test_a_ledger_that_can_no_longer_be_read_says_so(
    kept: Ledger[AnyIssue], tamper: Tamper
) -> None:
    """A table that is gone is an error of the store, and no traceback from inside."""
    tamper("DROP TABLE rectify_event")
    with pytest.raises(StoreError):
        kept.sweep(datetime(2018, 12, 1, tzinfo=BEIJING))
