"""Hooks: before inside the transaction, after once it is committed, in order, until dead."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, cast

import pytest

from rectify import (
    AnyIssue,
    Complete,
    Expose,
    Extend,
    Fix,
    Found,
    Ledger,
    Move,
    Reason,
    Scheduled,
    Verified,
)
from rectify.delivery import Delivered
from rectify.errors import InvalidValue, Refused, UnknownMove
from rectify.event import Overdue
from rectify.hooks import ATTEMPTS_MAX, LEASE, Applied, Proposed
from rectify.i18n import message
from rectify.moves import Register, Tie
from support import NOON, OFFICER, Clock, MakeLedger, build, finding, in_state, take


def test_a_before_hook_sees_the_step_and_may_veto(make_ledger: MakeLedger) -> None:
    """Raising Refused in a before hook vetoes the move, with nothing written."""
    ledger = make_ledger()
    seen: list[Proposed[Expose]] = []
    reason = Reason(code="not-in-holidays", text=message("nothing is published today"))

    @ledger.before(Expose)
    def veto(event: Proposed[Expose]) -> None:
        seen.append(event)
        raise Refused([reason], "Expose", event.move.issue.id)

    verified = in_state(ledger, Verified)
    with pytest.raises(Refused) as caught:
        take(ledger, Expose, verified)
    assert caught.value.reasons == (reason,)
    assert (seen[0].move.issue, seen[0].at) == (verified, NOON)
    assert type(seen[0].entered).__name__ == "Exposed"
    assert ledger.get(verified.id) == verified


def test_any_other_error_in_a_before_hook_aborts(make_ledger: MakeLedger) -> None:
    """Another exception passes through as it is, and nothing is written."""
    ledger = make_ledger()
    issue = in_state(ledger, Found)

    @ledger.before(Fix)
    def fail(event: Proposed[Fix]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take(ledger, Fix, issue)
    assert ledger.get(issue.id) == issue
    assert len(ledger.history(issue.id)) == 1


def test_before_hooks_run_after_the_rules(ledger: Ledger[AnyIssue]) -> None:
    """A hook is not asked about a move that the rules refuse, nor by check."""
    ran: list[str] = []
    ledger.before(Fix)(lambda event: ran.append(event.by.id))
    lead = in_state(ledger, Found, discipline_lead=True)
    with pytest.raises(Refused):
        take(ledger, Fix, lead)
    ledger.check(build(Fix, lead), by=OFFICER)
    assert ran == []
    take(ledger, Fix, in_state(ledger, Found))
    assert ran == ["officer-7"]


def test_a_hook_on_a_base_class_runs_on_all_below(ledger: Ledger[AnyIssue]) -> None:
    """A hook on Move runs on each move; one on Register and Tie on those steps."""
    ran: list[str] = []

    def on_move(event: Proposed[Move[Any]]) -> None:
        ran.append(type(event.move).__name__)

    def on_tie(event: Proposed[Tie[Any]]) -> None:
        ran.append(event.move.link.kind)

    ledger.before(Move)(on_move)
    ledger.before(Register)(lambda event: ran.append(event.move.finding.title))
    ledger.before(Tie)(on_tie)
    issue = in_state(ledger, Scheduled)
    ledger.link(issue, in_state(ledger, Found).id, kind="同村", by=OFFICER)
    title = finding().title
    assert ran == [title, "Schedule", title, "同村"]


def test_a_hook_on_what_is_no_move_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """A hook on a class outside the lifecycle is refused when it is added."""
    stranger: Any = Found
    with pytest.raises(UnknownMove, match=r"Found.*Fix"):
        ledger.before(stranger)(lambda event: None)
    with pytest.raises(UnknownMove, match=r"Found.*Fix"):
        ledger.after(cast("type[Fix]", stranger), name="x")(lambda event: None)


def test_names_of_after_hooks_are_unique(ledger: Ledger[AnyIssue]) -> None:
    """Two after hooks of one name are refused: their deliveries could not be told apart."""
    ledger.after(Fix, name="tell")(lambda event: None)
    with pytest.raises(InvalidValue, match="tell"):
        ledger.after(Expose, name="tell")(lambda event: None)


def test_after_hooks_run_when_delivered_once_committed(make_ledger: MakeLedger) -> None:
    """An after hook gets the typed move, the issue after it and the record, exactly once here."""
    ledger = make_ledger()
    seen: list[Applied[Fix]] = []
    ledger.after(Fix, name="tell")(seen.append)
    fixed = take(ledger, Fix, in_state(ledger, Found))
    assert seen == []
    assert [d.status for d in ledger.deliveries()] == ["ready"]
    assert ledger.deliver() == Delivered(done=1)
    assert ledger.deliver() == Delivered()
    (event,) = seen
    assert (event.move.measure, event.issue, event.attempt) == ("资金已拨付", fixed, 1)
    assert event.record == ledger.history(fixed.id)[-1]
    assert event.key == f"{event.record.digest}.tell"
    assert [d.key for d in ledger.deliveries("done")] == [event.key]
    assert ledger.deliveries("dead") == ()


def test_a_refused_move_owes_no_delivery(make_ledger: MakeLedger) -> None:
    """What was not written has no hook to run."""
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(lambda event: None)
    with pytest.raises(Refused):
        take(ledger, Fix, in_state(ledger, Found, discipline_lead=True))
    assert ledger.deliveries() == ()


@pytest.mark.parametrize("make_ledger", ["sqlite", "postgresql"], indirect=True)
def test_deliveries_outlive_the_process_that_owed_them(make_ledger: MakeLedger) -> None:
    """A ledger opened anew runs what was owed before, if it has a hook of that name."""
    ledger = make_ledger()
    ledger.after(Complete, name="tell")(lambda event: None)
    take(ledger, Complete, in_state(ledger, Scheduled))
    reopened = make_ledger()
    assert reopened.deliver() == Delivered(unclaimed={"tell": 1})
    seen: list[str] = []
    reopened.after(Complete, name="tell")(lambda event: seen.append(event.move.milestone))
    assert reopened.deliver() == Delivered(done=1)
    assert seen == ["m1"]


def test_a_failing_hook_is_tried_again_later_each_time_until_dead(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Attempts are spaced by doubling waits; after the last the delivery is dead and stays seen."""
    ledger = make_ledger()
    attempts: list[int] = []

    @ledger.after(Fix, name="tell")
    def tell(event: Applied[Fix]) -> None:
        attempts.append(event.attempt)
        raise ConnectionError("秘密内容不得入库")

    take(ledger, Fix, in_state(ledger, Found))
    waits: list[timedelta] = []
    while not ledger.deliveries("dead"):
        (ready,) = ledger.deliveries("ready")
        waits.append(ready.available_at - clock.now)
        clock.now = max(clock.now, ready.available_at)
        ledger.deliver()
    (dead,) = ledger.deliveries()
    assert attempts == list(range(1, ATTEMPTS_MAX + 1))
    doubled = [timedelta(0)] + [timedelta(seconds=2 * 2**n) for n in range(ATTEMPTS_MAX - 1)]
    assert all(low <= wait <= low * 1.2 for low, wait in zip(doubled, waits, strict=True))
    assert dead.last_error is not None
    assert dead.last_error.startswith("ConnectionError at test_hooks.py:")
    assert ledger.deliver() == Delivered()


