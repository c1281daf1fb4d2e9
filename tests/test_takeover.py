"""An existing table with a status column becomes issues with a history, or says why not."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from rectify import (
    AnyIssue,
    Exposed,
    FixedOnTheSpot,
    Found,
    Ledger,
    Reopen,
    Scheduled,
    Verified,
)
from rectify.campaign import Campaign
from rectify.cli.app import run
from rectify.errors import InvalidValue, MappingError, UnknownMove
from rectify.hooks import Applied
from rectify.moves import Import, Register
from rectify.takeover import TakenOver, take_over
from rectify.takeover_mapping import TableMapping, fill, instant_of
from support import BEIJING, OFFICER, Clock, MakeLedger, build

DATA: dict[str, Any] = {
    "table": "problem",
    "status_column": "state",
    "issue_id": "旧-{id}",
    "finding": {
        "title": "{title}",
        "area": "{kind}",
        "channel": "self-inspection",
        "unit": "{unit}",
        "found_at": "{found_on}",
        "amount_yuan": "{amount}",
        "discipline_lead": "{lead}",
        "conduct_from": "{since}",
        "reporter": "{informant}",
    },
    "values": {"area": {"资金管理": "funds"}},
    "status": [
        {"words": ["待整改", "新增"]},
        {
            "words": ["已整改"],
            "move": [
                {
                    "move": "Fix",
                    "at": "{fixed_on}",
                    "by": "{handler}",
                    "unit": "{unit}",
                    "evidence": {"measure": "{measure}"},
                }
            ],
        },
        {
            "words": ["整改中"],
            "move": [
                {
                    "move": "Schedule",
                    "at": "{found_on}",
                    "evidence": {
                        "timetable": {
                            "responsible": "{handler}",
                            "milestones": [
                                {"id": "m1", "title": "完成整改", "due": "{due_on}"},
                            ],
                        }
                    },
                }
            ],
        },
        {
            "words": ["已销号"],
            "move": [
                {
                    "move": "Fix",
                    "at": "{fixed_on}",
                    "by": "{handler}",
                    "evidence": {"measure": "{measure}"},
                },
                {
                    "move": "Verify",
                    "at": "{closed_on}",
                    "by": "{checker}",
                    "evidence": {"conclusion": "rectified", "evidence": "{proof}"},
                },
            ],
        },
    ],
}

ROW: dict[str, object] = {
    "id": 7,
    "state": "待整改",
    "title": "资金滞留",
    "kind": "资金管理",
    "unit": "420100",
    "found_on": date(2018, 3, 1),
    "amount": "12,000.50",
    "lead": "否",
    "since": "",
    "informant": None,
    "fixed_on": "2018年3月1日",
    "measure": "已拨付",
    "handler": "经办甲",
    "due_on": "2018/6/1",
    "closed_on": "2018-04-02 09:30:00",
    "checker": "复核乙",
    "proof": "现场查看",
}


@pytest.fixture
def mapping() -> TableMapping:
    return TableMapping.from_data(DATA)


def _row(**changes: object) -> dict[str, object]:
    return {**ROW, **changes}


def _problems(done: TakenOver) -> str:
    (one,) = done.unexplained
    return " ".join(problem.en for problem in one.problems)


def test_each_status_becomes_its_state_with_a_history_that_says_where_it_was(
    make_ledger: MakeLedger, mapping: TableMapping
) -> None:
    """The first record is an import that names table, row and status; an audit is intact."""
    ledger = make_ledger()
    states = ("待整改", "已整改", "整改中", "已销号")
    rows = [_row(id=number, state=state) for number, state in enumerate(states)]
    done = take_over(ledger, rows, mapping, by=OFFICER)
    assert ("旧-0", "旧-1", "旧-2", "旧-3") == done.taken
    assert [Found, FixedOnTheSpot, Scheduled, Verified] == [type(i) for i in ledger.issues()]
    history = ledger.history("旧-3")
    assert ["Import", "Fix", "Verify"] == [record.move for record in history]
    origin = history[0].evidence["origin"]
    assert ("problem", "3", "已销号") == (origin["table"], origin["row"], origin["status"])
    assert [OFFICER.id, "经办甲", "复核乙"] == [record.by.id for record in history]
    assert datetime(2018, 4, 2, 9, 30, tzinfo=BEIJING) == history[2].at
    assert ledger.audit().intact


def test_a_row_is_read_by_the_types_of_what_it_tells(mapping: TableMapping) -> None:
    """Days, amounts and yes or no, in the forms that tables have them; empty cells are nothing."""
    finding = mapping.finding_of(_row(lead="是", since="2018.1.5"), BEIJING)
    assert date(2018, 1, 5) == finding.conduct_from
    assert finding.discipline_lead
    assert "12000.50" == str(finding.amount_yuan)
    assert "funds" == finding.area
    assert finding.reporter is None
    assert datetime(2018, 3, 1, tzinfo=BEIJING) == finding.found_at


def test_what_happened_on_one_day_keeps_its_order() -> None:
    """A day stands for its first instant, or for that of the step before on the same day."""
    noon = datetime(2018, 3, 1, 12, tzinfo=BEIJING)
    assert noon == instant_of("at", "2018-03-01", BEIJING, noon)
    assert datetime(2018, 3, 2, tzinfo=BEIJING) == instant_of("at", date(2018, 3, 2), BEIJING, noon)
    assert datetime(2018, 2, 1, tzinfo=BEIJING) == instant_of("at", "2018-2-1", BEIJING, noon)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "挂起"}, "has no status “挂起”"),
        ({"state": "已整改", "measure": ""}, "Fix: the evidence lacks: measure"),
        ({"state": "已整改", "fixed_on": None}, "no date"),
        ({"state": "已整改", "fixed_on": "去年"}, "no date"),
        ({"state": "已整改", "fixed_on": "2018-02-30"}, "no date"),
        ({"state": "已整改", "fixed_on": "2018-02-01"}, "before"),
        ({"state": "已整改", "lead": "1"}, "lead"),
        ({"state": "已销号", "checker": "经办甲"}, "经办甲"),
        ({"state": "整改中", "due_on": "2030-01-01"}, "campaign"),
        ({"kind": "其他"}, "area"),
        ({"title": " "}, "title"),
        ({"amount": "约三万"}, "no amount"),
        ({"lead": "也许"}, "neither"),
        ({"found_on": 7}, "no date"),
        ({"found_on": "2030-01-01"}, "after"),
        ({"id": None}, "Origin.row"),
        ({"state": None}, "Origin.status"),
    ],
)
def test_a_row_that_can_t_be_explained_is_listed_and_nothing_of_it_written(
    campaign: Campaign, clock: Clock, mapping: TableMapping, changes: Any, said: str
) -> None:
    """By what is missing, what is no legal move, or which rules refuse it."""
    ledger = Ledger(campaign, clock=clock)
    done = take_over(ledger, [_row(**changes)], mapping, by=OFFICER)
    assert () == done.taken
    assert said in _problems(done)
    assert [] == list(ledger.issues())


def test_a_missing_column_is_named(ledger: Ledger[AnyIssue], mapping: TableMapping) -> None:
    """With those that the table has."""
    row = _row()
    del row["kind"]
    done = take_over(ledger, [row], mapping, by=OFFICER)
    assert "no column “kind”" in _problems(done)
    del row["id"]
    assert "–" == take_over(ledger, [row], mapping, by=OFFICER).unexplained[0].row


def test_it_is_run_again_for_the_rest(make_ledger: MakeLedger, mapping: TableMapping) -> None:
    """Rows taken over before are passed by; those that were mended come in."""
    ledger = make_ledger()
    rows = [_row(id=1), _row(id=2, state="挂起")]
    assert ("旧-1",) == take_over(ledger, rows, mapping, by=OFFICER).taken
    rows[1]["state"] = "已整改"
    done = take_over(ledger, rows, mapping, by=OFFICER)
    assert (("旧-2",), ("旧-1",), ()) == (done.taken, done.there, done.unexplained)
    assert 1 == len(ledger.history("旧-1"))


def test_a_dry_run_says_the_same_and_writes_nothing(
    make_ledger: MakeLedger, mapping: TableMapping
) -> None:
    """What it calls explained is then taken over, and no more."""
    ledger = make_ledger()
    rows = [_row(id=1, state="已销号"), _row(id=2, state="挂起")]
    tried = take_over(ledger, rows, mapping, by=OFFICER, dry_run=True)
    assert [] == list(ledger.issues())
    assert tried == take_over(ledger, rows, mapping, by=OFFICER)


def test_no_hook_runs_for_what_is_history(make_ledger: MakeLedger, mapping: TableMapping) -> None:
    """The commission is not told again of what it was told years ago."""
    ledger = make_ledger()

    @ledger.after(Register, name="receipt")
    def receipt(applied: Applied[Register]) -> None:
        raise AssertionError

    take_over(ledger, [_row()], mapping, by=OFFICER)
    assert () == ledger.deliveries()
    reopened = ledger.register(_finding(ledger), by=OFFICER)
    assert [reopened.id] == [delivery.issue_id for delivery in ledger.deliveries()]


def _finding(ledger: Ledger[AnyIssue]) -> Any:
    (issue,) = ledger.issues()
    return attrs.evolve(issue.finding, title="新问题")


def test_an_id_of_another_issue_is_told(ledger: Ledger[AnyIssue], mapping: TableMapping) -> None:
    """Registered here, or taken over from another row."""
    take_over(ledger, [_row(id=1)], mapping, by=OFFICER)
    other = attrs.evolve(mapping, table="other")
    assert "旧-1" in _problems(take_over(ledger, [_row(id=1)], other, by=OFFICER))
    ledger.register(_finding(ledger), by=OFFICER, issue_id="旧-9")
    assert "旧-9" in _problems(take_over(ledger, [_row(id=9)], mapping, by=OFFICER))
    twice = take_over(ledger, [_row(id=3), _row(id=3)], mapping, by=OFFICER)
    assert (("旧-3",), 1) == (twice.taken, len(twice.unexplained))


def test_a_second_row_of_an_id_is_never_explained(
    make_ledger: MakeLedger, mapping: TableMapping
) -> None:
    """Nor when the first was taken over before, or can't be explained itself."""
    ledger = make_ledger()
    rows = [_row(id=1), _row(id=1, title="另一问题"), _row(id=2, state="挂起"), _row(id=2)]
    first = take_over(ledger, rows, mapping, by=OFFICER)
    again = take_over(ledger, rows, mapping, by=OFFICER)
    assert (("旧-1",), (), ("旧-1",)) == (first.taken, first.there, again.there)
    assert [["1", "2", "2"]] * 2 == [[each.row for each in d.unexplained] for d in (first, again)]
    assert "a row before it" in first.unexplained[0].problems[0].en


