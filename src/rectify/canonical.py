"""Canonical JSON: the bytes that a digest covers, by RFC 8785.

Object keys are sorted by their UTF-16 code units, strings hold only the escapes that
JSON demands, nothing is spaced. Numbers are integers within ±(2**53 - 1): what is exact
stays exact, so money, which is Decimal, becomes a string, and a float is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from json import JSONDecoder, JSONEncoder
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final

import attrs

from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.sealed import Sealed

INTEGER_MAX: Final = 2**53 - 1
_NONE: Final = object()


def encode(value: object) -> str:
    """The canonical JSON of a value made of what records hold."""
    return _ENCODERS[type(value)](value)


def decode(text: str) -> Any:
    """What canonical JSON holds; `ValueError` for what it can't, a float or a larger integer."""
    return _DECODER.decode(text)


def is_canonical(data: object, text: str) -> bool:
    """Whether a text is the canonical JSON of what `decode` gave."""
    # The standard encoder, many times as fast, sorts by code points: the same order wherever
    # each of them is one UTF-16 unit.
    if len(text.encode("utf-16-le")) == 2 * len(text):
        return _PLAIN.encode(data) == text
    return encode(data) == text


_day: Final = lru_cache(maxsize=512)(date.isoformat)


def instant(at: datetime) -> str:
    """An instant in UTC, as records hold it."""
    return in_utc(at.astimezone(UTC))


def in_utc(at: datetime) -> str:
    """An instant that is in UTC already, as records hold it."""
    # What `at.isoformat()` gives, in half the time: days repeat, and the zone is known.
    return f"{_day(at.date())}T{at.time().isoformat()}+00:00"


def _encode_integer(value: int) -> str:
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise InvalidValue("int", message("an integer beyond ±(2^53-1) is not exact in JSON"))
    return str(value)


def _exact(digits: str) -> int:
    value = int(digits)
    _encode_integer(value)
    return value


def _no_float(text: str) -> float:
    raise InvalidValue("float", message("a {kind} can't be written to a record", kind="float"))


_DECODER: Final = JSONDecoder(parse_int=_exact, parse_float=_no_float, parse_constant=_no_float)
_PLAIN: Final = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _encode_array(value: tuple[object, ...] | list[object]) -> str:
    return f"[{','.join([_ENCODERS[type(item)](item) for item in value])}]"


def _encode_object(value: Mapping[str, object]) -> str:
    pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
    return "{" + ",".join(f"{encode_basestring(k)}:{encode(v)}" for k, v in pairs) + "}"


class _Encoders(dict[type, Callable[[Any], str]]):
    """The encoder of each type; that of an attrs class or enum is made when first asked for.

    A class whose values carry their canonical JSON, as ``canonical``, is taken at its word.
    """

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        encoder = self[kind] = _encoder_of(kind)
        return encoder


_ENCODERS: Final = _Encoders(
    {
        str: encode_basestring,
        int: _encode_integer,
        bool: lambda value: "true" if value else "false",
        type(None): lambda _: "null",
        tuple: _encode_array,
        list: _encode_array,
        frozenset: lambda value: _encode_array(sorted(value)),
        dict: _encode_object,
        Decimal: lambda value: f'"{value:f}"',
        datetime: lambda value: f'"{instant(value)}"',
        date: lambda value: f'"{_day(value)}"',
        Sealed: lambda value: _encode_object({"commitment": value.commitment}),
    }
)


def _encoder_of(kind: type) -> Callable[[Any], str]:
    if attrs.has(kind):
        return attrgetter("canonical") if hasattr(kind, "canonical") else object_encoder(kind)
    if issubclass(kind, Enum):
        return {member: encode(member.value) for member in kind}.__getitem__
    for base in (str, Decimal, datetime, date):
        if issubclass(kind, base):
            return _ENCODERS[base]
    raise InvalidValue(
        kind.__name__, message("a {kind} can't be written to a record", kind=kind.__name__)
    )


def object_encoder(kind: type, *, without: str | None = None) -> Callable[[Any], str]:
    """The encoder of an attrs class: its fields by name, but for one left out.

    A field that has its default, where that is None or an empty tuple, is left out too.
    """
    fields = sorted((a for a in attrs.fields(kind) if a.name != without), key=lambda a: a.name)
    plan = tuple(
        (
            attrgetter(a.name),
            f",{encode_basestring(a.name)}:",
            a.default if a.default in (None, ()) else _NONE,
        )
        for a in fields
    )

    def encode_fields(value: object) -> str:
        text = ""
        for read, key, default in plan:
            item = read(value)
            if item is not default:
                text += key + _ENCODERS[type(item)](item)
        return "{" + text[1:] + "}"

    return encode_fields
