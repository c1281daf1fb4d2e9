"""Who owes what by when: duties over units, levels, turns, waves and events; what came."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectify.campaign import Campaign, load_campaign
from rectify.campaign.duties import Duty
from rectify.duty import Owed, SentBack, Submission, owed, owed_after, standing
from rectify.errors import InvalidValue, NaiveInstant
from rectify.phrases import parse_due
from rectify.unit import LEVELS, Level, Unit, UnitTree

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
BEIJING = ZoneInfo("Asia/Shanghai")
HASH = "0123456789abcdef" * 4


def load(name: str) -> Campaign:
    return load_campaign(EXAMPLES / f"{name}.toml")


PROVINCE = UnitTree(
    [
        Unit("42", "某省", "province", has_task=True),
        Unit("4201", "甲市", "city", "42", has_task=True),
        Unit("420101", "甲县", "county", "4201", has_task=True),
        Unit("420101001", "子乡", "township", "420101", has_task=True),
        Unit("420101001001", "丑村", "village", "420101001", has_task=True, poor=True),
        Unit("420102", "乙县", "county", "4201"),
        Unit("429004", "丙市", "county", "42", has_task=True),
        Unit("42-A", "省某厅", "department", "42", member=True),
        Unit("42-B", "省某局", "department", "42"),
    ]
)
"""A province with a county and a department that are not in scope, and a village that is."""


def due_days(found: Any) -> list[tuple[str, str]]:
    return [(one.key, one.due.effective.isoformat()) for one in found]


# The reference campaign.


def test_the_five_duties_of_2018_over_a_province(campaign: Campaign) -> None:
    """Cities, counties and member units owe them; the one not in scope and the village don't."""
    expected = [
        ("work-plan/-/42-A", "2017-12-31"),
        ("work-plan/-/4201", "2017-12-31"),
        ("self-inspection-report/-/42-A", "2018-04-09"),
        ("self-inspection-report/-/4201", "2018-04-09"),
        ("self-inspection-report/-/420101", "2018-04-09"),
        ("self-inspection-report/-/429004", "2018-04-09"),
        ("inspection-report/-/42-A", "2018-09-30"),
        ("inspection-report/-/4201", "2018-09-30"),
        ("inspection-report/-/420101", "2018-09-30"),
        ("inspection-report/-/429004", "2018-09-30"),
        ("final-report/-/42-A", "2018-12-15"),
        ("final-report/-/4201", "2018-12-15"),
        ("final-report/-/420101", "2018-12-15"),
        ("final-report/-/429004", "2018-12-15"),
        ("training/-/42-A", "2019-12-31"),
        ("training/-/4201", "2019-12-31"),
        ("training/-/420101", "2019-12-31"),
        ("training/-/429004", "2019-12-31"),
    ]
    assert expected == due_days(owed(campaign, PROVINCE))


def test_what_is_owed_carries_what_the_document_says(campaign: Campaign) -> None:
    first = next(owed(campaign, PROVINCE))
    assert Owed(
        key="work-plan/-/42-A",
        duty="work-plan",
        name="工作方案和责任领导、责任单位、联络员名单",
        unit="42-A",
        level="department",
        to="省扶贫攻坚领导小组办公室",
        due=parse_due("2017年12月31日前"),
        turn=None,
        clause="六(二)",
    ) == attrs.evolve(first, due=parse_due("2017年12月31日前"))
    assert datetime(2017, 12, 31, 16, tzinfo=UTC) == first.due.ends_at


def test_without_units_each_level_owes_once(campaign: Campaign) -> None:
    found = list(owed(campaign, None, until=date(2018, 4, 9)))
    expected = [
        ("work-plan/-/-city", None, "city"),
        ("work-plan/-/-department", None, "department"),
        ("self-inspection-report/-/-city", None, "city"),
        ("self-inspection-report/-/-county", None, "county"),
        ("self-inspection-report/-/-department", None, "department"),
    ]
    assert expected == [(one.key, one.unit, one.level) for one in found]


def test_since_and_until_bound_the_due_day_both_included(campaign: Campaign) -> None:
    days = {"since": date(2018, 4, 9), "until": date(2018, 9, 30)}
    assert {"self-inspection-report", "inspection-report"} == {
        one.duty for one in owed(campaign, PROVINCE, **days)
    }
    narrower = {"since": date(2018, 4, 10), "until": date(2018, 9, 29)}
    assert [] == list(owed(campaign, PROVINCE, **narrower))
    with pytest.raises(InvalidValue, match="since"):
        owed(campaign, PROVINCE, since=datetime(2018, 4, 9, tzinfo=UTC))


