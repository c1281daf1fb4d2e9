"""Pydantic schemas made from attrs classes: one for each move, one for each state.

A schema says of a body what its JSON must look like; what the values mean the attrs classes
check themselves (`building`). Fields go by an alias, so that a host's field may have any name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import attrs
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    create_model,
)
from pydantic_core import PydanticCustomError

from rectify import fields
from rectify.canonical import INTEGER_MAX
from rectify.errors import LifecycleError
from rectify.i18n import message
from rectify.move import field_types
from rectify.sealed import Sealed

Schema: TypeAlias = type[BaseModel]

_CONFIG: Final = ConfigDict(extra="forbid", protected_namespaces=())
_DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INSTANT: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$"
)
_YUAN: Final = r"^[0-9]{1,14}(\.[0-9]{1,20})?$"


def _read_by(read: Callable[[str], object], error: Literal["day", "instant"]) -> AfterValidator:
    """Checks that a text can be read; it stays a text, which the values are made of later."""

    def check(text: str) -> str:
        try:
            read(text)
        except ValueError:
            raise PydanticCustomError(error, "not readable") from None
        return text

    return AfterValidator(check)


Day: TypeAlias = Annotated[
    str,
    Field(strict=True, pattern=_DAY, json_schema_extra={"format": "date"}),
    _read_by(date.fromisoformat, "day"),
]
"""A date in ISO form."""

Instant: TypeAlias = Annotated[
    str,
    Field(strict=True, pattern=_INSTANT, json_schema_extra={"format": "date-time"}),
    _read_by(datetime.fromisoformat, "instant"),
]
"""An instant by RFC 3339, with its offset."""

_PLAIN: Final[Mapping[object, Any]] = {
    str: StrictStr,
    bool: StrictBool,
    int: Annotated[StrictInt, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)],
    Sealed: Annotated[StrictStr, Field(min_length=1, max_length=fields.PROSE_CHARACTERS_MAX)],
    Decimal: Annotated[StrictStr, Field(pattern=_YUAN, examples=["1250000.00"])],
    date: Day,
    datetime: Instant,
    type(None): type(None),
}
_UNIONS: Final = (Union, UnionType)


class Schemas:
    """Makes schemas, one for each class, and keeps them, since the documents name each once.

    What goes out has no confidential value: of such a field it says only whether there is one.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[type, bool], Schema] = {}

    def incoming(self, kind: type, *, tag: str | None = None, without: str = "") -> Schema:
        """The schema of what comes in; with a ``tag``, that field holds the class's name.

        Raises `LifecycleError` where a field's type can't be written as JSON.
        """
        return self._of(kind, tag, without, out=False)

    def outgoing(self, kind: type, *, tag: str | None = None) -> Schema:
        """The schema of what goes out."""
        return self._of(kind, tag, "", out=True)

    def _of(self, kind: type, tag: str | None, without: str, *, out: bool) -> Schema:
        key = (kind, out and holds_sealed(kind))
        if key not in self._made:
            self._made[key] = self._make(kind, tag, without, out=key[1])
        return self._made[key]

    def _make(self, kind: type, tag: str | None, without: str, *, out: bool) -> Schema:
        hints = field_types(kind)
        made: dict[str, Any] = {}
        name = kind.__name__
        if tag is not None:
            made[tag] = (Literal[name], ...)
        for one in attrs.fields(kind):
            hint = hints[one.name]
            if out and is_sealed(hint):
                made[f"field_{one.name}"] = (bool, Field(alias=f"has_{one.name}"))
            elif one.name != without:
                plain = self._type(hint, f"{name}.{one.name}", out=out)
                made[f"field_{one.name}"] = (_bounded(plain, one), _field(one))
        named = f"Recorded{name}" if out and tag is None else name
        doc = inspect.getdoc(kind)
        return create_model(named, __config__=_CONFIG, __doc__=doc, **made)

    def _type(self, hint: Any, place: str, *, out: bool) -> Any:
        """What pydantic is told of a field's type."""
        origin, arguments = get_origin(hint), get_args(hint)
        if hint in _PLAIN:
            return _PLAIN[hint]
        if origin is Literal:
            return hint
        if origin in _UNIONS and len(arguments) == 2 and type(None) in arguments:
            return one_of(self._type(each, place, out=out) for each in arguments)
        if origin is list or (origin is tuple and arguments[1:] == (...,)):
            item = self._type(arguments[0], place, out=out)
            return list[item]  # type: ignore[valid-type]
        if isinstance(hint, type) and issubclass(hint, Enum):
            values = tuple(member.value for member in hint)
            return Literal[values]
        if isinstance(hint, type) and attrs.has(hint):
            return self._of(hint, None, "", out=out)
        problem = message("{field}: its type can't be written as JSON", field=place)
        raise LifecycleError([problem])


def is_sealed(hint: Any) -> bool:
    """Whether a field is confidential, by its type."""
    return hint is Sealed or (get_origin(hint) in _UNIONS and Sealed in get_args(hint))


@cache
def holds_sealed(kind: type) -> bool:
    """Whether a class has a confidential field, or a field of such a class."""
    return any(_reaches_sealed(hint) for hint in field_types(kind).values())


def _reaches_sealed(hint: Any) -> bool:
    if isinstance(hint, type) and attrs.has(hint):
        return holds_sealed(hint)
    return hint is Sealed or any(_reaches_sealed(each) for each in get_args(hint))


def _bounded(hint: Any, field: attrs.Attribute[Any]) -> Any:
    """The same, with the bounds of the text that the field's validator has."""
    text = fields.text_of(field.validator)
    if text is None:
        return hint
    bounds = Field(
        min_length=0 if text.blank else 1,
        max_length=text.characters_max,
        pattern=None if text.blank else r"\S",
    )
    bounded: Any = Annotated[StrictStr, bounds]
    return bounded if hint is StrictStr else one_of((bounded, None))


def _field(field: attrs.Attribute[Any]) -> Any:
    if field.default is attrs.NOTHING:
        return Field(alias=field.name)
    default: Any = field.default
    plain: Any = [] if default == () else default if isinstance(default, str | int) else None
    return Field(default=plain, alias=field.name)


def one_of(types: Iterable[Any]) -> Any:
    """Any of some types, as a type."""
    union: Any = Union
    return union[tuple(types)]
