"""The agenda: what is due on a day, from duties, issues and visits, each with why."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from rectify import AnyIssue, Issue, Ledger, Scheduled, Transferred
from rectify.campaign import Campaign, load_campaign
from rectify.duty import SentBack, Submission, owed, owed_after
from rectify.errors import InvalidValue, NaiveInstant
from rectify.moves import Acknowledge, Complete, Extend, Reject
from rectify.todo import Entry, Visit, agenda
from rectify.unit import Unit, UnitTree
from support import BEIJING, in_state, take, timetable

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
HASH = "ab" * 32
UNITS = UnitTree(
    [
        Unit("42", "某省", "province", has_task=True),
        Unit("4201", "甲市", "city", "42", has_task=True),
        Unit("420101", "甲县", "county", "4201", has_task=True),
    ]
)


def load(name: str) -> Campaign:
    return load_campaign(EXAMPLES / f"{name}.toml")


def lines(entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    return [(entry.key, entry.standing) for entry in entries]


def duties(campaign: Campaign, on: date, *events: Any) -> tuple[Entry, ...]:
    entries = agenda(campaign, UNITS, on=on, until=date(2018, 4, 30), events=events)
    return tuple(entry for entry in entries if entry.kind == "duty")


# Duties.

KEY = "self-inspection-report/-/4201"


@pytest.mark.parametrize(
    ("on", "standing", "days_late"),
    [
        (date(2018, 4, 6), "open", None),
        (date(2018, 4, 7), "soon", None),
        (date(2018, 4, 9), "soon", None),
        (date(2018, 4, 10), "overdue", 1),
        (date(2018, 4, 30), "overdue", 21),
    ],
)
def test_a_duty_stands_as_a_day_ends(
    campaign: Campaign, on: date, standing: str, days_late: int | None
) -> None:
    entry = duties(campaign, on)[1]
    assert (f"duty/{KEY}", standing, days_late) == (entry.key, entry.standing, entry.days_late)
    assert ("甲市", "4201", "省专项治理工作专班") == (entry.who, entry.unit, entry.to)
    assert ("四·第一阶段", date(2018, 4, 9)) == (entry.clause, entry.due and entry.due.effective)


def test_what_came_in_the_course_of_the_day_is_off_the_agenda(campaign: Campaign) -> None:
    day = date(2018, 4, 9)
    at = datetime(2018, 4, 9, 18, tzinfo=BEIJING)
    came = Submission(KEY, "4201", "clerk-1", at, HASH)
    assert f"duty/{KEY}" not in dict(lines(duties(campaign, day, came)))
    before = duties(campaign, date(2018, 4, 8), came)
    assert "soon" == dict(lines(before))[f"duty/{KEY}"]


def test_what_was_sent_back_is_on_it_again_and_says_so(campaign: Campaign) -> None:
    came = Submission(KEY, "4201", "clerk-1", datetime(2018, 4, 3, 9, tzinfo=BEIJING), HASH)
    back = SentBack(KEY, "office-1", datetime(2018, 4, 4, 0, 30, tzinfo=BEIJING), "表格不全")
    entry = duties(campaign, date(2018, 4, 12), came, back)[1]
    assert ("sent-back", 3) == (entry.standing, entry.days_late)
    expected = """自查自纠情况及相关表格，责任单位：甲市，报送：省专项治理工作专班（四·第一阶段）。
