"""What happens and starts something (事项): events, visits, and the class an issue is given.

A ledger keeps each as an entry of its journal, by whom and when. What follows from it, and
by when, is derived: see `rectify.started`. ``recorded`` is how many times a ledger was told
of it, otherwise each time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeAlias, cast

import attrs

from rectify import fields


def day_or_instant(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A date, or an aware datetime."""
    check = fields.instant if isinstance(value, datetime) else fields.day
    check(instance, attribute, value)


def _codes(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    fields.tuple_of(str)(instance, attribute, value)
    for code in cast("tuple[str, ...]", value):
        fields.line(instance, attribute, code)


@attrs.frozen(kw_only=True)
class Happening:
    """事项: an event of the campaign that happened, on a day or at an instant (aware).

    ``subject`` is what it happened to, such as the id of an issue or a number of the host's;
    it stands for the turn in the keys of what is owed. Without one the day or instant does.
    ``among`` holds the codes of the units it concerns; empty for every unit.

    Raises `InvalidValue` for a value that no record may hold.
    """

    event: str = attrs.field(validator=fields.line)
    on: date | datetime = attrs.field(validator=day_or_instant)
    subject: str | None = attrs.field(default=None, validator=fields.optional(fields.line))
    among: tuple[str, ...] = attrs.field(default=(), validator=_codes)
    recorded: int = attrs.field(default=1, eq=False, validator=fields.instance_of(int))


@attrs.frozen(kw_only=True)
class Visit:
    """明察暗访: a visit that took place: by which team, in which turn, the day it ended.

    ``reported_on`` has the day of each report handed in, in the order the campaign asks for
    them; a ledger knows them by what was submitted.

    Raises `InvalidValue` for a value that no record may hold.
    """

    inspection: str = attrs.field(validator=fields.line)
    turn: int = attrs.field(validator=fields.instance_of(int))
    ended_on: date = attrs.field(validator=fields.day)
    team: int = attrs.field(default=1, validator=fields.instance_of(int))
    reported_on: tuple[date, ...] = attrs.field(
        default=(), validator=attrs.validators.deep_iterable(fields.day)
    )
    recorded: int = attrs.field(default=1, eq=False, validator=fields.instance_of(int))


@attrs.frozen(kw_only=True)
class Classified:
    """定类: the class an issue was given, and the event its period runs from.

    ``since`` is the day or instant of that event; None where the class has a day of its own.

    Raises `InvalidValue` for a value that no record may hold.
    """

    issue_id: str = attrs.field(validator=fields.line)
    issue_class: str = attrs.field(validator=fields.line)
    since: date | datetime | None = attrs.field(
        default=None, validator=fields.optional(day_or_instant)
    )
    recorded: int = attrs.field(default=1, eq=False, validator=fields.instance_of(int))


Occasion: TypeAlias = Happening | Visit | Classified
"""What starts something."""
