"""What after hooks are owed: how it is tried, given up, taken up again, replayed, handed over."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from rectify import (
    AnyIssue,
    Complete,
    DueSoon,
    Fix,
    FixedOnTheSpot,
    Found,
    Ledger,
    Move,
    Overdue,
    PhaseOpened,
    Scheduled,
    Transfer,
)
from rectify.delivery import Delivered
from rectify.errors import (
    InvalidValue,
    NaiveInstant,
    StoreError,
    UnknownDelivery,
    UnknownHook,
)
from rectify.event import Event
from rectify.hooks import (
    ATTEMPTS_MAX,
    JITTER,
    LEASE,
    Applied,
    GiveUp,
    Occurred,
    Policy,
    failed,
)
from rectify.moves import Register
from rectify.store import LEASE_LOST, Backlog, Delivery
from support import (
    BEIJING,
    NOON,
    OFFICER,
    Clock,
    MakeLedger,
    beside,
    do_nothing,
    finding,
    in_state,
    is_durable,
    take,
)

LONG_AFTER = timedelta(days=30)


class Line:
    """A line to a receiver that may be down, and what came through."""

    def __init__(self) -> None:
        self.down = False
        self.came: list[tuple[str, int]] = []
        self.keys: list[str] = []

    def __call__(self, applied: Applied[Any]) -> None:
        self.keys.append(applied.key)
        if self.down:
            raise ConnectionError("举报人甲")
        self.came.append((applied.issue.id, applied.record.version))


def until_dead(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    """Deliver until nothing more is tried."""
    while ledger.deliveries("ready") and not ledger.deliveries("dead"):
        ledger.deliver()
        clock.pass_by(hours=2)


# Waits, attempts, giving up.


def _delivery(attempts: int) -> Delivery:
    return Delivery("x", 1, "tell", "key", NOON, "leased", attempts)


def test_waits_double_up_to_a_cap_and_are_stretched_at_random() -> None:
    """A wait is twice the last one up to the cap, stretched by at most the jitter, never less."""
    policy = Policy(attempts=2_000)
    seconds = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    tried = [*enumerate(seconds, 1), (1_999, 3600)]
    for attempts, expected in tried:
        for _ in range(50):
            settled = failed(_delivery(attempts), ValueError(), NOON, policy)
            wait = (settled.available_at - NOON).total_seconds()
            assert (settled.status, expected <= wait <= expected * (1 + JITTER)) == ("ready", True)
    waits = {failed(_delivery(5), ValueError(), NOON, policy).available_at for _ in range(50)}
    assert len(waits) > 1


@pytest.mark.parametrize(
    "settings",
    [
        {"attempts": 0},
        {"when_dead": "drop"},
        {"wait": timedelta(0)},
        {"wait_max": timedelta(days=400)},
        {"timeout": timedelta(seconds=-1)},
    ],
)
def test_a_policy_that_can_not_be_is_refused(settings: dict[str, Any]) -> None:
    """What is wrong with a policy is told by its field."""
    with pytest.raises(InvalidValue, match=f"Policy.{next(iter(settings))}"):
        Policy(**settings)


def test_a_hook_has_as_many_attempts_as_its_policy_says(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Each hook is tried by its own policy; its key is the same on every attempt."""
    ledger, line = make_ledger(), Line()
    line.down = True
    ledger.after(Fix, name="tell", policy=Policy(attempts=3))(line)
    take(ledger, Fix, in_state(ledger, Found))
    until_dead(ledger, clock)
    (dead,) = ledger.deliveries("dead")
    assert (dead.attempts, line.keys) == (3, [dead.key] * 3)


def test_what_no_attempt_will_mend_is_given_up_at_once(make_ledger: MakeLedger) -> None:
    """A hook that raises GiveUp is not tried again."""
    ledger = make_ledger()

    @ledger.after(Fix, name="tell")
    def tell(applied: Applied[Fix]) -> None:
        raise GiveUp

    take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(dead=1)
    assert [(one.status, one.attempts) for one in ledger.deliveries()] == [("dead", 1)]


