"""How an existing table is to be read: which column says what, which status means which moves.

A value is text with ``{column}`` in it: ``"{title}"`` is what that column holds, ``"funds"`` is
that word, ``"旧-{id}"`` is both. A cell that is empty says nothing: what needs it is missing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from os import PathLike
from pathlib import Path
from typing import Any, Final, Self, cast
from zoneinfo import ZoneInfo

import attrs

from rectify.actor import Actor
from rectify.errors import InvalidValue, MappingError
from rectify.evidence import Origin
from rectify.finding import Finding
from rectify.i18n import message
from rectify.strict import Problems, path_text, read_shape

_COLUMN: Final = re.compile(r"\{([^{}]*)\}")
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_YES: Final = frozenset({"1", "true", "yes", "y", "t", "是"})
_NO: Final = frozenset({"0", "false", "no", "n", "f", "否"})

bytes_max = 1024 * 1024
"""A mapping larger than this is refused."""


@attrs.frozen
class PastMove:
    """A move that an old row tells of: its name, its evidence, who made it, when.

    ``by`` is empty where the row does not say: then it is who takes it over. ``at`` may be a
    day; it is then the day's first instant, or that of the step before, if that is later.
    """

    move: str
    at: str
    evidence: Mapping[str, object] = attrs.field(factory=dict[str, object])
    by: str = ""
    unit: str = ""
    roles: tuple[str, ...] = ()


@attrs.frozen
class Status:
    """The words an old status may have, and the moves that led there from a finding."""

    words: tuple[str, ...]
    move: tuple[PastMove, ...] = ()


@attrs.frozen
class TableMapping:
    """How the rows of a table are read; ``values`` puts the campaign's ids for a table's words.

    ``finding`` has a value for each field of a `Finding`; ``row`` is what names a row, and
    ``issue_id`` its issue. Make one with these arguments, `from_toml` or `from_data`.
    """

    table: str
    status_column: str
    finding: Mapping[str, str]
    status: tuple[Status, ...]
    row: str = "{id}"
    issue_id: str = "{id}"
    values: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict[str, Mapping[str, str]])

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Self:
        """Read a TOML file; `MappingError` with every problem in it."""
        source = str(path)
        try:
            text = Path(path).read_bytes()
            if len(text) > bytes_max:
                raise ValueError("too large")
            data = tomllib.loads(text.decode("utf-8-sig"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            problem = message("the file can't be read: {reason}", reason=reason)
            raise MappingError(source, [("", problem)]) from None
        except ValueError as error:
            problem = message("this is not TOML: {reason}", reason=error)
            raise MappingError(source, [("", problem)]) from None
        return cls.from_data(data, source)

    @classmethod
    def from_data(cls, data: Mapping[str, Any], source: str = "–") -> Self:
        """Read plain data, in the shape of the TOML; `MappingError` with every problem in it."""
        problems: Problems = []
        mapping = read_shape(data, cls, problems)
        known = [field.name for field in attrs.fields(Finding)]
        problems += [
            (
                ("finding", key),
                message("a finding has no “{key}”; it has: {known}", key=key, known=tuple(known)),
            )
            for key in mapping.finding
            if key not in known
        ]
        words = [word for status in mapping.status for word in status.words]
        if twice := sorted({word for word in words if words.count(word) > 1}):
            problem = message("more than one status has: {words}", words=tuple(twice))
            problems.append((("status",), problem))
        if problems:
            raise MappingError(source, [(path_text(path), text) for path, text in problems])
        return mapping

    def origin(self, row: Mapping[str, object], taken_at: datetime) -> Origin:
        """Where a row was kept; `InvalidValue` where it has no id or status."""
        status = _text(_cell(row, self.status_column))
        return Origin(self.table, _text(fill(self.row, row)), status, taken_at)

    def moves(self, word: str) -> tuple[PastMove, ...]:
        """What a status means; `InvalidValue` for one that the mapping does not have."""
        for status in self.status:
            if word in status.words:
                return status.move
        known = tuple(word for status in self.status for word in status.words)
        raise InvalidValue(
            self.status_column,
            message("the mapping has no status “{word}”; it has: {known}", word=word, known=known),
        )

    def finding_of(self, row: Mapping[str, object], zone: ZoneInfo) -> Finding:
        """The finding a row holds; `InvalidValue` for what it lacks or does not fit."""
        values: dict[str, Any] = {}
        for name, template in self.finding.items():
            value = fill(template, row)
            if value is None or value == "":
                continue
            if isinstance(value, str):
                value = self.values.get(name, {}).get(value, value)
            values[name] = _READ.get(name, _as_text)(name, value, zone)
        missing = tuple(
            field.name
            for field in attrs.fields(Finding)
            if field.default is attrs.NOTHING and field.name not in values
        )
        if missing:
            raise InvalidValue("finding", message("it says nothing of: {names}", names=missing))
        return Finding(**values)


def fill(template: object, row: Mapping[str, object]) -> Any:
    """A value with what a row's columns hold put in; None for one that is only empty columns.

    In a table or array those that are None are left out.
    """
    if isinstance(template, dict):
        filled = {
            key: fill(value, row) for key, value in cast("dict[str, object]", template).items()
        }
        return {key: value for key, value in filled.items() if value is not None} or None
    if isinstance(template, list | tuple):
        items = [fill(item, row) for item in cast("list[object]", template)]
        return [item for item in items if item is not None]
    if not isinstance(template, str):
        return template
    if whole := _COLUMN.fullmatch(template):
        value = _cell(row, whole[1])
        return None if value is None or value == "" else value
    empty = [not _text(_cell(row, name)) for name in _COLUMN.findall(template)]
    if empty and all(empty):
        return None
    return _COLUMN.sub(lambda found: _text(_cell(row, found[1])), template)


def instant_of(
    field: str, value: object, zone: ZoneInfo, after: datetime | None = None
) -> datetime:
    """The instant a cell says, in the campaign's zone where it has none of its own.

    A day is its first instant, or ``after`` where that falls on the same day or later.
    """
    if isinstance(value, str):
        value = _read_instant(field, value)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if not isinstance(value, date):
        raise _no_date(field)
    begins = datetime.combine(value, time(), zone)
    if after is not None and begins < after and after.astimezone(zone).date() == value:
        return after
    return begins


def _read_instant(field: str, text: str) -> date:
    text = text.strip()
    if day := _DAY.fullmatch(text):
        try:
            return date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            raise _no_date(field) from None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _no_date(field) from None


def _no_date(field: str) -> InvalidValue:
    # What the cell holds is not quoted: it may be of another column, and confidential.
    return InvalidValue(field, message("it is no date, such as 2018-05-03"))


def plain(value: object) -> object:
    """A value as the JSON of a record has it: days as 2018-05-03, numbers as text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [plain(one) for one in cast("list[object]", value)]
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is not None else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and (day := _DAY.fullmatch(value.strip())):
        return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
    if isinstance(value, bool) or value is None:
        return value
    return str(value)