“2018年4月9日前”：截止时间为2018年4月9日（星期一）24时（北京时间）。
  1.“前”包括当日在内。
  注：已于2018年4月4日（星期三）退回，须重新报送。"""
    assert expected == entry.explain("zh")
    assert entry.explain("en").startswith("自查自纠情况及相关表格, for 甲市, to 省专项治理工作专班")
    assert "it was sent back on Wednesday 4 April 2018 and is owed again." in entry.explain("en")


def test_without_units_a_level_owes(campaign: Campaign) -> None:
    first = agenda(campaign, None, on=date(2018, 1, 1))[0]
    assert ("duty/work-plan/-/-city", None) == (first.key, first.unit)
    assert "责任单位：市级，" in first.explain("zh")


def test_an_extension_of_a_duty_counts_in_its_sequence(campaign: Campaign) -> None:
    """A host that grants more time moves the due date; the entry is the same, one further."""
    [duty] = [each for each in campaign.duties if each.id == "work-plan"]
    moved = duty.due.extended(until=date(2018, 1, 15), reason="核查对象较多")
    levels = tuple(attrs.evolve(each, timing=moved) for each in duty.levels)
    later = attrs.evolve(campaign, duties=(attrs.evolve(duty, levels=levels, due=moved),))
    before, after = (
        agenda(each, UNITS, on=date(2018, 1, 1), until=date(2018, 1, 31))[0]
        for each in (campaign, later)
    )
    assert (before.key, 0) == (after.key, before.sequence)
    assert (1, "soon") == (after.sequence, agenda(later, UNITS, on=date(2018, 1, 13))[0].standing)


def test_what_events_started_comes_in_too() -> None:
    campaign = load("school-meals")
    at = datetime(2023, 5, 10, 14, 30, tzinfo=BEIJING)
    started = tuple(owed_after(campaign, "incident", at, units=UNITS, among=["420101"]))
    on, until = datetime(2023, 5, 11, 9, tzinfo=BEIJING), date(2023, 5, 12)
    entries = agenda(campaign, UNITS, on=on, also=started, until=until)
    label = "2023-05-10T14:30:00+08:00"
    assert [
        (f"duty/incident-flash/{label}/420101", "overdue"),
        (f"duty/incident-follow-up/{label}/420101", "soon"),
    ] == lines(entries)
    [flash, follow_up] = agenda(campaign, UNITS, on=on.date(), also=started, until=until)
    assert (1, "overdue", 0) == (flash.days_late, follow_up.standing, follow_up.days_late)


def test_what_can_not_be_known_is_refused() -> None:
    with pytest.raises(InvalidValue, match="recurs without an end"):
        agenda(load("eldercare"), UNITS, on=date(2023, 1, 1))
    with pytest.raises(NaiveInstant):
        agenda(load("rivers"), UNITS, on=datetime(2023, 1, 1))  # noqa: DTZ001


def test_a_hosts_own_duty_may_be_nobodys_in_particular(campaign: Campaign) -> None:
    one = next(owed(campaign, None, since=date(2019, 1, 1)))
    entries = agenda(campaign, UNITS, on=date(2019, 1, 1), also=[attrs.evolve(one, level=None)])
    assert ["–"] == [each.who for each in entries if each.unit is None and each.kind == "duty"]


# Issues.


def of_issues(campaign: Campaign, *issues: Issue, on: date) -> tuple[Entry, ...]:
    entries = agenda(campaign, UNITS, issues, on=on)
    return tuple(entry for entry in entries if entry.kind in ("milestone", "transfer"))


def test_the_open_milestones_of_an_issue_are_due(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    issue = in_state(ledger, Scheduled, unit="4201")
    [entry] = of_issues(campaign, issue, on=date(2018, 6, 17))
    assert (f"milestone/{issue.id}/1/m1", "overdue", 2) == (
        entry.key,
        entry.standing,
        entry.days_late,
    )
    assert ("甲市", "4201", 2) == (entry.who, entry.unit, entry.sequence)
    expected = f"""问题{issue.id}：第1步，责任单位：甲市。
