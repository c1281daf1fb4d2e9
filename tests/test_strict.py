"""Untyped data into a shape: strict, and every problem at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import pytest

from rectify.strict import Between, Line, Matches, Problems, path_text, read_shape


@attrs.frozen(kw_only=True)
class Wheel:
    """A part of the shape."""

    size: Annotated[int, Between(1, 30)]
    kind: Literal["front", "rear"] = "front"


@attrs.frozen(kw_only=True)
class Bike:
    """A shape with every kind of field."""

    name: Annotated[str, Line(10)]
    is_old: bool = False
    id: Annotated[str, Matches(r"[a-z]+", "red")] | None = None
    main: Wheel | None = None
    wheels: tuple[Wheel, ...] = ()
    tags: Mapping[Annotated[str, Matches(r"[a-z]+", "red")], int] = attrs.field(
        factory=dict[str, int]
    )


def read(data: Mapping[str, object]) -> tuple[Bike, dict[str, str]]:
    problems: Problems = []
    bike = read_shape(data, Bike, problems)
    return bike, {path_text(path): problem.en for path, problem in problems}


def test_what_fits_is_read_as_it_is() -> None:
    data = {
        "name": "a",
        "is_old": True,
        "id": "x",
        "main": {"size": 2},
        "wheels": [{"size": 3, "kind": "rear"}],
        "tags": {"a": 1},
    }
    expected = Bike(
        name="a",
        is_old=True,
        id="x",
        main=Wheel(size=2),
        wheels=(Wheel(size=3, kind="rear"),),
        tags={"a": 1},
    )
    assert (expected, {}) == read(data)
    assert (Bike(name="a"), {}) == read({"name": "a"})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "a whole number"),
        (True, "true or false"),
        (1.5, "a decimal number"),
        ([], "an array"),
        ({}, "a table"),
        (dt.date(2018, 1, 1), "a date or time"),
    ],
)
def test_nothing_is_taken_for_text_but_text(value: object, kind: str) -> None:
    bike, problems = read({"name": value})
    assert {"name": f"text is expected, this is {kind}"} == problems
    assert not bike.name


@pytest.mark.parametrize(
    ("data", "path", "problem"),
    [
        ({"is_old": 1}, "is_old", "true or false is expected, this is a whole number"),
        ({"is_old": "yes"}, "is_old", "true or false is expected, this is text"),
        ({"main": {"size": "10"}}, "main.size", "a whole number is expected, this is text"),
        (
            {"main": {"size": True}},
            "main.size",
            "a whole number is expected, this is true or false",
        ),
        ({"main": {"size": 31}}, "main.size", "the number is not from 1 to 30"),
        ({"main": {}}, "main.size", "the key is missing"),
        ({"main": []}, "main", "a table is expected, this is an array"),
        ({"wheels": {}}, "wheels", "an array is expected, this is a table"),
        ({"wheels": [1]}, "wheels[0]", "a table is expected, this is a whole number"),
        (
            {"wheels": [{"size": 1, "kind": "up"}]},
            "wheels[0].kind",
            "“up” is not one of: front, rear",
        ),
        (
            {"wheels": [{"size": 1, "kind": 1}]},
            "wheels[0].kind",
            "one of front, rear is expected, this is a whole number",
        ),
        ({"id": "A"}, "id", "“A” is not of the form of “red”"),
        ({"id": "a\n"}, "id", "“a�” is not of the form of “red”"),
        ({"tags": {"é\x1b": 1}}, 'tags."é�"', "“é�” is not of the form of “red”"),
        ({"main": {"size": 10**5000}}, "main.size", "the number is not from 1 to 30"),
        ({"tags": []}, "tags", "a table is expected, this is an array"),
        ({"tags": {"A": 1}}, "tags.A", "“A” is not of the form of “red”"),
        ({"tags": {"a": "1"}}, "tags.a", "a whole number is expected, this is text"),
        ({"name": " "}, "name", "the text is empty"),
        ({"name": "a\tb"}, "name", "the text holds a line break or another control character"),
        ({"name": "x" * 11}, "name", "the text is longer than 10"),
        (
            {"colour": 1},
            "colour",
            "the library knows no key “colour” here; keys: name, is_old, id, main, wheels, tags",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(
    data: dict[str, object], path: str, problem: str
) -> None:
    assert {path: problem} == read({"name": "a", **data})[1]


def test_every_problem_is_found_at_once() -> None:
    data = {"is_old": 1, "main": 2, "wheels": [{"size": 99}, {"kind": "x"}], "more": 3}
    expected = {"more", "name", "is_old", "main", "wheels[0].size", "wheels[1].size"}
    assert expected | {"wheels[1].kind"} == set(read(data)[1])
