"""Where keys stand in a TOML text."""

from __future__ import annotations

import tomllib
from pathlib import Path as File
from typing import cast

import pytest

from rectify.campaign.toml_lines import Path, locate, nearest

ROOT = File(__file__).parents[1]
TEXT = '''# a comment
id = "x" # comment [y]
a.b = """
text " [
"""
"q k" = 'x#y'
[rule.area-unknown]
words = "a\\"b"
[[duty]]
id = "d"
list = [
  1, # [
  2, ]
[[duty.level]]
level="x"
[[duty]]
  id = { a = 1, b = [2] }
[[duty.level]]
[[duty.level]]
z = """a\\"""b"""
w = \'\'\'c'd]\'\'\'  # end'''


def test_every_key_is_placed_by_line_and_column() -> None:
    tomllib.loads(TEXT)
    expected: dict[Path, tuple[int, int]] = {
        ("id",): (2, 1),
        ("a",): (3, 1),
        ("a", "b"): (3, 1),
        ("q k",): (6, 1),
        ("rule", "area-unknown"): (7, 1),
        ("rule", "area-unknown", "words"): (8, 1),
        ("duty", 0): (9, 1),
        ("duty", 0, "id"): (10, 1),
        ("duty", 0, "list"): (11, 1),
        ("duty", 0, "level", 0): (14, 1),
        ("duty", 0, "level", 0, "level"): (15, 1),
        ("duty", 1): (16, 1),
        ("duty", 1, "id"): (17, 3),
        ("duty", 1, "level", 0): (18, 1),
        ("duty", 1, "level", 1): (19, 1),
        ("duty", 1, "level", 1, "z"): (20, 1),
        ("duty", 1, "level", 1, "w"): (21, 1),
    }
    assert expected == locate(TEXT)


def test_a_path_that_is_not_written_is_placed_by_what_holds_it() -> None:
    places = locate(TEXT)
    assert (9, 1) == nearest(places, ("duty", 0, "due"))
    assert (17, 3) == nearest(places, ("duty", 1, "id", "b", 0))
    assert nearest(places, ("nothing",)) is None


def test_a_text_may_end_in_the_middle_of_a_line() -> None:
    assert {("a",): (1, 1)} == locate("a = 1 # x")
    assert {("a",): (1, 1)} == locate("a = 1")
    assert {} == locate("")


def paths_of(value: object, path: Path = ()) -> set[Path]:
    """The paths of every table and key, down to inline tables and plain arrays."""
    found: set[Path] = set()
    if isinstance(value, dict):
        for key, each in cast("dict[str, object]", value).items():
            found |= {(*path, key), *paths_of(each, (*path, key))}
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for at, each in enumerate(cast("list[object]", value)):
            found |= {(*path, at), *paths_of(each, (*path, at))}
    return found


@pytest.mark.parametrize("file", sorted((ROOT / "src/rectify").rglob("*.toml")), ids=str)
def test_in_the_shipped_files_all_that_is_placed_is_there(file: File) -> None:
    text = file.read_text("utf-8")
    placed = set(locate(text))
    assert placed
    assert set() == placed - paths_of(tomllib.loads(text))
