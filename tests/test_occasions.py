"""What happens and starts something: recorded once, swept, handed in, moved and withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rectify import (
    Acknowledge,
    AnyIssue,
    Conclusion,
    DueSoon,
    Fix,
    Found,
    Ledger,
    Overdue,
    Return,
    Transfer,
    Transferred,
    Verify,
    load_campaign,
)
from rectify.campaign import Campaign
from rectify.duty import DutyStanding
from rectify.errors import (
    CampaignError,
    InvalidValue,
    NaiveInstant,
    Refused,
    UnknownDuty,
    UnknownIssue,
)
from rectify.event import ReceiptMissing
from rectify.happening import Classified, Happening
from rectify.hooks import Applied
from rectify.journal import Entry
from rectify.past import occasion
from rectify.stores.memory import MemoryStore
from rectify.todo import agenda_of
from rectify.unit import Unit, UnitTree
from support import (
    BEIJING,
    COMMISSION,
    INSPECTOR,
    NOON,
    OFFICER,
    Clock,
    MakeLedger,
    finding,
    timetable,
)

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
HASH = "0123456789abcdef" * 4
INCIDENT = datetime(2023, 5, 10, 14, 30, tzinfo=BEIJING)
MEALS = load_campaign(EXAMPLES / "school-meals.toml")
UNITS = UnitTree(
    [
        Unit("42", "甲市", "city", has_task=True),
        Unit("4201", "乙县", "county", "42", has_task=True),
        Unit("4202", "丙县", "county", "42", has_task=True),
        Unit("42-A", "市某局", "department", "42", member=True),
    ]
)


def meals(clock: Clock, **options: Any) -> Ledger[AnyIssue]:
    return Ledger(MEALS, clock=clock, **options)


def clock_at(at: datetime) -> Clock:
    return Clock(at)


def told(ledger: Ledger[AnyIssue], now: datetime, of: str) -> list[tuple[str, str, datetime]]:
    """The name, subject and instant of what a sweep tells of subjects that hold a text."""
    return [
        (type(event).__name__, event.subject, event.at.astimezone(BEIJING))
        for event in ledger.sweep(now).events
        if of in event.subject
    ]


def standing_of(ledger: Ledger[AnyIssue], key: str, on: Any = None) -> DutyStanding:
    (found,) = [one for one in ledger.duties(on) if one.owed.key == key]
    return found


def land_use(tmp_path: Path, old: str = "", new: str = "") -> Campaign:
    """The example without the rule of its platform, which the standard lifecycle lacks."""
    text = (EXAMPLES / "land-use.toml").read_text("utf-8")
    file = tmp_path / "land-use.toml"
    file.write_text(text[: text.index('[rule."city/two-signatures"]')].replace(old, new), "utf-8")
    return load_campaign(file)


# Events.


def test_what_an_event_starts_is_listed_swept_and_handed_in() -> None:
    """Within hours, by an hour of the next day, within weeks: owed, told of and handed in."""
    clock = clock_at(INCIDENT + timedelta(minutes=10))
    ledger = meals(clock, units=UNITS)
    owing = ledger.happened("incident", on=INCIDENT, subject="SJ-7", among=["4201"], by=OFFICER)
    assert [(one.key, one.due.ends_at) for one in owing] == [
        ("incident-flash/SJ-7/4201", INCIDENT + timedelta(hours=2)),
        ("incident-follow-up/SJ-7/4201", datetime(2023, 5, 11, 12, tzinfo=BEIJING)),
        ("incident-report/SJ-7/4201", datetime(2023, 5, 25, tzinfo=BEIJING)),
    ]
    assert {one.key for one in owing} <= {one.owed.key for one in ledger.duties()}
    assert {f"duty/{one.key}" for one in owing} <= {
        entry.key for entry in agenda_of(ledger, on=INCIDENT)
    }
    ledger.submit("incident-flash/SJ-7/4201", by=OFFICER, document_hash=HASH)
    assert standing_of(ledger, "incident-flash/SJ-7/4201").status == "submitted"
    assert told(ledger, datetime(2023, 6, 1, tzinfo=BEIJING), "SJ-7") == [
        ("DueSoon", "incident-follow-up/SJ-7/4201", clock.now),
        ("Overdue", "incident-follow-up/SJ-7/4201", datetime(2023, 5, 11, 12, tzinfo=BEIJING)),
        ("DueSoon", "incident-report/SJ-7/4201", datetime(2023, 5, 22, tzinfo=BEIJING)),
        ("Overdue", "incident-report/SJ-7/4201", datetime(2023, 5, 25, tzinfo=BEIJING)),
    ]
    assert told(ledger, datetime(2023, 6, 1, tzinfo=BEIJING), "SJ-7") == []
    assert ledger.audit().intact


def test_the_same_again_changes_nothing(make_ledger: MakeLedger) -> None:
    """A hook that runs twice may record its event twice."""
    ledger = make_ledger(campaign=MEALS, clock=clock_at(INCIDENT))
    for _ in range(2):
        ledger.happened("incident", on=INCIDENT, subject="SJ-7", by=OFFICER)
    assert (len(ledger.occasions()), ledger.audit().entries) == (1, 1)


def test_an_event_on_another_day_moves_what_follows(make_ledger: MakeLedger) -> None:
    """The same subject on another day: what it started is due by the new day only."""
    clock = clock_at(INCIDENT)
    ledger = make_ledger(campaign=MEALS, clock=clock)
    ledger.happened("incident", on=INCIDENT, subject="SJ-7", by=OFFICER)
    ledger.submit("incident-flash/SJ-7/-county", by=OFFICER, document_hash=HASH)
    (before,) = [e for e in agenda_of(ledger, on=INCIDENT) if e.key.endswith("report/SJ-7/-county")]
    clock.pass_by(hours=1)
    ledger.happened("incident", on=INCIDENT - timedelta(days=2), subject="SJ-7", by=OFFICER)
    (after,) = [e for e in agenda_of(ledger, on=INCIDENT) if e.key.endswith("report/SJ-7/-county")]
    assert (after.key, after.sequence) == (before.key, before.sequence + 1)
    assert [
        (name, at)
        for name, subject, at in told(ledger, datetime(2023, 6, 30, tzinfo=BEIJING), "SJ-7")
        if "report" in subject and "county" in subject
    ] == [
        ("DueSoon", datetime(2023, 5, 20, tzinfo=BEIJING)),
        ("Overdue", datetime(2023, 5, 23, tzinfo=BEIJING)),
    ]
    assert standing_of(ledger, "incident-flash/SJ-7/-county").status == "submitted"


def test_an_event_that_did_not_happen_is_withdrawn(make_ledger: MakeLedger) -> None:
    """Nothing is owed for what was withdrawn; what had run out stays told; it may happen again."""
    clock = clock_at(INCIDENT)
    ledger = make_ledger(campaign=MEALS, clock=clock)
    ledger.happened("incident", on=INCIDENT, subject="SJ-7", by=OFFICER)
    clock.pass_by(hours=3)
    (one,) = ledger.occasions()
    ledger.withdraw(one, by=OFFICER, reason="查无此事")
    assert (ledger.occasions(), [d for d in ledger.duties() if "SJ-7" in d.owed.key]) == ((), [])
    assert told(ledger, datetime(2023, 6, 30, tzinfo=BEIJING), "SJ-7") == [
        ("Overdue", "incident-flash/SJ-7/-county", INCIDENT + timedelta(hours=2)),
    ]
    with pytest.raises(Refused, match="nothing-recorded"):
        ledger.withdraw(one, by=OFFICER, reason="查无此事")
    with pytest.raises(UnknownDuty):
        ledger.submit("incident-report/SJ-7/-county", by=OFFICER, document_hash=HASH)
    with pytest.raises(InvalidValue):
        ledger.withdraw(one, by=OFFICER, reason=" ")
    clock.pass_by(hours=1)
    ledger.happened("incident", on=INCIDENT, subject="SJ-7", by=OFFICER)
    assert standing_of(ledger, "incident-report/SJ-7/-county").status == "open"
    assert ledger.audit().intact


def test_hooks_may_record_what_a_move_starts(tmp_path: Path) -> None:
    """A duty that follows a move is started from its after hook, however often that runs."""
    campaign = land_use(tmp_path, 'after = "document-received"', 'after = "transferred"')
    clock = clock_at(datetime(2021, 3, 5, 12, tzinfo=BEIJING))
    ledger = Ledger(campaign, clock=clock)

    @ledger.after(Transfer, name="start")
    def start(applied: Applied[Transfer]) -> None:
        on, subject = applied.record.at, applied.issue.id
        ledger.happened("transferred", on=on, subject=subject, by=OFFICER)

    found = ledger.register(
        finding(area="villas", channel="satellite", found_at=clock.now), by=OFFICER, issue_id="T/1"
    )
    ledger.apply(Transfer(found, organ="县纪委监委", lead="线索"), by=OFFICER)
    ledger.deliver()
    (one,) = [d.owed for d in ledger.duties() if "T%2F1" in d.owed.key and "county" in d.owed.key]
    assert (one.due.effective, one.due.counted) == (date(2021, 3, 12), "working")
    assert ledger.submit(one.key, by=OFFICER, document_hash=HASH).key == one.key


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"event": "flood"}, InvalidValue),
        ({"on": datetime(2023, 5, 10)}, NaiveInstant),  # noqa: DTZ001
        ({"on": date(2023, 5, 10)}, InvalidValue),
        ({"on": "2023-05-10"}, InvalidValue),
        ({"subject": ""}, InvalidValue),
        ({"among": ["4201"]}, InvalidValue),
        ({"among": [""]}, InvalidValue),
        ({"by": "officer"}, InvalidValue),
        ({"at": INCIDENT + timedelta(days=1)}, Refused),
    ],
)
def test_bad_input_records_nothing(values: dict[str, Any], error: type[Exception]) -> None:
    """An unknown event, a naive instant, hours from a mere date, units without their table."""
    ledger = meals(clock_at(INCIDENT))
    given: dict[str, Any] = {"event": "incident", "on": INCIDENT, "by": OFFICER, **values}
    with pytest.raises(error):
        ledger.happened(given.pop("event"), **given)
    assert (ledger.occasions(), ledger.audit().entries) == ((), 0)


def test_what_was_planned_over_units_is_started_over_them() -> None:
    """A program without the table of units would start duties of nobody in particular."""
    store = MemoryStore()
    meals(clock_at(INCIDENT), store=store, units=UNITS).sweep()
    with pytest.raises(InvalidValue, match="table of units"):
        meals(clock_at(INCIDENT), store=store).happened("incident", on=INCIDENT, by=OFFICER)


def test_an_event_near_the_horizon_is_recorded_and_its_date_is_provisional(tmp_path: Path) -> None:
    """Working days that are not published yet don't refuse the event; no sweep tells of a guess."""
    campaign = land_use(tmp_path)
    on = datetime(campaign.known_through.year, 12, 30, 9, tzinfo=BEIJING)
    ledger = Ledger(campaign, clock=clock_at(on))
    owing = ledger.happened("document-received", on=on, subject="D1", by=OFFICER)
    assert {one.due.provisional for one in owing} == {True}
    assert "unpublished" in [note.code for note in owing[0].due.notes]
    assert told(ledger, on + timedelta(days=60), "D1") == []
    assert [d.owed.due.provisional for d in ledger.duties() if "D1" in d.owed.key] == [True] * len(
        owing
    )


