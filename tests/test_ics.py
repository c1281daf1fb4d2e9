"""The calendar of what is due, written and read back by the icalendar library."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from icalendar import Calendar

from rectify import AnyIssue, Complete, Finding, Ledger, Scheduled, Transferred
from rectify.campaign import Campaign, load_campaign
from rectify.deadline import Due
from rectify.errors import InvalidValue, MissingExtra
from rectify.exchange.ics import calendar, uid
from rectify.happening import Classified, Happening
from rectify.i18n import message
from rectify.moves import Extend
from rectify.todo import Entry, Visit, agenda, agenda_of
from rectify.unit import Unit, UnitTree
from support import BEIJING, NOON, OFFICER, Clock, MakeLedger, finding, in_state, take, timetable

ON = date(2018, 6, 1)
EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"


def read(made: bytes) -> dict[str, Any]:
    """The events of a calendar by UID."""
    events: Any = Calendar.from_ical(made).subcomponents
    assert {"VEVENT"} >= {event.name for event in events}
    return {str(event["UID"]): event for event in events}


def test_every_entry_with_a_due_date_is_read_back(campaign: Campaign) -> None:
    visit = Visit(inspection="undercover-visits", turn=1, ended_on=date(2018, 5, 25))
    entries = agenda(campaign, None, on=ON, visits=[visit])
    events = read(calendar(campaign, entries, on=ON))
    assert len(entries) == len(events)
    for entry in entries:
        event = events[uid("hubei-2018", entry.key)]
        assert entry.due is not None
        assert entry.due.effective == event.decoded("DTSTART")
        assert "DATE" == event["DTSTART"].params["VALUE"]
        assert 1 == (event.decoded("DTEND") - event.decoded("DTSTART")).days
        assert entry.explain("zh") == str(event["DESCRIPTION"])
        assert entry.title.zh in str(event["SUMMARY"])
        assert ("TRANSPARENT", 0) == (str(event["TRANSP"]), event.decoded("SEQUENCE"))
        assert datetime(2018, 6, 1, tzinfo=UTC) == event.decoded("DTSTAMP")


def test_an_extension_moves_the_entry_in_a_calendar(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    """The same UID with a higher SEQUENCE and another day: what a calendar takes for a move."""
    issue = in_state(ledger, Scheduled)
    key = uid("hubei-2018", f"milestone/{issue.id}/1/m1")
    before, after = (
        read(calendar(campaign, agenda(campaign, None, [each], on=ON), on=ON))[key]
        for each in (issue, take(ledger, Extend, issue))
    )
    assert (date(2018, 6, 15), date(2018, 7, 15)) == (
        before.decoded("DTSTART"),
        after.decoded("DTSTART"),
    )
    assert before.decoded("SEQUENCE") < after.decoded("SEQUENCE")


def test_what_is_done_is_cancelled_in_a_calendar(make_ledger: MakeLedger, clock: Clock) -> None:
    """The same UID with STATUS:CANCELLED and a higher SEQUENCE, each time it changes again."""
    ledger = make_ledger()
    issue, other = in_state(ledger, Scheduled), in_state(ledger, Scheduled)
    duty = "duty/inspection-report/-/-city"
    turn = "visit/undercover-visits/1"
    keys = [f"milestone/{each.id}/1/m1" for each in (issue, other)] + [duty, turn]

    def states() -> list[tuple[str, int]]:
        entries = agenda_of(ledger, on=clock.now, finished=True)
        events = read(calendar(ledger.campaign, entries, on=ON))
        found = [events[uid("hubei-2018", key)] for key in keys]
        return [(str(event["STATUS"]), event.decoded("SEQUENCE")) for event in found]

    before = states()
    assert [status for status, _ in before] == ["CONFIRMED"] * 4
    ledger.apply(Complete(issue, "m1", "凭证"), by=OFFICER)
    ledger.apply(Complete(other, "m1", "凭证"), by=OFFICER)
    ledger.submit(duty.removeprefix("duty/"), by=OFFICER, document_hash="0a" * 32)
    ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 4), by=OFFICER)
    after = states()
    assert [status for status, _ in after] == ["CANCELLED"] * 4
    assert [new > old for (_, old), (_, new) in zip(before, after, strict=True)] == [True] * 4
    ledger.send_back(duty.removeprefix("duty/"), by=OFFICER, reason="缺附表")
    assert (states()[2][0], states()[2][1] > after[2][1]) == ("CONFIRMED", True)
    plain = agenda_of(ledger, on=clock.now)
    assert [entry.key for entry in plain if entry.standing == "done"] == []


def in_calendar(ledger: Ledger[AnyIssue], on: datetime, key: str) -> tuple[str, int] | None:
    """The status and sequence of an entry in a ledger's calendar."""
    entries = agenda_of(ledger, on=on, finished=True)
    event = read(calendar(ledger.campaign, entries, on=on.date())).get(uid(ledger.campaign.id, key))
    return None if event is None else (str(event["STATUS"]), event.decoded("SEQUENCE"))