def test_a_row_may_be_merged_into_a_later_one(
    ledger: Ledger[AnyIssue], mapping: TableMapping
) -> None:
    """The order of the rows does not decide what can be explained."""
    merged = {
        "words": ["并案"],
        "move": [
            {"move": "Fix", "at": "{fixed_on}", "by": "甲", "evidence": {"measure": "{measure}"}},
            {
                "move": "Verify",
                "at": "{closed_on}",
                "by": "乙",
                "evidence": {"conclusion": "merged", "evidence": "并案处理", "merged_into": "旧-2"},
            },
        ],
    }
    mapping = TableMapping.from_data({**DATA, "status": [*DATA["status"], merged]})
    done = take_over(ledger, [_row(id=1, state="并案"), _row(id=2)], mapping, by=OFFICER)
    assert ("旧-2", "旧-1") == done.taken


def test_the_reporter_is_sealed_and_in_no_problem(
    ledger: Ledger[AnyIssue], mapping: TableMapping
) -> None:
    """Wherever the table had it, also where the mapping reads it for something else."""
    row = _row(informant="举报人某某13900000000", state="挂起")
    done = take_over(ledger, [row], mapping, by=OFFICER)
    assert "举报人" not in repr(done)
    wrong = TableMapping.from_data(
        {
            **DATA,
            "finding": {**DATA["finding"], "found_at": "{informant}", "amount_yuan": "{informant}"},
        }
    )
    assert "举报人" not in repr(take_over(ledger, [row], wrong, by=OFFICER).unexplained)
    take_over(ledger, [_row(informant="举报人某某")], mapping, by=OFFICER)
    (issue,) = ledger.issues()
    assert "<sealed>" == str(issue.finding.reporter)
    assert "举报人" not in ledger.history(issue.id)[0].body


