"""A PostgreSQL that is away, slow, silent or refuses: bounded waits, clear errors, nothing half."""

from __future__ import annotations

import os
import signal
import socket
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from faults.exercising import WRITES, check_works, filled, opened, refusals, rows
from faults.server import Server
from rectify import Found, Ledger, Schedule
from rectify.errors import StoreError
from rectify.stores import answering
from rectify.stores import connection as connecting
from support import OFFICER, finding, timetable


@pytest.fixture
def url(server: Server) -> str:
    """The address of an empty database."""
    return server.database()


@contextmanager
def _session(url: str) -> Generator[Any]:
    """A connection of another program's."""
    with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
        yield connection


_OTHERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def _cut_off(url: str) -> None:
    with _session(url) as session:
        session.execute(f"SELECT pg_terminate_backend(pid, 5000) {_OTHERS}")


# Connections that are lost.


def test_a_connection_that_is_cut_off_amid_a_move_leaves_nothing_half_done(url: str) -> None:
    """The database ends the connection before the move is written: an error, and nothing there."""
    with filled(url) as ledger:
        ledger.before(Schedule)(lambda _: _cut_off(url))
        found = ledger.get("moved")
        assert isinstance(found, Found)
        before = rows(url)
        with pytest.raises(StoreError, match="cut off"):
            ledger.apply(Schedule(found, timetable()), by=OFFICER)
        assert before == rows(url)
    with opened(url) as ledger:
        check_works(ledger)


@pytest.mark.parametrize("name", WRITES)
def test_a_connection_that_was_cut_off_while_idle_is_made_anew(url: str, name: str) -> None:
    """Whatever is asked next, at most one error comes of it, and it has done nothing."""
    with filled(url) as ledger:
        before = rows(url)
        _cut_off(url)
        with pytest.raises(StoreError, match="cut off"):
            WRITES[name](ledger)
        assert before == rows(url)
        check_works(ledger)


def test_a_database_that_is_started_again_is_used_again(server: Server, url: str) -> None:
    """Killed and started under an open ledger: an error, and then everything as it was."""
    with filled(url) as ledger:
        before = rows(url)
        server.crash()
        with pytest.raises(StoreError, match="cut off"):
            ledger.get("moved")
        assert before == rows(url)
        check_works(ledger)


def test_a_batch_that_lost_its_connection_is_not_gone_on_with(url: str) -> None:
    """Cut off amid a batch: what the program goes on to do in it is refused, too."""
    with filled(url) as ledger:
        before = rows(url)

        def go_on() -> None:
            with ledger.batch():
                ledger.register(finding(), by=OFFICER, issue_id="one")
                _cut_off(url)
                for name in ("two", "three"):
                    with pytest.raises(StoreError):
                        ledger.register(finding(), by=OFFICER, issue_id=name)

        with pytest.raises(StoreError):
            go_on()
        assert before == rows(url)
        check_works(ledger)


def test_a_batch_with_an_error_that_was_passed_over_does_not_seem_committed(url: str) -> None:
    """PostgreSQL takes the commit of a transaction that an error has undone, and writes nothing."""
    with filled(f"{url}&options=-c%20statement_timeout%3D300") as ledger:
        before = rows(url)

        def go_on() -> None:
            with ledger.batch():
                ledger.register(finding(), by=OFFICER, issue_id="one")
                ledger.deliveries()
                with _session(url) as other, other.transaction():
                    other.execute("LOCK TABLE rectify_journal IN ACCESS EXCLUSIVE MODE")
                    with pytest.raises(StoreError, match="statement_timeout"):
                        ledger.filed()

        with pytest.raises(StoreError):
            go_on()
        assert before == rows(url)


# Waits that end.


def test_a_lock_that_is_held_is_waited_for_and_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program holds the tables for longer than is waited: each write fails whole."""
    monkeypatch.setattr(connecting, "BUSY_SECONDS_MAX", 1)
    with filled(url) as ledger:
        ledger.close()
        with _session(url) as other, other.transaction():
            other.execute("LOCK TABLE rectify_record, rectify_delivery IN SHARE MODE")
            other.execute("LOCK TABLE rectify_journal, rectify_event IN SHARE MODE")
            errors = refusals(ledger, url)
        assert errors.keys() == WRITES.keys()
        assert all("another program" in str(error) for error in errors.values()), errors
        check_works(ledger)


def test_a_statement_that_takes_too_long_is_told(url: str) -> None:
    """A time limit that is set in the address, or of the database's own, is named."""
    with filled(url):
        pass
    with opened(f"{url}&options=-c%20statement_timeout%3D200") as ledger:
        with _session(url) as other, other.transaction():
            other.execute("LOCK TABLE rectify_record IN SHARE MODE")
            with pytest.raises(StoreError, match="statement_timeout"):
                WRITES["apply"](ledger)
        check_works(ledger)