def test_no_village_ever_owes(campaign: Campaign) -> None:
    """A campaign made in Python is refused as a file is (五(七)), with and without units."""
    [duty] = [each for each in campaign.duties if each.id == "training"]
    levels = (*duty.levels, attrs.evolve(duty.levels[0], level="village"))
    broken = attrs.evolve(campaign, duties=(attrs.evolve(duty, levels=levels),))
    for units in (PROVINCE, None):
        with pytest.raises(InvalidValue, match=r"training: no village may be made to report"):
            owed(broken, units)
    for each in (one for name in ALL for one in owed(load(name), None, until=date(2024, 6, 30))):
        assert "village" != each.level


# The made-up campaigns.

ALL = [path.stem for path in sorted(EXAMPLES.glob("*.toml"))]


def test_levels_have_their_own_dates_and_cadences() -> None:
    found = list(owed(load("formalism-province"), PROVINCE, until=date(2019, 5, 31)))
    city = [(one.key, one.due.effective.isoformat()) for one in found if one.unit == "4201"]
    assert [
        ("progress/2019-04/4201", "2019-04-25"),
        ("progress/2019-05/4201", "2019-05-25"),
        ("self-inspection-report/-/4201", "2019-05-25"),
    ] == city
    county = [(one.key, one.turn) for one in found if one.unit == "420101"]
    assert [
        ("progress/2019-03-01/420101", 1),
        ("progress/2019-03-16/420101", 2),
        ("progress/2019-04-01/420101", 3),
        ("self-inspection-report/-/420101", None),
        ("progress/2019-04-16/420101", 4),
        ("progress/2019-05-01/420101", 5),
        ("progress/2019-05-16/420101", 6),
    ] == county
    whole = owed(load("formalism-province"), PROVINCE)
    assert ["self-inspection-report/-/42-A", "progress/2019-Q2/42-A", "progress/2019-Q3/42-A"] == [
        one.key for one in whole if one.unit == "42-A"
    ]


def test_a_county_under_the_province_reports_past_its_parent() -> None:
    found = owed(load("formalism-province"), PROVINCE, until=date(2019, 4, 25))
    to = {one.unit: one.to for one in found if one.duty == "self-inspection-report"}
    assert {"420101": "市专项行动领导小组", "429004": "省专项行动领导小组"} == to


def test_yearly_waves_are_owed_each_year_and_to_the_parent_where_nothing_else_is_said() -> None:
    found = [one for one in owed(load("rivers"), PROVINCE) if one.unit in ("4201", "420101")]
    assert [
        ("summer-report@2021/-/4201", "2021-05-25", "省河湖治理领导小组办公室"),
        ("summer-report@2021/-/420101", "2021-05-25", "省河湖治理领导小组办公室"),
        ("winter-report@2021/-/420101", "2022-02-20", "甲市"),
        ("winter-report@2021/-/4201", "2022-03-05", "某省"),
        ("summer-report@2022/-/4201", "2022-05-25", "省河湖治理领导小组办公室"),
        ("summer-report@2022/-/420101", "2022-05-25", "省河湖治理领导小组办公室"),
        ("winter-report@2022/-/420101", "2023-02-20", "甲市"),
        ("winter-report@2022/-/4201", "2023-03-05", "某省"),
        ("summer-report@2023/-/4201", "2023-05-25", "省河湖治理领导小组办公室"),
        ("summer-report@2023/-/420101", "2023-05-25", "省河湖治理领导小组办公室"),
        ("winter-report@2023/-/420101", "2024-02-20", "甲市"),
        ("winter-report@2023/-/4201", "2024-03-05", "某省"),
    ] == [(one.key, one.due.effective.isoformat(), one.to) for one in found]


def test_what_recurs_without_an_end_needs_a_day_up_to_which_to_look() -> None:
    campaign = load("eldercare")
    with pytest.raises(InvalidValue, match=r"annual-report: .*recurs without an end"):
        owed(campaign, PROVINCE)
    found = list(owed(campaign, PROVINCE, until=date(2024, 12, 31)))
    annual = [one for one in found if one.duty == "annual-report"]
    expected = [
        ("annual-report/2022/42-A", "2022-12-20"),
        ("annual-report/2022/4201", "2022-12-20"),
        ("annual-report/2023/42-A", "2023-12-20"),
        ("annual-report/2023/4201", "2023-12-20"),
        ("annual-report/2024/42-A", "2024-12-20"),
        ("annual-report/2024/4201", "2024-12-20"),
    ]
    assert expected == due_days(annual)
    # 60 half months and 30 months for each county, 9 quarters, 5 half years: the tenth
    # quarter ends with the span, and its report is due ten days later.
    counts = {"420101": 90, "429004": 90, "4201": 9 + 3, "42-A": 5 + 3}
    assert counts == {unit: sum(one.unit == unit for one in found) for unit in counts}
    last = list(owed(campaign, PROVINCE, since=date(2025, 1, 1), until=date(2025, 1, 31)))
    assert [("progress/2024-Q4/4201", "2025-01-10")] == due_days(last)
    assert not [one for one in found if "2022-Q2" in one.key]