def test_an_adopted_version_moves_what_events_started(tmp_path: Path) -> None:
    """What an event started is part of the difference, and moves with it."""
    clock = clock_at(INCIDENT)
    ledger = meals(clock)
    ledger.happened("incident", on=INCIDENT, subject="SJ-7", by=OFFICER)
    file = tmp_path / "newer.toml"
    text = (EXAMPLES / "school-meals.toml").read_text("utf-8")
    file.write_text(text.replace("2小时内", "4小时内"), "utf-8")
    difference = ledger.adopt(load_campaign(file), by=OFFICER, reason="上级来文")
    assert [change.key for change in difference.moved] == ["incident-flash/SJ-7/-county"]
    assert ("Overdue", "incident-flash/SJ-7/-county", INCIDENT + timedelta(hours=4)) in told(
        ledger, INCIDENT + timedelta(hours=5), "flash"
    )


# Steps that follow.


def test_a_second_step_is_owed_once_the_first_came(make_ledger: MakeLedger) -> None:
    """汇总后10个工作日内: from what came, told of, and taken away when that is sent back."""
    campaign = load_campaign(EXAMPLES / "formalism-province.toml")
    (duty,) = [each for each in campaign.duties if each.then]
    clock = clock_at(datetime(2019, 5, 6, 9, tzinfo=BEIJING))
    ledger = make_ledger(campaign=campaign, clock=clock)
    first = next(one.owed for one in ledger.duties() if one.owed.duty == duty.id)
    second = f"{first.key}/2"
    with pytest.raises(UnknownDuty):
        ledger.submit(second, by=OFFICER, document_hash=HASH)
    ledger.submit(first.key, by=OFFICER, document_hash=HASH)
    step = standing_of(ledger, second)
    assert (step.owed.to, step.owed.due.effective, step.owed.step) == (
        "省纪委监委",
        date(2019, 5, 20),
        2,
    )
    assert f"duty/{second}" in [
        entry.key for entry in agenda_of(ledger, on=clock.now, until=date(2019, 6, 30))
    ]
    clock.pass_by(days=1)
    ledger.send_back(first.key, by=INSPECTOR, reason="缺附表")
    assert [one for one in ledger.duties() if one.owed.key == second] == []
    assert told(ledger, datetime(2019, 5, 7, 12, tzinfo=BEIJING), second) == []
    clock.pass_by(days=1)
    ledger.submit(first.key, by=OFFICER, document_hash=HASH)
    assert standing_of(ledger, second).owed.due.effective == date(2019, 5, 22)
    assert told(ledger, datetime(2019, 5, 24, tzinfo=BEIJING), second) == [
        ("DueSoon", second, datetime(2019, 5, 20, tzinfo=BEIJING)),
        ("Overdue", second, datetime(2019, 5, 23, tzinfo=BEIJING)),
    ]
    clock.now = datetime(2019, 5, 24, 12, tzinfo=BEIJING)
    ledger.submit(second, by=OFFICER, document_hash=HASH)
    assert standing_of(ledger, second).status == "submitted"
    assert ledger.audit().intact


