"""Units: the places and departments in scope, as a tree.

A unit is a place (省, 市州, 县, 乡镇, 村) or a department (部门, 成员单位). The codes
are the platform's own, GB/T 2260 where there is one. In scope are the places and
departments that have a poverty alleviation task (有脱贫攻坚任务) and the member units
of the leading group (成员单位): clause 二.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set, Sized
from os import PathLike
from typing import Literal, TypeAlias, get_args

import attrs

from rectify.errors import InvalidValue, UnitsError
from rectify.i18n import Message, message
from rectify.strict import shown
from rectify.unit_table import Row, read_table

Level: TypeAlias = Literal["province", "city", "county", "township", "village", "department"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""The levels of places from the highest to the lowest, then departments."""

LEVEL_WORDS: Mapping[Level, Message] = {
    "province": message("province level"),
    "city": message("city level"),
    "county": message("county level"),
    "township": message("township level"),
    "village": message("village level"),
    "department": message("departments"),
}
"""The levels in words."""

_LEVEL_NAMES: Mapping[str, Level] = {
    **{level: level for level in LEVELS},
    **dict.fromkeys(("省", "自治区", "直辖市"), "province"),
    **dict.fromkeys(("prefecture", "市", "州", "市州", "市(州)", "市、州", "地级市"), "city"),
    **dict.fromkeys(("district", "县", "区", "县区", "县市区", "县(市、区)"), "county"),
    **dict.fromkeys(("town", "乡", "镇", "街道", "乡镇", "乡(镇)"), "township"),
    **dict.fromkeys(("村", "行政村", "社区"), "village"),
    **dict.fromkeys(("member", "dept", "agency", "部门", "单位", "成员单位"), "department"),
}

_TRUTH: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "有"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "无", ""), False),
}


def _level(text: str) -> Level:
    key = text.strip().replace("(", "(").replace(")", ")").lower()
    level = _LEVEL_NAMES.get(key)
    if level is None:
        raise InvalidValue("level", _unknown_level(text))
    return level


def _unknown_level(text: str) -> Message:
    return message("no level “{level}”; levels: {known}", level=shown(text), known=tuple(LEVELS))


def _code(text: str) -> str:
    if not text or text != text.strip() or not text.isprintable() or len(text) > 64:
        raise InvalidValue(
            "code",
            message("a code is 1 to 64 printable characters, not “{code}”", code=shown(text)),
        )
    return text


@attrs.frozen
class Unit:
    """A place or department.

    :param level: one of `LEVELS`, or its Chinese name (市州, 县(市、区), 成员单位 …).
    :param parent: the code of the unit it belongs to; none for a root.
    :param has_task: 有脱贫攻坚任务.
    :param member: 领导小组成员单位.
    :param poor: 贫困县, 贫困村.
    :raises InvalidValue: a code that is empty or not printable, an unknown level.
    """

    code: str = attrs.field(converter=_code)
    name: str
    level: Level = attrs.field(converter=_level)
    parent: str | None = None
    has_task: bool = False
    member: bool = False
    poor: bool = False

    @property
    def in_scope(self) -> bool:
        """Whether the campaign covers it: it has the task or is a member unit (clause 二)."""
        return self.has_task or self.member


def _count(units: Sized) -> str:
    return f"<{len(units)}>"


def _index(units: Iterable[Unit]) -> dict[str, Unit]:
    return {unit.code: unit for unit in units}


def _children(units: Iterable[Unit]) -> dict[str | None, tuple[Unit, ...]]:
    children: dict[str | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent, []).append(unit)
    return {parent: tuple(below) for parent, below in children.items()}