def test_a_turn_is_the_same_however_far_one_looks() -> None:
    """The key, number and date of a turn don't depend on `since` and `until`."""
    campaign = load("eldercare")
    whole = {one.key: one for one in owed(campaign, PROVINCE, until=date(2025, 6, 30))}
    for since, until in [
        (date(2023, 5, 6), date(2023, 8, 14)),
        (date(2024, 12, 20), date(2024, 12, 20)),
        (date(2022, 1, 1), date(2022, 6, 2)),
    ]:
        part = list(owed(campaign, PROVINCE, since=since, until=until))
        assert [whole[one.key] for one in part] == part
        assert all(since <= one.due.effective <= until for one in part)


def test_the_other_made_up_campaigns() -> None:
    assert [
        ("archive/-/42-A", "2019-12-31"),
        ("archive/-/420101", "2019-12-31"),
        ("archive/-/429004", "2019-12-31"),
    ] == due_days(owed(load("land-use"), PROVINCE))
    assert [
        ("summary/-/42-A", "2023-09-28"),
        ("summary/-/420101", "2023-09-28"),
        ("summary/-/429004", "2023-09-28"),
    ] == due_days(owed(load("school-meals"), PROVINCE))
    county = [one for one in owed(load("formalism-county"), PROVINCE) if one.level == "township"]
    assert [("township-report/-/420101001", "2019-04-10")] == due_days(county)


def recurring(tmp_path: Path, name: str, old: str, new: str) -> Campaign:
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    assert old in text
    file = tmp_path / f"{name}.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return load_campaign(file)


DURING = 'during = "2022年7月至2024年12月"\nevery = "每半月"'
WORDS = 'words = "2022年7月至2024年12月,县级每半月报送办案情况。"'


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("每周", ["2022-06-01", "2022-W23", "2022-W24", "2022-W25", "2022-W26"]),
        ("每2个月", ["2022-06-01"]),
        ("每2周", ["2022-06-01", "2022-06-15"]),
        ("每旬", ["2022-06-01", "2022-06-11", "2022-06-21"]),
        ("每月", ["2022-06", "2022-07"]),
        ("每季度", ["2022-06-01"]),
        ("每半年", ["2022-06-01"]),
        ("每年", []),
    ],
)
def test_a_turn_is_labelled_by_its_calendar_name_or_its_first_day(
    every: str, expected: list[str], tmp_path: Path
) -> None:
    """Without a span it recurs from the day of the document; a turn cut short has no name."""
    text = (EXAMPLES / "eldercare.toml").read_text("utf-8")
    text = text.replace(DURING, f'every = "{every}"').replace(WORDS, f'words = "{every}"')
    file = tmp_path / "x.toml"
    file.write_text(text, "utf-8")
    until = date(2022, 7, 31) if every in ("每月", "每2个月") else date(2022, 7, 3)
    found = owed(load_campaign(file), PROVINCE, until=until)
    cases = [one.key.split("/")[1] for one in found if one.unit == "420101" and one.duty == "cases"]
    assert expected == cases


def test_a_cadence_in_phases_known_only_by_an_end_begins_with_the_document(
    tmp_path: Path,
) -> None:
    duty = """
[[duty]]
id = "weekly"
name = "周报"
owed_by = ["county"]
phase = "check"
every = "每周"
clause = "七"
words = "每周报送。"

[[issue_class]]
id = "general\""""
    campaign = recurring(tmp_path, "school-meals", '\n[[issue_class]]\nid = "general"', duty)
    found = [one for one in owed(campaign, PROVINCE) if one.duty == "weekly" and one.turn]
    days = [one.due.effective for one in found if one.unit == "420101"]
    # The Sundays from 12 March on; the last week is cut by the end of April, itself a Sunday.
    assert ("weekly/2023-W10/420101", 8) == (found[0].key, len(days))
    assert [1, 2, 3, 4, 5, 6, 7, 8] == [one.turn for one in found if one.unit == "420101"]