def test_a_step_is_planned_for_after_what_came() -> None:
    """What was handed in before the first sweep has its next step swept all the same."""
    clock = clock_at(datetime(2019, 5, 6, 9, tzinfo=BEIJING))
    ledger = Ledger(load_campaign(EXAMPLES / "formalism-province.toml"), clock=clock)
    duty = next(each for each in ledger.campaign.duties if each.then)
    first = next(one.owed for one in ledger.duties() if one.owed.duty == duty.id)
    ledger.submit(first.key, by=OFFICER, document_hash=HASH)
    assert told(ledger, datetime(2019, 5, 24, tzinfo=BEIJING), f"{first.key}/2") == [
        ("DueSoon", f"{first.key}/2", datetime(2019, 5, 18, tzinfo=BEIJING)),
        ("Overdue", f"{first.key}/2", datetime(2019, 5, 21, tzinfo=BEIJING)),
    ]


# Visits.


def test_visits_without_a_cadence_or_a_settled_end_are_not_swept(tmp_path: Path) -> None:
    """Nothing says by when they are due, or working days that are not published decide it."""
    text = HUBEI.read_text("utf-8")
    year = load_campaign("hubei-2018").known_through.year + 1
    file = tmp_path / "campaign.toml"
    rolling = text.replace("2018年4月中旬至10月中旬", f"{year}年4月至10月")
    for changed in (
        text.replace('every = "每2个月"\n', ""),
        rolling.replace('id = "hubei-2018"\n', 'id = "hubei-2018"\nroll = "forward"\n', 1),
    ):
        file.write_text(changed, "utf-8")
        ledger = Ledger(load_campaign(file), clock=Clock())
        swept = ledger.sweep(datetime(year + 1, 1, 1, tzinfo=BEIJING))
        assert [event for event in swept.overdue if event.kind == "visit"] == []
        assert swept.overdue != ()


