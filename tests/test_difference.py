"""When the law changes: which deadlines move, and that a ledger adopts it openly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

import rectify
from rectify import Actor, AnyIssue, Ledger, Milestone, Schedule, Timetable, load_campaign
from rectify.calendar import china, load_calendar
from rectify.campaign import Campaign, RuleSetting
from rectify.difference import campaign_difference
from rectify.errors import CampaignError, CampaignMismatch, InvalidValue, NaiveInstant
from rectify.event import DueEvent
from rectify.stores.memory import MemoryStore
from rectify.unit import Unit, UnitTree
from support import BEIJING, NOON, OFFICER, Clock, finding

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
HUBEI = (Path(rectify.__file__).parent / "campaigns" / "hubei-2018.toml").read_text("utf-8")
HASH = "0123456789abcdef" * 4
UNITS = UnitTree(
    [
        Unit("42", "某省", "province", has_task=True),
        Unit("4201", "甲市", "city", "42", has_task=True),
    ]
)

Edit = Callable[..., Campaign]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The reference campaign with texts replaced, loaded from a file."""

    def make(*changes: tuple[str, str], source: str = HUBEI) -> Campaign:
        text = source
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / f"edited-{len(list(tmp_path.iterdir()))}.toml"
        file.write_text(text, "utf-8")
        return load_campaign(file)

    return make


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2018, month, day, hour, tzinfo=BEIJING)


LATER = ("2018年9月31日前", "2018年10月12日前")


def test_a_campaign_does_not_differ_from_itself(campaign: Campaign) -> None:
    """No deadline differs, and no other part."""
    found = campaign_difference(campaign, campaign)
    assert (bool(found), found.changes, found.parts) == (False, (), ())


def test_a_deadline_moves_from_to_and_why(campaign: Campaign, edited: Edit) -> None:
    """Each deadline that moves is named once, with both instants and the words that changed."""
    found = campaign_difference(campaign, edited(LATER))
    assert [(c.key, c.before, c.after) for c in found.moved] == [
        (f"inspection-report/-/-{level}", at(10, 1), at(10, 13))
        for level in ("city", "county", "department")
    ]
    assert (found.added, found.removed, found.parts) == ((), (), ())
    assert found.summary.en == "deadlines that move: 3, are new: 0, fall away: 0"
    assert found.changes[0].text.en == (
        "督查检查情况书面报告 (city level), due: from 24:00 on Sunday 30 September 2018 to 24:00"
        " on Friday 12 October 2018: “2018年9月31日前” now reads “2018年10月12日前”"
    )
    summary, first, *_ = found.text("zh").splitlines()
    assert summary == "时限变动3项，新增0项，取消0项。"
    assert first == (
        "  督查检查情况书面报告（市级）完成时限：由2018年9月30日（星期日）24时改为2018年10月12日"
        "（星期五）24时，原因：“2018年9月31日前”改为“2018年10月12日前”。"
    )
    assert found.as_data()["moved"] == 3


def test_units_are_named(campaign: Campaign, edited: Edit) -> None:
    """With a table of units it is each unit's deadline that moves."""
    (change,) = campaign_difference(campaign, edited(LATER), units=UNITS).moved
    assert (change.unit, change.key) == ("4201", "inspection-report/-/4201")
    assert "（4201）" in change.text.zh
    assert change.as_data()["unit"] == "4201"


def test_phases_and_duties_come_and_go(campaign: Campaign, edited: Edit) -> None:
    """A phase that moves, a duty that is new and one that falls away are told as such."""
    newer = edited(
        ("2017年12月初至2018年4月上旬", "2017年12月中旬至2018年4月上旬"),
        ('id = "work-plan"', 'id = "new-plan"'),
    )
    found = campaign_difference(campaign, newer)
    (opening,) = found.moved
    assert (opening.what, opening.key) == ("opens", "self-inspection")
    assert "Friday 1 December 2017" in opening.text.en
    assert [change.key for change in found.added] == ["new-plan/-/-city", "new-plan/-/-department"]
    assert [change.key for change in found.removed] == [
        "work-plan/-/-city",
        "work-plan/-/-department",
    ]
    assert "new, 24:00 on" in found.added[0].text.en
    assert "falls away" in found.removed[0].text.en


