"""``rectify due``: the table, the data and the calendar of what is due, and bad input."""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from rectify import (
    Actor,
    Finding,
    Ledger,
    Milestone,
    Schedule,
    Timetable,
    Transfer,
    load_campaign,
)
from rectify.cli import main

ROOT = Path(__file__).parents[1]
UNITS = """代码,名称,层级,上级代码,有脱贫攻坚任务,成员单位,贫困
42,某省,省,,是,否,否
4201,甲市,市州,42,是,否,否
420101,甲县,县,4201,是,否,是
420101001,丑村,村,420101,是,否,是
"""
BY = Actor(id="经办员", unit="4201")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for no language or width."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def due(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    words = ["due", *(str(each) for each in arguments)]

    @click.command()
    def entry() -> None:
        sys.exit(main(words))

    return CliRunner().invoke(entry)


def data(*arguments: str | Path) -> dict[str, Any]:
    result = due(*arguments, "--json")
    assert (0, "") == (result.exit_code, result.stderr)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    file = tmp_path / "units.csv"
    file.write_text(UNITS, "utf-8")
    return file


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with a scheduled issue and a transferred one."""
    file = tmp_path / "ledger.db"
    at = datetime(2018, 3, 5, 4, tzinfo=UTC)
    with Ledger.open(f"sqlite:///{file}", load_campaign("hubei-2018")) as opened:
        for number in (1, 2):
            finding = Finding(
                title="项目台账不齐全",
                area="funds/records-incomplete",
                channel="self-inspection",
                unit="4201",
                found_at=at,
            )
            found = opened.register(finding, by=BY, at=at, issue_id=f"HB-{number}")
            if number == 1:
                plan = Timetable((Milestone("m1", "补齐台账", date(2018, 4, 8)),), "所长")
                opened.apply(Schedule(found, plan), by=BY, at=at)
            else:
                opened.apply(Transfer(found, "市纪委监委", "涉嫌违纪"), by=BY, at=at)
    return file


# What it prints.


def test_the_table_says_what_is_due_whose_and_to_whom(units: Path, ledger: Path) -> None:
    result = due(
        "--units", units, "--ledger", ledger, "--on", "2018-04-09", "--until", "2018-04-30",
        "--lang", "zh",
    )  # fmt: skip
    assert (0, "") == (result.exit_code, result.stderr)
    rows = [
        [cell.strip() for cell in line.split("│")]
        for line in result.stdout.splitlines()
        if "│" in line
    ]
    assert [
        ["2017年12月31日", "逾期99天", "甲市", "省扶贫攻坚领导小组办公室"],
        ["2018年4月8日", "逾期1天", "甲市", "–"],
        ["2018年4月9日", "临期", "甲市", "省专项治理工作专班"],
        ["2018年4月9日", "临期", "甲县", "省专项治理工作专班"],
        ["–", "未定期限", "甲市", "–"],
    ] == [[when, where, who, to] for when, where, _, who, to in rows if where]
    head = result.stdout.splitlines()[0]
    assert "湖北省扶贫领域作风问题专项治理（2018年4月9日）：逾期2项，临期2项，共5项" == head
    assert "问题HB-1：补齐台账" in result.stdout
    assert "丑村" not in result.stdout


def test_without_units_and_ledger_it_shows_the_duties_of_each_level() -> None:
    result = due("--on", "2018-04-08", "--until", "2018-04-30")
    assert (0, "") == (result.exit_code, result.stderr)
    head = result.stdout.splitlines()[0]
    assert head.endswith("8 April 2018: overdue: 2, due soon: 3, entries in all: 5")
    for words in ("31 December 2017", "overdue, days: 98", "due soon", "county level", "whose"):
        assert words in result.stdout


def test_an_hour_of_the_day_is_shown() -> None:
    campaign = ROOT / "examples" / "campaigns" / "formalism-county.toml"
    result = due("--campaign", campaign, "--on", "2019-04-01", "--until", "2019-04-12")
    assert "10 April 2019, 17:00" in result.stdout
    result = due("--campaign", campaign, "--on", "2019-04-10", "--until", "2019-04-10")
    assert "10 April 2019, 17:00 │ overdue " in result.stdout


def test_explain_tells_each_step_of_each_date() -> None:
    result = due("--on", "2018-09-29", "--until", "2018-09-30", "--explain", "--lang", "zh")
    wanted = """\