def test_a_mapping_that_is_wrong_is_told_with_every_problem(ledger: Ledger[AnyIssue]) -> None:
    """Unknown keys and fields, missing ones, a status said twice, a move that is none."""
    wrong = {
        "table": "problem",
        "colour": 1,
        "finding": {"title": "{title}", "hue": "x"},
        "status": [{"words": ["甲"]}, {"words": ["甲"], "move": [{"at": "{x}"}]}],
    }
    with pytest.raises(MappingError) as caught:
        TableMapping.from_data(wrong)
    paths = {path for path, _ in caught.value.problems}
    assert {"colour", "status_column", "finding.hue", "status", "status[1].move[0].move"} == paths
    unknown = {**DATA, "status": [{"words": ["甲"], "move": [{"move": "Tie", "at": "{found_on}"}]}]}
    with pytest.raises(UnknownMove, match="Tie"):
        take_over(ledger, [], TableMapping.from_data(unknown), by=OFFICER)


def test_a_mapping_is_read_from_toml(tmp_path: Path) -> None:
    """What is no TOML, not there or endless is told."""
    file = tmp_path / "mapping.toml"
    for content, said in ((b"\xff", "TOML"), (b"a = ", "TOML"), (b"#" * 2**20 + b"#", "TOML")):
        file.write_bytes(content)
        with pytest.raises(MappingError, match=said):
            TableMapping.from_toml(file)
    with pytest.raises(MappingError, match="can't be read"):
        TableMapping.from_toml(tmp_path)


