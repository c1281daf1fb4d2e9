"""What was found: the facts of a finding, fixed once recorded (问题)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import cast

import attrs

from rectify import fields
from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.sealed import Sealed, seal


def _as_yuan(value: Decimal | int | None) -> Decimal | None:
    # A bool is an int to Python; it is no amount, and the validator says so.
    return Decimal(value) if type(value) is int else cast("Decimal | None", value)


@attrs.frozen(kw_only=True)
class Finding:
    """The facts of what was found; registration (登记) makes an issue of it (建立台账).

    ``area`` and ``channel`` are ids of the campaign's vocabularies, ``unit`` a code of the
    platform's own. ``found_at`` is an aware datetime; it is kept in UTC.
    ``discipline_lead`` marks a lead on a Party member or cadre (违纪违规问题线索). The
    conduct's days are inclusive. Money is Decimal yuan. ``reporter`` is confidential: name
    and contact of who reported it, as text; it is sealed at once and no repr, record, hook or
    error shows it.

    Raises `InvalidValue` for a value that no record may hold.
    """

    title: str = attrs.field(validator=fields.line)
    area: str = attrs.field(validator=fields.line)
    channel: str = attrs.field(validator=fields.line)
    unit: str = attrs.field(validator=fields.line)
    found_at: datetime = attrs.field(converter=fields.in_utc, validator=fields.instant)
    discipline_lead: bool = attrs.field(default=False, validator=fields.instance_of(bool))
    conduct_from: date | None = attrs.field(default=None, validator=fields.optional(fields.day))
    conduct_until: date | None = attrs.field(default=None, validator=fields.optional(fields.day))
    amount_yuan: Decimal | None = attrs.field(
        default=None, converter=_as_yuan, validator=fields.optional(fields.yuan)
    )
    reporter: Sealed | None = attrs.field(default=None, converter=seal)
    description: str = attrs.field(default="", validator=fields.blank_or_prose)

    def __attrs_post_init__(self) -> None:
        if self.conduct_from and self.conduct_until and self.conduct_until < self.conduct_from:
            raise InvalidValue(
                "Finding.conduct_until",
                message(
                    "{until} is before conduct_from, {start}",
                    until=self.conduct_until,
                    start=self.conduct_from,
                ),
            )
