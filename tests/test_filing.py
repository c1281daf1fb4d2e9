"""What is handed in for duties: recorded, chained, audited; and what the sweep makes of it."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from rectify import Actor, AnyIssue, Ledger, Overdue, load_campaign
from rectify.calendar import china, load_calendar
from rectify.campaign import Campaign
from rectify.duty import DutyStanding, SentBack, owed_after
from rectify.errors import InvalidValue, NaiveInstant, Refused, UnknownDuty
from rectify.event import DueEvent
from rectify.journal import Entry
from rectify.past import filed
from rectify.stores.memory import MemoryStore
from rectify.todo import agenda_of
from rectify.unit import Unit, UnitTree
from support import BEIJING, NOON, OFFICER, Clock, MakeLedger

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
HASH = "0123456789abcdef" * 4
KEY = "inspection-report/-/-city"
UNITS = UnitTree(
    [
        Unit("42", "某省", "province", has_task=True),
        Unit("4201", "甲市", "city", "42", has_task=True),
        Unit("4202", "乙市", "city", "42", has_task=True),
        Unit("420101", "甲县", "county", "4201", has_task=True),
        Unit("420101001001", "丑村", "village", "420101", has_task=True),
    ]
)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2018, month, day, hour, tzinfo=BEIJING)


def of_key(ledger: Ledger[AnyIssue], key: str, on: Any = None) -> DutyStanding:
    (found,) = [one for one in ledger.duties(on) if one.owed.key == key]
    return found


def overdue(ledger: Ledger[AnyIssue], now: datetime) -> list[str]:
    return [event.subject for event in ledger.sweep(now).overdue]


def test_what_followed_is_sent_back_with_what_it_was_made_of() -> None:
    """A step that went up is asked for again once the one before it was sent back."""
    clock = Clock(datetime(2019, 5, 6, 9, tzinfo=BEIJING))
    ledger = Ledger(load_campaign(EXAMPLES / "formalism-province.toml"), clock=clock)
    duty = next(each for each in ledger.campaign.duties if each.then)
    first = next(one.owed.key for one in ledger.duties() if one.owed.duty == duty.id)
    second = f"{first}/2"
    for key in (first, second):
        ledger.submit(key, by=OFFICER, document_hash=HASH)
    ledger.send_back(first, by=OFFICER, reason="缺附表")
    ledger.submit(first, by=OFFICER, document_hash=HASH)
    found = {one.owed.key: one.status for one in ledger.duties()}
    assert (found[first], found[second]) == ("submitted", "sent-back")
    ledger.send_back(first, by=OFFICER, reason="缺签字")
    ledger.submit(first, by=OFFICER, document_hash=HASH)
    backs = [one.key for one in ledger.filed() if isinstance(one, SentBack)]
    assert backs == [first, first, second]
    ledger.submit(second, by=OFFICER, document_hash=HASH)
    ledger.send_back(second, by=OFFICER, reason="缺签字")
    assert {one.owed.key: one.status for one in ledger.duties()}[first] == "submitted"
    assert ledger.audit().intact


def test_a_step_without_a_time_is_done_once_it_came(make_ledger: MakeLedger) -> None:
    """The agenda that tells of what is done tells of it, too."""
    ledger = make_ledger()
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 4), by=OFFICER)
    for step in (1, 2):
        key = f"report/undercover-visits/1/1/{step}"
        ledger.submit(key, by=OFFICER, document_hash=HASH)
    entries = agenda_of(ledger, on=date(2018, 5, 7), finished=True)
    assert [(e.key[-1], e.standing) for e in entries if e.kind == "report"] == [
        ("1", "done"),
        ("2", "done"),
    ]


def test_a_report_answers_for_the_visit_it_was_handed_in_for(make_ledger: MakeLedger) -> None:
    """One on a visit that did not happen does not answer for another visit of the turn."""
    ledger = make_ledger()
    report = "report/undercover-visits/1/1/1"
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 4, 20), by=OFFICER)
    ledger.submit(report, by=OFFICER, document_hash=HASH)
    ledger.withdraw(ledger.occasions()[0], by=OFFICER, reason="误")
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 4), by=OFFICER)
    (stands,) = [one for one in ledger.duties() if one.owed.key == report]
    assert (stands.status, stands.late_by, stands.sent_back[0].reason) == ("sent-back", None, "误")
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 3), by=OFFICER)
    ledger.submit(report, by=OFFICER, document_hash=HASH)
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 4), by=OFFICER)
    (stands,) = [one for one in ledger.duties() if one.owed.key == report]
    assert stands.status == "submitted"
    assert ledger.audit().intact


def test_what_is_handed_in_stands_so(make_ledger: MakeLedger, clock: Clock) -> None:
    """A submission is kept with who, when, which document; the duty then stands as submitted."""
    ledger = make_ledger()
    assert of_key(ledger, KEY).status == "open"
    made = ledger.submit(KEY, by=OFFICER, document_hash=HASH, note="共三册")
    assert (made.key, made.unit, made.by, made.at) == (KEY, None, OFFICER.id, NOON.astimezone(UTC))
    stands = of_key(ledger, KEY)
    assert (stands.status, stands.late_by, stands.submissions) == ("submitted", None, (made,))
    assert of_key(ledger, KEY, NOON - timedelta(minutes=1)).status == "open"
    assert KEY not in overdue(ledger, at(10, 2))
    assert (ledger.audit().intact, ledger.audit().entries) == (True, 1)


def test_what_comes_late_was_overdue(make_ledger: MakeLedger, clock: Clock) -> None:
    """A report that comes at its end or later was overdue; so it is told, and by how long."""
    ledger = make_ledger()
    clock.now = at(10, 1, 3)
    ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    stands = of_key(ledger, KEY)
    assert (stands.status, stands.late_by) == ("submitted", timedelta(hours=3))
    assert KEY in overdue(ledger, at(10, 2))


def test_what_is_sent_back_is_owed_again(make_ledger: MakeLedger, clock: Clock) -> None:
    """Sent back in time it may still become overdue; sent back after its end it is at once."""
    ledger = make_ledger()
    made = ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    back = ledger.send_back(KEY, by=OFFICER, reason="缺附表")
    stands = of_key(ledger, KEY)
    assert (stands.status, stands.submissions, stands.sent_back) == ("sent-back", (made,), (back,))
    assert ledger.filed() == (made, back)
    other = "inspection-report/-/-county"
    ledger.submit(other, by=OFFICER, document_hash=HASH)
    clock.now = at(10, 5, 12)
    ledger.send_back(other, by=OFFICER, reason="数据不实")
    found = {
        event.subject: event.at.astimezone(BEIJING)
        for event in ledger.sweep(at(10, 6)).overdue
        if event.ref == "inspection-report"
    }
    assert found == {
        KEY: at(10, 1),
        other: at(10, 5, 12),
        "inspection-report/-/-department": at(10, 1),
    }
    clock.now = at(10, 7)
    ledger.submit(other, by=OFFICER, document_hash=HASH)
    ledger.send_back(other, by=OFFICER, reason="数据仍不实")
    assert overdue(ledger, at(10, 8)) == []
    assert ledger.audit().intact


def test_a_second_submission_does_not_make_it_late(make_ledger: MakeLedger, clock: Clock) -> None:
    """What counts is the first since it was last sent back."""
    ledger = make_ledger()
    ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    clock.now = at(10, 5)
    ledger.submit(KEY, by=OFFICER, document_hash=HASH[::-1])
    stands = of_key(ledger, KEY)
    assert (stands.status, stands.late_by, len(stands.submissions)) == ("submitted", None, 2)
    assert KEY not in overdue(ledger, at(10, 6))
    ledger.send_back(KEY, by=OFFICER, reason="数据不实")
    assert of_key(ledger, KEY).status == "sent-back"


def test_a_date_stands_for_its_last_instant(ledger: Ledger[AnyIssue]) -> None:
    """What is due by the end of a day is not overdue on that day."""
    assert of_key(ledger, KEY, date(2018, 9, 30)).status == "soon"
    assert of_key(ledger, KEY, date(2018, 10, 1)).status == "overdue"
    with pytest.raises(NaiveInstant):
        ledger.duties(datetime(2018, 10, 1))  # noqa: DTZ001


def test_an_unknown_key_is_answered_with_those_near_it(ledger: Ledger[AnyIssue]) -> None:
    """A key that is not owed is refused, with the keys like it."""
    with pytest.raises(UnknownDuty, match="inspection-report/-/-city") as caught:
        ledger.submit("inspection-report/-/-ctiy", by=OFFICER, document_hash=HASH)
    assert caught.value.near[0] == KEY
    with pytest.raises(UnknownDuty, match="nor under one like it"):
        ledger.send_back("?" * 90, by=OFFICER, reason="缺附表")
    assert ledger.audit().entries == 0


def test_no_village_submits(campaign: Campaign, clock: Clock) -> None:
    """Nobody of a village may be made to report (五(七)), for whichever unit."""
    ledger = Ledger(campaign, clock=clock, units=UNITS)
    clerk = Actor(id="村文书", unit="420101001001")
    with pytest.raises(InvalidValue, match=r"五\(七\)"):
        ledger.submit("inspection-report/-/4201", by=clerk, document_hash=HASH)
    city = Actor(id="市扶贫办", unit="4201")
    made = ledger.submit("inspection-report/-/4201", by=city, document_hash=HASH)
    assert made.unit == "4201"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"by": "officer"}, InvalidValue),
        ({"document_hash": "abc"}, InvalidValue),
        ({"note": "\x00"}, InvalidValue),
        ({"at": datetime(2018, 5, 1)}, NaiveInstant),  # noqa: DTZ001
        ({"at": NOON + timedelta(hours=1)}, Refused),
    ],
)
def test_what_no_record_may_hold_is_refused(
    ledger: Ledger[AnyIssue], changes: dict[str, Any], error: type[Exception]
) -> None:
    """Bad input is refused by name, and nothing is recorded."""
    values: dict[str, Any] = {"by": OFFICER, "document_hash": HASH, **changes}
    with pytest.raises(error):
        ledger.submit(KEY, **values)
    assert ledger.audit().entries == 0


def test_time_does_not_run_backwards(ledger: Ledger[AnyIssue]) -> None:
    """What is dated before the duty's last record is refused, with the reason."""
    ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    with pytest.raises(Refused) as caught:
        ledger.send_back(KEY, by=OFFICER, reason="缺附表", at=NOON - timedelta(days=1))
    (reason,) = caught.value.reasons
    assert (reason.code, reason.until) == ("time-runs-backwards", NOON.astimezone(UTC))


