"""From plain data back to typed values, strictly: nothing is coerced, nothing left over."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast

import attrs
from cattrs import BaseValidationError, Converter, transform_error

from rectify.errors import InvalidValue, RectifyError
from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.move import Step, field_types
from rectify.sealed import Sealed

T = TypeVar("T")


def read_object(text: str) -> dict[str, Any]:
    """The object that a JSON text is; `InvalidValue` for any other text."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InvalidValue("JSON", message("it is not the JSON of an object"))
    return cast("dict[str, Any]", data)


def restore(kind: type[T], data: object) -> T:
    """The value of a class from the data its canonical JSON holds; else `InvalidValue`."""
    try:
        value: T = _converter(detailed=False).structure(data, kind)
    except Exception:
        raise _mistake_in(kind, data) from None
    return value


def _mistake_in(kind: type[Any], data: object) -> InvalidValue:
    """What is wrong with data that did not restore: read again, for the place of each mistake."""
    try:
        _converter(detailed=True).structure(data, kind)
    except InvalidValue as error:
        return error
    except BaseValidationError as error:
        problems = "; ".join(transform_error(error))
        return InvalidValue(
            _name(kind), message("the data does not fit: {problems}", problems=problems)
        )
    except (ArithmeticError, AttributeError, TypeError, ValueError):  # as it came from within
        pass
    return _mistaken(kind, data)


def restore_step(
    kind: type[Step[Issue]], issue: Issue | None, evidence: Mapping[str, Any]
) -> Step[Issue]:
    """A step of a class on an issue, from the evidence its record holds; else `InvalidValue`."""
    types, names = _fields_of(cast("Any", kind))
    if unread := evidence.keys() - names:
        listed = tuple(sorted(unread))
        raise InvalidValue(kind.__name__, message("it has no field {names}", names=listed))
    values: dict[str, Any] = {}
    for name, value in evidence.items():
        try:
            values[name] = restore(types[name], value)
        except InvalidValue as error:
            raise InvalidValue(f"{kind.__name__}.{name}", error.problem) from None
    if "issue" in types:
        values["issue"] = issue
    try:
        return kind(**values)
    except RectifyError:
        raise
    except TypeError as error:
        raise InvalidValue(kind.__name__, _unfit(kind, values.keys(), error)) from None


def _unfit(kind: Any, given: Collection[str], error: TypeError) -> Message:
    """Why a step can't be made of what is given: what is missing, or what its class said."""
    lacking = tuple(
        field.name
        for field in attrs.fields(kind)
        if field.default is attrs.NOTHING and field.name not in given
    )
    return (
        message("the evidence lacks: {names}", names=lacking)
        if lacking
        else message("the evidence does not fit: {problem}", problem=error)
    )


@cache
def _fields_of(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The types of a step's fields, and the names of those that are evidence."""
    names = frozenset(field.name for field in attrs.fields(kind))
    return field_types(kind), names - {"issue"}


def check_readable(step: Step[Issue], evidence: Mapping[str, Any]) -> None:
    """Raise `InvalidValue` unless a record of this evidence leads to the same step again."""
    kind = type(step)
    again = restore_step(kind, getattr(step, "issue", None), evidence)
    if again != step:
        raise InvalidValue(
            kind.__name__, message("its evidence would not read back from the record as it is")
        )


def _exactly(kind: type[T]) -> Any:
    def structure(data: object, _: object) -> T:
        if type(data) is not kind:
            raise _mistaken(kind, data)
        return data

    return structure


def _mistaken(kind: type[object], data: object) -> InvalidValue:
    expected = _name(kind)
    return InvalidValue(
        expected,
        message("expected {expected}, got {actual}", expected=expected, actual=type(data).__name__),
    )


def _name(kind: type[object]) -> str:
    return getattr(kind, "__name__", str(kind))  # a union has none


def _amount(data: Any, _: object) -> Decimal:
    return Decimal(_exactly(str)(data, str))


def _instant(data: Any, _: object) -> datetime:
    at = datetime.fromisoformat(_exactly(str)(data, str))
    if at.tzinfo is None:
        raise InvalidValue("datetime", message("an instant without a zone"))
    return at.astimezone(UTC)


def _day(data: Any, _: object) -> date:
    return date.fromisoformat(_exactly(str)(data, str))


def _sealed(data: Any, _: object) -> Sealed:
    return Sealed(commitment=data["commitment"])


@cache
def _converter(*, detailed: bool) -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=detailed)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook(Decimal, _amount)
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(date, _day)
    converter.register_structure_hook(Sealed, _sealed)
    return converter