def test_other_parts_are_named(campaign: Campaign, edited: Edit) -> None:
    """What differs beside deadlines is named by its part."""
    found = campaign_difference(
        campaign, edited(("tolerance_seconds = 300", "tolerance_seconds = 60"))
    )
    assert (found.changes, found.parts) == ((), ("tolerance_seconds",))
    assert found.text("zh").splitlines()[-1] == "  另有变动：时钟容差。"


def test_another_campaign_is_not_compared(campaign: Campaign) -> None:
    """Two campaigns are not two versions of one."""
    with pytest.raises(InvalidValue, match="rivers"):
        campaign_difference(campaign, load_campaign(EXAMPLES / "rivers.toml"))


def test_levels_with_windows_of_their_own(edited: Edit) -> None:
    """Where levels have their own days, each level's are compared."""
    source = (EXAMPLES / "formalism-province.toml").read_text("utf-8")
    old = edited(source=source)
    newer = edited(("2019年5月至9月", "2019年5月至8月"), source=source)
    (closing,) = [one for one in campaign_difference(old, newer).changes if one.what != "duty"]
    assert (closing.what, closing.key) == ("closes", "review/county")
    assert (closing.before, closing.after) == (
        datetime(2019, 10, 1, tzinfo=BEIJING),
        datetime(2019, 9, 1, tzinfo=BEIJING),
    )


def test_a_newer_calendar_moves_what_rolls(tmp_path: Path) -> None:
    """The same file, read with another calendar, may come to other days; the step says why."""
    notice = tmp_path / "strike.toml"
    notice.write_text(
        '[[notice]]\nyear = 2023\ntitle = "某省关于调整2023年中秋节、国庆节放假安排的通知"\n'
        'number = "示例〔2023〕1号"\ndated = 2023-09-01\ndays = [\n'
        '  { holiday = "国庆节", off = [2023-09-28, 2023-10-06] },\n]\n',
        "utf-8",
    )
    file = EXAMPLES / "school-meals.toml"
    newer = load_campaign(file, calendar=load_calendar(notice, extends=china))
    old = load_campaign(file)
    assert old.fingerprint == newer.fingerprint
    found = campaign_difference(old, newer)
    assert {change.key for change in found.moved} == {"summary/-/-county", "summary/-/-department"}
    assert "is read otherwise: " in found.moved[0].why.en
    shipped = load_campaign("hubei-2018", calendar=load_calendar(notice, extends=china))
    assert not campaign_difference(load_campaign("hubei-2018"), shipped)


def test_an_endless_campaign_is_compared_through_a_year() -> None:
    """Without an end it is looked at through the year after the one given."""
    eldercare = load_campaign(EXAMPLES / "eldercare.toml")
    assert not campaign_difference(eldercare, eldercare)


def test_an_hour_and_a_zone_are_told(campaign: Campaign, edited: Edit) -> None:
    """A due date by an hour is told with it; another zone moves everything, and is why."""
    hour = campaign_difference(campaign, edited((LATER[0], "2018年9月30日17时前")))
    assert "由2018年9月30日（星期日）24时改为2018年9月30日（星期日）17时" in hour.text("zh")
    west = campaign_difference(campaign, edited(('zone = "Asia/Shanghai"', 'zone = "Asia/Urumqi"')))
    assert {change.why.en for change in west.moved} == {"the time zone is now Asia/Urumqi"}