def test_what_never_came_is_not_sent_back(ledger: Ledger[AnyIssue]) -> None:
    """Nothing can be sent back before something came, nor twice."""
    with pytest.raises(Refused, match="nothing-submitted") as caught:
        ledger.send_back(KEY, by=OFFICER, reason="缺附表")
    assert f"退回报送件“{KEY}”不予办理：" == caught.value.message.zh.splitlines()[0]
    assert f"sending back “{KEY}” is refused:" == caught.value.message.en.splitlines()[0]
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    ledger.send_back(KEY, by=OFFICER, reason="缺附表")
    with pytest.raises(Refused, match="nothing-submitted"):
        ledger.send_back(KEY, by=OFFICER, reason="缺附表")


def test_what_an_event_started_is_handed_in_as_such() -> None:
    """A duty that an event starts has no date of its own: the `Owed` itself is given."""
    meals = load_campaign(EXAMPLES / "school-meals.toml")
    now = datetime(2023, 5, 10, 12, tzinfo=BEIJING)
    ledger = Ledger(meals, clock=lambda: now)
    one = next(owed_after(meals, "incident", now, subject="事件1"))
    made = ledger.submit(one, by=OFFICER, document_hash=HASH)
    assert made.key == one.key
    stranger = attrs.evolve(one, duty="summary")
    with pytest.raises(UnknownDuty):
        ledger.submit(stranger, by=OFFICER, document_hash=HASH)
    village = attrs.evolve(one, level="village")
    with pytest.raises(InvalidValue, match="五"):
        ledger.submit(village, by=OFFICER, document_hash=HASH)


