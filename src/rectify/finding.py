"""What was found: the facts of a finding, fixed once recorded (问题)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import attrs

from rectify import fields
from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.sealed import (
    PSEUDONYM_CHARACTERS_MAX,
    REPORTER,
    Sealed,
    person_field,
    reveals,
    sealed,
)


def _as_yuan(value: Decimal | int | None) -> Decimal | None:
    # A bool is an int to Python; it is no amount, and the validator says so.
    return Decimal(value) if type(value) is int else cast("Decimal | None", value)


@attrs.frozen
class Person:
    """Who is involved (涉及人员): a pseudonym, as `Outcome.subject` has it, and the sealed name."""

    pseudonym: str
    name: Sealed


@attrs.frozen(kw_only=True, init=False)
class Finding:
    """The facts of what was found; registration (登记) makes an issue of it (建立台账).

    ``area`` and ``channel`` are ids of the campaign's vocabularies, ``unit`` a code of the
    platform's own. ``found_at`` is an aware datetime; it is kept in UTC.
    ``discipline_lead`` marks a lead on a Party member or cadre (违纪违规问题线索). The
    conduct's days are inclusive. Money is Decimal yuan. ``reporter`` is confidential: name
    and contact of who reported it, as text; so are the names in ``persons``, by pseudonym
    (涉及人员). They are sealed at once and no repr, record, hook or error shows them.

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
    reporter: Sealed | None = None
    persons: tuple[Person, ...] = ()
    description: str = attrs.field(default="", validator=fields.blank_or_prose)

    def __init__(
        self,
        *,
        title: str,
        area: str,
        channel: str,
        unit: str,
        found_at: datetime,
        discipline_lead: bool = False,
        conduct_from: date | None = None,
        conduct_until: date | None = None,
        amount_yuan: Decimal | int | None = None,
        reporter: str | Sealed | None = None,
        persons: Mapping[str, str | Sealed] | tuple[Person, ...] = (),
        description: str = "",
    ) -> None:
        # Sealed before anything can be refused: a traceback that shows local variables must
        # not find a text among them.
        reporter, persons, problem = _sealed_fields(reporter, persons)
        if problem is not None:
            del self  # Half made, it can't be shown either.
            raise problem
        cast("Any", self).__attrs_init__(
            title=title,
            area=area,
            channel=channel,
            unit=unit,
            found_at=found_at,
            discipline_lead=discipline_lead,
            conduct_from=conduct_from,
            conduct_until=conduct_until,
            amount_yuan=amount_yuan,
            reporter=reporter,
            persons=persons,
            description=description,
        )

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

    @property
    def confidential(self) -> Mapping[str, Sealed]:
        """What is sealed in it, by the names of the fields: ``reporter``, ``persons/甲``."""
        named = {} if self.reporter is None else {REPORTER: self.reporter}
        return named | {person_field(one.pseudonym): one.name for one in self.persons}

    def with_confidential(self, values: Mapping[str, Sealed]) -> Finding:
        """The same with other sealed values in place of its own, and without those not given."""
        persons = tuple(
            Person(one.pseudonym, values[person_field(one.pseudonym)])
            for one in self.persons
            if person_field(one.pseudonym) in values
        )
        return attrs.evolve(self, reporter=values.get(REPORTER), persons=persons)


# What follows holds texts in local variables, and so raises nothing.


def _sealed_fields(
    reporter: object, persons: object
) -> tuple[Sealed | None, tuple[Person, ...], InvalidValue | None]:
    if reporter is not None:
        reporter = sealed(reporter)
    if isinstance(reporter, Message):
        return None, (), InvalidValue("Finding.reporter", reporter)
    if isinstance(persons, Mapping):
        persons = tuple(cast("Mapping[object, object]", persons).items())
    elif isinstance(persons, tuple):
        persons = tuple(map(_pair, cast("tuple[object, ...]", persons)))
    else:
        expected = message("expected a mapping of pseudonyms to names")
        return None, (), InvalidValue("Finding.persons", expected)
    read: list[Person] = []
    for number, (pseudonym, name) in enumerate(persons):
        person = _person(pseudonym, name, {one.pseudonym for one in read})
        if isinstance(person, Message):
            return None, (), InvalidValue(f"Finding.persons[{number}]", person)
        read.append(person)
    return reporter, tuple(read), None


def _pair(person: object) -> tuple[object, object]:
    return (person.pseudonym, person.name) if isinstance(person, Person) else (None, None)


def _person(pseudonym: object, name: object, taken: Set[str]) -> Person | Message:
    name = sealed(name)
    if isinstance(name, Message):
        return name
    if not fields.is_line(pseudonym) or len(cast("str", pseudonym)) > PSEUDONYM_CHARACTERS_MAX:
        most = PSEUDONYM_CHARACTERS_MAX
        return message("a pseudonym is a line of 1 to {most} characters", most=most)
    pseudonym = cast("str", pseudonym)
    if pseudonym in taken:
        return message("a pseudonym stands for one person; this one is there twice")
    if name.open() is not None and reveals(pseudonym, name.open() or ""):
        return message("the pseudonym gives the person's name away (not shown here)")
    return Person(pseudonym, name)