def test_a_visit_makes_its_report_due_a_week_later_and_then_goes_on(
    make_ledger: MakeLedger,
) -> None:
    """The turn is met, the report is owed a week after, and then goes on without a time."""
    clock = Clock(datetime(2018, 6, 9, 9, tzinfo=BEIJING))
    ledger = make_ledger(clock=clock)
    made = ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 6, 8), by=INSPECTOR)
    assert (ledger.occasions(), made) == ((made,), made)
    report = "report/undercover-visits/1/1/1"
    assert standing_of(ledger, report).owed.due.effective == date(2018, 6, 15)
    assert told(ledger, datetime(2018, 7, 1, tzinfo=BEIJING), "undercover-visits/1") == [
        ("DueSoon", report, datetime(2018, 6, 13, tzinfo=BEIJING)),
        ("Overdue", report, datetime(2018, 6, 16, tzinfo=BEIJING)),
    ]
    clock.now = datetime(2018, 7, 2, tzinfo=BEIJING)
    ledger.submit(report, by=INSPECTOR, document_hash=HASH)
    entries = {entry.key: entry for entry in agenda_of(ledger, on=clock.now)}
    second = "report/undercover-visits/1/1/2"
    assert (entries[second].standing, entries[second].to) == ("warning", "省纪委党风监督室")
    assert "visit/undercover-visits/1" not in entries
    ledger.submit(second, by=INSPECTOR, document_hash=HASH)
    assert [e.key for e in agenda_of(ledger, on=clock.now) if e.kind == "report"] == []
    ledger.send_back(second, by=INSPECTOR, reason="缺签字")
    (again,) = [e for e in agenda_of(ledger, on=clock.now) if e.kind == "report"]
    assert (again.key, [note.code for note in again.notes]) == (second, ["no-time", "sent-back"])
    assert ledger.audit().intact


