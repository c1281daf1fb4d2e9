"""The made-up campaigns under examples/campaigns: what the shape can express without code."""

from __future__ import annotations

import runpy
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from rectify.campaign import Campaign, load_campaign
from rectify.campaign.duties import Duty, EventDuty, RecurringDuty
from rectify.campaign.inspections import Amount, in_stratum
from rectify.campaign.shape import StratumName
from rectify.deadline import Span
from rectify.errors import InvalidValue
from rectify.unit import Level, Unit, UnitTree

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples/campaigns").glob("*.toml"))


def load(name: str) -> Campaign:
    return load_campaign((ROOT / "examples/campaigns") / f"{name}.toml")


def recurring(campaign: Campaign, duty_id: str) -> RecurringDuty:
    duty = campaign.duty(duty_id)
    assert isinstance(duty, RecurringDuty)
    return duty


def test_there_are_six_examples_and_all_load() -> None:
    assert 6 == len(EXAMPLES)
    assert [file.stem for file in EXAMPLES] == [load_campaign(file).id for file in EXAMPLES]


def test_phases_may_have_overlapping_windows_for_each_level() -> None:
    campaign = load("formalism-province")
    day = date(2019, 5, 20)
    windows: dict[Level, list[str]] = {
        "county": ["review"],
        "city": ["self-inspection"],
        "department": ["review"],
        "township": [],
    }
    for level, expected in windows.items():
        assert expected == [phase.id for phase in campaign.phases_on(day, level)]
    assert ["self-inspection", "review"] == [phase.id for phase in campaign.phases_on(day)]
    on_day = campaign.phase_on(day)
    assert on_day is not None
    assert "self-inspection" == on_day.id


def test_a_duty_may_roll_up_with_a_date_for_each_level() -> None:
    duty = load("formalism-province").duty("self-inspection-report")
    assert isinstance(duty, Duty)
    expected = {
        "county": date(2019, 4, 25),
        "city": date(2019, 5, 25),
        "department": date(2019, 5, 8),
    }
    assert expected == {each.level: each.timing.effective for each in duty.levels}
    assert date(2019, 5, 25) == duty.due.effective
    assert "市专项行动领导小组" == duty.for_level("county").to
    [step] = duty.then
    assert step.within is not None
    assert date(2019, 6, 10) == step.within.after(duty.due.effective).effective


def test_each_level_may_have_a_cadence_of_its_own() -> None:
    duty = recurring(load("formalism-province"), "progress")
    expected = {"county": 14, "city": 7, "department": 2}
    assert expected == {level: len(duty.turns(level)) for level in duty.owed_by}


def test_a_cadence_recurs_in_the_window_of_its_level(tmp_path: Path) -> None:
    text = (ROOT / "examples/campaigns/formalism-province.toml").read_text("utf-8")
    file = tmp_path / "x.toml"
    file.write_text(
        text.replace('name = "进展情况"', 'name = "进展情况"\nphase = "review"'), "utf-8"
    )
    duty = recurring(load_campaign(file), "progress")
    expected = {"county": 10, "city": 5, "department": 2}
    assert expected == {level: len(duty.turns(level)) for level in duty.owed_by}


def test_units_may_report_past_their_parent() -> None:
    units = UnitTree(
        [
            Unit("42", "省", "province"),
            Unit("429004", "直管县", "county", "42"),
            Unit("429006", "县", "county", "42"),
        ]
    )
    campaign = load("formalism-province")
    assert "省专项行动领导小组" == campaign.reports_to("429004", units)
    assert "42" == campaign.reports_to("429006", units)


def test_areas_may_be_chosen_locally_in_a_campaign_below() -> None:
    campaign = load("formalism-county")
    assert campaign.parent == load("formalism-province")
    assert {"meetings/length", "service-hall/queues"} <= campaign.area_ids
    assert not campaign.rules["same-person"].enabled
    duty = campaign.duty("township-report")
    assert isinstance(duty, Duty)
    assert "2019-04-10T17:00:00+08:00" == duty.due.ends_at.isoformat()
    assert ["before-phase-end"] == [warning.code for warning in campaign.warnings]


def test_phases_may_be_known_only_by_an_end() -> None:
    campaign = load("school-meals")
    assert campaign.opens is None
    assert date(2023, 9, 30) == campaign.closes
    for day, expected in ((date(2023, 4, 30), "check"), (date(2023, 5, 1), "fix")):
        phase = campaign.phase_on(day)
        assert phase is not None
        assert expected == phase.id
    assert campaign.phase_on(date(2023, 10, 1)) is None


def test_due_dates_roll_where_the_file_says_so() -> None:
    duty = load("school-meals").duty("summary")
    assert isinstance(duty, Duty)
    assert (date(2023, 9, 29), date(2023, 9, 28)) == (duty.due.nominal, duty.due.effective)


def test_a_duty_may_follow_an_event_by_hours_weeks_months_or_an_hour_of_a_day() -> None:
    campaign = load("school-meals")
    at = datetime(2023, 5, 10, 14, 30, tzinfo=UTC)
    expected = {
        ("incident-flash", "county"): "2023-05-11T00:30:00+08:00",
        ("incident-follow-up", "county"): "2023-05-11T12:00:00+08:00",
        ("incident-report", "county"): "2023-05-25T00:00:00+08:00",
        ("incident-report", "department"): "2023-06-13T00:00:00+08:00",
    }
    actual: dict[tuple[str, str], str] = {}
    for duty in campaign.event_duties:
        assert isinstance(duty, EventDuty)
        assert "incident" == duty.after
        for level in duty.owed_by:
            actual[duty.id, level] = duty.due(level, at).ends_at.isoformat()
    assert expected == actual
    assert ["incident"] == [event.id for event in campaign.events]