[临期]督查检查情况书面报告，责任单位：市级，报送：省专项治理工作专班（四·第二阶段）。
  “2018年9月31日前”：截止时间为2018年9月30日（星期日）24时（北京时间）。
    1.“2018年9月31日”按2018年9月30日办理。
    注：“2018年9月31日”并不存在，当月末日为2018年9月30日，以该日为准。
    注：2018年9月30日（星期日）上班（国庆节调休上班，国办发明电〔2017〕12号）。
"""
    assert wanted in result.stdout
    assert "[逾期173天]自查自纠情况及相关表格，责任单位：县级" in result.stdout


def test_nothing_due_is_said_in_a_line(tmp_path: Path) -> None:
    result = due("--on", "2017-12-01", "--until", "2017-12-02", "--explain")
    assert (0, 1) == (result.exit_code, len(result.stdout.splitlines()))
    assert "entries in all: 0" in result.stdout


def test_json_holds_every_entry_with_its_derivation(ledger: Path) -> None:
    found = data("--ledger", ledger, "--on", "2018-04-09", "--until", "2018-04-30")
    assert ("hubei-2018", "2018-04-09", "2018-04-30") == (
        found["campaign"],
        found["on"],
        found["until"],
    )
    milestone = next(each for each in found["entries"] if each["kind"] == "milestone")
    due_date = milestone.pop("due")
    assert {
        "key": "milestone/HB-1/1/m1",
        "kind": "milestone",
        "zh": "问题HB-1：补齐台账",
        "en": "issue HB-1: 补齐台账",
        "standing": "overdue",
        "days_late": 1,
        "unit": "4201",
        "who": "4201",
        "to": None,
        "clause": None,
    } == milestone
    assert ("2018-04-08", ["timetable", "ends"]) == (
        due_date["effective"],
        [step["code"] for step in due_date["steps"]],
    )
    last = found["entries"][-1]
    assert ("transfer/HB-2/1", "warning", None) == (last["key"], last["standing"], last["due"])
    first = found["entries"][0]
    assert ("市级", "2018-01-01T00:00:00+08:00") == (first["who"], first["due"]["ends_at"])


def test_json_explains_where_it_is_asked_to() -> None:
    found = data("--on", "2018-04-09", "--explain")
    assert found["until"] is None
    assert all({"zh", "en"} == set(each["explanation"]) for each in found["entries"])
    assert found["entries"][0]["explanation"]["zh"].startswith("工作方案")


def test_the_day_is_today_in_the_zone_of_the_campaign_unless_given() -> None:
    before = datetime.now(load_campaign("hubei-2018").zone).date().isoformat()
    found = data()
    after = datetime.now(load_campaign("hubei-2018").zone).date().isoformat()
    assert before <= found["on"] <= after


# The calendar.


def test_the_calendar_is_written_and_read_back(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "due.ics"
    result = due("--ledger", ledger, "--on", "2018-04-09", "--ics", file, "--lang", "zh")
    events: Any = Calendar.from_ical(file.read_bytes()).subcomponents
    assert (0, 19) == (result.exit_code, len(events))
    assert result.stdout.endswith("due.ics：已写入日历事项19项\n")
    assert "问题HB-1：补齐台账（4201）" in {str(event["SUMMARY"]) for event in events}
    found = data("--on", "2018-04-09", "--until", "2018-04-09", "--ics", file)
    assert 5 == len(found["entries"])
    events = Calendar.from_ical(file.read_bytes()).subcomponents
    assert "自查自纠情况及相关表格（县级）" in {str(event["SUMMARY"]) for event in events}


def test_the_calendar_takes_away_what_is_done(ledger: Path, tmp_path: Path) -> None:
    """A milestone that was met is cancelled in the file, and not in the table."""
    with Ledger.open(f"sqlite:///{ledger}", load_campaign("hubei-2018")) as kept:
        kept.submit(
            "final-report/-/-city", by=Actor(id="clerk-3", unit="4201"), document_hash="0a" * 32
        )
    file = tmp_path / "due.ics"
    found = data("--ledger", ledger, "--on", "2030-04-09", "--ics", file)
    assert {entry["standing"] for entry in found["entries"]} == {"overdue", "warning"}
    events: Any = Calendar.from_ical(file.read_bytes()).subcomponents
    cancelled = [str(e["SUMMARY"]) for e in events if str(e["STATUS"]) == "CANCELLED"]
    assert "专项治理工作、问题整改落实、建章立制情况书面报告（市级）" in cancelled


def test_without_icalendar_it_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "due.ics"
    with patch.dict(sys.modules, {"icalendar": None}):
        result = due("--on", "2018-04-09", "--ics", file)
    assert (2, False) == (result.exit_code, file.exists())
    assert "error: icalendar is not installed; install rectify[ics]\n" == result.stderr


# Bad input.


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--on", "2018-02-30"], 2, "“2018-02-30” is not a date such as 2018-04-09"),
        (["--on", "soon"], 2, "“soon” is not a date such as 2018-04-09"),
        (["--until", "2018年4月9日"], 2, "is not a date such as 2018-04-09"),
        (["--on", "0800-01-01"], 1, "out of all reason"),
        (["--campaign", "no-such"], 2, "no-such"),
        (["--ledger", "no-such.db"], 2, "no-such.db"),
        (["--units", "no-such.csv"], 1, "no-such.csv"),
        (["--ics", "no-such/folder/due.ics"], 1, "no-such/folder/due.ics"),
        (["--campaign", "{eldercare}"], 1, "give a day up to which to look"),
        (["--day", "2018-04-09"], 2, "--day"),
    ],
)
def test_bad_input_is_answered_in_words(arguments: list[str], status: int, said: str) -> None:
    eldercare = str(ROOT / "examples" / "campaigns" / "eldercare.toml")
    result = due(*(each.format(eldercare=eldercare) for each in arguments))
    assert (status, True, False) == (
        result.exit_code,
        said in result.stderr,
        "Traceback" in result.output,
    )


@pytest.mark.parametrize("column", ["body = '{'", "body = '{}'"])
def test_a_damaged_ledger_is_answered_in_words(column: str, ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute(f"UPDATE rectify_issue SET {column}")
    connection.close()
    result = due("--ledger", ledger, "--on", "2018-04-09")
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("error: ")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rectify_issue SET state = 'Nowhere' WHERE state = 'Transferred'",
        "UPDATE rectify_record SET body = replace(body, '\"Schedule\"', '\"Nothing\"')",
    ],
)
def test_what_the_lifecycle_does_not_know_is_left_out_and_told(
    change: str, ledger: Path, tmp_path: Path
) -> None:
    """One issue of a state or move of another lifecycle does not hide what the rest make due."""
    with sqlite3.connect(ledger) as connection:
        connection.execute("DROP TRIGGER rectify_record_no_update")
        connection.execute(change)
    connection.close()
    arguments = ("--ledger", ledger, "--on", "2018-04-09", "--ics", tmp_path / "due.ics")
    for form in ((), ("--json",)):
        result = due(*arguments, *form, "--lang", "en")
        assert (1, True) == (result.exit_code, "HB-1" in result.stdout)
        assert result.stderr.startswith("left out are issues that can't be read: no ")