def test_a_cadence_in_a_phase_that_does_not_concern_the_level_is_not_owed(tmp_path: Path) -> None:
    new = """every = "每半月"
to = "市专项行动领导小组"

[[duty.level]]
level = "township"
every = "每半月\""""
    old = 'every = "每半月"\nto = "市专项行动领导小组"'
    campaign = recurring(tmp_path, "formalism-province", old, new)
    found = list(owed(campaign, PROVINCE))
    assert [] == [one for one in found if one.level == "township"]
    assert 14 == sum(one.unit == "420101" and one.turn is not None for one in found)


def test_a_turn_that_lies_in_two_waves_is_owed_once(tmp_path: Path) -> None:
    """Yearly phases may overlap; the same month is not owed twice."""
    text = (EXAMPLES / "rivers.toml").read_text("utf-8")
    text = text.replace('when = "3月至5月"', 'when = "3月至次年5月"').replace(
        "每年汛前(3月至5月)开展排查。", "每年汛前(3月至次年5月)开展排查。"
    )
    text += """
[[duty]]
id = "monthly"
name = "月报"
owed_by = ["county"]
phase = "summer"
every = "每月"
clause = "六"
words = "每月报送。"
"""
    file = tmp_path / "rivers.toml"
    file.write_text(text, "utf-8")
    found = [one for one in owed(load_campaign(file), None) if one.duty == "monthly"]
    # March 2021 to May 2024 is 39 months.
    assert [*range(1, 40)] == [one.turn for one in found]
    assert 39 == len({one.key for one in found})


# After an event.

AT = datetime(2023, 5, 10, 22, 30, tzinfo=BEIJING)


def test_an_event_starts_what_is_owed_after_it() -> None:
    found = list(owed_after(load("school-meals"), "incident", AT, units=PROVINCE, among=["420101"]))
    label = "2023-05-10T22:30:00+08:00"
    assert [
        (f"incident-flash/{label}/420101", "2023-05-11T00:30:00+08:00"),
        (f"incident-follow-up/{label}/420101", "2023-05-11T12:00:00+08:00"),
        (f"incident-report/{label}/420101", "2023-05-25T00:00:00+08:00"),
    ] == [(one.key, one.due.ends_at.isoformat()) for one in found]
    assert ["市专项治理工作专班", "市专项治理工作专班", "甲市"] == [one.to for one in found]


def test_an_event_is_the_same_in_every_zone_and_may_have_a_subject() -> None:
    campaign = load("school-meals")
    here, there = (owed_after(campaign, "incident", at) for at in (AT, AT.astimezone(UTC)))
    assert [one.key for one in here] == [one.key for one in there]
    found = owed_after(campaign, "incident", AT, subject="事件/1%")
    assert "incident-flash/事件%2F1%25/-county" == next(found).key
    replies = owed_after(load("land-use"), "document-received", date(2018, 9, 28))
    # Five working days over National Day, with two days made up.
    assert [("notice-reply/2018-09-28/-county", "2018-10-10")] == due_days(replies)
    assert [] == list(owed_after(campaign, "found", AT))


def test_a_wrong_event_unit_or_instant_is_refused() -> None:
    campaign = load("school-meals")
    with pytest.raises(InvalidValue, match=r"has no “fire”; it has: .*incident"):
        owed_after(campaign, "fire", AT)
    with pytest.raises(InvalidValue, match="no unit has the code 99"):
        owed_after(campaign, "incident", AT, units=PROVINCE, among=["99"])
    with pytest.raises(InvalidValue, match="needs a table of units"):
        owed_after(campaign, "incident", AT, among=["420101"])
    with pytest.raises(InvalidValue, match="hours run from an instant"):
        owed_after(campaign, "incident", date(2023, 5, 10))
    with pytest.raises(NaiveInstant):
        owed_after(campaign, "incident", datetime(2023, 5, 10, 9))  # noqa: DTZ001
    with pytest.raises(NaiveInstant):
        owed_after(campaign, "incident", datetime(2023, 5, 10, 9), subject="x")  # noqa: DTZ001


# Properties.


