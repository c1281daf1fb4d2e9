"""Hooks run by Procrastinate, on the PostgreSQL of the ledger, in the move's own transaction."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
from sqlalchemy import create_engine

from queueing import Host, now, once_leases_are_over, retry_stalled, work
from rectify import AnyIssue, Complete, Fix, Found, Ledger, Scheduled
from rectify.errors import Refused
from support import Clock, in_state, take

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
SECONDS_MAX = 60


@pytest.fixture
def host(url: str, tmp_path: Path) -> Host:
    """A platform whose database has the queue's tables, too."""
    host = Host(url, tmp_path / "log", now)
    app = host.app()
    with app.open():
        app.schema_manager.apply_schema()
    return host


@pytest.fixture
def ledger(host: Host) -> Iterator[Ledger[AnyIssue]]:
    """The platform's ledger, in a program that runs no worker."""
    with attrs.evolve(host, clock=Clock()).ledger(host.app()) as ledger:
        yield ledger


def jobs(host: Host) -> list[tuple[Any, ...]]:
    """The jobs as they are kept: status and arguments."""
    with psycopg.connect(host.address) as connection:
        return connection.execute(
            "SELECT status::text, args FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


def test_a_job_is_there_once_the_move_is_and_holds_the_id_alone(
    host: Host, ledger: Ledger[AnyIssue]
) -> None:
    """Each delivery has one job, with its id and nothing else; a refused move has none."""
    in_state(ledger, Scheduled)
    with pytest.raises(Refused):
        take(ledger, Fix, in_state(ledger, Found, discipline_lead=True))
    ids = [one.id for one in ledger.deliveries()]
    assert jobs(host) == [("todo", {"delivery": one}) for one in ids]
    assert len(ids) == 1


def test_jobs_are_rolled_back_and_committed_with_the_move(
    host: Host, ledger: Ledger[AnyIssue]
) -> None:
    """In the host's transaction and in a batch, jobs and moves stand or fall together."""
    engine = create_engine(host.url)
    found = in_state(ledger, Found)
    with engine.connect() as connection:
        in_state(ledger.within(connection), Scheduled)
        connection.rollback()
    assert (jobs(host), ledger.deliveries()) == ([], ())
    with engine.begin() as connection:
        in_state(ledger.within(connection), Scheduled)
    engine.dispose()
    assert len(jobs(host)) == len(ledger.deliveries()) == 1

    def fail() -> None:
        with ledger.batch():
            in_state(ledger, Scheduled)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with ledger.batch():
        in_state(ledger, Scheduled)
        in_state(ledger, Scheduled)
    assert [args["delivery"] for _, args in jobs(host)] == [one.id for one in ledger.deliveries()]
    assert len(jobs(host)) == 3
    assert ledger.get(found.id) == found


def test_workers_deliver_each_issue_in_order(host: Host, ledger: Ledger[AnyIssue]) -> None:
    """A worker that runs four jobs at a time delivers each once, each issue's in order."""
    issues = [in_state(ledger, Scheduled) for _ in range(5)]
    for issue in issues:
        take(ledger, Complete, issue)
    work(host)
    assert sorted(host.came()) == sorted(f"{i.id} {v} 1" for i in issues for v in (2, 3))
    for issue in issues:
        came = [line for line in host.came() if line.startswith(issue.id)]
        assert came == [f"{issue.id} {version} 1" for version in (2, 3)]
    assert ledger.backlog() == ()
    assert {status for status, _ in jobs(host)} == {"succeeded"}


def test_a_hook_that_fails_comes_again_when_it_is_due(host: Host, ledger: Ledger[AnyIssue]) -> None:
    """A failed attempt is a new job for the instant its delivery is due again."""
    issue = in_state(ledger, Scheduled)
    work(attrs.evolve(host, fails=True))
    (one,) = ledger.deliveries("ready")
    with psycopg.connect(host.address) as connection:
        rows = connection.execute(
            "SELECT status::text, args, scheduled_at FROM procrastinate_jobs ORDER BY id"
        ).fetchall()
    assert rows == [
        ("succeeded", {"delivery": one.id}, None),
        ("todo", {"delivery": one.id}, one.available_at),
    ]
    give_up_at = time.monotonic() + SECONDS_MAX
    while ledger.backlog():
        assert time.monotonic() < give_up_at, "the job never came again"
        time.sleep(0.1)
        work(host)
    assert host.came() == [f"{issue.id} 2 1", f"{issue.id} 2 2"]


def test_what_a_killed_worker_left_behind_is_recovered(
    host: Host, ledger: Ledger[AnyIssue]
) -> None:
    """After kill -9 within a hook the stalled job is run again and the delivery with it."""
    issue = in_state(ledger, Scheduled)
    dying = get_context("spawn").Process(target=work, args=(attrs.evolve(host, dies=True),))
    dying.start()
    dying.join(SECONDS_MAX)
    assert dying.exitcode == -signal.SIGKILL
    assert [status for status, _ in jobs(host)] == ["doing"]
    assert [one.status for one in ledger.deliveries()] == ["leased"]
    assert retry_stalled(host) == 1
    work(attrs.evolve(host, clock=once_leases_are_over))
    assert host.came() == [f"{issue.id} 2 1", f"{issue.id} 2 2"]
    assert ledger.backlog() == ()
    assert [status for status, _ in jobs(host)] == ["succeeded"]


def test_a_job_that_comes_too_early_comes_again_when_the_lease_is_over(
    host: Host, ledger: Ledger[AnyIssue]
) -> None:
    """While the lease of a killed worker holds, its job is put off until then."""
    in_state(ledger, Scheduled)
    dying = get_context("spawn").Process(target=work, args=(attrs.evolve(host, dies=True),))
    dying.start()
    dying.join(SECONDS_MAX)
    (one,) = ledger.deliveries("leased")
    assert retry_stalled(host) == 1
    work(host)
    with psycopg.connect(host.address) as connection:
        rows = connection.execute(
            "SELECT args, scheduled_at FROM procrastinate_jobs WHERE status = 'todo'"
        ).fetchall()
    assert rows == [({"delivery": one.id}, one.lease_until)]
    assert len(host.came()) == 1
