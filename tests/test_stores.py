"""Opening a durable ledger: what is wrong is said clearly, and nothing is written."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError

from rectify import AnyIssue, Found, Ledger
from rectify.campaign import Campaign
from rectify.errors import CampaignMismatch, MissingExtra, StoreError, StoreUnreadable
from rectify.stores import tables
from support import OFFICER, finding, in_state


def _execute(url: str, statement: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("name", ["台账.db", "a?b.db", "a%3Fb.db", "a b#c.db"])
def test_a_file_of_any_name_is_a_ledger(tmp_path: Path, campaign: Campaign, name: str) -> None:
    """A path is taken as it is, whatever an address would make of its characters."""
    with Ledger.open(tmp_path / name, campaign) as ledger:
        issue = ledger.register(finding(), by=OFFICER)
    assert (tmp_path / name).is_file()
    with Ledger.open(tmp_path / name, campaign, create=False) as again:
        assert again.get(issue.id) == issue


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_an_sqlite_database_in_memory_is_no_ledger(campaign: Campaign, address: str) -> None:
    """What is gone with the process is not opened by an address; the error says how it is had."""
    with pytest.raises(StoreError, match=r"Ledger\(campaign\)"):
        Ledger.open(address, campaign)


BAD_ADDRESSES = [
    ("", "can't be read"),
    ("ledger.db", "can't be read"),
    ("mysql://clerk:secret@db/x", "SQLite"),
    ("oracle://clerk:secret@db/x", "SQLite"),
    ("postgresql+nosuch://clerk:secret@db/x", "no such driver"),
    ("postgresql+asyncpg://clerk:secret@db/x", "asyncpg"),
    ("sqlite:////no/such/folder/ledger.db", "/no/such/folder"),
]


@pytest.mark.parametrize(("address", "told"), BAD_ADDRESSES)
def test_an_address_that_is_wrong_is_told_without_its_password(
    campaign: Campaign, address: str, told: str
) -> None:
    """What is wrong with the address is said, and no password is repeated."""
    with pytest.raises(StoreError) as caught:
        Ledger.open(address, campaign)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_database_that_does_not_answer_is_a_clear_error(campaign: Campaign) -> None:
    """A server that is not there is told in bounded time, without the password."""
    with pytest.raises(StoreError) as caught:
        Ledger.open("postgresql+psycopg://clerk:secret@127.0.0.1:1/x", campaign)
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_is_not_installed_is_named(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a driver or without SQLAlchemy the extra to install is named."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"rectify\[postgres\]"):
        Ledger.open("postgresql+psycopg://127.0.0.1/x", campaign)
    monkeypatch.delattr("rectify.stores.opening")
    for module in ("opening", "connection"):
        monkeypatch.delitem(sys.modules, f"rectify.stores.{module}")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"sqlalchemy.*rectify\[sql\]"):
        Ledger.open("sqlite:///ledger.db", campaign)


def _halved(file: Path, campaign: Campaign) -> None:
    with Ledger.open(file, campaign) as ledger:
        for _ in range(40):
            in_state(ledger, Found)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _of_words(file: Path, campaign: Campaign) -> None:
    file.write_text("这不是台账。" * 200, encoding="utf-8")


def _folder(file: Path, campaign: Campaign) -> None:
    file.mkdir()


@pytest.mark.parametrize("spoil", [_halved, _of_words, _folder])
def test_what_is_no_whole_ledger_is_told(tmp_path: Path, campaign: Campaign, spoil: Any) -> None:
    """A half-written file, another kind of file and a folder are no ledger, and are left alone."""
    file = tmp_path / "ledger.db"
    spoil(file, campaign)
    before = file.read_bytes() if file.is_file() else None

    def use() -> None:
        with Ledger.open(file, campaign) as ledger:
            ledger.audit()

    with pytest.raises(StoreUnreadable, match=str(file)):
        use()
    assert (file.read_bytes() if file.is_file() else None) == before


def test_nothing_is_made_where_nothing_is_to_be_made(tmp_path: Path, campaign: Campaign) -> None:
    """With create false neither a file nor a table appears."""
    with pytest.raises(StoreError, match="no such file"):
        Ledger.open(tmp_path / "ledger.db", campaign, create=False)
    assert list(tmp_path.iterdir()) == []
    sqlite3.connect(tmp_path / "other.db").close()
    (tmp_path / "other.db").touch()
    with pytest.raises(StoreUnreadable, match="no ledger"):
        Ledger.open(tmp_path / "other.db", campaign, create=False)
    assert (tmp_path / "other.db").read_bytes() == b""


@pytest.mark.parametrize("change", [{"id": "other"}, {"fingerprint": "0" * 64}])
def test_the_ledger_of_another_campaign_is_refused(
    url: str, campaign: Campaign, change: dict[str, str]
) -> None:
    """Another campaign, or another version of it, is named with both fingerprints."""
    Ledger.open(url, campaign).close()
    for name, value in change.items():
        column = "campaign" if name == "id" else name
        _execute(url, f"UPDATE rectify_ledger SET {column} = '{value}'")
    with pytest.raises(CampaignMismatch) as caught:
        Ledger.open(url, campaign)
    assert campaign.fingerprint[:12] in str(caught.value)
    assert all(value[:12] in str(caught.value) for value in change.values())


def test_a_layout_of_another_number_is_refused(url: str, campaign: Campaign) -> None:
    """An older or newer layout is told by both numbers; a ledger without its row is none."""
    with Ledger.open(url, campaign) as ledger:
        in_state(ledger, Found)
    _execute(url, "UPDATE rectify_ledger SET schema_version = 99")
    with pytest.raises(StoreUnreadable, match=f"99.*{tables.SCHEMA}"):
        Ledger.open(url, campaign)
    _execute(url, "DELETE FROM rectify_ledger")
    with pytest.raises(StoreUnreadable, match="restore a copy"):
        Ledger.open(url, campaign)


def test_a_ledger_that_is_gone_while_open_is_told(url: str, campaign: Campaign) -> None:
    """A table that vanishes under an open ledger is an error of the store, not of SQL."""
    with Ledger.open(url, campaign) as ledger:
        _execute(url, "DROP TABLE rectify_issue")
        with pytest.raises(StoreError, match="rectify_issue"):
            ledger.get("x")
        with pytest.raises(StoreError, match="rectify_issue"):
            ledger.register(finding(), by=OFFICER)


def test_several_programs_may_create_one_ledger_at_once(url: str, campaign: Campaign) -> None:
    """Whoever comes second finds the ledger made."""

    def open_it(_: int) -> Ledger[AnyIssue]:
        return Ledger.open(url, campaign)

    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(open_it, range(4)))
    issue = ledgers[0].register(finding(), by=OFFICER)
    assert [ledger.get(issue.id) for ledger in ledgers] == [issue] * 4
    for ledger in ledgers:
        ledger.close()


def test_a_campaign_with_rules_of_no_lifecycle_leaves_the_database_alone(
    tmp_path: Path, campaign: Campaign
) -> None:
    """What can't be judged is refused before a ledger is made of it."""
    setting = attrs.evolve(campaign.rules["same-person"], code="no-such")
    odd = attrs.evolve(campaign, rules={**campaign.rules, "no-such": setting})
    with pytest.raises(ValueError, match="no-such"):
        Ledger.open(tmp_path / "ledger.db", odd)
    assert list(tmp_path.iterdir()) == []