def test_no_text_of_an_error_is_kept(make_ledger: MakeLedger) -> None:
    """Of a hook's error its class and place are kept, since its text may name a reporter."""
    ledger, line = make_ledger(), Line()
    line.down = True
    ledger.after(Register, name="tell")(line)
    issue = ledger.register(finding(reporter="举报人甲"), by=OFFICER)
    ledger.deliver()
    (one,) = ledger.deliveries()
    assert one.last_error is not None
    assert one.last_error.startswith("ConnectionError at test_deliveries.py:")
    assert "举报人甲" not in repr(ledger.deliveries())
    assert one.issue_id == issue.id


# What a dead delivery does to those behind it.


@pytest.mark.parametrize(("when_dead", "came"), [("hold", []), ("go-on", [3])])
def test_a_dead_delivery_holds_its_line_or_lets_it_go_on(
    make_ledger: MakeLedger, clock: Clock, when_dead: Literal["hold", "go-on"], came: list[int]
) -> None:
    """Later deliveries of the same issue wait, unless the policy says to go on."""
    ledger, line = make_ledger(), Line()
    ledger.after(Move, name="tell", policy=Policy(attempts=1, when_dead=when_dead))(line)
    scheduled = in_state(ledger, Scheduled)
    line.down = True
    assert ledger.deliver() == Delivered(dead=1)
    take(ledger, Complete, scheduled)
    other = in_state(ledger, Scheduled)
    line.down = False
    ledger.deliver()
    assert line.came == [*((scheduled.id, version) for version in came), (other.id, 2)]
    clock.now += LONG_AFTER
    ledger.deliver()
    assert ledger.retry() == 1
    ledger.deliver()
    expected = {"hold": [2, 3], "go-on": [3, 2]}[when_dead]
    assert [version for issue_id, version in line.came if issue_id == scheduled.id] == expected
    assert ledger.backlog() == ()


# Trying again.


