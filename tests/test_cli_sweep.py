"""The commands that sweep a ledger and compare campaigns."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

import rectify as package
from rectify import Ledger, Overdue, Schedule, Transfer, load_campaign
from rectify.cli.sweep import as_data
from rectify.event import ReceiptMissing
from rectify.sweep import Swept
from support import BEIJING, OFFICER, Clock, finding, timetable
from test_cli import rectify

EXAMPLES = Path(__file__).parents[1] / "examples" / "campaigns"
HUBEI = Path(package.__file__).parent / "campaigns" / "hubei-2018.toml"
UNITS = "code,name,level,parent,has_task\n42,某省,province,,1\n4201,甲市,city,42,1\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for no language, width or colour."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A ledger with one scheduled issue."""

    file = tmp_path / "ledger.db"
    with Ledger.open(f"sqlite:///{file}", load_campaign("hubei-2018"), clock=Clock()) as ledger:
        found = ledger.register(finding(), by=OFFICER, issue_id="HB-1")
        ledger.apply(Schedule(found, timetable("2018-06-15")), by=OFFICER)
    return file


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The reference campaign with one date moved."""
    file = tmp_path / "newer.toml"
    text = HUBEI.read_text("utf-8").replace("2018年9月31日前", "2018年10月12日前")
    file.write_text(text.replace("tolerance_seconds = 300", "tolerance_seconds = 60"), "utf-8")
    return file


def test_sweep_records_and_prints_once(kept: Path) -> None:
    """The first sweep prints what happened, in order; the second has nothing to tell."""
    first = rectify("sweep", kept, "--at", "2018-06-16T00:00+08:00")
    assert (0, "") == (first.exit_code, first.stderr)
    lines = first.stdout.splitlines()
    assert lines[0] == "recorded: 17"
    assert lines[-1].startswith("no hook is owed anything of this")
    assert [cell.strip() for cell in lines[-3].split("│")] == [
        "2018-06-16 00:00",
        "overdue",
        "HB-1",
        "m1",
    ]
    assert "自查自纠" in first.stdout
    second = rectify("sweep", kept, "--at", "2018-06-16T00:00+08:00", "--lang", "zh")
    assert (0, "本次登记：0项\n") == (second.exit_code, second.stdout)


def test_sweep_as_data(kept: Path, tmp_path: Path) -> None:
    """--json prints every event with its fields; --units makes each unit's duties its own."""
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    ran = rectify(
        *("sweep", kept, "--at", "2018-06-16T00:00+08:00", "--json"),
        *("--units", tmp_path / "units.csv"),
    )
    data = json.loads(ran.stdout)
    assert data["now"] == "2018-06-15T16:00:00+00:00"
    assert data["events"][0] == {
        "event": "PhaseOpened",
        "at": "2017-11-30T16:00:00+00:00",
        "key": "opens/self-inspection//1/2017-11-30T16:00",
        "subject": "self-inspection",
        "level": None,
    }
    assert data["events"][-1] == {
        "event": "Overdue",
        "at": "2018-06-15T16:00:00+00:00",
        "key": "overdue/milestone/HB-1/m1/1/2018-06-15T16:00",
        "subject": "HB-1",
        "kind": "milestone",
        "ref": "m1",
        "round": 1,
        "unit": "420000",
        "due_at": "2018-06-15T16:00:00+00:00",
    }
    assert "4201" in {event.get("unit") for event in data["events"]}


def test_sweep_until_now_by_default(kept: Path) -> None:
    """Without an instant all that has happened by now is recorded."""
    ran = rectify("sweep", kept)
    assert (0, "recorded: 4") == (ran.exit_code, ran.stdout.splitlines()[0][:11])


@pytest.mark.parametrize("given", ["2018-06-16", "2018-06-16T00:00", "tomorrow", ""])
def test_an_instant_without_its_zone_is_misuse(kept: Path, given: str) -> None:
    """What is no instant is refused with an example, and nothing is recorded."""
    ran = rectify("sweep", kept, "--at", given)
    assert (2, True) == (ran.exit_code, "2018-06-16T00:00+08:00" in ran.stderr)
    assert "Traceback" not in ran.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["sweep", "no-such.db"], 2),
        (["sweep", "no-such.db", "--units", "no-such.csv"], 1),
        (["campaign", "diff", "hubei-2018", "no-such"], 2),
        (["campaign", "diff", "hubei-2018"], 2),
    ],
)
def test_what_is_not_there_is_answered_in_words(arguments: list[str], status: int) -> None:
    """A ledger, a table or a campaign that is not there is no reason for a traceback."""
    ran = rectify(*arguments)
    assert (status, False) == (ran.exit_code, "Traceback" in ran.output)


def test_a_campaign_does_not_differ_from_itself() -> None:
    """No difference is exit status 0."""
    ran = rectify("campaign", "diff", "hubei-2018", HUBEI)
    assert (0, "no difference\n") == (ran.exit_code, ran.stdout)