def test_a_withdrawn_visit_is_owed_again_and_its_report_cancelled(make_ledger: MakeLedger) -> None:
    """Each recording raises the SEQUENCE of the turn and of the report, and none goes away."""
    ledger = make_ledger()
    turn, report = "visit/undercover-visits/1", "report/undercover-visits/1/1/1"
    seen = [(in_calendar(ledger, NOON, turn), in_calendar(ledger, NOON, report))]
    for _ in range(2):
        ledger.visited("undercover-visits", turn=1, ended_on=date(2018, 5, 4), by=OFFICER)
        seen.append((in_calendar(ledger, NOON, turn), in_calendar(ledger, NOON, report)))
        ledger.withdraw(ledger.occasions()[0], by=OFFICER, reason="误")
        seen.append((in_calendar(ledger, NOON, turn), in_calendar(ledger, NOON, report)))
    assert seen == [
        (("CONFIRMED", 0), None),
        (("CANCELLED", 1), ("CONFIRMED", 0)),
        (("CONFIRMED", 2), ("CANCELLED", 1)),
        (("CANCELLED", 3), ("CONFIRMED", 2)),
        (("CONFIRMED", 4), ("CANCELLED", 3)),
    ]


def test_an_adopted_campaign_raises_the_sequence_of_what_it_moves(
    make_ledger: MakeLedger, tmp_path: Path
) -> None:
    """Of each entry of the ledger's calendar, without being told of a revision."""
    ledger = make_ledger()
    text = (files("rectify") / "campaigns" / "hubei-2018.toml").read_text("utf-8")
    newer = tmp_path / "newer.toml"
    newer.write_text(text.replace("2018年12月15日前", "2018年12月25日前"), "utf-8")
    key = uid("hubei-2018", "duty/final-report/-/-city")
    found: list[Any] = []
    for campaign in (ledger.campaign, load_campaign(newer)):
        ledger.adopt(campaign, by=OFFICER, reason="顺延")
        entries = agenda_of(ledger, on=NOON)
        found.append(read(calendar(ledger.campaign, entries, on=ON))[key])
    assert [(one.decoded("DTSTART"), one.decoded("SEQUENCE")) for one in found] == [
        (date(2018, 12, 15), 0),
        (date(2018, 12, 25), 1),
    ]


def test_what_an_event_or_a_class_brought_is_cancelled_with_it() -> None:
    """Withdrawn, or of fewer units than before; a class, when it is given or withdrawn."""
    meals = load_campaign(EXAMPLES / "school-meals.toml")
    now = datetime(2023, 5, 10, 14, 30, tzinfo=BEIJING)
    units = UnitTree([Unit(code, code, "county", has_task=True) for code in ("4201", "4202")])
    ledger = Ledger(meals, clock=Clock(now), units=units)
    facts = finding(area="funds", channel="hotline", found_at=now, unit="4201")
    issue = ledger.register(facts, by=OFFICER, issue_id="M-1")
    keys = ["class/M-1", *(f"duty/incident-report/SJ-7/{code}" for code in ("4201", "4202"))]

    def seen() -> list[tuple[str, int] | None]:
        return [in_calendar(ledger, now, key) for key in keys]

    ledger.classify(issue.id, "hard", by=OFFICER)
    ledger.happened("incident", on=now, subject="SJ-7", by=OFFICER)
    assert seen() == [("CONFIRMED", 1), ("CONFIRMED", 0), ("CONFIRMED", 0)]
    ledger.happened("incident", on=now, subject="SJ-7", among=["4201"], by=OFFICER)
    assert seen() == [("CONFIRMED", 1), ("CONFIRMED", 1), ("CANCELLED", 1)]
    for one in ledger.occasions():
        ledger.withdraw(one, by=OFFICER, reason="误")
    assert seen() == [("CANCELLED", 2), ("CANCELLED", 2), ("CANCELLED", 2)]


def test_what_the_campaign_no_longer_has_is_left_out(campaign: Campaign) -> None:
    """A visit, an event, a class of another version of it, withdrawn since."""
    gone: list[Happening | Visit | Classified] = [
        Visit(inspection="raids", turn=1, ended_on=date(2018, 5, 4)),
        Happening(event="raided", on=date(2018, 5, 4)),
        Classified(issue_id="HB-1", issue_class="hard"),
    ]
    plain = agenda(campaign, None, on=ON, finished=True)
    assert agenda(campaign, None, on=ON, finished=True, dropped=gone) == plain


