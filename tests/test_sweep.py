"""The sweep: each event once, in order, dated to when it happened, on every store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rectify.sweep
from rectify import (
    AnyIssue,
    Complete,
    Conclusion,
    DueSoon,
    Extend,
    Found,
    Ledger,
    Overdue,
    PhaseClosed,
    PhaseOpened,
    Reject,
    Return,
    Schedule,
    Scheduled,
    Timetable,
    Transfer,
    Verify,
    load_campaign,
)
from rectify.campaign import Campaign
from rectify.delivery import Delivered
from rectify.errors import InvalidValue, NaiveInstant
from rectify.event import DueEvent, Event
from rectify.hooks import Occurred
from rectify.stores.memory import MemoryStore
from rectify.timeline import KEY_CHARACTERS_MAX, deadline_key
from support import BEIJING, INSPECTOR, NOON, OFFICER, Clock, MakeLedger, in_state, take, timetable


def told(events: Iterable[Event]) -> list[tuple[str, str, str]]:
    """Events of issues as (kind, milestone, local time)."""
    return [
        (type(one).__name__, one.ref, f"{one.at.astimezone(BEIJING):%m-%d %H:%M}")
        for one in events
        if isinstance(one, DueEvent) and one.kind == "milestone"
    ]


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2018, month, day, hour, minute, tzinfo=BEIJING)


def scheduled(ledger: Ledger[AnyIssue], *days: str) -> Scheduled:
    found = in_state(ledger, Found)
    return ledger.apply(Schedule(found, timetable(*days)), by=OFFICER)


def test_phases_open_and_close_at_local_midnight(make_ledger: MakeLedger) -> None:
    """A phase opens as its first day begins and closes as its last one ends, in order."""
    ledger = make_ledger()
    swept = ledger.sweep(at(10, 20, 23, 59))
    assert [(one.phase, one.at.astimezone(BEIJING)) for one in swept.opened] == [
        ("self-inspection", datetime(2017, 12, 1, tzinfo=BEIJING)),
        ("key-inspection", at(4, 11)),
    ]
    assert [(one.phase, one.at.astimezone(BEIJING)) for one in swept.closed] == [
        ("self-inspection", at(4, 11)),
    ]
    (closed, opened) = ledger.sweep(at(10, 21)).events[:2]
    assert (type(closed), closed.subject, closed.at) == (
        PhaseClosed,
        "key-inspection",
        at(10, 21).astimezone(UTC),
    )
    assert (type(opened), opened.subject) == (PhaseOpened, "rectification")


def test_duties_are_soon_and_overdue(make_ledger: MakeLedger) -> None:
    """What is owed by a date is soon due three days before its end, overdue at its end."""
    ledger = make_ledger()
    swept = ledger.sweep(at(1, 1) - timedelta(minutes=1))
    assert [one.duty_key for one in swept.soon] == ["work-plan/-/-city", "work-plan/-/-department"]
    assert ({one.at for one in swept.soon}, swept.overdue) == ({at(12, 29).replace(year=2017)}, ())
    overdue = ledger.sweep(at(1, 1)).overdue
    assert [(one.ref, one.at, one.issue_id) for one in overdue] == [
        ("work-plan", at(1, 1), None),
        ("work-plan", at(1, 1), None),
    ]


def test_milestones_are_soon_and_overdue_once(make_ledger: MakeLedger) -> None:
    """Each event is dated to when it happened and recorded by the first sweep after it."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15", "2018-07-15")
    assert told(ledger.sweep(at(6, 12, 23, 59)).events) == []
    swept = ledger.sweep(at(6, 13, 9))
    assert told(swept.events) == [("DueSoon", "m1", "06-13 00:00")]
    assert told(ledger.sweep(at(6, 15, 23, 59)).events) == []
    (event,) = ledger.sweep(at(6, 16)).overdue
    assert (event.issue_id, event.duty_key, event.unit, event.round, event.due_at) == (
        issue.id,
        None,
        "420000",
        1,
        at(6, 16),
    )
    assert event.key == f"overdue/milestone/{issue.id}/m1/1/2018-06-15T16:00"
    assert ledger.sweep(at(6, 16)).events == ()
    assert told(ledger.sweep(at(8, 1)).events) == [
        ("DueSoon", "m2", "07-13 00:00"),
        ("Overdue", "m2", "07-16 00:00"),
    ]
    assert told(ledger.events()) == [
        ("DueSoon", "m1", "06-13 00:00"),
        ("Overdue", "m1", "06-16 00:00"),
        ("DueSoon", "m2", "07-13 00:00"),
        ("Overdue", "m2", "07-16 00:00"),
    ]
    assert ledger.audit().intact