def test_the_deadline_may_depend_on_the_class_of_the_issue() -> None:
    expected = [date(2023, 5, 9), date(2023, 7, 26), date(2024, 1, 2)]
    classes = load("school-meals").issue_classes
    assert expected == [each.due(date(2023, 4, 26)).effective for each in classes]


def test_waves_come_every_year_and_may_cross_new_year() -> None:
    campaign = load("rivers")
    winter = [phase for phase in campaign.phases if phase.family == "winter"]
    expected = [
        ("winter@2021", 2021, date(2021, 11, 1), date(2022, 2, 28)),
        ("winter@2022", 2022, date(2022, 11, 1), date(2023, 2, 28)),
        ("winter@2023", 2023, date(2023, 11, 1), date(2024, 2, 29)),
    ]
    assert expected == [(each.id, each.wave, each.opens, each.closes) for each in winter]
    duty = campaign.duty("winter-report@2022")
    assert isinstance(duty, Duty)
    assert date(2023, 3, 5) == duty.due.effective
    [visits] = campaign.inspections
    assert 9 == len(visits.turns())


def test_unfinished_issues_may_be_carried_over() -> None:
    over = load("rivers").carry_over
    assert over is not None
    assert (date(2024, 6, 30), None) == (over.until, over.into)
    onward = load("land-use").carry_over
    assert onward is not None
    assert (None, "land-use-2020") == (onward.until, onward.into)


def test_a_campaign_may_have_no_phases_and_duties_of_every_cadence() -> None:
    campaign = load("eldercare")
    assert (None, None, None) == (
        campaign.opens,
        campaign.closes,
        campaign.phase_on(date(2023, 1, 1)),
    )
    assert 60 == len(recurring(campaign, "cases").turns("county"))
    progress = recurring(campaign, "progress")
    assert [30, 10, 5] == [len(progress.turns(level)) for level in progress.owed_by]


def test_a_recurring_duty_without_a_span_asks_for_one() -> None:
    duty = recurring(load("eldercare"), "annual-report")
    with pytest.raises(InvalidValue, match="give a span"):
        duty.turns("city")
    years = Span("", date(2022, 7, 1), date(2024, 6, 30))
    expected = [date(2022, 12, 20), date(2023, 12, 20)]
    assert expected == [turn.due.effective for turn in duty.turns("city", span=years)]


def test_quotas_have_a_denominator_a_stratum_and_a_minimum() -> None:
    campaign = load("eldercare")
    province, local = campaign.quotas
    [level] = province.levels
    assert ("county", True, "province") == (province.of, province.no_repeat, level.level)
    assert [3, 3, 6, 2, 0] == [level.amount.of(units) for units in (1_0, 60, 101, 2, 0)]
    [stratum] = province.strata
    assert ("key", 2) == (stratum.of, stratum.amount.of(6))
    assert campaign.key_units is not None
    assert {"430102", "430103"} == campaign.key_units.units
    city, county = local.levels
    assert (2, 3) == (city.amount.of(30), county.amount.of(30))
    assert city.every != county.every
    with pytest.raises(InvalidValue, match="can't be negative"):
        Amount(at_least=1).of(-1)


def test_the_denominator_is_what_is_in_scope_below_the_checker() -> None:
    units = UnitTree(
        [
            Unit("43", "省", "province"),
            Unit("4301", "市", "city", "43"),
            Unit("430102", "甲县", "county", "4301", has_task=True, poor=True),
            Unit("430199", "乙县", "county", "4301", has_task=True),
            Unit("430198", "丙县", "county", "4301"),
            Unit("4399", "直管县", "county", "43", has_task=True),
        ]
    )
    campaign = load("eldercare")
    quota = campaign.quotas[0]
    expected = ["430102", "430199", "4399"]
    assert expected == [unit.code for unit in quota.population(units, "43")]
    assert expected[:2] == [unit.code for unit in quota.population(units, "4301")]
    assert campaign.key_units is not None
    key = campaign.key_units.units
    strata: dict[StratumName, list[str]] = {
        "key": ["430102"],
        "poor": ["430102"],
        "non-poor": ["430199", "4399"],
    }
    for stratum, codes in strata.items():
        within = [unit for unit in quota.population(units, "43") if in_stratum(unit, stratum, key)]
        assert codes == [unit.code for unit in within]


def test_gaps_overlaps_and_late_duties_are_warned_of() -> None:
    campaign = load("land-use")
    expected = [
        ("phase-gap", "phase[1]"),
        ("phase-overlap", "phase[2]"),
        ("after-campaign", "duty[0]"),
    ]
    assert expected == [(warning.code, warning.path) for warning in campaign.warnings]
    assert campaign.phase_on(date(2018, 10, 15)) is None
    assert "city/two-signatures" in campaign.rules


def test_an_inspection_has_turns_over_its_phase_or_a_span_if_it_has_a_cadence() -> None:
    [checks] = load("land-use").inspections
    assert 2 == checks.teams
    expected = [date(2018, 11, 30), date(2018, 12, 31), date(2019, 1, 31)]
    assert expected == [turn.closes for turn in checks.turns()][:3]
    span = Span("", date(2019, 1, 1), date(2019, 2, 28))
    assert 2 == len(checks.turns(span=span))
    assert () == attrs.evolve(checks, every=None).turns()


def test_the_example_runs_and_prints_each_problem(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples/load_campaign.py"))
    printed = capsys.readouterr().out.splitlines()
    assert ["phase[0].when", "duty[1].owed_by[0]"] == [line.split(":")[0] for line in printed[-2:]]