def test_a_step_that_is_no_longer_owed_is_cancelled() -> None:
    """What follows a submission goes away when that is sent back, and comes back after it."""
    now = datetime(2019, 5, 6, 9, tzinfo=BEIJING)
    ledger = Ledger(load_campaign(EXAMPLES / "formalism-province.toml"), clock=Clock(now))
    duty = next(each for each in ledger.campaign.duties if each.then)
    first = next(one.owed.key for one in ledger.duties() if one.owed.duty == duty.id)
    second = f"{first}/2"
    seen = [in_calendar(ledger, now, f"duty/{second}")]

    def after(step: object) -> None:
        seen.append(in_calendar(ledger, now, f"duty/{second}"))

    for _ in range(2):
        after(ledger.submit(first, by=OFFICER, document_hash="0a" * 32))
        after(ledger.submit(second, by=OFFICER, document_hash="0b" * 32))
        after(ledger.send_back(first, by=OFFICER, reason="缺附表"))
    assert seen == [
        None,
        ("CONFIRMED", 1),
        ("CANCELLED", 2),
        ("CANCELLED", 4),
        ("CONFIRMED", 5),
        ("CANCELLED", 6),
        ("CANCELLED", 8),
    ]


def test_a_changed_campaign_raises_every_sequence(campaign: Campaign) -> None:
    entries = agenda(campaign, None, on=ON)
    events = read(calendar(campaign, entries, on=ON, revision=3))
    assert {3} == {event.decoded("SEQUENCE") for event in events.values()}
    with pytest.raises(InvalidValue, match="revision"):
        calendar(campaign, entries, on=ON, revision=-1)
    with pytest.raises(InvalidValue, match="on: a date is meant"):
        calendar(campaign, entries, on=NOON)


def test_uids_are_the_same_everywhere_and_differ_between_campaigns() -> None:
    assert "c1e650e8-06b4-55b3-a0de-1b91918ce497" == uid("hubei-2018", "duty/work-plan/-/4201")
    assert uid("a", "k") != uid("b", "k")


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "key": "duty/x/-/1",
        "kind": "duty",
        "title": message("{name}", name="报告"),
        "who": "甲市",
        "standing": "open",
        "due": Due.on(date(2018, 6, 15)),
    }
    return Entry(**facts | changes)


AWKWARD = '甲\\乙;丙,丁\n戊"己:庚\x07' + "辛" * 100 + "𠀀🙂"


def test_lines_are_folded_and_texts_escaped(campaign: Campaign) -> None:
    """No line is longer than 75 bytes, none breaks a character; a control character is named."""
    made = calendar(campaign, [entry(title=message("{name}", name=AWKWARD))], on=ON)
    assert made.endswith(b"END:VCALENDAR\r\n")
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        assert "\n" not in line.decode()
    assert b"\x07" not in made
    [event] = read(made).values()
    assert f"{AWKWARD}（甲市）".replace("\x07", r"\x07") == str(event["SUMMARY"])


def test_an_hour_of_the_day_is_in_the_summary() -> None:
    campaign = load_campaign(EXAMPLES / "formalism-county.toml")
    [report] = [
        each for each in agenda(campaign, None, on=date(2019, 4, 1)) if "township" in each.key
    ]
    [event] = read(calendar(campaign, [report], on=date(2019, 4, 1))).values()
    assert "乡镇自查情况（乡级），17时前" == str(event["SUMMARY"])
    assert date(2019, 4, 10) == event.decoded("DTSTART")
    [event] = read(calendar(campaign, [report], on=date(2019, 4, 1), language="en")).values()
    assert "乡镇自查情况 (township level), by 17:00" == str(event["SUMMARY"])


def test_what_has_no_time_is_in_no_calendar(campaign: Campaign) -> None:
    made = calendar(campaign, [entry(due=None, standing="warning")], on=ON)
    assert {} == read(made)
    assert "湖北省扶贫领域作风问题专项治理" == str(Calendar.from_ical(made)["X-WR-CALNAME"])


SECRETS = {"title": "秘密标题", "description": "秘密描述", "reporter": "秘密举报人"}


def test_nothing_of_a_finding_or_a_lead_goes_out(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    """Not its title, its description, who reported it, who answers for it, nor the lead."""
    scheduled = in_state(ledger, Scheduled, **SECRETS)
    plan = timetable("2018-08-01", responsible="秘密负责人")
    extended = take(ledger, Extend, scheduled, timetable=plan, reason="秘密理由")
    transferred = in_state(ledger, Transferred, **SECRETS)
    assert isinstance(transferred.finding, Finding)
    entries = agenda(campaign, None, [extended, transferred], on=ON)
    made = calendar(campaign, entries, on=ON).replace(b"\r\n ", b"").decode()
    assert (True, False) == (extended.id in made, "秘密" in made)
    assert transferred.id not in made
    assert not any("秘密" in each.explain("zh") for each in entries)
    assert OFFICER.id not in made


def test_without_icalendar_the_error_says_what_to_install(campaign: Campaign) -> None:
    with (
        patch.dict(sys.modules, {"icalendar": None}),
        pytest.raises(MissingExtra, match=r"install rectify\[ics\]") as caught,
    ):
        calendar(campaign, [], on=ON)
    assert ("icalendar", "ics") == (caught.value.package, caught.value.extra)