def test_a_port_that_takes_calls_and_never_answers_is_given_up(
    campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reaching a server is bounded, also where something accepts and says nothing."""
    monkeypatch.setattr(connecting, "BUSY_SECONDS_MAX", 2)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(StoreError, match="timeout") as caught:
            Ledger.open(f"postgresql+psycopg://clerk:secret@127.0.0.1:{port}/x", campaign)
    assert "secret" not in str(caught.value)


@contextmanager
def _stopped(url: str) -> Generator[None]:
    """Every process that serves the database's clients stands still."""
    with _session(url) as session:
        pids = [pid for (pid,) in session.execute(f"SELECT pid {_OTHERS}")]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("name", WRITES)
def test_a_server_that_falls_silent_is_hung_up_on(
    url: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A server that no longer answers is waited for in bounded time; nothing is half done."""
    monkeypatch.setattr(answering, "SILENT_SECONDS_MAX", 0.3)
    with filled(url) as ledger:
        before = rows(url)
        with _stopped(url), pytest.raises(StoreError, match="said nothing"):
            WRITES[name](ledger)
        monkeypatch.undo()
        assert before == rows(url)
        check_works(ledger)


# Rights.


@pytest.fixture
def role(server: Server, url: str) -> Iterator[Callable[..., str]]:
    """Makes a user with some rights on the tables, and gives the address with it."""
    name = f"clerk_{uuid.uuid4().hex}"

    def make(*rights: str) -> str:
        with _session(url) as session:
            session.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
            for right in rights:
                statement = f"GRANT {right} ON ALL TABLES IN SCHEMA public TO {name}"
                session.execute(statement)
                sequences = f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"
                session.execute(sequences)
        return url.replace("postgres:@", f"{name}:right@")

    yield make
    with _session(url) as session:
        session.execute(f"DROP OWNED BY {name}")
        session.execute(f"DROP ROLE {name}")


def test_who_may_only_read_reads(url: str, role: Callable[..., str]) -> None:
    """With SELECT alone all that reads works; each write says which right is missing."""
    filled(url).close()
    with opened(role("SELECT"), create=False) as ledger:
        assert (True, 3) == (ledger.audit().intact, len(list(ledger.issues())))
        assert ledger.history("moved")
        errors = refusals(ledger, url)
    assert errors.keys() == WRITES.keys()
    assert all("lacks a right" in str(error) for error in errors.values())


def test_who_may_read_nothing_is_told_at_once(url: str, role: Callable[..., str]) -> None:
    """Without SELECT the ledger is not opened."""
    filled(url).close()
    address = role()
    with pytest.raises(StoreError, match="lacks a right"):
        opened(address, create=False)


def test_who_may_not_update_leaves_no_half_of_a_move(url: str, role: Callable[..., str]) -> None:
    """With INSERT and no UPDATE a record could be added, and its issue not moved on."""
    filled(url).close()
    with opened(role("SELECT", "INSERT"), create=False) as ledger:
        before = rows(url)
        with pytest.raises(StoreError, match="lacks a right"):
            WRITES["apply"](ledger)
        assert before == rows(url)


def test_a_wrong_password_is_told_and_not_repeated(server: Server, url: str) -> None:
    """What the server says of it is passed on, without the password."""
    filled(url).close()
    name = f"clerk_{uuid.uuid4().hex}"
    with _session(url) as session, server.asking_for_passwords(name):
        session.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
        with pytest.raises(StoreError, match="password authentication failed") as caught:
            opened(url.replace("postgres:@", f"{name}:wrong@"), create=False)
        session.execute(f"DROP ROLE {name}")
    assert "wrong" not in str(caught.value)


def test_a_database_that_is_not_there_is_told(url: str) -> None:
    """The name of a database that the server does not have."""
    name = make_url(url).database
    assert name is not None
    with pytest.raises(StoreError, match="no_such"):
        opened(url.replace(name, "no_such"))


def test_a_database_that_only_reads_is_read(url: str) -> None:
    """As on a standby: reads work, writes say that it can only be read."""
    filled(url).close()
    with opened(f"{url}&options=-c%20default_transaction_read_only%3Don") as ledger:
        assert ledger.audit().intact
        errors = refusals(ledger, url)
    assert errors.keys() == WRITES.keys()
    assert all("only be read" in str(error) for error in errors.values())