@attrs.frozen
class UnitTree:
    """Units and how they hang together; iterating gives them in the order of the table.

    :raises UnitsError: a code twice, an unknown parent, a parent of a lower level,
        a circle; every one of them.
    """

    units: tuple[Unit, ...] = attrs.field(converter=tuple[Unit, ...], repr=_count)
    _by_code: dict[str, Unit] = attrs.field(init=False, eq=False, repr=False)
    _below: dict[str | None, tuple[Unit, ...]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        problems = _tree_problems([(number, unit) for number, unit in enumerate(self.units, 1)])
        if problems:
            raise UnitsError("UnitTree(units)", problems)
        object.__setattr__(self, "_by_code", _index(self.units))
        object.__setattr__(self, "_below", _children(self.units))

    @classmethod
    def from_csv(cls, path: str | PathLike[str]) -> UnitTree:
        """Read a table with the columns code, name, level, parent, has_task, member, poor.

        The columns may be named 代码, 名称, 层级, 上级代码, 有脱贫攻坚任务, 成员单位, 贫困
        and come in any order; member and poor may be left out. Truth is 是/否, true/false,
        yes/no or 1/0; an empty cell is 否. The text is UTF-8, with or without a byte
        order mark, or GB18030.

        :raises UnitsError: with every problem, each at its ``line:column``; also where
            the file is missing, is not text, or is too large.
        """
        source = str(path)
        rows, problems = read_table(source)
        units = [(row.line, unit) for row in rows if (unit := _read_row(row, problems)) is not None]
        problems += _tree_problems(units, {row.cells["code"] for row in rows})
        if problems:
            raise UnitsError(source, sorted(problems, key=_line_of))
        return cls(unit for _, unit in units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Unit:
        """The unit of that code.

        :raises InvalidValue: there is none.
        """
        unit = self._by_code.get(code)
        if unit is None:
            raise InvalidValue("unit", message("no unit has the code {code}", code=shown(code)))
        return unit

    def get(self, code: str) -> Unit | None:
        """The unit of that code, or none."""
        return self._by_code.get(code)

    def in_scope(self, code: str) -> bool:
        """Whether the campaign covers the unit; an unknown code is not covered (clause 二)."""
        unit = self._by_code.get(code)
        return unit is not None and unit.in_scope

    def children(self, code: str | None = None) -> tuple[Unit, ...]:
        """The units right below one, or the roots."""
        if code is not None:
            code = self[code].code
        return self._below.get(code, ())

    def ancestors(self, code: str) -> tuple[Unit, ...]:
        """The units above one, nearest first."""
        above: list[Unit] = []
        parent = self[code].parent
        while parent is not None:
            unit = self._by_code[parent]
            above.append(unit)
            parent = unit.parent
        return tuple(above)

    def descendants(self, code: str) -> Iterator[Unit]:
        """Every unit below one, each after the one it hangs on."""
        waiting = list(reversed(self.children(code)))
        while waiting:
            unit = waiting.pop()
            yield unit
            waiting.extend(reversed(self._below.get(unit.code, ())))

    def by_level(self, level: str) -> tuple[Unit, ...]:
        """The units of a level, in the order of the table.

        :raises InvalidValue: no such level.
        """
        wanted = _level(level)
        return tuple(unit for unit in self.units if unit.level == wanted)


_Numbered: TypeAlias = list[tuple[int, Unit]]
_Problems: TypeAlias = list[tuple[str, Message]]


def _line_of(problem: tuple[str, Message]) -> int:
    return int(problem[0].partition(":")[0] or 0)


def _read_row(row: Row, problems: _Problems) -> Unit | None:
    cells, line = row.cells, row.line
    found = len(problems)
    truths: dict[str, bool] = {}
    for column in ("has_task", "member", "poor"):
        cell = cells.get(column, "")
        truth = _TRUTH.get(cell.lower())
        if truth is None:
            wrong = message("“{value}” is neither 是 nor 否 (true, false)", value=shown(cell))
            problems.append((f"{line}:{column}", wrong))
        truths[column] = bool(truth)
    if not cells["name"]:
        problems.append((f"{line}:name", message("the name is missing")))
    checks: tuple[tuple[str, Callable[[str], str]], ...] = (("code", _code), ("level", _level))
    for column, check in checks:
        try:
            check(cells[column])
        except InvalidValue as error:
            problems.append((f"{line}:{column}", error.problem))
    if len(problems) > found:
        return None
    parent = cells["parent"] or None
    return Unit(cells["code"], cells["name"], cells["level"], parent, **truths)


def _tree_problems(units: _Numbered, codes: Set[str] = frozenset()) -> _Problems:
    """What keeps units from being a tree; ``codes`` are also known, as those of broken rows."""
    problems: _Problems = []
    first: dict[str, tuple[int, Unit]] = {}
    for line, unit in units:
        if unit.code in first:
            again = message(
                "{code} is there already, in line {line}", code=unit.code, line=first[unit.code][0]
            )
            problems.append((f"{line}:code", again))
        first.setdefault(unit.code, (line, unit))
    for line, unit in units:
        if unit.parent is None:
            continue
        if unit.parent not in first and unit.parent in codes:
            continue
        if unit.parent not in first:
            unknown = message("no unit has the code {code}", code=shown(unit.parent))
            problems.append((f"{line}:parent", unknown))
        elif _is_below(first[unit.parent][1].level, unit.level):
            problems.append((f"{line}:parent", _upside_down(first[unit.parent][1], unit)))
    problems.extend(
        (
            f"{first[circle[0]][0]}:parent",
            message("a circle: {units}", units=shown(" → ".join(circle))),
        )
        for circle in _circles({code: unit.parent for code, (_, unit) in first.items()})
    )
    return problems


def _is_below(parent: Level, child: Level) -> bool:
    return child != "department" and LEVELS.index(parent) > LEVELS.index(child)


def _upside_down(parent: Unit, child: Unit) -> Message:
    return message(
        "{parent} ({parent_level}) can't be above {child} ({child_level})",
        parent=parent.code,
        parent_level=LEVEL_WORDS[parent.level],
        child=child.code,
        child_level=LEVEL_WORDS[child.level],
    )


def _circles(parents: Mapping[str, str | None]) -> Iterator[list[str]]:
    """Each circle once, from the unit of it that comes first in the table."""
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        on_path: set[str] = set()
        code: str | None = start
        while code is not None and code in parents and code not in done and code not in on_path:
            path.append(code)
            on_path.add(code)
            code = parents[code]
        if code is not None and code in on_path:
            yield [*path[path.index(code) :], code]
        done.update(path)