def test_what_differs_is_listed(newer: Path) -> None:
    """A difference is exit status 1: how many, each with its reason, the other parts."""
    ran = rectify("campaign", "diff", "hubei-2018", newer)
    lines = ran.stdout.splitlines()
    assert (1, "deadlines that move: 3, are new: 0, fall away: 0") == (ran.exit_code, lines[0])
    assert "now reads “2018年10月12日前”" in " ".join(line.strip() for line in lines)
    assert lines[-1] == "  also changed: the tolerance of the clock"


def test_differences_as_data(newer: Path, tmp_path: Path) -> None:
    """--json gives each change, over the units where a table is given."""
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    ran = rectify(
        *("campaign", "diff", "hubei-2018", newer, "--json"), *("--units", tmp_path / "units.csv")
    )
    data = json.loads(ran.stdout)
    assert (1, 1, ["tolerance_seconds"]) == (ran.exit_code, data["moved"], data["parts"])
    (change,) = data["changes"]
    assert (change["key"], change["unit"], change["before"], change["after"]) == (
        "inspection-report/-/4201",
        "4201",
        "2018-10-01T00:00:00+08:00",
        "2018-10-13T00:00:00+08:00",
    )
    assert change["why"]["zh"] == "“2018年9月31日前”改为“2018年10月12日前”"


def test_what_was_handed_in_is_no_longer_due(kept: Path) -> None:
    """`rectify due` leaves out what the ledger has received."""
    arguments = ("due", "--ledger", kept, "--on", "2018-09-30", "--json")
    key = "duty/inspection-report/-/-city"
    assert key in rectify(*arguments).stdout
    with Ledger.open(f"sqlite:///{kept}", load_campaign("hubei-2018"), clock=Clock()) as ledger:
        ledger.submit("inspection-report/-/-city", by=OFFICER, document_hash="0a" * 32)
    assert key not in rectify(*arguments).stdout


NOTICE = """[[notice]]
year = 2023
title = "某省关于调整2023年国庆节放假安排的通知"
days = [{ holiday = "国庆节", off = [2023-09-28, 2023-10-06] }]
"""
MEALS = Path(__file__).parents[1] / "examples" / "campaigns" / "school-meals.toml"


def test_a_newer_calendar_is_told_of(tmp_path: Path) -> None:
    """Read by a newer calendar the same file moves; so does what a ledger keeps."""
    notice = tmp_path / "strike.toml"
    notice.write_text(NOTICE, "utf-8")
    file = tmp_path / "ledger.db"
    with Ledger.open(f"sqlite:///{file}", load_campaign(MEALS), clock=Clock()) as ledger:
        ledger.sweep()
    several: list[list[str | Path]] = [[], ["--ledger", file]]
    for more in several:
        ran = rectify("campaign", "diff", MEALS, "--calendar", notice, *more)
        assert (1, "deadlines that move: 2, are new: 0, fall away: 0") == (
            ran.exit_code,
            ran.stdout.splitlines()[0],
        )
    ran = rectify("campaign", "diff", MEALS, "--ledger", file)
    assert (0, "no difference\n") == (ran.exit_code, ran.stdout)
    ran = rectify("campaign", "diff", MEALS)
    assert (2, True) == (ran.exit_code, "nothing to compare with" in ran.stderr)


HOOKS = """
from rectify import Overdue

def add(ledger):
    @ledger.after(Overdue, name="urge")
    def urge(occurred):
        pass

nothing = 1
"""