def test_a_turn_without_a_visit_is_overdue_and_one_recorded_late_was_not(
    make_ledger: MakeLedger,
) -> None:
    """The day a visit ended decides, not the day it was recorded."""
    clock = Clock(datetime(2018, 8, 20, 9, tzinfo=BEIJING))
    ledger = make_ledger(clock=clock)
    ledger.visited("undercover-visits", turn=2, ended_on=date(2018, 8, 10), by=INSPECTOR)
    overdue = [e.subject for e in ledger.sweep().overdue if e.kind == "visit"]
    assert overdue == ["undercover-visits/1"]
    (visit,) = ledger.occasions()
    ledger.withdraw(visit, by=INSPECTOR, reason="记错轮次")
    overdue = [e.subject for e in ledger.sweep().overdue]
    assert overdue == ["undercover-visits/2"]


def test_two_teams_make_a_turn(tmp_path: Path) -> None:
    """A turn of two teams is met once both have been, by a plan that comes later, too."""
    campaign = land_use(tmp_path)
    inspection = campaign.inspections[0]
    first = inspection.spans[0].opens
    clock = Clock(datetime(first.year, first.month, first.day, 9, tzinfo=BEIJING))
    ledger = Ledger(campaign, clock=clock)
    for team in (1, 2):
        ledger.visited(inspection.id, turn=1, team=team, ended_on=first, by=INSPECTOR)
    later = clock.now + timedelta(days=400)
    told_of = [e.subject for e in ledger.sweep(later).overdue if e.kind == "visit"]
    assert f"{inspection.id}/1" not in told_of
    assert f"{inspection.id}/2" in told_of


@pytest.mark.parametrize(
    "values",
    [
        {"inspection": "raids"},
        {"turn": 0},
        {"turn": "1"},
        {"team": 2},
        {"ended_on": datetime(2018, 6, 8, tzinfo=BEIJING)},
    ],
)
def test_a_visit_that_can_not_be_is_refused(values: dict[str, Any], campaign: Campaign) -> None:
    """An unknown inspection, a turn or team that there is not, an instant for a day."""
    ledger = Ledger(campaign, clock=Clock())
    given: dict[str, Any] = {
        "inspection": "undercover-visits",
        "turn": 1,
        "ended_on": date(2018, 5, 1),
        "by": INSPECTOR,
        **values,
    }
    with pytest.raises(InvalidValue):
        ledger.visited(given.pop("inspection"), **given)
    assert ledger.occasions() == ()


@pytest.mark.parametrize(
    ("turn", "ended_on", "field", "said"),
    [
        (9, date(2018, 5, 1), "turn", "turns 1 to 4, not 9"),
        (2, date(2018, 5, 1), "ended_on", "before turn 2"),
        (1, date(1999, 1, 1), "ended_on", "before the campaign"),
    ],
)
def test_a_visit_of_another_time_is_refused(
    turn: int, ended_on: date, field: str, said: str, campaign: Campaign
) -> None:
    """A turn that there is not, a day before the turn, a day before the campaign."""
    ledger = Ledger(campaign, clock=Clock())
    with pytest.raises(InvalidValue, match=said) as caught:
        ledger.visited("undercover-visits", turn=turn, ended_on=ended_on, by=INSPECTOR)
    assert (caught.value.field, ledger.occasions()) == (field, ())


def test_what_has_not_happened_yet_is_refused(campaign: Campaign) -> None:
    """A visit, an event, the day a class runs from: none is in the future of the clock."""
    ledger, clock = Ledger(campaign, clock=Clock()), clock_at(INCIDENT)
    in_may = meals(clock)
    in_meals(in_may, "M-1")
    tomorrow = INCIDENT + timedelta(days=1)
    soon = INCIDENT + timedelta(seconds=MEALS.tolerance_seconds)
    steps: list[Any] = [
        lambda: ledger.visited(
            "undercover-visits", turn=1, ended_on=date(2018, 5, 8), by=INSPECTOR
        ),
        lambda: in_may.happened("incident", on=tomorrow, by=OFFICER),
        lambda: in_may.happened("incident", on=tomorrow.date(), by=OFFICER),
        lambda: in_may.happened("incident", on=soon + timedelta.resolution, by=OFFICER),
        lambda: in_may.classify("M-1", "general", since=tomorrow, by=OFFICER),
    ]
    for step in steps:
        with pytest.raises(Refused, match="the ledger's clock says") as caught:
            step()
        assert [reason.code for reason in caught.value.reasons] == ["time-in-future"]
    assert (ledger.occasions(), in_may.occasions()) == ((), ())
    in_may.happened("incident", on=soon, by=OFFICER)
    assert len(in_may.occasions()) == 1


