"""The reference campaign, hubei-2018, against the document it transcribes."""

from __future__ import annotations

import pickle
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import attrs
import pytest

from rectify.campaign import Campaign
from rectify.campaign.check import RULE_CODES
from rectify.campaign.duties import Duty, EventDuty, RecurringDuty
from rectify.campaign.file import load_campaign, shipped_campaigns
from rectify.errors import InvalidValue, NaiveInstant
from rectify.unit import Unit, UnitTree

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "src/rectify/campaigns/hubei-2018.toml"
DOCUMENT = (ROOT / "tests/data/ehfz-2017-33.txt").read_text("utf-8")
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def hubei() -> Campaign:
    return load_campaign("hubei-2018")


def quotations(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every `words` of a file, with its path."""
    if isinstance(value, dict):
        for key, each in cast("dict[str, object]", value).items():
            if key == "words":
                yield f"{path}.words", cast(str, each)
            yield from quotations(each, f"{path}.{key}")
    elif isinstance(value, list):
        for at, each in enumerate(cast("list[object]", value)):
            yield from quotations(each, f"{path}[{at}]")


def test_every_quotation_stands_in_the_document() -> None:
    quoted = dict(quotations(tomllib.loads(SHIPPED.read_text("utf-8"))))
    assert len(quoted) > 80
    assert {} == {path: words for path, words in quoted.items() if words not in DOCUMENT}


def test_every_sentence_of_the_areas_is_an_item(hubei: Campaign) -> None:
    for area in (area for area in hubei.areas if area.parent is None):
        number = area.clause.removeprefix("三")
        line = next(line for line in DOCUMENT.splitlines() if line.startswith(number + area.name))
        items = [item.words for item in hubei.areas if item.parent == area.id]
        assert line == number + area.words + "".join(items)
    assert 6 + 41 == len(hubei.areas)


def test_the_three_phases_follow_one_another(hubei: Campaign) -> None:
    expected = [
        ("self-inspection", "自查自纠", date(2017, 12, 1), date(2018, 4, 10)),
        ("key-inspection", "重点检查", date(2018, 4, 11), date(2018, 10, 20)),
        ("rectification", "整改提高", date(2018, 10, 21), date(2018, 12, 31)),
    ]
    assert expected == [(each.id, each.name, each.opens, each.closes) for each in hubei.phases]
    assert (date(2017, 12, 1), date(2018, 12, 31)) == (hubei.opens, hubei.closes)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2017, 11, 30), None),
        (date(2017, 12, 1), "self-inspection"),
        (date(2018, 4, 10), "self-inspection"),
        (date(2018, 4, 11), "key-inspection"),
        (date(2018, 12, 31), "rectification"),
        (date(2019, 1, 1), None),
        (datetime(2018, 4, 10, 16, tzinfo=UTC), "key-inspection"),
        (datetime(2018, 4, 10, 15, 59, tzinfo=UTC), "self-inspection"),
    ],
)
def test_the_phase_of_a_day_counts_both_ends(
    hubei: Campaign, day: date, expected: str | None
) -> None:
    phase = hubei.phase_on(day)
    assert expected == (phase.id if phase else None)


def test_the_phase_of_an_instant_without_a_zone_is_not_guessed(hubei: Campaign) -> None:
    with pytest.raises(NaiveInstant):
        hubei.phase_on(datetime(2018, 4, 10))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("duty_id", "nominal", "effective"),
    [
        ("work-plan", date(2017, 12, 31), date(2017, 12, 31)),
        ("self-inspection-report", date(2018, 4, 9), date(2018, 4, 9)),
        ("inspection-report", None, date(2018, 9, 30)),
        ("final-report", date(2018, 12, 15), date(2018, 12, 15)),
        ("training", date(2019, 12, 31), date(2019, 12, 31)),
    ],
)
def test_each_duty_falls_due_as_the_document_says(
    hubei: Campaign, duty_id: str, nominal: date | None, effective: date
) -> None:
    duty = hubei.duty(duty_id)
    assert isinstance(duty, Duty)
    assert duty.due.words in duty.words
    assert (nominal, effective) == (duty.due.nominal, duty.due.effective)
    midnight = datetime(effective.year, effective.month, effective.day, tzinfo=BEIJING)
    assert midnight + timedelta(days=1) == duty.due.ends_at


def test_the_five_duties_are_all_owed_once(hubei: Campaign) -> None:
    expected = ["work-plan", "self-inspection-report", "inspection-report", "final-report"]
    assert [*expected, "training"] == [duty.id for duty in hubei.duties]
    assert hubei.duties == hubei.all_duties


def test_what_is_odd_about_the_dates_is_warned_of(hubei: Campaign) -> None:
    expected = [
        ("weekend", "duty[0]"),
        ("before-phase-end", "duty[1]"),
        ("no-such-day", "duty[2]"),
        ("make-up-day", "duty[2]"),
        ("before-phase-end", "duty[2]"),
        ("weekend", "duty[3]"),
        ("before-phase-end", "duty[3]"),
        ("after-campaign", "duty[4]"),
    ]
    assert expected == [(warning.code, warning.path) for warning in hubei.warnings]
    early = hubei.warnings[1].message
    assert early.en.endswith("is due on 9 April 2018, before its phase ends on 10 April 2018")
    assert "“自查自纠情况及相关表格”2018年4月9日到期，早于所属阶段结束日2018年4月10日" == early.zh


def test_a_duty_is_owed_by_units_in_scope_of_its_levels(hubei: Campaign) -> None:
    report = hubei.duty("self-inspection-report")
    for unit, expected in (
        (Unit("1", "县", "county", has_task=True), True),
        (Unit("2", "县", "county"), False),
        (Unit("3", "村", "village", has_task=True), False),
        (Unit("4", "厅", "department", member=True), True),
    ):
        assert expected == report.is_owed_by(unit)
    assert isinstance(report, Duty)
    assert report.due == report.for_level("city").timing
    with pytest.raises(InvalidValue, match="is not owed by the village level"):
        report.for_level("village")


def test_visits_come_in_three_full_turns_and_a_stub(hubei: Campaign) -> None:
    [visits] = hubei.inspections
    expected = [
        (date(2018, 4, 11), date(2018, 6, 10), False),
        (date(2018, 6, 11), date(2018, 8, 10), False),
        (date(2018, 8, 11), date(2018, 10, 10), False),
        (date(2018, 10, 11), date(2018, 10, 20), True),
    ]
    assert expected == [(turn.opens, turn.closes, turn.stub) for turn in visits.turns()]
    moved = visits.turns(anchor=date(2018, 4, 20))
    assert date(2018, 4, 20) == moved[1].opens


def test_a_visit_is_drawn_lasts_and_is_reported_as_the_document_says(hubei: Campaign) -> None:
    [visits] = hubei.inspections
    assert [("city", 1), ("county", 1), ("village", 2)] == [
        (draw.level, draw.count) for draw in visits.draws
    ]
    assert [("poor", 1), ("non-poor", 1)] == [
        (stratum.of, stratum.count) for stratum in visits.draws[-1].strata
    ]
    assert visits.lasts is not None
    assert ["advisory"] == [note.code for note in visits.lasts.notes]
    first, second = visits.reports
    assert first.within is not None
    assert date(2018, 5, 8) == first.within.after(date(2018, 5, 1)).effective
    assert ("省纪委党风监督室", None) == (second.to, second.within)


def test_the_vocabularies_are_sets_of_ids(hubei: Campaign) -> None:
    assert {"funds", "funds/embezzlement", "assessment/concealment"} <= hubei.area_ids
    expected = {
        *("self-inspection", "petition", "undercover-visit", "instruction", "evaluation"),
        *("supervision", "information-system", "discipline-audit", "public-opinion"),
    }
    assert expected == hubei.channel_ids
    assert "三(四)" == hubei.area("funds/extortion").clause
    assert "网络舆情" == hubei.channel("public-opinion").name
    with pytest.raises(InvalidValue, match="the campaign has no “planet”; it has: self-inspection"):
        hubei.phase("planet")
    assert "整改提高" == hubei.phase("rectification").name


def test_every_rule_of_the_library_says_what_it_rests_on(hubei: Campaign) -> None:
    assert set(RULE_CODES) == set(hubei.rules)
    assumed = {code for code, rule in hubei.rules.items() if rule.clause is None}
    expected = {
        *("found-in-future", "time-runs-backwards", "time-in-future", "milestone-unknown"),
        *("extension-late", "same-person", "merge-target", "reporter-named"),
        *("person-named", "confidential-role"),
    }
    assert expected == assumed
    assert all(rule.enabled and rule.code == code for code, rule in hubei.rules.items())
    assert "四·第一阶段" == hubei.rules["lead-must-be-transferred"].clause


def test_the_rules_a_file_may_name_are_those_of_the_library() -> None:
    rules: Any = pytest.importorskip("rectify.rules")
    assert {rule.code for rule in rules.RULES} == RULE_CODES


def test_the_document_is_named(hubei: Campaign) -> None:
    expected = ("鄂扶组发〔2017〕33号", date(2017, 12, 25))
    assert expected == (hubei.document.number, hubei.document.issued_on)
    assert hubei.scope is not None
    assert "二" == hubei.scope.clause
    assert (BEIJING, 300) == (hubei.zone, hubei.tolerance_seconds)


def test_a_campaign_is_frozen_hashed_and_pickled(hubei: Campaign) -> None:
    copy = pickle.loads(pickle.dumps(hubei))
    assert hubei == copy
    assert hash(hubei) == hash(copy)
    assert (hubei.duties, dict(hubei.rules)) == (copy.duties, dict(copy.rules))
    assert hubei != "hubei-2018"
    assert f"<Campaign hubei-2018 {hubei.fingerprint[:12]}>" == repr(hubei)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        hubei.id = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        hubei.rules["same-person"] = hubei.rules["area-unknown"]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]


def test_the_parts_of_a_campaign_are_hashable(hubei: Campaign) -> None:
    parts = (*hubei.phases, *hubei.duties, *hubei.areas, *hubei.inspections, *hubei.warnings)
    assert len(parts) == len({hash(part) for part in parts})


def test_a_unit_reports_to_its_parent_where_nothing_else_is_said(hubei: Campaign) -> None:
    units = UnitTree([Unit("42", "省", "province"), Unit("4201", "市", "city", "42")])
    assert "42" == hubei.reports_to("4201", units)
    assert hubei.reports_to("42", units) is None


def test_a_shipped_campaign_is_listed_and_loaded_once(hubei: Campaign) -> None:
    assert "hubei-2018" in shipped_campaigns()
    assert load_campaign("hubei-2018") is hubei


def test_the_kinds_of_duty_are_told_apart(hubei: Campaign) -> None:
    assert not any(isinstance(duty, RecurringDuty | EventDuty) for duty in hubei.all_duties)