def test_dead_deliveries_are_retried_one_of_a_hook_or_all(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """What is retried is due at once, with its old key and attempts counted from one again."""
    ledger, first, second = make_ledger(), Line(), Line()
    first.down = second.down = True
    ledger.after(Fix, name="first", policy=Policy(attempts=2))(first)
    ledger.after(Fix, name="second", policy=Policy(attempts=1))(second)
    for _ in range(2):
        take(ledger, Fix, in_state(ledger, Found))
    ledger.deliver()
    clock.pass_by(hours=2)
    ledger.deliver()
    dead = ledger.deliveries("dead")
    assert [one.hook for one in dead] == ["first", "second"] * 2
    assert dead[0].id is not None
    assert ledger.retry(dead[0].id) == 1
    revived = ledger.deliveries("ready")
    assert [(one.id, one.attempts, one.available_at, one.key) for one in revived] == [
        (dead[0].id, 0, clock.now, dead[0].key)
    ]
    first.down = False
    ledger.deliver()
    assert first.came == [(dead[0].issue_id, 2)]
    assert ledger.retry(hook="second") == 2
    assert [one.hook for one in ledger.deliveries("ready")] == ["second"] * 2
    ledger.deliver()
    assert ledger.retry() == 3
    assert ledger.retry() == 0


def test_only_a_dead_delivery_that_is_there_is_retried(make_ledger: MakeLedger) -> None:
    """An unknown id, and a delivery that is not dead, are refused."""
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    (one,) = ledger.deliveries()
    assert one.id is not None
    with pytest.raises(InvalidValue, match="ready"):
        ledger.retry(one.id)
    with pytest.raises(UnknownDelivery, match="999"):
        ledger.retry(999)
    with pytest.raises(UnknownDelivery, match="999"):
        ledger.deliver_one(999)


# Leases and timeouts.


def die(applied: Applied[Any]) -> None:
    """A hook that its process does not come back from."""
    raise KeyboardInterrupt


def test_a_lease_is_as_long_as_the_deliverer_says(make_ledger: MakeLedger, clock: Clock) -> None:
    """What a deliverer never came back from is taken over when the lease it took is over."""
    ledger, line = make_ledger(), Line()
    ledger.after(Fix, name="tell")(line)
    dying = beside(ledger)
    dying.after(Fix, name="tell")(die)
    take(ledger, Fix, in_state(ledger, Found))
    with pytest.raises(KeyboardInterrupt):
        dying.deliver(lease=timedelta(seconds=10))
    clock.pass_by(seconds=9)
    assert ledger.deliver() == Delivered()
    clock.pass_by(seconds=1)
    assert ledger.deliver() == Delivered(done=1)


def test_a_hook_that_is_lost_each_time_ends_dead(make_ledger: MakeLedger, clock: Clock) -> None:
    """After as many lost attempts as there may be, a delivery is dead and run no more."""
    ledger, runs = make_ledger(), Line()

    @ledger.after(Fix, name="tell")
    def tell(applied: Applied[Fix]) -> None:
        runs(applied)
        raise KeyboardInterrupt

    take(ledger, Fix, in_state(ledger, Found))
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(KeyboardInterrupt):
            ledger.deliver()
        clock.now += LEASE
    assert ledger.deliver() == Delivered(dead=1)
    (dead,) = ledger.deliveries()
    assert (dead.status, dead.attempts, dead.last_error) == ("dead", ATTEMPTS_MAX, LEASE_LOST)
    assert len(runs.came) == ATTEMPTS_MAX
    clock.now += LONG_AFTER
    assert ledger.deliver() == Delivered()


def test_a_hook_that_takes_longer_than_its_timeout_has_failed(make_ledger: MakeLedger) -> None:
    """The deliverer leaves a hook that hangs behind, and goes on with the other issues."""
    ledger, line, let_go = make_ledger(), Line(), threading.Event()
    hangs = in_state(ledger, Found)

    @ledger.after(Fix, name="tell", policy=Policy(timeout=timedelta(milliseconds=200)))
    def tell(applied: Applied[Fix]) -> None:
        if applied.issue.id == hangs.id:
            let_go.wait()
        line(applied)

    take(ledger, Fix, hangs)
    other = take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(done=1, failed=1)
    assert line.came == [(other.id, 2)]
    assert [(one.last_error or "").split()[0] for one in ledger.deliveries("ready")] == [
        "TimeoutError"
    ]
    let_go.set()


def test_errors_pass_from_a_hook_with_a_timeout_as_from_one_without(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """With a timeout too, a hook's error is a failed attempt, told by its class and place."""
    ledger, line = make_ledger(), Line()
    ledger.after(Fix, name="tell", policy=Policy(timeout=timedelta(seconds=30)))(line)
    take(ledger, Fix, in_state(ledger, Found))
    line.down = True
    assert ledger.deliver() == Delivered(failed=1)
    (one,) = ledger.deliveries()
    assert (one.last_error or "").startswith("ConnectionError at test_deliveries.py:")
    line.down = False
    clock.pass_by(minutes=1)
    assert ledger.deliver() == Delivered(done=1)


def test_what_was_lost_once_is_run_so_that_it_can_be_left_behind(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """An attempt after a lost one runs in a thread, for no longer than the lease."""
    ledger, let_go = make_ledger(), threading.Event()
    dying = beside(ledger)
    dying.after(Fix, name="tell")(die)
    threads: list[str] = []

    @ledger.after(Fix, name="tell")
    def tell(applied: Applied[Fix]) -> None:
        threads.append(threading.current_thread().name)
        if applied.attempt == 2:
            let_go.wait()

    take(ledger, Fix, in_state(ledger, Found))
    with pytest.raises(KeyboardInterrupt):
        dying.deliver()
    clock.now += LEASE
    assert ledger.deliver(lease=timedelta(milliseconds=200)) == Delivered(failed=1)
    clock.now += LEASE
    assert ledger.deliver() == Delivered(done=1)
    assert threads == ["rectify-hook", threading.current_thread().name]
    let_go.set()


@pytest.mark.parametrize("lease", [timedelta(0), timedelta(days=400), timedelta(seconds=30)])
def test_a_lease_that_can_not_be_is_refused(ledger: Ledger[AnyIssue], lease: timedelta) -> None:
    """A lease is above nothing, and longer than every hook's timeout."""
    policy = Policy(timeout=timedelta(seconds=30))
    ledger.after(Fix, name="tell", policy=policy)(do_nothing)
    with pytest.raises(InvalidValue, match="lease"):
        ledger.deliver(lease=lease)


def test_who_lost_the_lease_writes_nothing_over(make_ledger: MakeLedger, clock: Clock) -> None:
    """What is settled after another took the delivery over, or retried it, changes nothing."""
    ledger = make_ledger()

    @ledger.after(Fix, name="tell", policy=Policy(attempts=1))
    def tell(applied: Applied[Fix]) -> None:
        if not clock.now - NOON:
            clock.now += LEASE
            assert ledger.deliver() == Delivered(dead=1)
            assert ledger.retry() == 1

    take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(done=1)
    assert [(one.status, one.attempts) for one in ledger.deliveries()] == [("done", 1)]


# Hooks that are gone, and those that are new.


def test_deliveries_of_a_hook_that_is_gone_are_told_and_given_over(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """A renamed hook's deliveries are counted, and run under the new name with the old keys."""
    before, line = make_ledger(), Line()
    before.after(Move, name="tell-commission", policy=Policy(attempts=1))(line)
    first = in_state(before, Scheduled)
    before.deliver()
    line.down = True
    take(before, Complete, first)
    second = in_state(before, Scheduled)
    before.deliver()
    third = in_state(before, Scheduled)
    keys = [one.key for one in before.deliveries()]

    after = beside(before)
    line.down = False
    line.keys.clear()
    after.after(Move, name="notify-commission")(line)
    assert after.deliver() == Delivered(unclaimed={"tell-commission": 3})
    dead, ready = after.backlog()
    assert (dead.hook, dead.status, dead.count) == ("tell-commission", "dead", 2)
    assert ready == Backlog("tell-commission", "ready", 1, NOON)
    assert after.rename_hook("tell-commission", "notify-commission") == 4
    assert after.retry() == 2
    assert after.deliver() == Delivered(done=3)
    assert (line.keys, line.came[1:]) == (keys[1:], [(first.id, 3), (second.id, 2), (third.id, 2)])
    assert after.replay("notify-commission") == 0


def test_a_hook_is_not_renamed_to_one_that_is_owed_the_same(make_ledger: MakeLedger) -> None:
    """Where a record is owed to both names, or the new one is none, nothing is renamed."""
    ledger = make_ledger()
    ledger.after(Fix, name="a")(do_nothing)
    ledger.after(Fix, name="b")(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    for new in ("b", "a", " ", "x" * 501, "x\ny"):
        with pytest.raises(InvalidValue, match="new"):
            ledger.rename_hook("a", new)
    assert [one.hook for one in ledger.deliveries()] == ["a", "b"]
    assert ledger.rename_hook("no-such", "c") == 0


def test_a_name_no_record_could_hold_is_none(ledger: Ledger[AnyIssue]) -> None:
    """A hook's name is a line of text."""
    for name in ("", " ", "x" * 501, "x\ny"):
        with pytest.raises(InvalidValue, match="name"):
            ledger.after(Fix, name=name)(do_nothing)


def test_renaming_while_it_is_being_run_keeps_the_new_name(make_ledger: MakeLedger) -> None:
    """Who settles a delivery that was renamed meanwhile does not give it its old name back."""
    ledger = make_ledger()

    @ledger.after(Fix, name="old")
    def tell(applied: Applied[Fix]) -> None:
        assert ledger.rename_hook("old", "new") == 1

    take(ledger, Fix, in_state(ledger, Found))
    assert ledger.deliver() == Delivered(done=1)
    assert [(one.hook, one.status) for one in ledger.deliveries()] == [("new", "done")]


def test_a_new_hook_starts_from_now(make_ledger: MakeLedger) -> None:
    """What was recorded before a hook was added is not its own."""
    ledger, line = make_ledger(), Line()
    in_state(ledger, Scheduled)
    ledger.after(Move, name="tell")(line)
    later = in_state(ledger, Scheduled)
    ledger.deliver()
    assert line.came == [(later.id, 2)]


def test_a_new_hook_that_asks_is_owed_all_that_was_recorded_once(make_ledger: MakeLedger) -> None:
    """With replay, the first program that has the name owes it the past, and no other again."""
    ledger, line = make_ledger(), Line()
    first, second = in_state(ledger, Scheduled), in_state(ledger, FixedOnTheSpot)
    take(ledger, Complete, first)
    ledger.after(Move, name="tell", replay=True)(line)
    assert ledger.deliver() == Delivered(done=3)
    assert sorted(line.came) == sorted([(first.id, 2), (first.id, 3), (second.id, 2)])
    assert [version for issue_id, version in line.came if issue_id == first.id] == [2, 3]
    keys = {f"{record.digest}.tell" for i in (first, second) for record in ledger.history(i.id)[1:]}
    assert set(line.keys) == keys

    in_state(beside(ledger), FixedOnTheSpot)  # by a program that does not have the hook
    again = beside(ledger)
    again.after(Move, name="tell", replay=True)(line)
    assert again.deliver() == Delivered()
    assert again.replay("tell") == 1
    assert again.replay("tell") == 0
    assert again.deliver() == Delivered(done=1)
    assert ledger.audit().intact


def test_a_replay_since_an_instant_owes_what_was_recorded_from_then_on(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """What is dated before the instant is left out, and what is owed already is."""
    ledger, line = make_ledger(), Line()
    in_state(ledger, Scheduled)
    clock.pass_by(days=1)
    later = in_state(ledger, Scheduled)
    ledger.after(Move, name="tell")(line)
    assert ledger.replay("tell", since=clock.now) == 1
    assert ledger.replay("tell", since=clock.now) == 0
    ledger.deliver()
    assert line.came == [(later.id, 2)]
    with pytest.raises(NaiveInstant, match="since"):
        ledger.replay("tell", since=datetime(2018, 1, 1))  # noqa: DTZ001
    with pytest.raises(UnknownHook, match=r"no-such.*tell"):
        ledger.replay("no-such")
    with pytest.raises(UnknownHook, match="–"):
        beside(ledger).replay("tell")


def test_a_replay_that_was_cut_short_is_taken_up_again(
    make_ledger: MakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were written stay, and a later start owes the rest, nothing twice."""
    ledger = make_ledger()
    for _ in range(3):
        in_state(ledger, Scheduled)
    monkeypatch.setattr("rectify.outbox.PAGE", 2)
    cut = beside(ledger, dispatcher=BreaksAt(2))
    with pytest.raises(ConnectionError):
        cut.after(Move, name="tell", replay=True)(do_nothing)
    assert len(ledger.deliveries()) == 2
    line = Line()
    again = beside(ledger)
    again.after(Move, name="tell", replay=True)(line)
    assert again.deliver() == Delivered(done=3)
    assert len(set(line.came)) == 3


class BreaksAt:
    """A dispatcher that fails at one of its calls."""

    def __init__(self, call: int) -> None:
        self._left = call

    def handoff(self, connection: Any, deliveries: Sequence[int]) -> None:
        self._left -= 1
        if not self._left:
            raise ConnectionError


def test_events_are_replayed_too(make_ledger: MakeLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new hook on events is owed those of its class that sweeps recorded, since when it asks."""
    ledger = make_ledger()
    in_state(ledger, Scheduled)
    ledger.sweep(datetime(2018, 6, 20, tzinfo=BEIJING))
    monkeypatch.setattr("rectify.outbox.PAGE", 2)
    seen: dict[str, list[Event]] = {"phases": [], "late": []}
    ledger.after(PhaseOpened, name="phases", replay=True)(lambda o: seen["phases"].append(o.event))

    @ledger.after(Overdue, name="late")
    def late(occurred: Occurred[Overdue]) -> None:
        seen["late"].append(occurred.event)

    since = datetime(2018, 6, 1, tzinfo=BEIJING)
    ledger.replay("late", since=since)
    ledger.deliver()
    every = list(ledger.events())
    assert seen["phases"] == [event for event in every if type(event) is PhaseOpened]
    assert seen["late"] == [
        event for event in every if type(event) is Overdue and event.at >= since
    ]
    assert any(type(event) is DueSoon for event in every)


# Handing over to a queue.


class Queue:
    """A queue that takes ids on the transaction's own connection, in memory beside it."""

    def __init__(self) -> None:
        self.told: list[tuple[bool, list[int]]] = []

    def handoff(self, connection: Any, deliveries: Sequence[int]) -> None:
        self.told.append((connection is not None, list(deliveries)))

    @property
    def ids(self) -> list[int]:
        return [one for _, ids in self.told for one in ids]


def test_deliveries_are_handed_over_within_the_transaction(make_ledger: MakeLedger) -> None:
    """A dispatcher is told the ids of what a move owes, and on a database its connection."""
    queue = Queue()
    ledger = beside(make_ledger(), dispatcher=queue)
    for name in ("first", "second"):
        ledger.after(Fix, name=name)(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    ids = [one.id for one in ledger.deliveries()]
    assert queue.told == [(is_durable(ledger), ids)]


def test_a_dispatcher_that_fails_aborts_the_move(make_ledger: MakeLedger) -> None:
    """A move whose deliveries can't be handed over is not taken."""
    ledger = beside(make_ledger(), dispatcher=BreaksAt(1))
    ledger.after(Fix, name="tell")(do_nothing)
    issue = in_state(ledger, Found)
    with pytest.raises(ConnectionError):
        take(ledger, Fix, issue)
    assert (ledger.get(issue.id), ledger.deliveries()) == (issue, ())
    take(ledger, Fix, issue)
    assert len(ledger.deliveries("ready")) == 1


def test_a_batch_hands_over_at_its_end(make_ledger: MakeLedger) -> None:
    """Of many moves in one commit the deliveries that stay are handed over together."""
    queue = Queue()
    ledger = beside(make_ledger(), dispatcher=queue)
    ledger.after(Fix, name="tell")(do_nothing)
    issues = [in_state(ledger, Found) for _ in range(3)]

    @ledger.before(Fix)
    def veto(proposed: Any) -> None:
        if proposed.move.issue.id == issues[1].id:
            raise ConnectionError

    with ledger.batch():
        take(ledger, Fix, issues[0])
        with pytest.raises(ConnectionError):
            take(ledger, Fix, issues[1])
        take(ledger, Fix, issues[2])
        assert queue.told == []
    assert queue.ids == [one.id for one in ledger.deliveries()]
    assert len(queue.ids) == 2
    before = list(queue.told)

    def fail() -> None:
        with ledger.batch():
            in_state(ledger, FixedOnTheSpot)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert (queue.told, len(ledger.deliveries())) == (before, 2)


def test_a_queue_delivers_by_id_in_order(make_ledger: MakeLedger, clock: Clock) -> None:
    """Whatever order its jobs come in, a line is run in order, and each is told when to return."""
    queue, line = Queue(), Line()
    ledger = beside(make_ledger(), dispatcher=queue)
    ledger.after(Move, name="tell", policy=Policy(attempts=2))(line)
    issue = in_state(ledger, Scheduled)
    take(ledger, Complete, issue)
    first, second = queue.ids
    line.down = True
    again = ledger.deliver_one(second)
    assert again is not None
    assert again == ledger.deliveries()[0].available_at
    assert again > clock.now
    assert (line.came, len(line.keys)) == ([], 1)
    line.down = False
    clock.now = again
    assert ledger.deliver_one(second) is None
    assert line.came == [(issue.id, 2), (issue.id, 3)]
    assert ledger.deliver_one(first) is None
    assert len(line.came) == 2


def test_what_a_dead_delivery_held_up_is_handed_over_when_it_is_retried(
    make_ledger: MakeLedger,
) -> None:
    """A job behind a dead one ends; the retry hands over the whole line."""
    queue, line = Queue(), Line()
    ledger = beside(make_ledger(), dispatcher=queue)
    ledger.after(Move, name="tell", policy=Policy(attempts=1))(line)
    issue = in_state(ledger, Scheduled)
    take(ledger, Complete, issue)
    ids = queue.ids
    line.down = True
    assert [ledger.deliver_one(one) for one in ids] == [None, None]
    assert [ledger.deliver_one(one) for one in ids] == [None, None]
    assert [one.status for one in ledger.deliveries()] == ["dead", "ready"]
    queue.told.clear()
    line.down = False
    assert ledger.retry(ids[0]) == 1
    assert queue.ids == ids
    assert [ledger.deliver_one(one) for one in ids] == [None, None]
    assert line.came == [(issue.id, 2), (issue.id, 3)]


def test_a_job_behind_what_another_runs_returns_when_its_lease_ends(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """While another worker has the line's first delivery, a job is told to come back."""
    queue = Queue()
    ledger = beside(make_ledger(), dispatcher=queue)
    seen: list[datetime | None] = []

    @ledger.after(Move, name="tell", policy=Policy(when_dead="go-on"))
    def tell(applied: Applied[Move[Any]]) -> None:
        if applied.record.version == 2:
            seen.append(ledger.deliver_one(queue.ids[1]))

    issue = in_state(ledger, Scheduled)
    take(ledger, Complete, issue)
    assert ledger.deliver_one(queue.ids[0]) is None
    assert seen == [clock.now + LEASE]
    assert ledger.backlog() == ()


def test_a_relay_finds_what_is_to_be_run_now(make_ledger: MakeLedger, clock: Clock) -> None:
    """It finds the first of each line that is due, until a worker has it: no job is missed."""
    ledger, line = make_ledger(), Line()
    ledger.after(Move, name="tell", policy=Policy(attempts=2))(line)
    first, second = in_state(ledger, Scheduled), in_state(ledger, Scheduled)
    take(ledger, Complete, first)
    of = {(one.issue_id, one.seq): one.id or 0 for one in ledger.deliveries()}
    fronts = (of[first.id, 2], of[second.id, 2])
    assert (ledger.due(), ledger.due(at_most=1)) == (fronts, fronts[:1])
    assert beside(ledger).due() == ()
    line.down = True
    again = ledger.deliver_one(fronts[0])
    assert again is not None
    assert ledger.due() == fronts[1:]  # the queue lost that job
    line.down = False
    assert [ledger.deliver_one(fronts[1]) for _ in range(2)] == [None, None]  # it came twice
    assert ledger.due() == ()
    clock.now = again
    assert ledger.due() == fronts[:1]
    line.down = True
    ledger.deliver_one(fronts[0])
    assert ledger.due() == ()  # held up by a dead one
    going_on = beside(ledger)
    going_on.after(Move, name="tell", policy=Policy(when_dead="go-on"))(line)
    assert going_on.due() == (of[first.id, 3],)
    assert line.came == [(second.id, 2)]


def test_a_relay_finds_what_a_worker_died_with(make_ledger: MakeLedger, clock: Clock) -> None:
    """What is leased is found again once the lease is over."""
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(die)
    take(ledger, Fix, in_state(ledger, Found))
    (one,) = ledger.due()
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver_one(one)
    assert ledger.due() == ()
    clock.now += LEASE
    assert ledger.due() == (one,)


def test_a_worker_without_the_hook_says_so(make_ledger: MakeLedger) -> None:
    """A job of a hook that the program does not have fails with the hooks there are."""
    queue = Queue()
    ledger = beside(make_ledger(), dispatcher=queue)
    ledger.after(Fix, name="tell")(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    other = beside(ledger)
    other.after(Transfer, name="other")(do_nothing)
    with pytest.raises(UnknownHook, match=r"tell.*other"):
        other.deliver_one(queue.ids[0])


def test_open_deliveries_are_handed_over_to_a_new_queue(
    make_ledger: MakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes queues hands over what is open; a ledger without a queue says so."""
    monkeypatch.setattr("rectify.outbox.PAGE", 2)
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    ledger.deliver()
    for _ in range(3):
        take(ledger, Fix, in_state(ledger, Found))
    queue = Queue()
    assert beside(ledger, dispatcher=queue).hand_over() == 3
    assert [len(ids) for _, ids in queue.told] == [2, 1]
    assert queue.ids == [one.id for one in ledger.deliveries("ready")]
    with pytest.raises(InvalidValue, match="dispatcher"):
        ledger.hand_over()


def test_nothing_is_delivered_before_the_commit(make_ledger: MakeLedger) -> None:
    """Within a batch neither the loop nor a queue's worker runs a hook."""
    ledger = make_ledger()
    ledger.after(Fix, name="tell")(do_nothing)
    take(ledger, Fix, in_state(ledger, Found))
    (one,) = ledger.deliveries()
    assert one.id is not None
    with ledger.batch():
        with pytest.raises(StoreError, match="committed"):
            ledger.deliver()
        with pytest.raises(StoreError, match="committed"):
            ledger.deliver_one(one.id)