# Over a table of units.


def test_each_unit_owes_and_is_told_of(make_ledger: MakeLedger) -> None:
    """With a table of units every unit's duty is its own."""
    ledger = make_ledger(units=UNITS)
    ledger.submit("inspection-report/-/4201", by=OFFICER, document_hash=HASH)
    found = [event for event in ledger.sweep(at(10, 2)).overdue if event.ref == "inspection-report"]
    assert [(event.unit, event.duty_key) for event in found] == [
        ("420101", "inspection-report/-/420101"),
        ("4202", "inspection-report/-/4202"),
    ]


def test_a_plan_with_units_is_kept_by_who_has_none(make_ledger: MakeLedger) -> None:
    """A program without the table of units sweeps by the plan that was made with it."""
    make_ledger(units=UNITS).sweep(NOON)
    plain = make_ledger()
    if plain.units is None:
        told = plain.sweep(at(10, 2)).overdue
        assert {event.unit for event in told if event.kind == "duty"} == {
            "4201",
            "4202",
            "420101",
        }


def test_new_units_are_planned_for(campaign: Campaign, clock: Clock) -> None:
    """Another table of units adds what is new, takes away what is gone, tells nothing twice."""
    store = MemoryStore()
    first = Ledger(campaign, store=store, clock=clock, units=UnitTree(UNITS.units[:2]))
    first.submit("inspection-report/-/4201", by=OFFICER, document_hash=HASH)
    first.sweep(at(4, 10))
    second = Ledger(campaign, store=store, clock=clock, units=UNITS)
    told = [event.key for event in second.sweep(at(4, 10)).events if isinstance(event, DueEvent)]
    assert any("4202" in key for key in told)
    assert not any("-%2F4201/" in key for key in told)
    assert [e.unit for e in second.sweep(at(10, 2)).overdue if e.ref == "inspection-report"] == [
        "420101",
        "4202",
    ]
    keys = [event.key for event in second.events()]
    assert len(set(keys)) == len(keys)
    third = Ledger(campaign, store=store, clock=clock, units=UnitTree(UNITS.units[:2]))
    third.sweep(at(10, 3))
    assert [e.unit for e in third.sweep(at(12, 31)).overdue if e.kind == "duty"] == ["4201"]