@st.composite
def trees(draw: st.DrawFn) -> list[Unit]:
    """Units of every level below one another, in any order, in scope or not."""
    units = [Unit("0", "省", "province")]
    for number in range(draw(st.integers(0, 12))):
        parent = draw(st.sampled_from(units))
        below: list[Level] = ["department", *LEVELS[LEVELS.index(parent.level) : -1]]
        level: Level = "department" if parent.level == "department" else draw(
            st.sampled_from(below)
        )  # fmt: skip
        task, member = draw(st.booleans()), draw(st.booleans())
        code = draw(st.sampled_from(["", "-", "市/"])) + str(number + 1)
        units.append(Unit(code, f"单位{number}", level, parent.code, task, member))
    return units


@settings(deadline=None, max_examples=40)
@given(trees(), st.randoms(), st.sampled_from(["hubei-2018", *ALL]))
def test_keys_are_unique_ordered_and_stable_however_units_are_ordered(
    units: list[Unit], random: Any, name: str
) -> None:
    campaign = load_campaign(name) if name == "hubei-2018" else load(name)
    until = date(2023, 7, 31)
    found = list(owed(campaign, UnitTree(units), until=until))
    assert len(found) == len({one.key for one in found})
    assert sorted(found, key=lambda one: (one.due.ends_at, one.key)) == found
    assert all(one.unit and UnitTree(units).in_scope(one.unit) for one in found)
    assert "village" not in {one.level for one in found}
    shuffled = random.sample(units, len(units))
    assert found == list(owed(campaign, UnitTree(shuffled), until=until))


# What came.

REPORT = Owed(
    key="report/-/4201",
    duty="report",
    name="自查自纠情况",
    unit="4201",
    level="city",
    to="省专班",
    due=parse_due("2018年4月9日前"),
)


def sent(day: int, hour: int = 9, key: str = REPORT.key) -> Submission:
    return Submission(key, "4201", "clerk-1", datetime(2018, 4, day, hour, tzinfo=BEIJING), HASH)


def back(day: int) -> SentBack:
    return SentBack(REPORT.key, "office-1", datetime(2018, 4, day, 15, tzinfo=BEIJING), "表格不全")


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2018, 4, day, hour, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("events", "now", "status", "late_by"),
    [
        ([], on(1), "open", None),
        ([], on(8), "soon", None),
        ([], on(10, 0), "overdue", timedelta(0)),
        ([], on(12), "overdue", timedelta(days=2, hours=12)),
        ([sent(3)], on(2), "open", None),
        ([sent(3)], on(20), "submitted", None),
        ([sent(10, 0)], on(20), "submitted", timedelta(0)),
        ([sent(11, 6)], on(20), "submitted", timedelta(days=1, hours=6)),
        ([sent(3), back(4)], on(5), "sent-back", None),
        ([sent(3), back(4)], on(12), "sent-back", timedelta(days=2, hours=12)),
        ([sent(3), back(4), sent(11)], on(20), "submitted", timedelta(days=1, hours=9)),
        ([sent(3), sent(11)], on(20), "submitted", None),
        ([back(2)], on(5), "open", None),
        ([sent(3, key="other/-/4201")], on(5), "open", None),
    ],
)
def test_where_it_stands_follows_from_what_came(
    events: list[Submission | SentBack], now: datetime, status: str, late_by: timedelta | None
) -> None:
    for order in (events, events[::-1]):
        found = standing(REPORT, order, now)
        assert (status, late_by) == (found.status, found.late_by)


def test_what_was_handed_in_again_is_kept() -> None:
    found = standing(REPORT, [sent(11), back(4), sent(3)], on(20))
    assert ((sent(3), sent(11)), (back(4),)) == (found.submissions, found.sent_back)
    assert REPORT == found.owed
    assert "soon" == standing(REPORT, [], on(1), soon_days=30).status


def test_a_naive_instant_or_a_wrong_hash_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        standing(REPORT, [], datetime(2018, 4, 9))  # noqa: DTZ001
    with pytest.raises(NaiveInstant):
        attrs.evolve(sent(3), at=datetime(2018, 4, 9))  # noqa: DTZ001
    wrong: Any
    for wrong in ("", HASH.upper(), HASH[1:], HASH + "\n", None):
        with pytest.raises(InvalidValue, match=r"Submission\.document_hash: a hash is 64"):
            attrs.evolve(sent(3), document_hash=wrong)
    with pytest.raises(InvalidValue, match=r"SentBack\.reason"):
        attrs.evolve(back(3), reason=" ")


def test_a_duty_of_the_model_is_what_is_owed_here(campaign: Campaign) -> None:
    """Every duty owed once is owed at its levels' dates."""
    for duty in campaign.duties:
        assert isinstance(duty, Duty)
        dues = {one.due for one in owed(campaign, None) if one.duty == duty.id}
        assert {each.timing for each in duty.levels} == dues
