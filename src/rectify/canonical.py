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
from functools import cache
from json.encoder import encode_basestring
from typing import Any, Final

import attrs

from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.sealed import Sealed

INTEGER_MAX: Final = 2**53 - 1


def encode(value: object) -> str:
    """The canonical JSON of a value made of what records hold."""
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder else _encode_other(value)


def instant(at: datetime) -> str:
    """An instant in UTC, as records hold it."""
    return at.astimezone(UTC).isoformat()


def _encode_integer(value: int) -> str:
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise InvalidValue("int", message("an integer beyond ±(2^53-1) is not exact in JSON"))
    return str(value)


def _encode_array(value: tuple[object, ...] | list[object]) -> str:
    return f"[{','.join(map(encode, value))}]"


def _encode_object(value: Mapping[str, object]) -> str:
    pairs = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
    return "{" + ",".join(f"{encode_basestring(k)}:{encode(v)}" for k, v in pairs) + "}"


def _encode_text(value: str) -> str:
    return encode_basestring(value)


_ENCODERS: Final[dict[type, Callable[[Any], str]]] = {
    str: _encode_text,
    int: _encode_integer,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    tuple: _encode_array,
    list: _encode_array,
    dict: _encode_object,
    Decimal: lambda value: f'"{value:f}"',
    datetime: lambda value: f'"{instant(value)}"',
    date: lambda value: f'"{value.isoformat()}"',
    Sealed: lambda value: _encode_object({"commitment": value.commitment}),
}


def _encode_other(value: object) -> str:
    kind = type(value)
    if attrs.has(kind):
        return object_encoder(kind)(value)
    if isinstance(value, Enum):
        return encode(value.value)
    for base in (str, datetime, date):
        if isinstance(value, base):
            return _ENCODERS[base](value)
    raise InvalidValue(
        kind.__name__, message("a {kind} can't be written to a record", kind=kind.__name__)
    )


@cache
def object_encoder(kind: type, *, without: str | None = None) -> Callable[[Any], str]:
    """The encoder of an attrs class: its fields by name, but for one left out."""
    names = sorted(a.name for a in attrs.fields(kind) if a.name != without and a.init)
    keys = tuple((name, encode_basestring(name) + ":") for name in names)

    def encode_fields(value: object) -> str:
        return "{" + ",".join([key + encode(getattr(value, name)) for name, key in keys]) + "}"

    return encode_fields
