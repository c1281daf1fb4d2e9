"""Deliverers in real processes: several at once, one that hangs, one that dies each time."""

from __future__ import annotations

import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import attrs
import pytest

from delivering import POISON, Job, deliver, exit_at_once, hang, opened, work_off
from rectify import Complete, Ledger, Move, Schedule
from rectify.campaign import Campaign
from rectify.delivery import Delivered
from rectify.hooks import LEASE, Policy
from rectify.store import LEASE_LOST
from support import NOON, OFFICER, do_nothing, finding, take, timetable

PROCESSES, ISSUES = 4, 12
SECONDS_MAX = 60
VERSIONS = (2, 3)


@pytest.fixture
def job(url: str, campaign: Campaign, tmp_path: Path) -> Job:
    """Issues with two deliveries each; the oldest is the poison."""
    job = Job(url, tmp_path / "log")
    job.log.touch()
    with Ledger.open(url, campaign, clock=lambda: NOON) as ledger:
        ledger.after(Move, name="tell")(do_nothing)
        for number in range(ISSUES):
            issue_id = f"issue-{number}" if number else POISON
            found = ledger.register(finding(), by=OFFICER, issue_id=issue_id)
            take(ledger, Complete, ledger.apply(Schedule(found, timetable()), by=OFFICER))
    return job


def _came(job: Job) -> list[tuple[str, int]]:
    """The deliveries that came through, in order."""
    lines = [line.split() for line in job.log.read_text("utf-8").splitlines()]
    return [(line[0], int(line[1])) for line in lines if len(line) == 2]


def _until_begun(job: Job) -> None:
    """Wait until the poison's hook runs in another process."""
    give_up_at = time.monotonic() + SECONDS_MAX
    while "begun" not in job.log.read_text("utf-8"):
        assert time.monotonic() < give_up_at, "the other process never began"
        time.sleep(0.02)


WELL = [(f"issue-{number}", version) for number in range(1, ISSUES) for version in VERSIONS]
ALL = [*((POISON, version) for version in VERSIONS), *WELL]


def test_deliverers_at_once_deliver_each_once_and_in_order(job: Job) -> None:
    """Of four processes no two run the same delivery, and each issue's come in order."""
    with get_context("spawn").Pool(PROCESSES) as pool:
        pool.map(abs, range(PROCESSES), chunksize=1)
        delivered = pool.map(deliver, [job] * PROCESSES, chunksize=1)
    came = _came(job)
    assert Counter(came) == Counter(ALL)
    for issue_id in {issue_id for issue_id, _ in ALL}:
        assert [version for one, version in came if one == issue_id] == [*VERSIONS]
    assert sum(one.done for one in delivered) == len(ALL)


def test_workers_of_a_queue_at_once_deliver_each_once_and_in_order(job: Job) -> None:
    """Four workers that were all given all ids, in any order, do what a relay found due."""
    with opened(job) as ledger:
        relayed = ledger.due()
    ids = [list(relayed), list(reversed(relayed)), list(relayed[::2]), list(relayed[1::2])]
    with get_context("spawn").Pool(PROCESSES) as pool:
        pool.map(abs, range(PROCESSES), chunksize=1)
        pool.starmap(work_off, [(job, some) for some in ids], chunksize=1)
    came = _came(job)
    assert Counter(came) == Counter(ALL)
    for issue_id in {issue_id for issue_id, _ in ALL}:
        assert [version for one, version in came if one == issue_id] == [*VERSIONS]


def test_a_hook_that_hangs_delays_only_its_own_issue(job: Job) -> None:
    """While one deliverer hangs, another delivers all other issues; later it takes over."""
    hung = get_context("spawn").Process(target=deliver, args=(attrs.evolve(job, ill=hang),))
    hung.start()
    try:
        _until_begun(job)
        assert deliver(job) == Delivered(done=len(WELL))
        assert Counter(_came(job)) == Counter(WELL)
        assert hung.is_alive()
        assert deliver(attrs.evolve(job, later=LEASE)) == Delivered(done=len(VERSIONS))
        assert _came(job)[-len(VERSIONS) :] == [(POISON, version) for version in VERSIONS]
    finally:
        hung.kill()
        hung.join()


def test_a_hook_that_kills_its_process_each_time_ends_dead(job: Job) -> None:
    """It takes one deliverer per attempt, delays no other issue, and is then given up."""
    policy = Policy(attempts=3)
    for attempt in range(policy.attempts):
        later = attempt * LEASE
        ill = attrs.evolve(job, ill=exit_at_once, policy=policy, later=later)
        dying = get_context("spawn").Process(target=deliver, args=(ill,))
        dying.start()
        dying.join(SECONDS_MAX)
        assert dying.exitcode == 3
        well = WELL if attempt == 0 else []
        assert deliver(attrs.evolve(job, later=later)) == Delivered(done=len(well))
    last = attrs.evolve(job, ill=exit_at_once, policy=policy, later=policy.attempts * LEASE)
    assert deliver(last) == Delivered(dead=1)
    with opened(last) as ledger:
        (dead,) = ledger.deliveries("dead")
        assert ledger.deliver() == Delivered()
    assert (dead.issue_id, dead.attempts, dead.last_error) == (POISON, 3, LEASE_LOST)
    assert Counter(_came(job)) == Counter(WELL)
    begun = [line for line in job.log.read_text("utf-8").splitlines() if "begun" in line]
    assert begun == [f"{POISON} begun {attempt}" for attempt in (1, 2, 3)]
