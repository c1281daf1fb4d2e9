"""Where the keys of a TOML text stand: ``tomllib`` reads values but tells no positions.

The text has already been read by ``tomllib``, so it is well formed, and this scanner
only has to step over values. It does not look inside inline tables: a path into one is
located by the key that holds it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: table names, and positions in arrays counted from 0."""

Place: TypeAlias = tuple[int, int]
"""A line and a column, both counted from 1; the column counts characters."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*(\.?)""")
_STRING = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL
)
_INNER = re.compile(r"""[^"'#\[\]{}\n]+""")


def locate(text: str) -> Mapping[Path, Place]:
    """The place of every table and key of a TOML text."""
    places: dict[Path, Place] = {}
    lengths: dict[Path, int] = {}
    breaks = [match.start() for match in re.finditer("\n", text)]
    table: Path = ()
    at = _skip(text, 0)
    while at < len(text):
        start = at
        if text[at] == "[":
            is_array = text.startswith("[[", at)
            names, at = _keys(text, at + 1 + is_array)
            table = _resolve(names, lengths, is_array)
            at += 1 + is_array
            places.setdefault(table, _place(breaks, start))
        else:
            names, at = _keys(text, at)
            for depth in range(1, len(names) + 1):
                places.setdefault((*table, *names[:depth]), _place(breaks, start))
            at = _after_value(text, at + 1)
        at = _skip(text, at)
    return places


def nearest(places: Mapping[Path, Place], path: Path) -> Place | None:
    """The place of a path, or else of the nearest table or key that holds it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    assert blank is not None, "the pattern matches the empty text"
    return blank.end()


def _place(breaks: list[int], at: int) -> Place:
    line = bisect_left(breaks, at)
    return line + 1, at - (breaks[line - 1] if line else -1)


def _keys(text: str, at: int) -> tuple[tuple[str, ...], int]:
    names: list[str] = []
    more = True
    while more:
        key = _KEY.match(text, at)
        assert key is not None, "tomllib has read a key here"
        double, single, bare, dot = key.groups()
        names.append(next(name for name in (double, single, bare) if name is not None))
        more = bool(dot)
        at = key.end()
    return tuple(names), at


def _resolve(names: tuple[str, ...], lengths: dict[Path, int], is_array: bool) -> Path:
    """The path of a header: a name on the way that is an array means its last table."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in lengths:
            path = (*path, lengths[path] - 1)
    path = (*path, names[-1])
    if is_array:
        lengths[path] = lengths.get(path, 0) + 1
        path = (*path, lengths[path] - 1)
    return path


def _after_value(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        step = _STRING.match(text, at) or _INNER.match(text, at)
        if step is not None:
            at = step.end()
            continue
        if text[at] == "#":
            at = _skip(text, at)
            if depth == 0:
                return at
            continue
        if text[at] == "\n" and depth == 0:
            return at
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text[at], 0)
        at += 1
    return at
