"""Many steps in one commit: all of them or none, on each store."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest

from rectify import AnyIssue, Complete, Extend, Fix, Found, Ledger, Reject, Schedule, Transfer
from rectify.campaign import Campaign
from rectify.errors import InvalidValue, Refused, StaleIssue, StoreError, UnknownIssue
from rectify.hooks import Applied, Proposed
from rectify.moves import Register
from support import OFFICER, Clock, MakeLedger, finding, in_state, timetable


def _noted(ledger: Ledger[AnyIssue]) -> list[str]:
    seen: list[str] = []

    @ledger.after(Fix, name="note")
    def note(applied: Applied[Fix]) -> None:
        seen.append(applied.issue.id)

    return seen


def test_a_batch_is_written_as_its_steps_are_one_by_one(make_ledger: MakeLedger) -> None:
    """The same records, rows and deliveries are there afterwards, and an audit is intact."""
    ledger = make_ledger()
    seen = _noted(ledger)
    with ledger.batch():
        found = [ledger.register(finding(), by=OFFICER, issue_id=f"b{n}") for n in range(3)]
        fixed = [ledger.apply(Fix(issue, "说明"), by=OFFICER) for issue in found]
        scheduled = ledger.apply(Reject(fixed[0], "不实", timetable()), by=OFFICER)
    assert scheduled == ledger.get("b0")
    assert ["Register", "Fix", "Reject"] == [record.move for record in ledger.history("b0")]
    assert ledger.audit().intact
    assert 3 == ledger.deliver().done
    assert ["b0", "b1", "b2"] == sorted(seen)


def test_an_exception_that_leaves_a_batch_takes_back_all_of_it(make_ledger: MakeLedger) -> None:
    """Records, rows, secrets, deliveries and deadlines of the batch are gone."""
    ledger = make_ledger()
    _noted(ledger)
    before = in_state(ledger, Found)
    with suppress(ZeroDivisionError), ledger.batch():
        ledger.apply(Schedule(before, timetable()), by=OFFICER)
        found = ledger.register(finding(reporter="甲某某"), by=OFFICER, issue_id="gone")
        ledger.apply(Fix(found, "说明"), by=OFFICER)
        raise ZeroDivisionError
    with pytest.raises(UnknownIssue):
        ledger.get("gone")
    assert before == ledger.get(before.id)
    assert 1 == len(ledger.history(before.id))
    assert () == ledger.deliveries()
    assert ledger.audit().intact
    assert before.version + 1 == ledger.apply(Schedule(before, timetable()), by=OFFICER).version


def test_a_step_refused_in_a_batch_is_taken_back_alone(make_ledger: MakeLedger) -> None:
    """What comes before and after it in the batch is kept."""
    ledger = make_ledger()
    with ledger.batch():
        kept = ledger.register(finding(), by=OFFICER)
        with pytest.raises(Refused):
            ledger.register(finding(area="无此"), by=OFFICER, issue_id="refused")
        fixed = ledger.apply(Fix(kept, "说明"), by=OFFICER)
    assert [fixed] == list(ledger.issues())
    assert ledger.audit().intact


@pytest.mark.parametrize("reads", [False, True])
def test_a_step_that_fails_half_way_is_taken_back_alone(
    make_ledger: MakeLedger, reads: bool
) -> None:
    """A lead whose transfer is vetoed leaves neither its issue nor its reporter behind.

    Also where a hook reads the ledger, so that half of the step was in the database.
    """
    ledger = make_ledger()

    @ledger.before(Transfer)
    def veto(proposed: Proposed[Transfer]) -> None:
        if reads:
            assert 2 == len(list(ledger.issues()))
        raise ZeroDivisionError

    with ledger.batch():
        found = ledger.register(finding(reporter="甲某某"), by=OFFICER)
        with pytest.raises(ZeroDivisionError):
            ledger.split_lead(found, organ="县纪委监委", lead="线索", by=OFFICER)
        fixed = ledger.apply(Fix(found, "说明"), by=OFFICER)
    assert [fixed] == list(ledger.issues())
    assert 2 == len(ledger.history(found.id))
    assert ledger.audit().intact


def test_a_lead_is_split_off_in_a_batch_that_reads(make_ledger: MakeLedger) -> None:
    """Both issues, the reporter and the ties are there, as without a batch."""
    ledger = make_ledger()

    @ledger.before(Register)
    def read(proposed: Proposed[Register]) -> None:
        list(ledger.issues())

    with ledger.batch():
        found = ledger.register(finding(reporter="甲某某"), by=OFFICER)
        tied, transferred = ledger.split_lead(found, organ="县纪委监委", lead="线索", by=OFFICER)
    assert [tied, transferred] == [ledger.get(tied.id), ledger.get(transferred.id)]
    assert 3 == len(ledger.history(transferred.id))
    assert ledger.audit().intact


def test_a_batch_reads_what_it_has_written(make_ledger: MakeLedger) -> None:
    """Within it, issues, lists, histories, checks and options show its steps."""
    ledger = make_ledger()
    with ledger.batch():
        found = ledger.register(finding(), by=OFFICER)
        assert found == ledger.get(found.id)
        assert [found] == list(ledger.issues(Found))
        assert 1 == len(ledger.history(found.id))
        assert ledger.check(Fix(found, "说明"), by=OFFICER).allowed
        fixed = ledger.apply(Fix(found, "说明"), by=OFFICER)
        assert [] == list(ledger.issues(Found))
        with pytest.raises(StaleIssue):
            ledger.apply(Fix(found, "又一次"), by=OFFICER)
        assert "Verify" in {option.move.__name__ for option in ledger.options(fixed, by=OFFICER)}


def _planned(ledger: Ledger[AnyIssue]) -> None:
    """One issue whose milestones are set, met, set again and moved."""
    issue: Any = ledger.register(finding(), by=OFFICER, issue_id="planned")
    plan = timetable("2018-05-20", "2018-06-10")
    issue = ledger.apply(Schedule(issue, plan), by=OFFICER)
    issue = ledger.apply(Complete(issue, "m1", "凭证"), by=OFFICER)
    issue = ledger.apply(Extend(issue, timetable("2018-05-20", "2018-07-10"), "汛期"), by=OFFICER)
    issue = ledger.apply(Extend(issue, plan, "提前"), by=OFFICER)


def test_deadlines_of_a_batch_are_those_of_its_steps(
    make_ledger: MakeLedger, campaign: Campaign, clock: Clock
) -> None:
    """What a later sweep records of them is what it records when each step is its own commit."""
    one_by_one = Ledger(campaign, clock=clock)
    _planned(one_by_one)
    ledger = make_ledger()
    with ledger.batch():
        _planned(ledger)
    clock.pass_by(days=100)
    for each in (one_by_one, ledger):
        each.sweep()
    assert list(one_by_one.events()) == list(ledger.events())
    assert {"planned"} <= {event.subject for event in ledger.events()}


def test_hooks_are_not_delivered_within_a_batch(make_ledger: MakeLedger) -> None:
    """They run once it is committed."""
    ledger = make_ledger()
    seen = _noted(ledger)
    with ledger.batch():
        found = ledger.register(finding(), by=OFFICER)
        ledger.apply(Fix(found, "说明"), by=OFFICER)
        with pytest.raises(StoreError):
            ledger.deliver()
    assert [] == seen
    assert 1 == ledger.deliver().done


def test_of_a_batch_and_another_writer_one_wins(url: str, campaign: Campaign) -> None:
    """Where both take a step on one issue, the loser is told and writes nothing at all."""
    with Ledger.open(url, campaign) as first, Ledger.open(url, campaign) as second:
        issues = [first.register(finding(), by=OFFICER) for _ in range(3)]
        outcomes: list[object] = []

        def move_on() -> None:
            try:
                second.apply(Schedule(issues[2], timetable()), by=OFFICER)
            except StaleIssue as error:
                outcomes.append(error.issue_id)

        other = threading.Thread(target=move_on)
        try:
            with first.batch():
                for issue in issues:
                    first.apply(Fix(issue, "说明"), by=OFFICER)
                other.start()
                other.join(timeout=1)  # on SQLite it waits; on PostgreSQL it wins
        except StaleIssue as error:
            outcomes.append(error.issue_id)
        other.join()
        assert [issues[2].id] == outcomes
        assert 1 == len({type(first.get(issue.id)) for issue in issues[:2]})
        assert first.audit().intact


def test_an_id_registered_meanwhile_by_another_is_told(url: str, campaign: Campaign) -> None:
    """Of two that register one id, one is told; a batch that loses writes nothing."""
    with Ledger.open(url, campaign) as first, Ledger.open(url, campaign) as second:
        lost: list[str] = []

        def register() -> None:
            try:
                second.register(finding(), by=OFFICER, issue_id="same")
            except (StaleIssue, InvalidValue) as error:
                lost.append(type(error).__name__)

        other = threading.Thread(target=register)
        try:
            with first.batch():
                for issue_id in ("before", "same"):
                    first.register(finding(), by=OFFICER, issue_id=issue_id)
                other.start()
                other.join(timeout=1)
        except StaleIssue as error:
            lost.append(type(error).__name__)
        other.join()
        assert 1 == len(lost)
        assert 1 == len(first.history("same"))
        assert first.audit().intact


def test_a_large_batch_is_one_commit(url: str, campaign: Campaign) -> None:
    """More than is gathered at a time is still taken back as one."""
    with Ledger.open(url, campaign) as ledger:
        with suppress(ZeroDivisionError), ledger.batch():
            for _ in range(6_000):
                ledger.register(finding(), by=OFFICER)
            raise ZeroDivisionError
        assert [] == list(ledger.issues())


def test_a_batch_in_a_batch_and_in_a_hook_is_refused(url: str, campaign: Campaign) -> None:
    """A durable ledger says so; nothing of either is lost or half done."""
    with Ledger.open(url, campaign) as ledger:
        with ledger.batch(), pytest.raises(StoreError), ledger.batch():
            raise AssertionError

        @ledger.before(Fix)
        def batch(proposed: Proposed[Fix]) -> None:
            with ledger.batch():
                raise AssertionError

        found = ledger.register(finding(), by=OFFICER)
        with pytest.raises(StoreError):
            ledger.apply(Fix(found, "说明"), by=OFFICER)
        assert found == ledger.get(found.id)


def test_a_batch_is_its_tasks_own(make_ledger: MakeLedger) -> None:
    """Of two tasks of one thread the other's step is refused, and not taken back with the batch."""
    ledger = make_ledger()
    outcomes: list[str] = []

    async def batch(going_on: asyncio.Event, done: asyncio.Event) -> None:
        with suppress(ZeroDivisionError), ledger.batch():
            ledger.register(finding(), by=OFFICER)
            going_on.set()
            await done.wait()
            raise ZeroDivisionError

    async def other(going_on: asyncio.Event, done: asyncio.Event) -> None:
        await going_on.wait()
        try:
            ledger.register(finding(), by=OFFICER, issue_id="other")
            outcomes.append("registered")
        except StoreError:
            outcomes.append("refused")
        done.set()

    async def both() -> None:
        events = asyncio.Event(), asyncio.Event()
        await asyncio.gather(batch(*events), other(*events))

    asyncio.run(both())
    there = ["other"] if outcomes == ["registered"] else []
    assert there == [issue.id for issue in ledger.issues()]
    ledger.register(finding(), by=OFFICER, issue_id="later")
    assert ledger.audit().intact


def test_a_task_that_outlives_a_batch_writes_on_its_own(make_ledger: MakeLedger) -> None:
    """What it writes afterwards is committed, though it began within the batch."""
    ledger = make_ledger()

    async def run() -> None:
        with ledger.batch():
            ledger.register(finding(), by=OFFICER, issue_id="first")
            later = asyncio.ensure_future(write())
        await later

    async def write() -> None:
        await asyncio.sleep(0)
        ledger.register(finding(), by=OFFICER, issue_id="second")

    asyncio.run(run())
    assert ["first", "second"] == [issue.id for issue in ledger.issues()]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_a_batch_only_read_may_move_on_meanwhile(url: str, campaign: Campaign) -> None:
    """It goes on from where the issue stands once it takes a step on it."""
    with Ledger.open(url, campaign) as first, Ledger.open(url, campaign) as second:
        read = first.register(finding(), by=OFFICER)
        with first.batch():
            one = first.register(finding(), by=OFFICER)
            first.link(one, read.id, kind="same-village", by=OFFICER)
            fixed = second.apply(Fix(read, "说明"), by=OFFICER)
            again = first.apply(Reject(fixed, "不实", timetable()), by=OFFICER)
        assert again == first.get(read.id)
        assert first.audit().intact
