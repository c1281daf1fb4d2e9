"""The notices that arrange holidays, and the TOML file they are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar, cast

import attrs

from rectify.errors import InvalidValue
from rectify.i18n import message

T = TypeVar("T")


@attrs.frozen
class Notice:
    """A notice that arranges holidays; number and date only where they are known."""

    year: int
    title: str
    number: str | None = None
    dated: date | None = None

    @property
    def known_from(self) -> date:
        """The day the notice counts as known: its own date, else 1 January of its year."""
        return self.dated or date(self.year, 1, 1)

    @property
    def citation(self) -> str:
        """How a document cites it: the number where it is known, else the title."""
        return self.number or f"《{self.title}》"


@attrs.frozen
class Arrangement:
    """One holiday of a notice: its first and last day off, and the days made up."""

    holiday: str
    off: tuple[date, date]
    work: tuple[date, ...] = ()


@attrs.frozen
class Announcement:
    """A notice with what it arranges."""

    notice: Notice
    days: tuple[Arrangement, ...]


def read_notices(path: Path) -> tuple[Announcement, ...]:
    """The notices of a file. Raises `InvalidValue`, naming the place that is wrong."""
    import tomllib

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(path.name, message("not a calendar: {error}", error=error)) from None
    notices = _tables(document, "notice", path.name)
    if not notices:
        raise InvalidValue(path.name, message("holds no [[notice]]"))
    return tuple(_announcement(row, f"{path.name}: notice[{n}]") for n, row in enumerate(notices))


def _announcement(row: Mapping[str, object], where: str) -> Announcement:
    _only(row, {"year", "title", "number", "dated", "days"}, where)
    notice = Notice(
        year=_value(row, "year", int, where),
        title=_value(row, "title", str, where),
        number=_value(row, "number", str, where) if "number" in row else None,
        dated=_value(row, "dated", date, where) if "dated" in row else None,
    )
    _check_year(notice.year, f"{where}.year")
    rows = _tables(row, "days", where)
    days = tuple(_arrangement(day, f"{where}.days[{n}]") for n, day in enumerate(rows))
    for n, day in enumerate(days):
        _check_days(day, days, notice.year, f"{where}.days[{n}]")
    return Announcement(notice, days)


def _check_year(year: int, where: str) -> None:
    if not 1949 <= year <= 2199:
        problem = message("{what} is {low} to {high}, not {value}", what=message("a year"),
                          low=1949, high=2199, value=year)  # fmt: skip
        raise InvalidValue(where, problem)


def _check_days(day: Arrangement, days: Sequence[Arrangement], year: int, where: str) -> None:
    """Every day is of the year, or of the December before it, and off or worked but not both."""
    for each in (*day.off, *day.work):
        if not date(year - 1, 12, 1) <= each <= date(year, 12, 31):
            raise InvalidValue(where, message("{day} is not of {year}", day=each, year=year))
    for made_up in day.work:
        if any(other.off[0] <= made_up <= other.off[1] for other in days):
            raise InvalidValue(where, message("{day} is both off and worked", day=made_up))


def _arrangement(row: Mapping[str, object], where: str) -> Arrangement:
    _only(row, {"holiday", "off", "work"}, where)
    off, work = _dates(row, "off", where), _dates(row, "work", where)
    if len(off) != 2 or off[0] > off[1]:
        raise InvalidValue(f"{where}.off", message("give the first and the last day off"))
    if (off[1] - off[0]).days > 31:
        raise InvalidValue(f"{where}.off", message("longer than a month"))
    return Arrangement(_value(row, "holiday", str, where), (off[0], off[1]), work)


def _dates(row: Mapping[str, object], key: str, where: str) -> tuple[date, ...]:
    values = row.get(key, [])
    if not isinstance(values, list):
        raise InvalidValue(f"{where}.{key}", message("a list of dates is meant here"))
    listed = cast("list[object]", values)
    return tuple(_typed(value, date, f"{where}.{key}[{n}]") for n, value in enumerate(listed))


def _tables(row: Mapping[str, object], key: str, where: str) -> list[Mapping[str, object]]:
    values = row.get(key, [])
    rows = cast("list[object]", values if isinstance(values, list) else [values])
    for value in rows:
        if not isinstance(value, dict):
            raise InvalidValue(f"{where}.{key}", message("a list of tables is meant here"))
    return cast("list[Mapping[str, object]]", rows)


def _value(row: Mapping[str, object], key: str, kind: type[T], where: str) -> T:
    return _typed(row.get(key), kind, f"{where}.{key}")


def _typed(value: object, kind: type[T], where: str) -> T:
    if not isinstance(value, kind) or isinstance(value, (bool, datetime)):
        problem = message("{kind} is meant here, not {given}", kind=kind.__name__, given=value)
        raise InvalidValue(where, problem)
    return value


def _only(row: Mapping[str, object], keys: set[str], where: str) -> None:
    for key in row:
        if key not in keys:
            problem = message("unknown key; known: {keys}", keys=tuple(sorted(keys)))
            raise InvalidValue(f"{where}.{key}", problem)