def test_the_platforms_hooks_are_owed_what_is_recorded(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--hooks names the function that adds them; without it a line says that none is owed."""
    (tmp_path / "hooks_of_the_platform.py").write_text(HOOKS, "utf-8")
    monkeypatch.chdir(tmp_path)
    ran = rectify(
        *("sweep", kept, "--at", "2018-06-16T00:00+08:00"),
        *("--hooks", "hooks_of_the_platform:add"),
    )
    assert (0, False) == (ran.exit_code, "no hook" in ran.stdout)
    with Ledger.open(f"sqlite:///{kept}", load_campaign("hubei-2018")) as ledger:
        overdue = [event for event in ledger.events() if isinstance(event, Overdue)]
        assert [each.hook for each in ledger.deliveries()] == ["urge"] * len(overdue)
        assert overdue != []
    again = rectify("sweep", kept, "--hooks", "hooks_of_the_platform:add")
    assert 0 == again.exit_code


@pytest.mark.parametrize("named", ["nowhere:add", "json:nothing", "json:__name__", "", ":", "json"])
def test_what_names_no_hooks_is_misuse(kept: Path, named: str) -> None:
    """A module or function that is not there is refused with an example, and nothing recorded."""
    ran = rectify("sweep", kept, "--hooks", named)
    assert (2, True) == (ran.exit_code, "platform.hooks:add" in ran.stderr)
    with Ledger.open(f"sqlite:///{kept}", load_campaign("hubei-2018")) as ledger:
        assert list(ledger.events()) == []


@pytest.mark.parametrize("named", ["os:getcwd", "failing_hooks:add"])
def test_hooks_that_raise_are_misuse(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """A function or module of the host's that raises is told with what it said; no traceback."""
    (tmp_path / "failing_hooks.py").write_text("1 / 0", "utf-8")
    monkeypatch.chdir(tmp_path)
    ran = rectify("sweep", kept, "--hooks", named)
    assert (2, True) == (ran.exit_code, "Error: " in ran.stderr.splitlines()[-1])
    with Ledger.open(f"sqlite:///{kept}", load_campaign("hubei-2018")) as ledger:
        assert list(ledger.events()) == []


def test_what_hooks_say_themselves_is_kept(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the ledger's within the host's function is told as anywhere."""
    hooks = "def add(ledger):\n    ledger.retry(9)\n"
    (tmp_path / "asking_hooks.py").write_text(hooks, "utf-8")
    monkeypatch.chdir(tmp_path)
    ran = rectify("sweep", kept, "--hooks", "asking_hooks:add")
    assert (1, True) == (ran.exit_code, "9" in ran.stderr)


def test_a_receipt_that_is_missing_is_printed(tmp_path: Path) -> None:
    """As a line of the table, by the names of the campaign, and as data."""
    file = tmp_path / "ledger.db"
    with Ledger.open(f"sqlite:///{file}", load_campaign("hubei-2018"), clock=Clock()) as ledger:
        found = ledger.register(finding(), by=OFFICER, issue_id="HB-1")
        ledger.apply(Transfer(found, organ="县纪委监委", lead="线索"), by=OFFICER)
    ran = rectify("sweep", file, "--at", "2018-06-16T00:00+08:00", "--lang", "zh")
    lines = [[cell.strip() for cell in line.split("│")] for line in ran.stdout.splitlines()]
    assert ["2018年5月23日 00:00", "移送未签收", "HB-1", "签收回执"] in lines
    assert ["2018年6月11日 00:00", "逾期", "明察暗访（第1次）", ""] in lines
    assert ["2018年4月10日 00:00", "逾期", "自查自纠情况及相关表格", "县级"] in lines


def test_a_receipt_and_a_class_as_data(tmp_path: Path) -> None:
    """--json prints what runs for an issue beside its milestones; a unit is named by its code."""
    file = tmp_path / "ledger.db"
    units = tmp_path / "units.csv"
    units.write_text("code,name,level,parent,has_task\n4201,乙县,county,,1\n", "utf-8")
    clock = Clock(datetime(2023, 5, 10, 12, tzinfo=BEIJING))
    facts = finding(area="funds", channel="hotline", found_at=clock.now)
    with Ledger.open(f"sqlite:///{file}", load_campaign(MEALS), clock=clock) as ledger:
        ledger.register(facts, by=OFFICER, issue_id="M-1")
        ledger.classify("M-1", "general", by=OFFICER)
        found = ledger.register(facts, by=OFFICER, issue_id="M-2")
        ledger.apply(Transfer(found, organ="县纪委监委", lead="线索"), by=OFFICER)
    table = rectify(
        *("sweep", file, "--campaign", MEALS, "--units", units),
        *("--at", "2023-10-16T00:00+08:00", "--lang", "zh"),
    )
    cells = [[cell.strip() for cell in line.split("│")] for line in table.stdout.splitlines()]
    assert ["2023年5月20日 00:00", "逾期", "M-1", "一般问题"] in cells
    assert ["逾期", "工作总结", "4201"] in [cell[1:] for cell in cells]
    with Ledger.open(f"sqlite:///{file}", load_campaign(MEALS), clock=clock) as ledger:
        (missing,) = [e for e in ledger.events() if isinstance(e, ReceiptMissing)]
    assert as_data(Swept(missing.at, (missing,)))["events"] == [
        {
            "event": "ReceiptMissing",
            "at": "2023-05-25T16:00:00+00:00",
            "key": missing.key,
            "subject": "M-2",
            "round": 1,
            "unit": "420000",
        }
    ]


def test_an_instant_in_the_future_records_nothing(kept: Path) -> None:
    """What a sweep records stays, so a mistyped year is misuse."""
    result = rectify("sweep", kept, "--at", "2199-06-16T00:00+08:00")
    assert (result.exit_code, "in the future" in result.stderr) == (2, True)
    with Ledger.open(f"sqlite:///{kept}", load_campaign("hubei-2018")) as ledger:
        assert tuple(ledger.events()) == ()


def test_two_campaigns_are_no_versions_of_one() -> None:
    """That they can't be compared is told from that they differ."""
    result = rectify("campaign", "diff", "hubei-2018", str(EXAMPLES / "school-meals.toml"))
    assert (result.exit_code, "two campaigns" in result.stderr) == (2, True)


def test_a_rule_of_a_platform_is_warned_of() -> None:
    """The commands can't open a ledger of such a campaign, and the check says so."""
    result = rectify("campaign", "check", str(EXAMPLES / "land-use.toml"), "--json")
    found = {each["code"]: each["path"] for each in json.loads(result.stdout)["warnings"]}
    assert found["platform-rule"] == "rules.city/two-signatures"


def test_what_the_system_says_is_in_chinese_too(tmp_path: Path) -> None:
    result = rectify("due", "--ics", str(tmp_path / "no" / "due.ics"), "--lang", "zh")
    assert (result.exit_code, "没有这个文件或者目录" in result.stderr) == (1, True)