def actor_of(move: PastMove, row: Mapping[str, object], default: Actor) -> Actor:
    """Who made a move: whom the row names, or who takes it over."""
    who = _text(fill(move.by, row)) if move.by else ""
    if not who:
        return default
    unit = _text(fill(move.unit, row)) if move.unit else default.unit
    return Actor(id=who, unit=unit or default.unit, roles=frozenset(move.roles))


def _cell(row: Mapping[str, object], column: str) -> object:
    if column not in row:
        known = tuple(map(str, row))
        problem = message(
            "the table has no column “{column}”; it has: {known}", column=column, known=known
        )
        raise InvalidValue(column, problem)
    return row[column]


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _as_text(name: str, value: object, zone: ZoneInfo) -> object:
    return _text(value)


def _as_day(name: str, value: object, zone: ZoneInfo) -> date:
    return instant_of(name, value, zone).astimezone(zone).date()


def _as_yuan(name: str, value: object, zone: ZoneInfo) -> Decimal:
    try:
        return Decimal(_text(value).replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise InvalidValue(name, message("it is no amount")) from None


def _as_bool(name: str, value: object, zone: ZoneInfo) -> bool:
    word = _text(value).lower()
    if word not in _YES | _NO:
        raise InvalidValue(name, message("it is neither yes nor no"))
    return word in _YES


_READ: Final[Mapping[str, Any]] = {
    "found_at": instant_of,
    "conduct_from": _as_day,
    "conduct_until": _as_day,
    "amount_yuan": _as_yuan,
    "discipline_lead": _as_bool,
}