def test_what_happened_before_the_campaign_starts_nothing() -> None:
    """Neither an event nor a class of an age before its document."""
    ledger = meals(clock_at(INCIDENT))
    in_meals(ledger, "M-1")
    with pytest.raises(InvalidValue, match=r"on: .* first day is 2023-03-06"):
        ledger.happened("incident", on=date(2023, 3, 5), by=OFFICER)
    with pytest.raises(InvalidValue, match=r"since: .* first day is 2023-03-06"):
        ledger.classify("M-1", "hard", since=date(1999, 1, 1), by=OFFICER)
    assert ledger.occasions() == ()


# Classes of issue.


def in_meals(ledger: Ledger[AnyIssue], issue_id: str) -> Found:
    facts = finding(area="funds", channel="hotline", found_at=INCIDENT - timedelta(hours=4))
    return ledger.register(facts, by=OFFICER, issue_id=issue_id)


def test_a_class_runs_until_the_issue_is_verified(make_ledger: MakeLedger) -> None:
    """7个工作日内 from when it was found: listed, told of, closed by the verification."""
    clock = clock_at(INCIDENT)
    ledger = make_ledger(campaign=MEALS, clock=clock)
    one, other = in_meals(ledger, "M-1"), in_meals(ledger, "M-2")
    for issue in (one, other):
        made = ledger.classify(issue.id, "general", by=OFFICER)
        assert made.since == issue.finding.found_at
    fixed = ledger.apply(Fix(one, measure="退还伙食费"), by=OFFICER)
    (entry,) = [e for e in agenda_of(ledger, on=clock.now) if e.key == "class/M-1"]
    assert (entry.due and entry.due.effective, entry.standing) == (date(2023, 5, 19), "open")
    ledger.apply(Verify(fixed, Conclusion.RECTIFIED, evidence="现场核查"), by=INSPECTOR)
    assert [e.key for e in agenda_of(ledger, on=clock.now) if e.kind == "class"] == ["class/M-2"]
    done = [e for e in agenda_of(ledger, on=clock.now, finished=True) if e.kind == "class"]
    assert {e.key: e.standing for e in done} == {"class/M-1": "done", "class/M-2": "open"}
    swept = ledger.sweep(datetime(2023, 6, 1, tzinfo=BEIJING))
    told_of = [
        (type(e), e.issue_id, e.ref, e.at.astimezone(BEIJING))
        for e in swept.soon + swept.overdue
        if e.kind == "class"
    ]
    assert told_of == [
        (DueSoon, "M-2", "general", datetime(2023, 5, 17, tzinfo=BEIJING)),
        (Overdue, "M-2", "general", datetime(2023, 5, 20, tzinfo=BEIJING)),
    ]


@pytest.mark.parametrize("since", [None, date(2023, 5, 9)])
def test_a_class_of_no_issue_is_refused(since: date | None, make_ledger: MakeLedger) -> None:
    """With or without the day it runs from."""
    ledger = make_ledger(campaign=MEALS, clock=clock_at(INCIDENT))
    with pytest.raises(UnknownIssue):
        ledger.classify("NOPE", "general", since=since, by=OFFICER)
    assert ledger.occasions() == ()


def test_a_class_may_change(make_ledger: MakeLedger) -> None:
    """Another class has another end; one with a day of its own needs no event."""
    clock = clock_at(INCIDENT)
    ledger = make_ledger(campaign=MEALS, clock=clock)
    issue = in_meals(ledger, "M-1")
    assert ledger.classify(issue.id, "hard", by=OFFICER).since == INCIDENT.astimezone(UTC)
    ledger.classify(issue.id, "structural", by=OFFICER)
    (entry,) = [e for e in agenda_of(ledger, on=clock.now) if e.kind == "class"]
    assert (entry.due and entry.due.effective, entry.sequence) == (date(2024, 1, 2), 2)
    told_of = [
        e.at.astimezone(BEIJING)
        for e in ledger.sweep(datetime(2024, 2, 1, tzinfo=BEIJING)).overdue
        if e.kind == "class"
    ]
    assert told_of == [datetime(2024, 1, 3, tzinfo=BEIJING)]
    (one,) = ledger.occasions()
    ledger.withdraw(one, by=OFFICER, reason="定类有误")
    assert [e for e in agenda_of(ledger, on=clock.now) if e.kind == "class"] == []


