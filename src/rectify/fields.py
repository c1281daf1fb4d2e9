"""What a recorded value may be: validators for attrs fields.

Records are kept for years and leave for Excel, JSON and other systems, so a value is
checked once, where it enters: text without control characters or halves of surrogate
pairs and of bounded length, instants with a zone, exact money. Each validator raises
`InvalidValue` naming the class and the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

import attrs

from rectify.errors import InvalidValue, NaiveInstant
from rectify.i18n import Message, message

LINE_CHARACTERS_MAX: Final = 500
PROSE_CHARACTERS_MAX: Final = 20_000
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2200
AMOUNT_YUAN_MAX: Final = Decimal(10) ** 13

# Control characters but tab and line ends, direction overrides, lone surrogates, non-characters.
_UNWRITABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_END: Final = re.compile("[\t\n\r\u2028\u2029]")

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class Text(NamedTuple):
    """What a text may be: its most characters, of one line or several, blank or not."""

    characters_max: int
    lines: bool
    blank: bool = False


_TEXTS: Final[dict[Validator, Text]] = {}


def text_of(validator: object) -> Text | None:
    """What a validator of this module lets a text be, for forms and schemas; else None."""
    return _TEXTS.get(cast("Validator", validator))


def _name(instance: object, attribute: attrs.Attribute[Any]) -> str:
    return f"{type(instance).__name__}.{attribute.name}"


def _wrong_type(field: str, expected: str, value: object) -> InvalidValue:
    problem = message(
        "expected {expected}, got {actual}", expected=expected, actual=type(value).__name__
    )
    return InvalidValue(field, problem)


def text_problem(value: str, characters_max: int, *, lines: bool) -> Message | None:
    """What keeps a text from being recorded, or None: blank, too long, or unwritable."""
    if not value or value.isspace():
        return message("it is blank")
    if len(value) > characters_max:
        return message(
            "{count} characters; at most {most} are kept", count=len(value), most=characters_max
        )
    if found := _UNWRITABLE.search(value):
        return message(
            "character {position} is U+{code}, which can't be written",
            position=found.start() + 1,
            code=f"{ord(found.group()):04X}",
        )
    if not lines and (found := _LINE_END.search(value)):
        return message(
            "character {position} ends the line; this is a single line",
            position=found.start() + 1,
        )
    return None


def is_line(value: object) -> bool:
    """Whether a value is a single line that a record may hold."""
    return isinstance(value, str) and text_problem(value, LINE_CHARACTERS_MAX, lines=False) is None


def _text(characters_max: int, *, lines: bool) -> Validator:
    def validate(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str):
            raise _wrong_type(_name(instance, attribute), "str", value)
        # Nearly every text is printable and short: one C call decides.
        if value.isprintable() and len(value) <= characters_max and value and not value.isspace():
            return
        if problem := text_problem(value, characters_max, lines=lines):
            raise InvalidValue(_name(instance, attribute), problem)

    _TEXTS[validate] = Text(characters_max, lines)
    return validate


line: Final = _text(LINE_CHARACTERS_MAX, lines=False)
"""A single line of 1 to 500 characters."""

prose: Final = _text(PROSE_CHARACTERS_MAX, lines=True)
"""A text of 1 to 20,000 characters, which may have several lines."""


def blank_or_prose(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A text that may be empty."""
    if value != "":
        prose(instance, attribute, value)


_TEXTS[blank_or_prose] = Text(PROSE_CHARACTERS_MAX, lines=True, blank=True)


def optional(validate: Validator) -> Validator:
    """The same, or None."""

    def validate_optional(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            validate(instance, attribute, value)

    if validate in _TEXTS:
        _TEXTS[validate_optional] = _TEXTS[validate]
    return validate_optional


def check_instant(field: str, value: object) -> None:
    """Raise unless the value is a datetime with a zone, in years a record may hold."""
    if not isinstance(value, datetime):
        raise _wrong_type(field, "datetime", value)
    if value.tzinfo is None or value.utcoffset() is None:
        raise NaiveInstant(field)
    _check_year(field, value)


def _check_year(field: str, value: date) -> None:
    if not YEAR_MIN <= value.year < YEAR_MAX:
        raise InvalidValue(
            field,
            message(
                "the year {year} is outside {first} to {last}",
                year=value.year,
                first=YEAR_MIN,
                last=YEAR_MAX - 1,
            ),
        )


def in_utc_if_any(value: datetime | None) -> datetime | None:
    """`in_utc`, or None."""
    return None if value is None else in_utc(value)


def in_utc(value: datetime) -> datetime:
    """An aware datetime as a plain one in UTC; anything else as it is, for `instant` to refuse.

    Subclasses and zones with summer time have arithmetic and comparisons of their own, which
    records must not depend on.
    """
    if not isinstance(cast("object", value), datetime) or value.utcoffset() is None:
        return value
    if not YEAR_MIN <= value.year < YEAR_MAX:
        return value
    at = value.astimezone(UTC)
    if type(at) is datetime:
        return at
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, UTC)


def instant(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A datetime with a zone."""
    check_instant(_name(instance, attribute), value)


def day(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A date, and not a datetime: a day has no hour."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong_type(_name(instance, attribute), "date", value)
    _check_year(_name(instance, attribute), value)


def _is_to_the_fen(value: Decimal) -> bool:
    # By its digits, since arithmetic would depend on the context of the thread.
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return -20 <= exponent <= 13 and not any(digits[exponent + 2 :] if exponent < -2 else ())


def yuan(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """An exact amount in yuan: a Decimal of at least 0, to the fen."""
    field = _name(instance, attribute)
    if type(value) is not Decimal:
        raise _wrong_type(field, "Decimal", value)
    if not (value.is_finite() and 0 <= value < AMOUNT_YUAN_MAX and _is_to_the_fen(value)):
        raise InvalidValue(
            field,
            message(
                "an amount is at least 0, less than {most} yuan and exact to the fen",
                most=AMOUNT_YUAN_MAX,
            ),
        )


def instance_of(expected: type[Any]) -> Validator:
    """A value of one very class: one of a class below it could not be read back as it was."""

    def validate(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if type(value) is not expected:
            raise _wrong_type(_name(instance, attribute), expected.__name__, value)

    return validate


def tuple_of(expected: type[Any]) -> Validator:
    """A tuple whose items are all of one very class."""

    def validate(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        field = _name(instance, attribute)
        if not isinstance(value, tuple):
            raise _wrong_type(field, "tuple", value)
        for number, item in enumerate(cast("tuple[object, ...]", value)):
            if type(item) is not expected:
                raise _wrong_type(f"{field}[{number}]", expected.__name__, item)

    return validate


def partial_date(value: date | str) -> str:
    """A day or a month in ISO form: ``2018-05-03`` or ``2018-05``; anything else raises."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value, re.ASCII):
        try:
            read = date.fromisoformat(value if len(value) == 10 else f"{value}-01")
        except ValueError:
            read = None
        if read is not None and YEAR_MIN <= read.year < YEAR_MAX:
            return value
    raise InvalidValue(
        "decided_on", message("expected a date, or a text such as 2018-05-03 or 2018-05")
    )