def test_a_sweep_that_goes_back_in_time_does_nothing(make_ledger: MakeLedger) -> None:
    """An earlier instant than before is harmless, and so is one before everything."""
    ledger = make_ledger()
    scheduled(ledger)
    assert ledger.sweep(at(7, 1)).events != ()
    assert [ledger.sweep(at(*day)).events for day in ((6, 1), (1, 1))] == [(), ()]
    assert told(ledger.sweep(at(7, 1)).events) == []


def test_by_default_it_is_the_clocks_now(make_ledger: MakeLedger, clock: Clock) -> None:
    """Without an instant the ledger's clock says until when."""
    ledger = make_ledger()
    scheduled(ledger, "2018-05-08")
    assert ledger.sweep().now == NOON.astimezone(UTC)
    clock.pass_by(days=2)
    assert told(ledger.sweep().events) == [("Overdue", "m1", "05-09 00:00")]


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (datetime(2018, 6, 1), NaiveInstant),  # noqa: DTZ001
        (date(2018, 6, 1), InvalidValue),
        ("2018-06-01", InvalidValue),
    ],
)
def test_an_instant_is_an_instant(ledger: Ledger[AnyIssue], now: Any, error: Any) -> None:
    """A naive datetime, a date or a text is refused, and nothing is recorded."""
    with pytest.raises(error):
        ledger.sweep(now)
    assert list(ledger.events()) == []


# The dates decide.


def test_what_was_met_in_time_is_not_reported(make_ledger: MakeLedger, clock: Clock) -> None:
    """A milestone completed before its end is neither soon nor overdue, however late the sweep."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15", "2018-06-20")
    clock.now = at(6, 15, 23, 59)
    take(ledger, Complete, issue)
    assert told(ledger.sweep(at(6, 18)).events) == [("DueSoon", "m2", "06-18 00:00")]


def test_what_ran_out_before_it_was_met_was_overdue(make_ledger: MakeLedger, clock: Clock) -> None:
    """A milestone completed at its end or later was overdue, though nobody swept in between."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15")
    clock.now = at(6, 16)
    take(ledger, Complete, issue)
    assert told(ledger.sweep(at(6, 20)).events) == [("Overdue", "m1", "06-16 00:00")]


def test_a_step_dated_back_counts_by_its_date(make_ledger: MakeLedger, clock: Clock) -> None:
    """What is recorded late but was done in time is in time."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15")
    clock.now = at(6, 18)
    ledger.apply(Complete(issue, "m1", "拨款凭证"), by=OFFICER, at=at(6, 14))
    assert told(ledger.sweep(at(6, 20)).events) == []


def test_an_extension_moves_the_deadline(make_ledger: MakeLedger, clock: Clock) -> None:
    """What is extended in time is soon and overdue by its new date only."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15", "2018-07-01")
    clock.now = at(6, 10)
    moved = timetable("2018-06-25", "2018-07-01")
    ledger.apply(Extend(issue, moved, reason="汛期"), by=OFFICER)
    assert told(ledger.sweep(at(7, 2)).events) == [
        ("DueSoon", "m1", "06-23 00:00"),
        ("Overdue", "m1", "06-26 00:00"),
        ("DueSoon", "m2", "06-29 00:00"),
        ("Overdue", "m2", "07-02 00:00"),
    ]


def test_an_extension_does_not_undo_what_ran_out(make_ledger: MakeLedger, clock: Clock) -> None:
    """A milestone that had run out when the timetable was extended was overdue."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15", "2018-07-01")
    clock.now = at(6, 20)
    ledger.apply(Extend(issue, timetable("2018-06-25", "2018-07-01"), "汛期"), by=OFFICER)
    assert told(ledger.sweep(at(6, 21)).events) == [("Overdue", "m1", "06-16 00:00")]


def test_a_soon_that_was_told_is_not_told_again(make_ledger: MakeLedger, clock: Clock) -> None:
    """A deadline moved away and back, or returned unchanged, tells each event once."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15")
    clock.now = at(6, 13, 8)
    assert told(ledger.sweep().events) == [("DueSoon", "m1", "06-13 00:00")]
    transferred = take(ledger, Transfer, issue)
    clock.now = at(6, 13, 9)
    assert told(ledger.sweep().events) == []
    plan = timetable("2018-06-15")
    ledger.apply(Return(transferred, reason="不属违纪", timetable=plan), by=OFFICER)
    assert told(ledger.sweep(at(6, 14)).events) == []
    assert told(ledger.sweep(at(6, 17)).events) == [("Overdue", "m1", "06-16 00:00")]


