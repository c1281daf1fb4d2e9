"""The table of units as a file: CSV text in, rows with their line numbers out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import attrs

from rectify.errors import UnitsError
from rectify.i18n import Message, message
from rectify.strict import shown

bytes_max = 128 * 1024 * 1024
"""A table larger than this is refused: the nation's villages take a third of it."""

_COLUMN_NAMES: Mapping[str, str] = {
    **{name: name for name in ("code", "name", "level", "parent", "has_task", "member", "poor")},
    "代码": "code",
    "名称": "name",
    "层级": "level",
    "上级代码": "parent",
    "有脱贫攻坚任务": "has_task",
    "成员单位": "member",
    "贫困": "poor",
}
_REQUIRED = ("code", "name", "level", "parent", "has_task")

_Problems: TypeAlias = list[tuple[str, Message]]


@attrs.frozen
class Row:
    """The cells of a row by column, trimmed, and the line it starts in."""

    line: int
    cells: Mapping[str, str]


def read_table(source: str) -> tuple[list[Row], _Problems]:
    """The rows of a table, and what is wrong with the others.

    :raises UnitsError: no file, no text, or no header to read rows by.
    """
    problems: _Problems = []
    return _read_rows(source, _read_text(source), problems), problems


def _read_text(source: str) -> str:
    try:
        path = Path(source)
        if path.exists() and not path.is_file():
            raise _refused(source, message("this is not a file"))
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refused(source, message("the file can't be read: {reason}", reason=reason)) from None
    except ValueError as error:  # A null character in the path.
        if isinstance(error, UnitsError):
            raise
        raise _refused(source, message("the file can't be read: {reason}", reason=error)) from None
    if len(data) > bytes_max:
        problem = message("the file is larger than {bytes_max} bytes", bytes_max=bytes_max)
        raise _refused(source, problem)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(source, message("the text is neither UTF-8 nor GB18030"))


def _refused(source: str, problem: Message) -> UnitsError:
    return UnitsError(source, [("", problem)])


def _read_rows(source: str, text: str, problems: _Problems) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    line = 1
    try:
        columns = _read_header(source, next(reader, list[str]()))
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) == len(columns):
                    trimmed = (cell.strip() for cell in cells)
                    rows.append(Row(line, dict(zip(columns, trimmed, strict=True))))
                else:
                    problems.append((str(line), _uneven(len(columns), len(cells))))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append((str(line), message("this is not CSV: {reason}", reason=error)))
    return rows


def _uneven(expected: int, actual: int) -> Message:
    return message("{expected} cells expected, {actual} found", expected=expected, actual=actual)


def _read_header(source: str, header: list[str]) -> list[str]:
    problems: _Problems = []
    columns: list[str] = []
    for cell in header:
        column = _COLUMN_NAMES.get(cell.strip())
        if column is None:
            known = tuple(dict.fromkeys(_COLUMN_NAMES.values()))
            unknown = message("no column “{name}”; columns: {known}", name=shown(cell), known=known)
            problems.append(("1", unknown))
        elif column in columns:
            problems.append((f"1:{column}", message("the column is there twice")))
        columns.append(column or cell)
    problems.extend(
        (f"1:{column}", message("the column is missing"))
        for column in _REQUIRED
        if column not in columns
    )
    if problems:
        raise UnitsError(source, problems)
    return columns