def test_a_value_of_a_row_is_never_in_an_error(url: str, campaign: Campaign) -> None:
    """What a database says of a row it refuses is not repeated."""
    with Ledger.open(url, campaign) as ledger:
        _execute(url, "DROP TABLE rectify_secret")
        _execute(
            url,
            "CREATE TABLE rectify_secret (issue_id TEXT, field TEXT, salt TEXT,"
            " text TEXT, must TEXT NOT NULL)",
        )
        with pytest.raises(StoreError) as caught:
            ledger.register(finding(reporter="举报人甲 00000000000"), by=OFFICER)
        assert list(ledger.issues()) == []
    error: BaseException | None = caught.value
    assert "00000000000" not in str(error)
    assert error is not None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT OR REPLACE INTO rectify_record SELECT issue_id, version, 'x', digest"
            " FROM rectify_record"
        ),
        "REPLACE INTO rectify_journal SELECT chain, number, 'x', digest FROM rectify_journal",
        (
            "INSERT OR REPLACE INTO rectify_event SELECT number + 900, key, kind, subject, at,"
            " body, digest FROM rectify_event LIMIT 1"
        ),
    ],
)
def test_sqlite_refuses_to_replace_what_only_grows(
    tmp_path: Path, campaign: Campaign, statement: str
) -> None:
    """The rows that a REPLACE removes fire no trigger on removals; another sees to it."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger.open(url, campaign) as ledger:
        in_state(ledger, Found)
        ledger.sweep()
        ledger.submit("work-plan/-/-city", by=OFFICER, document_hash="0" * 64)
        with pytest.raises(IntegrityError, match="only grows"):
            _execute(url, statement)
        assert ledger.audit().intact


def test_statements_of_many_rows_are_logged_where_the_host_asks(
    tmp_path: Path, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    """A host's engine that logs sees the batch's statements, and they do the same."""
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}", echo=True, hide_parameters=True)
    with caplog.at_level("INFO", "sqlalchemy.engine"), engine.begin() as connection:
        ledger = Ledger.on(connection, campaign, create=True)
        with ledger.batch():
            in_state(ledger, Found)
            in_state(ledger, Found)
    assert "INTO rectify_record" in caplog.text
    with engine.begin() as connection:
        assert 2 == len(list(Ledger.on(connection, campaign).issues()))
    engine.dispose()