def test_readings_that_do_not_explain_themselves(campaign: Campaign) -> None:
    """Where words and steps are the same, or there are none, that it moved is still told."""
    (phase, *phases), (duty, *duties) = campaign.phases, campaign.duties
    levels = tuple(
        attrs.evolve(one, timing=attrs.evolve(one.timing, ends_at=at(1, 3))) for one in duty.levels
    )
    newer = attrs.evolve(
        campaign,
        phases=(attrs.evolve(phase, opens=None, closes=at(4, 12).date(), reading=None), *phases),
        duties=(attrs.evolve(duty, levels=levels), *duties),
    )
    found = campaign_difference(campaign, newer)
    assert [change.why.en for change in found.moved] == [
        *["“2017年12月31日前” is read otherwise"] * len(levels),
        "its days are set otherwise",
    ]
    assert [(change.what, change.key) for change in found.removed] == [("opens", "self-inspection")]
    ledger = adopted_at(5, 7, newer)
    assert [event.phase for event in ledger.sweep().opened] == ["key-inspection"]


# A ledger adopts it.


def adopted_at(month: int, day: int, campaign: Campaign, **options: Any) -> Ledger[AnyIssue]:
    return Ledger(campaign, clock=Clock(at(month, day)), **options)


def test_a_ledger_adopts_a_newer_version_and_opens_with_it(
    url: str, campaign: Campaign, edited: Edit, clock: Clock
) -> None:
    """Adopting is recorded with its reason; then only the newer version opens the ledger."""
    newer = edited(LATER)
    with Ledger.open(url, campaign, clock=clock) as ledger:
        old = ledger.register(finding(), by=OFFICER)
        ledger.submit("inspection-report/-/-county", by=OFFICER, document_hash=HASH)
        ledger.sweep()
        difference = ledger.adopt(newer, by=OFFICER, reason="省专班来文延期")
        assert len(difference.moved) == 3
        reports = [d for d in ledger.duties() if d.owed.key.endswith("report/-/-county")]
        assert [report.status for report in reports] == ["overdue", "submitted", "open"]
        new = ledger.register(finding(), by=OFFICER)
        assert [ledger.history(one.id)[0].campaign for one in (old, new)] == [
            campaign.fingerprint,
            newer.fingerprint,
        ]
        assert ledger.audit().intact
    with pytest.raises(CampaignMismatch):
        Ledger.open(url, campaign)
    clock.now = at(10, 20)
    with Ledger.open(url, newer, clock=clock) as ledger:
        told = [(e.subject, e.at) for e in ledger.sweep().overdue if e.ref == "inspection-report"]
        assert told == [
            ("inspection-report/-/-city", at(10, 13)),
            ("inspection-report/-/-department", at(10, 13)),
        ]
        assert (ledger.audit().intact, ledger.audit().entries) == (True, 2)


def test_what_had_run_out_before_is_still_told(campaign: Campaign, edited: Edit) -> None:
    """A deadline that moves after it ran out was overdue, though nobody had swept."""
    store = MemoryStore()
    ledger = adopted_at(10, 5, campaign, store=store)
    ledger.adopt(edited(LATER), by=OFFICER, reason="来文延期")
    told = [
        (event.subject, event.at)
        for event in ledger.sweep(at(10, 20)).overdue
        if event.ref == "inspection-report" and event.subject.endswith("city")
    ]
    assert told == [
        ("inspection-report/-/-city", at(10, 1)),
        ("inspection-report/-/-city", at(10, 13)),
    ]


def test_it_may_be_taken_back(campaign: Campaign, edited: Edit) -> None:
    """Adopting the earlier version again restores its deadlines, and tells nothing twice."""
    ledger = adopted_at(9, 1, campaign)
    ledger.sweep()
    ledger.submit("inspection-report/-/-county", by=OFFICER, document_hash=HASH)
    ledger.adopt(edited(LATER), by=OFFICER, reason="来文延期")
    ledger.adopt(campaign, by=OFFICER, reason="延期文件撤销")
    told = [e.subject for e in ledger.sweep(at(10, 20)).overdue if e.ref == "inspection-report"]
    assert told == ["inspection-report/-/-city", "inspection-report/-/-department"]
    keys = [event.key for event in ledger.events()]
    assert (len(set(keys)), ledger.audit().entries) == (len(keys), 3)