# Without an end.


def test_what_recurs_without_an_end_is_planned_year_by_year() -> None:
    """An endless duty is looked at through the next year, and further as time goes on."""
    campaign = load_campaign(EXAMPLES / "eldercare.toml")
    now = datetime(campaign.document.issued_on.year + 1, 6, 1, tzinfo=BEIJING)
    clock = Clock(now)
    ledger = Ledger(campaign, clock=clock)
    seen: list[int] = []
    for _ in range(4):
        ledger.sweep()
        seen.append(len([e for e in ledger.events() if isinstance(e, Overdue)]))
        clock.pass_by(days=365)
    assert seen == sorted(seen)
    assert len(set(seen)) == 4
    assert ledger.sweep(now).events == ()
    assert any(one.status == "overdue" for one in ledger.duties())


def test_what_is_not_published_yet_is_provisional_and_hides_nothing(tmp_path: Path) -> None:
    """What rolls past the last calendar is listed with a note; a sweep waits for the notice."""
    text = (EXAMPLES / "eldercare.toml").read_text("utf-8")
    file = tmp_path / "rolling.toml"
    file.write_text(text.replace('name = "戊省', 'roll = "forward"\nname = "戊省', 1), "utf-8")
    last = china.last
    store = MemoryStore()
    clock = Clock(datetime(last.year, 6, 1, tzinfo=BEIJING))
    ledger = Ledger(load_campaign(file), clock=clock, store=store)
    dues = [one.owed.due for one in ledger.duties()]
    assert {due.effective > last for due in dues if due.provisional} == {True}
    assert {due.provisional for due in dues if due.effective <= last} == {False}
    assert max(due.effective.year for due in dues) == last.year + 1
    clock.now = datetime(last.year + 1, 12, 31, tzinfo=BEIJING)
    told = ledger.sweep().events
    assert (max(e.due_at for e in told if isinstance(e, DueEvent)).year, told != ()) == (
        last.year,
        True,
    )
    notice = tmp_path / "next.toml"
    notice.write_text(f'[[notice]]\nyear = {last.year + 1}\ntitle = "次年放假安排"\n', "utf-8")
    newer = load_campaign(file, calendar=load_calendar(notice, extends=china))
    later = Ledger(newer, clock=clock, store=store).sweep().overdue
    assert later != ()
    assert {event.due_at.astimezone(BEIJING).year for event in later} == {last.year + 1}


# What is kept of it.


@pytest.mark.parametrize(
    "body",
    [
        '{"by":null,"data":{},"kind":"Submission","at":"2018-05-01T00:00:00+00:00"}',
        '{"by":{"id":"a","roles":[],"unit":"b"},"data":{},"kind":"X","at":"2018-05-01T00:00:00Z"}',
    ],
)
def test_what_is_no_submission_is_told(body: str) -> None:
    """An entry that does not hold a submission is an error that says so."""
    with pytest.raises(InvalidValue, match="not that of a record"):
        filed(Entry("duty:x", 1, body, ""))


def test_entries_say_what_they_hold(ledger: Ledger[AnyIssue]) -> None:
    """An entry of the journal reads as what was recorded, under which campaign."""
    ledger.submit(KEY, by=OFFICER, document_hash=HASH)
    with ledger._store.reading() as tx:  # pyright: ignore[reportPrivateUsage]
        (entry,) = tx.timeline.entries()
    assert (entry.kind, entry.by, entry.campaign) == (
        "Submission",
        OFFICER,
        ledger.campaign.fingerprint,
    )
    assert (entry.at, entry.previous, entry.data["document_hash"]) == (
        NOON.astimezone(UTC),
        None,
        HASH,
    )
    assert repr(entry).startswith("<Entry duty:inspection-report/-/-city 1 Submission")