def test_deliveries_of_an_issue_keep_their_order(make_ledger: MakeLedger, clock: Clock) -> None:
    """A failed delivery holds up the later ones of its issue and hook, and no other issue's."""
    ledger = make_ledger()
    seen: list[tuple[str, int]] = []
    broken: set[str] = set()

    @ledger.after(Move, name="tell")
    def tell(event: Applied[Move[Any]]) -> None:
        if event.issue.id in broken:
            raise ConnectionError
        seen.append((event.issue.id, event.issue.version))

    first, second = in_state(ledger, Scheduled), in_state(ledger, Scheduled)
    take(ledger, Complete, first)
    take(ledger, Extend, second)
    broken.add(first.id)
    assert ledger.deliver() == Delivered(done=2, failed=1)
    assert seen == [(second.id, 2), (second.id, 3)]
    broken.clear()
    assert ledger.deliver() == Delivered()
    clock.pass_by(seconds=3)
    assert ledger.deliver() == Delivered(done=2)
    assert seen[2:] == [(first.id, 2), (first.id, 3)]


def test_a_killed_deliverer_loses_its_lease(make_ledger: MakeLedger, clock: Clock) -> None:
    """What a process had claimed when it died is run again once its lease is over."""
    ledger = make_ledger()
    seen: list[int] = []

    @ledger.after(Fix, name="tell")
    def tell(event: Applied[Fix]) -> None:
        seen.append(event.attempt)
        if event.attempt == 1:
            raise KeyboardInterrupt

    take(ledger, Fix, in_state(ledger, Found))
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver()
    assert [d.status for d in ledger.deliveries()] == ["leased"]
    clock.now += LEASE - timedelta(microseconds=1)
    assert ledger.deliver() == Delivered()
    clock.now += timedelta(microseconds=1)
    assert ledger.deliver() == Delivered(done=1)
    assert seen == [1, 2]


def test_a_late_deliverer_does_not_settle_what_is_no_longer_its(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Who outlived its lease does not overwrite what another made of the delivery."""
    ledger = make_ledger()

    @ledger.after(Fix, name="tell")
    def tell(event: Applied[Fix]) -> None:
        if event.attempt == 1:
            clock.now += LEASE
            assert ledger.deliver() == Delivered(done=1)
            raise ConnectionError

    take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered()
    assert [(d.status, d.attempts) for d in ledger.deliveries()] == [("done", 2)]


async def _coroutine(_: object) -> None: ...


async def _stream(_: object) -> AsyncIterator[None]:
    yield


def _generator(_: object) -> Iterator[None]:
    yield


class _Called:
    async def __call__(self, _: object) -> None: ...


@pytest.mark.parametrize(
    "hook",
    [_coroutine, _stream, _generator, _Called(), functools.partial(_coroutine), "notify", None],
)
def test_what_a_call_would_not_run_is_no_hook(ledger: Ledger[AnyIssue], hook: Any) -> None:
    """A veto that never runs would let everything pass; it is refused where it is added."""
    with pytest.raises(InvalidValue, match="hook"):
        ledger.before(Fix)(hook)
    with pytest.raises(InvalidValue, match="hook"):
        ledger.after(Fix, name="x")(hook)
    with pytest.raises(InvalidValue, match="hook"):
        ledger.after(Overdue, name="x")(hook)
