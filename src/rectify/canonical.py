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
from json.encoder import encode_basestring
from typing import Any, Final

import attrs

from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.sealed import Sealed

INTEGER_MAX: Final = 2**53 - 1
_NONE: Final = object()


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
    frozenset: lambda value: _encode_array(sorted(value)),
    dict: _encode_object,
    Decimal: lambda value: f'"{value:f}"',
    datetime: lambda value: f'"{instant(value)}"',
    date: lambda value: f'"{value.isoformat()}"',
    Sealed: lambda value: _encode_object({"commitment": value.commitment}),
}


def _encode_other(value: object) -> str:
    encoder = _ENCODERS[type(value)] = _encoder_of(type(value))
    return encoder(value)


def _encoder_of(kind: type) -> Callable[[Any], str]:
    if attrs.has(kind):
        return object_encoder(kind)
    if issubclass(kind, Enum):
        return {member: encode(member.value) for member in kind}.__getitem__
    for base in (str, datetime, date):
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
        (a.name, encode_basestring(a.name) + ":", a.default if a.default in (None, ()) else _NONE)
        for a in fields
    )

    def encode_fields(value: object) -> str:
        parts: list[str] = []
        for name, key, default in plan:
            item = getattr(value, name)
            if item is not default:
                parts.append(key + encode(item))
        return "{" + ",".join(parts) + "}"

    return encode_fields