def test_milestones_stay_as_they_were_set(campaign: Campaign, edited: Edit) -> None:
    """What an issue's timetable sets is the issue's, and no campaign moves it."""
    ledger = adopted_at(5, 7, campaign)
    found = ledger.register(finding(), by=OFFICER)
    plan = Timetable((Milestone("m1", "拨付", at(6, 15).date()),), responsible="所长")
    ledger.apply(Schedule(found, plan), by=OFFICER)
    ledger.adopt(edited(LATER), by=OFFICER, reason="来文延期")
    (event,) = [e for e in ledger.sweep(at(6, 16)).overdue if e.issue_id]
    assert (isinstance(event, DueEvent), event.due_at) == (True, at(6, 16))


def test_another_program_with_the_old_campaign_is_stopped(
    campaign: Campaign, edited: Edit, clock: Clock
) -> None:
    """Once one program has adopted a newer version, others sweep and file by it only."""
    store = MemoryStore()
    other = Ledger(campaign, store=store, clock=clock)
    Ledger(campaign, store=store, clock=clock).adopt(edited(LATER), by=OFFICER, reason="延期")
    with pytest.raises(CampaignMismatch, match="adopted"):
        other.sweep()
    with pytest.raises(CampaignMismatch):
        other.submit("inspection-report/-/-city", by=OFFICER, document_hash=HASH)
    with pytest.raises(CampaignMismatch):
        other.adopt(edited(LATER), by=OFFICER, reason="延期")


def test_nothing_new_is_nothing_to_adopt(ledger: Ledger[AnyIssue]) -> None:
    """Adopting the same campaign records nothing."""
    assert not ledger.adopt(ledger.campaign, by=OFFICER, reason="核对")
    assert ledger.audit().entries == 0


def test_units_must_be_given_where_they_were(
    campaign: Campaign, edited: Edit, clock: Clock
) -> None:
    """A ledger planned over a table of units adopts nothing without it."""
    store = MemoryStore()
    Ledger(campaign, store=store, clock=clock, units=UNITS).sweep()
    with pytest.raises(InvalidValue, match="table of units"):
        Ledger(campaign, store=store, clock=clock).adopt(edited(LATER), by=OFFICER, reason="延期")
    with_units = Ledger(campaign, store=store, clock=clock, units=UNITS)
    assert len(with_units.adopt(edited(LATER), by=OFFICER, reason="延期").moved) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"by": "officer"}, InvalidValue),
        ({"reason": " "}, InvalidValue),
        ({"at": datetime(2018, 5, 1)}, NaiveInstant),  # noqa: DTZ001
    ],
)
def test_adopting_needs_who_when_and_why(
    ledger: Ledger[AnyIssue], edited: Edit, changes: dict[str, Any], error: type[Exception]
) -> None:
    """Bad input is refused by name, and nothing is adopted."""
    before = ledger.campaign
    values: dict[str, Any] = {"by": OFFICER, "reason": "延期", **changes}
    newer = edited(LATER)
    with pytest.raises(error):
        ledger.adopt(newer, **values)
    assert (ledger.campaign, ledger.audit().entries) == (before, 0)


def test_a_campaign_that_cannot_be_judged_is_not_adopted(
    ledger: Ledger[AnyIssue], edited: Edit
) -> None:
    """A campaign that sets a rule the lifecycle does not have is refused before anything."""
    rules = {**ledger.campaign.rules, "no-such": RuleSetting(code="no-such")}
    strange = attrs.evolve(edited(LATER), rules=rules)
    with pytest.raises(CampaignError):
        ledger.adopt(
            strange, by=Actor(id="a", unit="b"), reason="延期", at=NOON + timedelta(days=1)
        )
    assert ledger.audit().entries == 0