def test_a_class_of_what_is_done_or_unsettled_sets_no_deadline(tmp_path: Path) -> None:
    """What is transferred by then has nothing to be put right in time; no guess is swept."""
    clock = clock_at(INCIDENT)
    ledger = meals(clock)
    gone = ledger.apply(
        Transfer(in_meals(ledger, "M-1"), organ="县纪委监委", lead="线索"), by=OFFICER
    )
    ledger.classify(gone.id, "general", by=OFFICER)
    unsettled = in_meals(ledger, "M-2")
    late = datetime(MEALS.known_through.year, 12, 30, tzinfo=BEIJING)
    clock.now = late
    ledger.classify(unsettled.id, "general", since=late, by=OFFICER)
    swept = ledger.sweep(late + timedelta(days=90))
    assert [e for e in swept.events if getattr(e, "kind", "") == "class"] == []


def test_a_class_that_is_none_is_refused() -> None:
    """An unknown class or issue, an event whose day the ledger can't know."""
    ledger = meals(clock_at(INCIDENT))
    issue = in_meals(ledger, "M-1")
    with pytest.raises(InvalidValue, match="general"):
        ledger.classify(issue.id, "small", by=OFFICER)
    with pytest.raises(UnknownIssue):
        ledger.classify("M-9", "general", by=OFFICER)
    with pytest.raises(UnknownIssue):
        ledger.classify("", "general", by=OFFICER)


def test_an_event_the_ledger_does_not_know_must_be_dated(tmp_path: Path) -> None:
    """A class that runs from an event of the campaign needs its day."""
    file = tmp_path / "campaign.toml"
    text = (EXAMPLES / "school-meals.toml").read_text("utf-8")
    file.write_text(text.replace('after = "found"', 'after = "incident"'), "utf-8")
    ledger = Ledger(load_campaign(file), clock=clock_at(INCIDENT))
    issue = in_meals(ledger, "M-1")
    with pytest.raises(InvalidValue, match="incident"):
        ledger.classify(issue.id, "general", by=OFFICER)
    assert ledger.classify(issue.id, "general", since=date(2023, 5, 9), by=OFFICER).since == date(
        2023, 5, 9
    )


# A lead without a receipt.


def transferred(ledger: Ledger[AnyIssue], issue_id: str) -> Transferred:
    found = ledger.register(finding(), by=OFFICER, issue_id=issue_id)
    return ledger.apply(Transfer(found, organ="县纪委监委", lead="涉嫌截留"), by=OFFICER)


def missing(ledger: Ledger[AnyIssue], now: datetime) -> list[tuple[str, datetime]]:
    return [(e.issue_id, e.at.astimezone(BEIJING)) for e in ledger.sweep(now).unreceived]


