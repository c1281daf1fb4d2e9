"""Loading a campaign: a TOML file in, a `Campaign` out, or every problem at once."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from os import PathLike
from pathlib import Path as File
from typing import TypeAlias

from rectify.calendar import WorkingCalendar, china
from rectify.campaign.build import build
from rectify.campaign.check import check
from rectify.campaign.model import Campaign
from rectify.campaign.shape import CampaignTable
from rectify.campaign.toml_lines import Place, locate, nearest
from rectify.errors import CampaignError, InvalidValue, RectifyError, UnknownCampaign
from rectify.i18n import Message, message
from rectify.strict import Path, Problems, path_text, read_shape

bytes_max = 1024 * 1024
"""A campaign file larger than this is refused."""

dots_max = 32
"""A line with more dots outside text is refused: `tomllib` takes minutes over long keys."""

ancestors_max = 8
"""A campaign with more campaigns above it is refused."""

_NO_KEY = re.compile(r"""\"(?:[^"\\]|\\.)*"|'[^']*'|#.*""")
_SHIPPED = File(__file__).parents[1] / "campaigns"
_Above: TypeAlias = tuple[File, ...]


def shipped_campaigns() -> tuple[str, ...]:
    """The names of the campaigns that come with the library."""
    return tuple(sorted(file.stem for file in _SHIPPED.glob("*.toml")))


def load_campaign(name: str | PathLike[str], *, calendar: WorkingCalendar = china) -> Campaign:
    """Load a shipped campaign by its name, or a TOML file by its path.

    ``calendar`` is what its dates roll by and its working days are counted by.

    :raises UnknownCampaign: no campaign of that name ships and no file is there.
    :raises InvalidValue: a name that is not text.
    :raises CampaignError: the file is not a campaign: every problem with its key path,
        such as ``duty[2].due`` (the first of an array is 0), its line and its column.
    """
    named = _text(os.fspath(name) if isinstance(name, PathLike) else name)
    if named in shipped_campaigns():
        if calendar is china:
            return _load_shipped(named)
        return _load(_SHIPPED / f"{named}.toml", (), calendar)
    return _load(_existing(named), (), calendar)


@cache
def _load_shipped(name: str) -> Campaign:
    return _load(_SHIPPED / f"{name}.toml", (), china)


def _text(name: object) -> str:
    if not isinstance(name, str):
        problem = message("a name or path is text, not {given}", given=type(name).__name__)
        raise InvalidValue("campaign", problem)
    return name


def _existing(name: str) -> File:
    try:
        if name and (file := File(name)).exists():
            return file
    except (OSError, ValueError):  # A name no file can have: too long, a null character.
        pass
    raise UnknownCampaign(name, shipped_campaigns())


def _load(file: File, above: _Above, calendar: WorkingCalendar) -> Campaign:
    source = str(file)
    text = _read_text(file)
    data = _parse(source, text)
    problems: Problems = []
    table = read_shape(data, CampaignTable, problems)
    parent = _load_parent(table.parent, file, above, calendar, problems)
    problems.extend(check(table, parent))
    campaign = build(table, parent, calendar, problems)
    if campaign is None:
        raise CampaignError(source, _located(problems, text))
    return campaign


def _read_text(file: File) -> str:
    source = str(file)
    if not file.is_file():
        raise CampaignError(source, [("", message("this is not a file"))])
    try:
        with file.open("rb") as opened:
            data = opened.read(bytes_max + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = message("the file can't be read: {reason}", reason=reason)
        raise CampaignError(source, [("", problem)]) from None
    if len(data) > bytes_max:
        problem = message("the file is larger than {bytes_max} bytes", bytes_max=bytes_max)
        raise CampaignError(source, [("", problem)])
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = message("the text is not UTF-8, in line {line}", line=line)
        raise CampaignError(source, [("", problem)]) from None


def _parse(source: str, text: str) -> dict[str, object]:
    for line, written in enumerate(text.split("\n"), 1):
        if written.count(".") > dots_max and _NO_KEY.sub("", written).count(".") > dots_max:
            problem = message("the key in line {line} has too many parts", line=line)
            raise CampaignError(source, [("", problem)])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "too deep"
        problem = message("this is not TOML: {reason}", reason=reason)
        raise CampaignError(source, [("", problem)]) from None


def _load_parent(
    name: str | None, child: File, above: _Above, calendar: WorkingCalendar, problems: Problems
) -> Campaign | None:
    """The campaign above: a shipped one, or a file named from where the child lies."""
    if not name:
        return None
    shipped = name in shipped_campaigns()
    file = _SHIPPED / f"{name}.toml" if shipped else child.parent / name
    chain = (*above, child.resolve())
    try:
        if file.resolve() in chain or len(chain) > ancestors_max:
            names = " → ".join(each.name for each in (*chain, file))
            circle = message("the campaigns above go in a circle or too deep: {names}", names=names)
            problems.append((("parent",), circle))
            return None
        return _load(_existing(str(file)), chain, calendar)
    except (RectifyError, OSError, ValueError) as error:
        reason = error.message if isinstance(error, RectifyError) else str(error)
        problem = message("the campaign above does not load: {reason}", reason=reason)
        problems.append((("parent",), problem))
        return None


def _located(problems: Problems, text: str) -> list[tuple[str, Message]]:
    """The problems in the order of the file, each once, with its line and column."""
    places = locate(text)
    placed: dict[tuple[Path, str], tuple[Place, tuple[str, Message]]] = {}
    for path, problem in problems:
        place = nearest(places, path) or (1, 1)
        where = message(
            "{problem} (line {line}, column {column})",
            problem=problem,
            line=place[0],
            column=place[1],
        )
        placed.setdefault((path, problem.en), (place, (path_text(path), where)))
    return [each for _, each in sorted(placed.values(), key=lambda item: item[0])]