# A newer calendar.

STRIKE = (
    '[[notice]]\nyear = 2023\ntitle = "某省关于调整2023年国庆节放假安排的通知"\n'
    'days = [{ holiday = "国庆节", off = [2023-09-28, 2023-10-06] }]\n'
)


def test_a_newer_calendar_alone_is_told_of_and_adopted(tmp_path: Path) -> None:
    """A ledger opened with the same file and a newer calendar says what moved, and adopts it."""
    notice = tmp_path / "strike.toml"
    notice.write_text(STRIKE, "utf-8")
    file = EXAMPLES / "school-meals.toml"
    old = load_campaign(file)
    newer = load_campaign(file, calendar=load_calendar(notice, extends=china))
    store = MemoryStore()
    clock = Clock(datetime(2023, 9, 1, tzinfo=BEIJING))
    first = Ledger(old, store=store, clock=clock)
    assert first.behind() == first.behind(old)
    first.submit("summary/-/-department", by=OFFICER, document_hash=HASH)
    first.sweep()
    assert (bool(first.behind()), len(first.behind(newer).moved)) == (False, 2)
    ledger = Ledger(newer, store=store, clock=clock)
    ledger.sweep()
    behind = ledger.behind()
    assert [change.key for change in behind.moved] == ["summary/-/-county", "summary/-/-department"]
    assert "newer calendar" in behind.moved[0].why.en
    assert ledger.adopt(newer, by=OFFICER, reason="放假安排调整") == behind
    assert (bool(ledger.behind()), ledger.audit().entries) == (False, 2)
    told = [e.subject for e in ledger.sweep(datetime(2023, 10, 20, tzinfo=BEIJING)).overdue]
    assert [subject for subject in told if "summary" in subject] == ["summary/-/-county"]


def test_a_plan_that_goes_further_moves_nothing_silently(tmp_path: Path) -> None:
    """A new year's plan by a newer calendar adds what is new and leaves what is there."""
    text = (EXAMPLES / "eldercare.toml").read_text("utf-8")
    file = tmp_path / "rolling.toml"
    file.write_text(text.replace('name = "戊省', 'roll = "forward"\nname = "戊省', 1), "utf-8")
    notice = tmp_path / "strike.toml"
    notice.write_text(STRIKE.replace("2023-09-28, 2023-10-06", "2023-12-20, 2023-12-22"), "utf-8")
    store = MemoryStore()
    clock = Clock(datetime(2022, 12, 1, tzinfo=BEIJING))
    Ledger(load_campaign(file), store=store, clock=clock).sweep()
    clock.now = datetime(2023, 12, 1, tzinfo=BEIJING)
    newer = load_campaign(file, calendar=load_calendar(notice, extends=china))
    ledger = Ledger(newer, store=store, clock=clock)
    ledger.sweep()
    assert {change.key for change in ledger.behind().moved} == {
        "annual-report/2023/-city",
        "annual-report/2023/-department",
    }
    clock.now = datetime(2023, 12, 30, tzinfo=BEIJING)
    told = [e for e in ledger.sweep().overdue if e.subject == "annual-report/2023/-city"]
    assert [event.at.astimezone(BEIJING).day for event in told] == [21]


def test_asking_what_is_behind_needs_the_units(campaign: Campaign, clock: Clock) -> None:
    """What was planned over a table of units is compared over it."""
    store = MemoryStore()
    Ledger(campaign, store=store, clock=clock, units=UNITS).sweep()
    with pytest.raises(InvalidValue, match="table of units"):
        Ledger(campaign, store=store, clock=clock).behind()
    with pytest.raises(NaiveInstant):
        Ledger(campaign, clock=clock).behind(at=datetime(2018, 5, 1))  # noqa: DTZ001