def test_a_new_round_has_deadlines_of_its_own(make_ledger: MakeLedger, clock: Clock) -> None:
    """A rejected rectification is due anew, even by the same date."""
    ledger = make_ledger()
    issue = scheduled(ledger, "2018-06-15")
    clock.now = at(6, 13)
    assert [event.round for event in ledger.sweep().soon][-1:] == [1]
    issue = take(ledger, Complete, issue)
    rejected = ledger.apply(Reject(issue, "不到位", timetable("2018-06-15")), by=INSPECTOR)
    assert rejected.round == 2
    swept = ledger.sweep(at(6, 16))
    assert [(type(e), e.round) for e in swept.events if isinstance(e, DueEvent)] == [
        (DueSoon, 2),
        (Overdue, 2),
    ]


def test_other_states_close_the_deadlines(make_ledger: MakeLedger, clock: Clock) -> None:
    """An issue that is transferred or verified owes no milestone any more."""
    ledger = make_ledger()
    first, second = scheduled(ledger, "2018-06-15"), scheduled(ledger, "2018-06-15")
    take(ledger, Transfer, first)
    ledger.apply(Verify(second, Conclusion.UNSUBSTANTIATED, "查无实据"), by=INSPECTOR)
    assert told(ledger.sweep(at(7, 1)).events) == []


def test_what_was_set_too_late_is_dated_to_when_it_was_set(make_ledger: MakeLedger) -> None:
    """A milestone set within three days of its end, or after it, tells so from then on."""
    ledger = make_ledger()
    scheduled(ledger, "2018-05-06", "2018-05-08")
    assert told(ledger.sweep(at(6, 1)).events) == [
        ("Overdue", "m1", "05-07 12:00"),
        ("DueSoon", "m2", "05-07 12:00"),
        ("Overdue", "m2", "05-09 00:00"),
    ]


# In order, in batches, all or nothing.


