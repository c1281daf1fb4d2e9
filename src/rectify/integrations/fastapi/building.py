"""From the JSON of a body to attrs values: where the schema fits, what the values mean.

The place of what is wrong is told as a JSON pointer (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

import attrs

from rectify.errors import InvalidValue, RectifyError
from rectify.i18n import Message, message
from rectify.move import field_types

T = TypeVar("T")


class Misfit(Exception):
    """A value that can't be taken: where it stands in the body, and what is wrong with it."""

    def __init__(self, pointer: str, problem: Message) -> None:
        super().__init__(pointer)
        self.pointer = pointer
        self.problem = problem


def build(kind: type[T], data: Mapping[str, Any], pointer: str = "", **given: Any) -> T:
    """A value of an attrs class from JSON that fits its schema; ``given`` are fields as they are.

    Raises `Misfit`, and what building it raises otherwise.
    """
    hints = field_types(kind)
    values = {name: _value(hints[name], value, f"{pointer}/{name}") for name, value in data.items()}
    make = cast("Callable[..., T]", kind)
    try:
        return make(**values, **given)
    except InvalidValue as error:
        raise Misfit(_place(kind, error, pointer), error.problem) from None
    except RectifyError:
        raise
    except (TypeError, ValueError):  # a host's own validators may raise these, quoting the value
        problem = message("the values do not fit {kind}", kind=kind.__name__)
        raise Misfit(pointer, problem) from None


def _place(kind: type, error: InvalidValue, pointer: str) -> str:
    """The pointer of the field that an error of a class names, or of the object."""
    of, _, name = error.field.partition(".")
    if of == kind.__name__ or error.field in field_types(kind):
        return f"{pointer}/{name or of}"
    return pointer


def _value(hint: Any, data: Any, pointer: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):  # only ever "or None", by the schema
        (hint,) = (each for each in arguments if each is not type(None))
        return None if data is None else _value(hint, data, pointer)
    if origin in (list, tuple):
        items = [_value(arguments[0], item, f"{pointer}/{n}") for n, item in enumerate(data)]
        return tuple(items) if origin is tuple else items
    if hint in _READERS:
        return _READERS[hint](data)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    if isinstance(hint, type) and attrs.has(hint):
        return build(hint, data, pointer)
    return data


_READERS: Final[Mapping[object, Callable[[str], Any]]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
}
