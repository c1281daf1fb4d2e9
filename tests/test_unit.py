"""Units, their tree, and the table they are read from."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from rectify import unit_table
from rectify.errors import CampaignError, InvalidValue, UnitsError
from rectify.unit import LEVEL_WORDS, LEVELS, Unit, UnitTree

HEADER = "code,name,level,parent,has_task,member,poor\n"
TABLE = HEADER + (
    "420000,某省,province,,true,false,false\n"
    "420100,甲市,市(州),420000,1,0,0\n"
    "420200,乙市,city,420000,否,否,否\n"
    "420101,甲县,县,420100,是,否,是\n"
    "420101001,甲村,村,420101,yes,no,yes\n"
    "D01,某厅,成员单位,,否,是,否\n"
)


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "units.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(folder: Path, content: str | bytes) -> dict[str, str]:
    """What is wrong with a table: the English text by the place."""
    with pytest.raises(UnitsError) as caught:
        UnitTree.from_csv(write(folder, content))
    return {path: problem.en for path, problem in caught.value.problems}


@pytest.fixture
def tree(tmp_path: Path) -> UnitTree:
    return UnitTree.from_csv(write(tmp_path, TABLE))


def test_a_table_is_read_with_levels_and_truth_in_either_language(tree: UnitTree) -> None:
    expected = Unit("420101", "甲县", "county", "420100", has_task=True, poor=True)
    assert expected == tree["420101"]
    assert 6 == len(tree)
    assert ["420000", "420100", "420200", "420101", "420101001", "D01"] == [
        unit.code for unit in tree
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("420100", True),
        ("420200", False),
        ("420101001", True),
        ("D01", True),
        ("999999", False),
    ],
)
def test_only_units_with_a_task_and_member_units_are_in_scope(
    tree: UnitTree, code: str, expected: bool
) -> None:
    assert expected == tree.in_scope(code)


def test_the_tree_is_walked_up_and_down(tree: UnitTree) -> None:
    assert ["420101", "420100", "420000"] == [unit.code for unit in tree.ancestors("420101001")]
    assert ["420100", "420200"] == [unit.code for unit in tree.children("420000")]
    assert ["420000", "D01"] == [unit.code for unit in tree.children()]
    assert ["420100", "420101", "420101001", "420200"] == [
        unit.code for unit in tree.descendants("420000")
    ]
    assert [] == list(tree.descendants("D01"))
    assert ["420100", "420200"] == [unit.code for unit in tree.by_level("市州")]


def test_lookups_of_what_is_not_there_say_so(tree: UnitTree) -> None:
    assert "420100" in tree
    assert "x" not in tree
    assert tree.get("x") is None
    for look_up in (lambda: tree["x"], lambda: tree.children("x"), lambda: tree.ancestors("x")):
        with pytest.raises(InvalidValue, match="no unit has the code x"):
            look_up()
    with pytest.raises(InvalidValue, match="no level “planet”"):
        tree.by_level("planet")


def test_every_level_has_words() -> None:
    assert set(LEVELS) == set(LEVEL_WORDS)


def test_a_tree_is_compared_hashed_and_pickled_by_its_units(tree: UnitTree) -> None:
    copy = pickle.loads(pickle.dumps(tree))
    assert tree == copy
    assert hash(tree) == hash(copy)
    assert tree["D01"] == copy["D01"]


def test_a_unit_refuses_a_code_or_level_that_can_not_be() -> None:
    for code in ("", " x", "a\nb", "x" * 65):
        with pytest.raises(InvalidValue, match="a code is 1 to 64 printable characters"):
            Unit(code, "某村", "village")
    with pytest.raises(InvalidValue, match="no level"):
        Unit("1", "某地", "galaxy")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    tree = UnitTree.from_csv(write(tmp_path, TABLE.encode(encoding)))
    assert "甲市" == tree["420100"].name


def test_columns_may_be_named_in_chinese_and_come_in_any_order(tmp_path: Path) -> None:
    table = "名称,代码,上级代码,层级,有脱贫攻坚任务\r\n某省,42,,省,是\r\n\r\n"
    tree = UnitTree.from_csv(write(tmp_path, table))
    assert (Unit("42", "某省", "province", has_task=True),) == tree.units


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    table = HEADER + (
        "1,甲,city,,maybe,,\n"
        "1,乙,county,9,1,0,0\n"
        ",,moon,,1,0,0\n"
        "2,丙,village,1,1\n"
        "3,丁,village,1,1,0,0\n"
        "4,戊,county,3,1,0,0\n"
        "3,己,village,,1,0,0\n"
    )
    expected = {
        "2:has_task": "“maybe” is neither 是 nor 否 (true, false)",
        "3:parent": "no unit has the code 9",
        "4:name": "the name is missing",
        "4:code": "a code is 1 to 64 printable characters, not “”",
        "4:level": "no level “moon”; levels: " + ", ".join(LEVELS),
        "5": "7 cells expected, 5 found",
        "7:parent": "3 (village level) can't be above 4 (county level)",
        "8:code": "3 is there already, in line 6",
    }
    assert expected == problems(tmp_path, table)


def test_a_child_of_a_row_that_is_refused_is_not_blamed(tmp_path: Path) -> None:
    table = HEADER + "1,,city,,1,0,0\n2,乙,county,1,1,0,0\n"
    assert {"2:name": "the name is missing"} == problems(tmp_path, table)


def test_no_control_character_reaches_a_message(tmp_path: Path) -> None:
    table = (
        HEADER + "1,甲,city,\x1b[31m,1,0,0\n2,乙,\x1b,,1,0,0\n" + f"3,丙,city,{'9' * 99},1,0,0\n"
    )
    found = problems(tmp_path, table)
    assert "no unit has the code �[31m" == found["2:parent"]
    assert f"no unit has the code {'9' * 80}…" == found["4:parent"]
    assert all(text.isprintable() for text in found.values())


def test_each_circle_is_reported_once(tmp_path: Path) -> None:
    table = HEADER + (
        "1,甲,city,2,1,0,0\n2,乙,city,1,1,0,0\n3,丙,city,3,1,0,0\n4,丁,city,1,1,0,0\n"
    )
    expected = {"2:parent": "a circle: 1 → 2 → 1", "4:parent": "a circle: 3 → 3"}
    assert expected == problems(tmp_path, table)


def test_departments_hang_anywhere_but_places_not_below_them(tmp_path: Path) -> None:
    table = HEADER + "1,村,village,,1,0,0\n2,站,department,1,1,0,0\n3,镇,township,2,1,0,0\n"
    expected = {"4:parent": "2 (departments) can't be above 3 (township level)"}
    assert expected == problems(tmp_path, table)


def test_a_header_is_read_strictly(tmp_path: Path) -> None:
    expected = {
        "1": "no column “color”; columns: code, name, level, parent, has_task, member, poor",
        "1:code": "the column is there twice",
        "1:parent": "the column is missing",
        "1:has_task": "the column is missing",
    }
    assert expected == problems(tmp_path, "code,name,level,color,代码\n")
    assert {"1:code", "1:name", "1:level", "1:parent", "1:has_task"} == set(problems(tmp_path, ""))


def test_lines_are_counted_over_quoted_line_breaks(tmp_path: Path) -> None:
    table = HEADER + '1,"甲\n市",city,,1,0,0\n2,乙,county,9,1,0,0\n'
    assert {"4:parent": "no unit has the code 9"} == problems(tmp_path, table)


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, HEADER + '1,"甲"x,city,,1,0,0\n')
    assert ["2"] == list(found)
    assert found["2"].startswith("this is not CSV: ")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    source = str(tmp_path / "units.csv")
    assert {"": "the text is neither UTF-8 nor GB18030"} == problems(tmp_path, b"\xff\xfe\x31\x00")
    with pytest.raises(UnitsError, match=r"the table of units .* has 1 problem") as caught:
        UnitTree.from_csv(source)
    assert source == caught.value.source
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), CampaignError)


def test_a_table_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_table, "bytes_max", 10)
    assert {"": "the file is larger than 10 bytes"} == problems(tmp_path, TABLE)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path, "this is not a file"),
        (tmp_path / "none.csv", "the file can't be read: No such file or directory"),
        ("a\0b", "the file can't be read: "),
        ("/dev/null" if os.path.exists("/dev/null") else tmp_path, "this is not a file"),
    ):
        with pytest.raises(UnitsError) as caught:
            UnitTree.from_csv(path)
        assert caught.value.problems[0][1].en.startswith(reason)


def test_units_given_directly_must_be_a_tree_too() -> None:
    with pytest.raises(UnitsError, match="no unit has the code 9"):
        UnitTree([Unit("1", "甲", "city", "9")])
    assert "UnitTree(units=<0>)" == repr(UnitTree(()))