def test_a_long_catch_up_is_in_order(
    make_ledger: MakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are recorded in the order they happened, whatever the size of a batch."""
    monkeypatch.setattr(rectify.sweep, "BATCH", 3)
    ledger = make_ledger()
    for number in range(8):
        scheduled(ledger, f"2018-06-{10 + number:02}", f"2018-06-{20 + number % 3:02}")
    swept = ledger.sweep(at(7, 1))
    instants = [event.at for event in swept.events]
    assert instants == sorted(instants)
    assert (len(told(swept.events)), len(set(swept.events))) == (32, len(swept.events))
    assert list(ledger.events()) == list(swept.events)
    assert ledger.audit().events == len(swept.events)


def test_events_are_read_a_page_at_a_time(
    make_ledger: MakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, all come in order."""
    monkeypatch.setattr("rectify.ledger.EVENTS_AT_ONCE", 4)
    ledger = make_ledger()
    swept = ledger.sweep(at(7, 1))
    assert (tuple(ledger.events()), len(swept.events)) == (swept.events, 15)


def test_in_memory_what_is_interrupted_is_taken_back(campaign: Campaign, clock: Clock) -> None:
    """A sweep within a transaction that fails leaves nothing behind."""
    store = MemoryStore()
    ledger = Ledger(campaign, store=store, clock=clock)
    issue = scheduled(ledger, "2018-06-15")
    ledger.after(Event, name="all")(lambda event: None)

    def complete_and_sweep() -> None:
        with store.transaction():
            take(ledger, Complete, issue)
            assert ledger.sweep(at(7, 1)).events != ()
            raise ZeroDivisionError

    def sweep_and_complete() -> None:
        with store.transaction():
            ledger.sweep(at(5, 8))
            take(ledger, Complete, issue)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        complete_and_sweep()
    assert (list(ledger.events()), ledger.deliveries(), ledger.audit().intact) == ([], (), True)
    with pytest.raises(ZeroDivisionError):
        sweep_and_complete()
    assert told(ledger.sweep(at(7, 1)).events)[-1:] == [("Overdue", "m1", "06-16 00:00")]


# Hooks.


def test_hooks_run_on_each_event_once(make_ledger: MakeLedger) -> None:
    """A hook on an event's class gets it with a key of its own, by the ledger's deliveries."""
    ledger = make_ledger()
    opened: list[str] = []
    overdue: list[tuple[str, str, int]] = []
    every: list[str] = []

    @ledger.after(PhaseOpened, name="announce")
    def announce(occurred: Occurred[PhaseOpened]) -> None:
        opened.append(occurred.event.phase)

    @ledger.after(Overdue, name="urge")
    def urge(occurred: Occurred[Overdue]) -> None:
        overdue.append((occurred.event.ref, occurred.key, occurred.attempt))

    @ledger.after(Event, name="log")
    def log(occurred: Occurred[Event]) -> None:
        every.append(type(occurred.event).__name__)

    scheduled(ledger, "2018-05-10")
    swept = ledger.sweep(at(5, 11))
    assert ledger.sweep(at(5, 11)).events == ()
    assert ledger.deliver() == Delivered(done=len(swept.events) + 2 + 6)
    assert opened == ["self-inspection", "key-inspection"]
    assert every == [type(event).__name__ for event in swept.events]
    assert [ref for ref, _, _ in overdue][-1] == "m1"
    assert {(attempt, key.rpartition(".")[2]) for _, key, attempt in overdue} == {(1, "urge")}
    assert len({key for _, key, _ in overdue}) == len(overdue)


def test_a_failed_hook_holds_up_its_subject_only(make_ledger: MakeLedger, clock: Clock) -> None:
    """Events of one subject come in order; those of others do not wait."""
    ledger = make_ledger()
    first, second = scheduled(ledger, "2018-05-10"), scheduled(ledger, "2018-05-10")
    got: list[tuple[str, str, int]] = []

    @ledger.after(DueEvent, name="send")
    def send(occurred: Occurred[DueEvent]) -> None:
        if occurred.event.issue_id == first.id and occurred.attempt == 1:
            raise ConnectionError
        if occurred.event.kind == "milestone":
            name = type(occurred.event).__name__
            got.append((occurred.event.subject, name, occurred.attempt))

    clock.now = at(5, 12)
    ledger.sweep()
    ledger.deliver()
    clock.pass_by(hours=1)
    ledger.deliver()
    clock.pass_by(hours=1)
    ledger.deliver()
    assert got == [
        (second.id, "DueSoon", 1),
        (second.id, "Overdue", 1),
        (first.id, "DueSoon", 2),
        (first.id, "Overdue", 2),
    ]


def test_a_name_is_used_once_for_moves_and_events(ledger: Ledger[AnyIssue]) -> None:
    """A hook's name is unique, whatever it is on."""
    ledger.after(Transfer, name="notify")(lambda applied: None)
    with pytest.raises(InvalidValue, match="notify"):
        ledger.after(Overdue, name="notify")(lambda occurred: None)


# Whatever the order of sweeps.

_DAYS = st.dates(date(2018, 5, 8), date(2018, 6, 30))


@settings(max_examples=60, deadline=None)
@given(
    plans=st.lists(st.lists(_DAYS, min_size=1, max_size=3, unique=True), min_size=1, max_size=4),
    done=st.lists(st.tuples(st.integers(0, 3), _DAYS), max_size=4),
    sweeps=st.lists(_DAYS, max_size=6),
)
def test_what_was_overdue_does_not_depend_on_when_it_was_swept(
    plans: list[list[date]], done: list[tuple[int, date]], sweeps: list[date]
) -> None:
    """Many sweeps or one, the same is overdue; nothing is told twice."""

    def run(extra: list[date]) -> list[Event]:
        clock = Clock()
        names = [f"issue-{number}" for number in range(len(plans))]
        ledger = Ledger(load_campaign("hubei-2018"), clock=clock, new_id=names.pop)
        issues: list[Any] = [
            scheduled(ledger, *sorted(day.isoformat() for day in plan)) for plan in plans
        ]
        todo = sorted([*((day, which) for which, day in done), *((day, -1) for day in extra)])
        for day, which in todo:
            clock.now = datetime(day.year, day.month, day.day, 18, tzinfo=BEIJING)
            if which < 0:
                ledger.sweep()
            elif which < len(issues) and (left := issues[which].open_milestones):
                move = Complete(issues[which], left[0].id, "凭证")
                issues[which] = ledger.apply(move, by=OFFICER)
        ledger.sweep(at(8, 1))
        return list(ledger.events())

    once, often = run([]), run(sweeps)
    assert len({event.key for event in often}) == len(often)
    assert {e for e in once if not isinstance(e, DueSoon)} == (
        {e for e in often if not isinstance(e, DueSoon)}
    )
    assert set(once) <= set(often)


def test_keys_of_long_or_odd_ids_stay_apart_and_short() -> None:
    """Ids with slashes can't be taken for one another, and no index has to hold a long one."""
    when = at(6, 1).astimezone(UTC)
    keys = {deadline_key("milestone", a, b, 1, when) for a, b in [("a/b", "c"), ("a", "b/c")]}
    assert (len(keys), all(len(key) <= KEY_CHARACTERS_MAX for key in keys)) == (2, True)
    long = deadline_key("milestone", "问" * 500, "m" * 500, 1, when)
    assert (len(long), deadline_key("milestone", "a%2Fb", "c", 1, when) in keys) == (64, False)


def test_ids_of_full_length_are_swept(make_ledger: MakeLedger) -> None:
    """Issue and milestone ids of 500 Chinese characters are recorded as any other."""
    ledger = make_ledger(new_id=lambda: "问" * 500)
    found = in_state(ledger, Found)
    milestone = timetable("2018-06-15").milestones[0]
    plan = Timetable((attrs.evolve(milestone, id="节" * 500),), responsible="所长")
    ledger.apply(Schedule(found, plan), by=OFFICER)
    assert len(told(ledger.sweep(at(7, 1)).events)) == 2