“2018年6月15日前”：截止时间为2018年6月15日（星期五）24时（北京时间）。
  1.问题{issue.id}第1轮整改时间表定于2018年6月15日（星期五）完成。"""
    assert expected == entry.explain("zh")
    done = take(ledger, Complete, issue)
    assert () == of_issues(campaign, done, on=date(2018, 6, 17))


def test_an_extension_moves_the_entry_and_a_new_round_makes_a_new_one(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    issue = in_state(ledger, Scheduled)
    [before] = of_issues(campaign, issue, on=date(2018, 6, 1))
    extended = take(ledger, Extend, issue)
    [after] = of_issues(campaign, extended, on=date(2018, 6, 1))
    assert before.key == after.key
    assert (2, 3) == (before.sequence, after.sequence)
    assert date(2018, 7, 15) == (after.due and after.due.effective)
    assert "  2.制定或调整时间表的理由见台账。" in after.explain("zh")
    assert "  2. why it was set or changed is in the ledger." in after.explain("en")
    [again] = of_issues(campaign, take(ledger, Reject, extended), on=date(2018, 6, 1))
    assert f"milestone/{issue.id}/2/m1" == again.key


def test_a_lead_without_a_receipt_only_warns(ledger: Ledger[AnyIssue], campaign: Campaign) -> None:
    """The document says 及时 and no day, so it is never overdue; the clause is quoted."""
    issue = in_state(ledger, Transferred, unit="unknown")
    entries = agenda(campaign, UNITS, [issue], on=date(2030, 1, 1))
    entry = entries[-1]
    assert (f"transfer/{issue.id}/1", "warning", None, None) == (
        entry.key,
        entry.standing,
        entry.due,
        entry.days_late,
    )
    title = f"问题{issue.id}：移送后未收到县纪委监委签收回执"
    expected = f"""{title}，责任单位：unknown（四·第一阶段）。
  注：签收未规定期限，仅作提示，不认定逾期；移送满15日仍未签收的，予以提示。
  注：“对涉及党员干部的违纪违规问题线索,及时移送纪检监察机关调查处理”。"""
    assert expected == entry.explain("zh")
    receipted = take(ledger, Acknowledge, issue)
    assert () == of_issues(campaign, receipted, on=date(2018, 6, 17))


def test_a_campaign_that_does_not_speak_of_leads_is_not_quoted(
    ledger: Ledger[AnyIssue],
) -> None:
    issue = in_state(ledger, Transferred)
    entry = agenda(load("land-use"), None, [issue], on=date(2018, 9, 1))[-1]
    assert ("transfer", None, 1) == (entry.kind, entry.clause, len(entry.notes))


def test_an_id_with_a_slash_is_one_part_of_the_key(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    issue = attrs.evolve(in_state(ledger, Scheduled), id="HB/1%")
    [entry] = of_issues(campaign, issue, on=date(2018, 6, 1))
    assert "milestone/HB%2F1%25/1/m1" == entry.key


def test_until_leaves_out_what_is_due_later_and_keeps_what_has_no_time(
    ledger: Ledger[AnyIssue], campaign: Campaign
) -> None:
    scheduled, transferred = in_state(ledger, Scheduled), in_state(ledger, Transferred)
    entries = agenda(
        campaign, None, [scheduled, transferred], on=date(2018, 1, 1), until=date(2018, 1, 15)
    )
    assert ["duty", "duty", "transfer"] == [entry.kind for entry in entries]


def test_what_is_due_first_comes_first(ledger: Ledger[AnyIssue], campaign: Campaign) -> None:
    days = ("2018-05-30", "2018-09-30", "2018-07-01")
    issue = attrs.evolve(in_state(ledger, Scheduled), timetable=timetable(*days))
    entries = agenda(campaign, UNITS, [issue, in_state(ledger, Transferred)], on=date(2018, 5, 1))
    dues = [entry.due.ends_at for entry in entries if entry.due is not None]
    assert sorted(dues) == dues
    assert ["transfer"] == [entry.kind for entry in entries[len(dues) :]]


# Visits.

FIRST = Visit(inspection="undercover-visits", turn=1, ended_on=date(2018, 6, 8))


def of_visits(campaign: Campaign, on: date, *visits: Visit) -> list[tuple[str, str, str | None]]:
    entries = agenda(campaign, UNITS, on=on, until=date(2018, 12, 31), visits=visits)
    return [
        (entry.key, entry.standing, entry.due.effective.isoformat() if entry.due else None)
        for entry in entries
        if entry.kind in ("visit", "report")
    ]


def test_each_turn_of_visits_is_due_until_it_took_place(campaign: Campaign) -> None:
    """每2个月 over 四·第二阶段 is three turns and a stub."""
    assert [
        ("visit/undercover-visits/1", "soon", "2018-06-10"),
        ("visit/undercover-visits/2", "open", "2018-08-10"),
        ("visit/undercover-visits/3", "open", "2018-10-10"),
        ("visit/undercover-visits/4", "open", "2018-10-20"),
    ] == of_visits(campaign, date(2018, 6, 9))
    assert "report/undercover-visits/1/1/1" == of_visits(campaign, date(2018, 6, 9), FIRST)[0][0]


def test_the_report_on_a_visit_is_due_a_week_after_and_then_goes_on(campaign: Campaign) -> None:
    """一周内 to the leading group; 审定后上报 has no time, so the second step only warns."""
    report = ("report/undercover-visits/1/1/1", "overdue", "2018-06-15")
    assert report == of_visits(campaign, date(2018, 6, 16), FIRST)[0]
    reported = attrs.evolve(FIRST, reported_on=(date(2018, 6, 14),))
    second = of_visits(campaign, date(2018, 6, 16), reported)[-1]
    assert ("report/undercover-visits/1/1/2", "warning", None) == second
    [entry] = [
        each
        for each in agenda(campaign, None, on=date(2018, 6, 16), visits=[reported])
        if each.kind == "report"
    ]
    team, to = "省专项治理工作领导小组督查专班", "省纪委党风监督室"
    expected = f"""明察暗访（第1次）情况报告，责任单位：{team}，报送：{to}（四·第二阶段）。
  注：未规定期限，仅作提示，不认定逾期：“审定后上报省纪委党风监督室”。"""
    assert expected == entry.explain("zh")
    both = attrs.evolve(FIRST, reported_on=(date(2018, 6, 14), date(2018, 6, 20)))
    assert [] == [key for key, *_ in of_visits(campaign, date(2018, 7, 1), both) if "report" in key]


def test_a_turn_of_two_teams_took_place_when_both_have_been() -> None:
    campaign = load("land-use")
    one = Visit(inspection="spot-checks", turn=1, ended_on=date(2018, 11, 20))
    two = attrs.evolve(one, team=2, ended_on=date(2018, 11, 22))
    first = of_visits(campaign, date(2018, 11, 1), one)
    assert ("visit/spot-checks/1", "open", "2018-11-30") == first[1]
    assert ("report/spot-checks/1/1/1", "open", "2018-11-23") == first[0]
    found = agenda(
        campaign, None, on=date(2018, 11, 1), visits=[one, two], until=date(2018, 11, 30)
    )
    assert [
        "随机抽查（第1次第1组）情况报告",
        "随机抽查（第1次第2组）情况报告",
    ] == [entry.title.zh for entry in found]


def test_an_inspection_without_a_cadence_has_no_turns(campaign: Campaign) -> None:
    [inspection] = campaign.inspections
    once = attrs.evolve(campaign, inspections=(attrs.evolve(inspection, every=None),))
    assert [] == of_visits(once, date(2018, 6, 9))


def test_a_visit_of_no_inspection_is_refused(campaign: Campaign) -> None:
    other = attrs.evolve(FIRST, inspection="spot-checks")
    with pytest.raises(InvalidValue, match=r"no “spot-checks”; it has: undercover-visits"):
        agenda(campaign, None, on=date(2018, 6, 1), visits=[other])
    with pytest.raises(InvalidValue, match=r"Visit\.reported_on"):
        attrs.evolve(FIRST, reported_on=(datetime(2018, 6, 14, tzinfo=BEIJING),))
