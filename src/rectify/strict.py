"""Untyped data into a shape, strictly: every problem at once, each with its path.

A shape is a frozen attrs class whose fields are strings, whole numbers, booleans,
`Literal` choices, other shapes, tuples of these, or mappings by name; `Annotated` adds
a mark that bounds a value. Nothing is coerced. What is wrong becomes a problem and an
empty value of its type (``""``, ``0``, ``()``), so that later checks can still look at
the rest; whoever reads must not use the result if there are problems.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from rectify.i18n import Message, message

Path: TypeAlias = tuple[str | int, ...]
Problems: TypeAlias = list[tuple[Path, Message]]

T = TypeVar("T")


class Mark(Protocol):
    """What a value must be beyond its type."""

    def problem(self, value: Any) -> Message | None:
        """What is wrong with the value, or none."""
        ...

    def schema(self) -> dict[str, object]:
        """The same in the words of JSON Schema."""
        ...


@attrs.frozen
class Matches:
    """Text of a form, shown by an example."""

    pattern: str
    example: str

    def problem(self, value: str) -> Message | None:
        if re.fullmatch(self.pattern, value):
            return None
        return message(
            "“{value}” is not of the form of “{example}”",
            value=shown(value),
            example=self.example,
        )

    def schema(self) -> dict[str, object]:
        return {"pattern": f"^{self.pattern}$", "examples": [self.example]}


@attrs.frozen
class Line:
    """One line of text: not empty, no control characters, not endless."""

    length_max: int

    def problem(self, value: str) -> Message | None:
        if not value.strip():
            return message("the text is empty")
        if not value.isprintable():
            return message("the text holds a line break or another control character")
        if len(value) > self.length_max:
            return message("the text is longer than {length_max}", length_max=self.length_max)
        return None

    def schema(self) -> dict[str, object]:
        return {"minLength": 1, "maxLength": self.length_max}


@attrs.frozen
class Between:
    """A whole number within bounds, both included."""

    least: int
    most: int

    def problem(self, value: int) -> Message | None:
        if self.least <= value <= self.most:
            return None
        return message("the number is not from {least} to {most}", least=self.least, most=self.most)

    def schema(self) -> dict[str, object]:
        return {"minimum": self.least, "maximum": self.most}


def shown(text: str) -> str:
    """Text as a message may hold it: not endless, no control characters."""
    clipped = text if len(text) <= 80 else text[:80] + "…"
    return "".join(char if char.isprintable() else "�" for char in clipped)


def path_text(path: Path) -> str:
    """A path as TOML writes it: ``duty[2].due``, the first of an array being 0."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in path)
    return "".join(parts).removeprefix(".")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) else f'"{shown(name)}"'


@cache
def fields_of(shape: type) -> Mapping[str, tuple[object, bool]]:
    """The keys of a shape: what each may hold, and whether it is required."""
    hints = get_type_hints(shape, include_extras=True)
    return {
        field.name: (hints[field.name], field.default is attrs.NOTHING)
        for field in attrs.fields(shape)
    }


def is_optional(hint: object) -> bool:
    """Whether a hint is of the form ``X | None``."""
    return get_origin(hint) in (cast(object, Union), types.UnionType)


def read_shape(data: Mapping[str, object], shape: type[T], problems: Problems) -> T:
    """Read a table into a shape, adding what is wrong to the problems."""
    return cast(T, _read_table(data, shape, (), problems))


def _read_table(data: object, shape: type, path: Path, problems: Problems) -> object:
    if not isinstance(data, dict):
        problems.append((path, _wrong_type(message("a table"), data)))
        return _read_table({}, shape, path, [])
    table = cast("dict[str, object]", data)
    fields = fields_of(shape)
    unknown = [key for key in table if key not in fields]
    problems.extend(((*path, key), _unknown_key(key, fields)) for key in unknown)
    values: dict[str, object] = {}
    for name, (hint, is_required) in fields.items():
        if name in table:
            values[name] = _read(table[name], hint, (*path, name), problems)
        elif is_required:
            problems.append(((*path, name), message("the key is missing")))
            values[name] = _read(None, hint, (), [])
    return shape(**values)


def _read(data: object, hint: object, path: Path, problems: Problems) -> object:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is object:  # For whoever reads it to check.
        return data
    if origin is Annotated:
        return _read_marked(data, arguments[0], arguments[1:], path, problems)
    if is_optional(hint):  # Only ever "or None"; TOML has no null.
        return _read(data, arguments[0], path, problems)
    if origin is tuple:
        return _read_array(data, arguments[0], path, problems)
    if origin is Literal:
        return _read_choice(data, arguments, path, problems)
    if hint in _PLAIN:
        plain = cast("type[str | int | bool]", hint)
        if type(data) is plain:  # And not isinstance: True is no number.
            return data
        problems.append((path, _wrong_type(_PLAIN[plain], data)))
        return plain()
    if origin is not None:
        return _read_mapping(data, arguments, path, problems)
    return _read_table(data, cast(type, hint), path, problems)


def _read_marked(
    data: object, hint: object, marks: tuple[Mark, ...], path: Path, problems: Problems
) -> object:
    found = len(problems)
    value = _read(data, hint, path, problems)
    for mark in marks if len(problems) == found else ():
        if (problem := mark.problem(value)) is not None:
            problems.append((path, problem))
            return type(value)()
    return value


def _read_array(data: object, hint: object, path: Path, problems: Problems) -> object:
    if not isinstance(data, list):
        problems.append((path, _wrong_type(message("an array"), data)))
        return ()
    items = cast("list[object]", data)
    return tuple(_read(item, hint, (*path, at), problems) for at, item in enumerate(items))


def _read_choice(data: object, known: tuple[str, ...], path: Path, problems: Problems) -> str:
    if isinstance(data, str) and data in known:
        return data
    names = tuple(known)
    problem = (
        message("“{value}” is not one of: {known}", value=shown(data), known=names)
        if isinstance(data, str)
        else _wrong_type(message("one of {known}", known=names), data)
    )
    problems.append((path, problem))
    return ""


def _read_mapping(
    data: object, arguments: tuple[object, ...], path: Path, problems: Problems
) -> object:
    if not isinstance(data, dict):
        problems.append((path, _wrong_type(message("a table"), data)))
        return {}
    return {
        _read(key, arguments[0], (*path, key), problems): _read(
            value, arguments[1], (*path, key), problems
        )
        for key, value in cast("dict[str, object]", data).items()
    }


_PLAIN: Mapping[type, Message] = {
    str: message("text"),
    int: message("a whole number"),
    bool: message("true or false"),
}
_TABLE_LIKE: Mapping[type, Message] = {
    **_PLAIN,
    float: message("a decimal number"),
    list: message("an array"),
    dict: message("a table"),
}


def _wrong_type(expected: Message, data: object) -> Message:
    actual = _TABLE_LIKE.get(type(data), message("a date or time"))
    return message("{expected} is expected, this is {actual}", expected=expected, actual=actual)


def _unknown_key(key: str, known: Mapping[str, object]) -> Message:
    return message(
        "the library knows no key “{key}” here; keys: {known}",
        key=shown(key),
        known=tuple(known),
    )