def test_a_missing_receipt_is_told_of_once_after_a_while(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Fifteen days after the transfer, as long as it is missing; never overdue."""
    ledger = make_ledger()
    transferred(ledger, "L-1")
    received = transferred(ledger, "L-2")
    ledger.apply(Acknowledge(received, receipt="收文1号"), by=COMMISSION)
    late = NOON + timedelta(days=40)
    assert missing(ledger, late) == [("L-1", datetime(2018, 5, 23, tzinfo=BEIJING))]
    assert missing(ledger, late + timedelta(days=40)) == []
    assert [e for e in ledger.events() if isinstance(e, Overdue) and e.issue_id == "L-1"] == []


def test_a_lead_that_is_transferred_again_waits_again(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """Back and transferred anew, it has a wait of its own; that it ran out before is told."""
    ledger = make_ledger()
    issue = transferred(ledger, "L-1")
    clock.pass_by(days=20)
    back = ledger.apply(
        Return(issue, reason="不属于", timetable=timetable("2018-08-15")), by=COMMISSION
    )
    ledger.sweep()
    clock.pass_by(days=1)
    ledger.apply(Transfer(back, organ="县纪委监委", lead="新线索"), by=OFFICER)
    assert missing(ledger, NOON + timedelta(days=90)) == [
        ("L-1", datetime(2018, 6, 13, tzinfo=BEIJING))
    ]
    first, second = [e for e in ledger.events() if isinstance(e, ReceiptMissing)]
    assert (first.key != second.key, first.at.astimezone(BEIJING)) == (
        True,
        datetime(2018, 5, 23, tzinfo=BEIJING),
    )


HUBEI = Path(load_campaign.__code__.co_filename).parents[1] / "campaigns" / "hubei-2018.toml"


def with_receipt(tmp_path: Path, table: str) -> Campaign:
    file = tmp_path / "campaign.toml"
    file.write_text(HUBEI.read_text("utf-8") + f"\n[receipt]\n{table}\n", "utf-8")
    return load_campaign(file)


def test_the_wait_is_the_campaigns_to_say_and_may_be_switched_off(
    tmp_path: Path, clock: Clock
) -> None:
    """Another length, or no warning at all: neither swept nor listed."""
    shorter = Ledger(with_receipt(tmp_path, 'within = "3日内"'), clock=clock)
    transferred(shorter, "L-1")
    assert missing(shorter, NOON + timedelta(days=9)) == [
        ("L-1", datetime(2018, 5, 11, tzinfo=BEIJING))
    ]
    never = Ledger(with_receipt(tmp_path, "enabled = false"), clock=clock)
    transferred(never, "L-1")
    assert missing(never, NOON + timedelta(days=99)) == []
    assert [e for e in agenda_of(never, on=clock.now) if e.kind == "transfer"] == []
    assert [e.key for e in agenda_of(shorter, on=clock.now) if e.kind == "transfer"] == [
        "transfer/L-1/1"
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('within = "5个工作日内"', "whole days, weeks or months"),
        ('within = "2小时内"', "whole days, weeks or months"),
        ('within = "当日17时前"', "whole days, weeks or months"),
        ('within = "每月"', "a period"),
        ('clause = "五"', "a clause needs its words"),
    ],
)
def test_a_wait_that_could_hold_up_a_move_is_refused(table: str, said: str, tmp_path: Path) -> None:
    """Whole days only: a transfer can't wait for next year's notice of holidays."""
    with pytest.raises(CampaignError) as caught:
        with_receipt(tmp_path, table)
    assert said in str(caught.value)


def test_a_wait_is_inherited_with_the_rules(tmp_path: Path) -> None:
    """A campaign below has its parent's wait where it inherits the rules and says nothing."""
    county = (EXAMPLES / "formalism-county.toml").read_text("utf-8")
    province = (EXAMPLES / "formalism-province.toml").read_text("utf-8")
    (tmp_path / "formalism-province.toml").write_text(
        province + '\n[receipt]\nwithin = "1个月内"\n', "utf-8"
    )
    file = tmp_path / "formalism-county.toml"
    file.write_text(county, "utf-8")
    within = load_campaign(file).receipt_within
    assert within is not None
    assert within.words == ("1个月内" if '"rules"' in county else "15日内")


# What is kept of it.


@pytest.mark.parametrize(
    "body",
    [
        '{"data":{"on":"someday","event":"incident"},"kind":"Happening"}',
        '{"data":{"strange":1},"kind":"Visit"}',
        '{"data":{},"kind":"Other"}',
    ],
)
def test_what_is_no_occasion_is_told(body: str) -> None:
    """An entry that does not hold what it should is an error that says so."""
    with pytest.raises(InvalidValue, match="not that of a record"):
        occasion(Entry("happening:x", 1, body, ""))


def test_an_occasion_reads_back_as_it_was(make_ledger: MakeLedger) -> None:
    """A day stays a day, an instant an instant, units stay in their order."""
    clock = clock_at(INCIDENT)
    ledger = make_ledger(campaign=MEALS, clock=clock, units=UNITS)
    facts = finding(area="funds", channel="hotline", unit="4201")
    issue = ledger.register(facts, by=OFFICER, issue_id="M-1")
    ledger.happened("incident", on=INCIDENT, among=["4202", "4201"], by=OFFICER)
    ledger.happened("found", on=date(2023, 5, 9), by=OFFICER)
    ledger.classify(issue.id, "general", since=date(2023, 5, 9), by=OFFICER)
    assert set(ledger.occasions()) == {
        Happening(event="incident", on=INCIDENT, among=("4202", "4201")),
        Happening(event="found", on=date(2023, 5, 9)),
        Classified(issue_id="M-1", issue_class="general", since=date(2023, 5, 9)),
    }
    ledger.happened("incident", on=INCIDENT.astimezone(UTC), among=["4202", "4201"], by=OFFICER)
    assert (len(ledger.occasions()), ledger.audit().intact) == (3, True)