def test_values_are_filled_in_as_they_are() -> None:
    """One column keeps its type; text around it makes text; what is empty is left out."""
    row = {"n": 3, "empty": "", "text": " 甲 "}
    assert 3 == fill("{n}", row)
    assert "旧-3甲" == fill("旧-{n}{text}", row)
    assert fill("{empty}", row) is None
    assert fill("旧-{empty}", row) is None
    assert {"a": [3], "c": True} == fill({"a": ["{n}", "{empty}"], "b": "{empty}", "c": True}, row)
    with pytest.raises(InvalidValue, match="no column “gone”"):
        fill("{gone}", row)


def test_an_imported_issue_goes_on_as_any(make_ledger: MakeLedger, mapping: TableMapping) -> None:
    """It is reopened, and opened again by another program it replays."""
    ledger = make_ledger()
    take_over(ledger, [_row(state="已销号")], mapping, by=OFFICER)
    (issue,) = ledger.issues(Verified)
    ledger.apply(build(Reopen, issue), by=OFFICER)
    again = make_ledger()
    assert [Scheduled] == [type(one) for one in again.issues()]
    assert again.audit().intact
    assert Exposed not in {type(one) for one in again.issues()}
    assert Import.__name__ == again.history(issue.id)[0].move


def test_the_command_takes_a_csv_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tried first, then taken over; what is left is in a table, and the exit status says so."""
    table, mapping, ledger = (tmp_path / name for name in ("t.csv", "m.toml", "l.db"))
    with table.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(ROW))
        writer.writeheader()
        writer.writerow(_row(id=1, state="已整改"))
        writer.writerow(_row(id=2, state="挂起"))
    mapping.write_text(_TOML, encoding="utf-8")
    call = [
        "adopt",
        str(ledger),
        str(table),
        "--mapping",
        str(mapping),
        "--by",
        "甲",
        "--unit",
        "420000",
    ]
    assert 1 == run([*call, "--dry-run", "--lang", "zh"])
    assert not ledger.exists()
    assert "挂起" in capsys.readouterr().out
    assert 1 == run([*call, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (["旧-1"], "2") == (said["taken"], said["unexplained"][0]["row"])
    assert 1 == run([*call, "--dry-run", "--lang", "en"])
    assert "there already: 1" in capsys.readouterr().out
    assert 0 == run(["audit", str(ledger)])


_TOML = """
table = "problem"
status_column = "state"
issue_id = "旧-{id}"

[finding]
title = "{title}"
area = "{kind}"
channel = "self-inspection"
unit = "{unit}"
found_at = "{found_on}"

[values.area]
"资金管理" = "funds"

[[status]]
words = ["已整改"]

[[status.move]]
move = "Fix"
at = "{fixed_on}"
by = "{handler}"
evidence.measure = "{measure}"
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'id,state\n"1,2\n', "line 2: this is not CSV"),
        (b'"id', "line 1: this is not CSV"),
        (b"", "no rows"),
        (b"id,state\n", "no rows"),
        (b"\xff\xff\xff", "UTF-8"),
    ],
)
def test_a_table_that_can_t_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    """With the line; nothing is written."""
    table, mapping, ledger = (tmp_path / name for name in ("t.csv", "m.toml", "l.db"))
    table.write_bytes(content)
    mapping.write_text(_TOML, encoding="utf-8")
    call = [
        "adopt",
        str(ledger),
        str(table),
        "--mapping",
        str(mapping),
        "--by",
        "甲",
        "--unit",
        "420000",
    ]
    assert 2 == run([*call, "--lang", "en"])
    told = " ".join(capsys.readouterr().err.split())
    assert (True, True, False) == ("t.csv" in told, said in told, "mapping" in told)
    assert not ledger.exists()


def test_a_torn_row_is_left_and_the_rest_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row with more or fewer cells than the header is one of those that can't be explained."""
    table, mapping, ledger = (tmp_path / name for name in ("t.csv", "m.toml", "l.db"))
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(ROW))
        writer.writeheader()
        file.write("1,2\r\n")
        writer.writerow(_row(id=1, state="已整改"))
        file.write("," * len(ROW) + "\r\n")
    mapping.write_text(_TOML, encoding="utf-8")
    call = ["adopt", str(ledger), str(table), "--mapping", str(mapping)]
    assert 1 == run([*call, "--by", "甲", "--unit", "420000", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert ["旧-1"] == said["taken"]
    problems = [each["problems"][0]["en"] for each in said["unexplained"]]
    assert [True, True] == [
        told in problem for told, problem in zip(("line 2: ", "line 4: "), problems, strict=True)
    ]
