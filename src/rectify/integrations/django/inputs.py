"""From the type of an attrs field to a form field: text, days, instants, money, choices, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

import attrs
from django import forms
from django.core.exceptions import ImproperlyConfigured

from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.integrations.django.field_words import name_of
from rectify.integrations.django.rows import RowsField
from rectify.integrations.django.scene import Scene
from rectify.integrations.django.words import said
from rectify.move import field_types
from rectify.sealed import Sealed, sealed

_TWO_LINES: Final = "一\n二"


@attrs.frozen
class Inputs:
    """The form fields of a class, by their names on the form, and what reads its value of them.

    ``read`` raises `InvalidValue` where the parts make no whole.
    """

    fields: dict[str, forms.Field]
    read: Callable[[dict[str, Any]], Any]


def inputs_of(kind: type[Any], scene: Scene, *, without: str = "", at: str = "") -> Inputs:
    """The form fields for the fields of an attrs class, those of its parts among them.

    ``at`` is where it stands in a larger whole, such as ``timetable-``. A field may bring a form
    field of its own, as ``attrs.field(metadata={"form_field": function of the Scene})``.
    """
    hints = field_types(kind)
    found: dict[str, forms.Field] = {}
    parts: dict[str, Callable[[dict[str, Any]], Any]] = {}
    for attribute in attrs.fields(kind):
        if attribute.name == without or not attribute.init:
            continue
        name = f"{at}{attribute.name}"
        hint = _without_none(hints[attribute.name])
        if isinstance(hint, type) and attrs.has(hint):
            below = inputs_of(hint, scene, at=f"{name}-")
            _begin(below.fields, scene.initial(attribute.name), f"{name}-")
            found.update(below.fields)
            parts[attribute.name] = below.read
            continue
        field = _field(kind, attribute, hint, scene)
        field.initial = scene.initial(attribute.name)
        found[name] = field
        parts[attribute.name] = partial(_one, name, attribute)

    def read(cleaned: dict[str, Any]) -> Any:
        values = {name: part(cleaned) for name, part in parts.items()}
        return {name: value for name, value in values.items() if value is not _LEFT_OUT}

    if without:
        return Inputs(found, read)
    return Inputs(found, lambda cleaned: kind(**read(cleaned)))


_LEFT_OUT: Final = object()


def _one(name: str, attribute: attrs.Attribute[Any], cleaned: dict[str, Any]) -> Any:
    """The value of one field; what was left blank takes its default."""
    value = cleaned.get(name)
    if value in (None, "") and attribute.default is not attrs.NOTHING:
        return _LEFT_OUT
    return value


def _begin(fields: dict[str, forms.Field], whole: Any, at: str) -> None:
    """Fill in what is known of a part beforehand."""
    for name, field in fields.items():
        field.initial = getattr(whole, name.removeprefix(at), field.initial)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else hint


def _field(
    kind: type[Any], attribute: attrs.Attribute[Any], hint: Any, scene: Scene
) -> forms.Field:
    own: Any = attribute.metadata.get("form_field")
    if own is not None:
        return cast("forms.Field", own(scene))
    options: dict[str, Any] = {
        "label": said(name_of(kind, attribute)),
        "required": attribute.default is attrs.NOTHING,
    }
    choices = scene.choices(kind, attribute.name)
    if choices is not None:
        return _choice(choices, options)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple and len(arguments) == 2 and attrs.has(cast("type", arguments[0])):
        return _rows(arguments[0], scene, options)
    make = _KINDS.get(hint)
    if make is not None:
        return make(attribute, options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        named = [(one.value, _member(one)) for one in hint]
        return _choice(named, options, coerce=hint)
    raise ImproperlyConfigured(
        said(
            message(
                "{kind}.{field}: no form field is known for it; give it one with"
                ' attrs.field(metadata={{"form_field": …}})',
                kind=kind.__name__,
                field=attribute.name,
            )
        )
    )


def _member(member: Enum) -> str:
    label: Any = getattr(member, "label", member.name)
    return said(label) if isinstance(label, (Message, str)) else str(label)


def _choice(
    choices: Iterable[tuple[Any, str]], options: dict[str, Any], **more: Any
) -> forms.Field:
    listed = [("", "———"), *choices]
    return forms.TypedChoiceField(choices=listed, empty_value=None, **options, **more)


def takes_lines(attribute: attrs.Attribute[Any]) -> bool:
    """Whether a text may have several lines: its validator is asked."""
    if attribute.validator is None:
        return False
    try:
        attribute.validator(None, attribute, _TWO_LINES)
    except (InvalidValue, ValueError, TypeError):
        return False
    return True


def _one_line_end(text: str) -> str:
    """With the line ends that every other way into the ledger has: browsers send CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class ProseField(forms.CharField):
    """A text, whose lines end the same whichever way it came."""

    def to_python(self, value: Any) -> Any:
        """The text."""
        return super().to_python(_one_line_end(value) if isinstance(value, str) else value)


class SealedInput(forms.TextInput):
    """Draws again what was sent sealed."""

    def format_value(self, value: Any) -> str | None:
        """The text, for the page of who sent it."""
        text = value.open() if isinstance(value, Sealed) else value
        return cast("str | None", super().format_value(text))


class SealedField(forms.CharField):
    """A confidential text, sealed as soon as it is read; what is wrong with it never shows it."""

    def clean(self, value: Any) -> Any:
        """The sealed text, or None."""
        given = value.open() if isinstance(value, Sealed) else value
        text: str = super().clean(_one_line_end(given) if isinstance(given, str) else given)
        found = sealed(text) if text else None
        del text, value, given
        if isinstance(found, Message):
            raise forms.ValidationError(said(found))
        return found


def _text(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    lines = takes_lines(attribute)
    widget = forms.Textarea(attrs={"rows": 3}) if lines else forms.TextInput()
    return ProseField(widget=widget, **options)


def _sealed(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    widget = SealedInput(attrs={"autocomplete": "off"})
    return SealedField(widget=widget, **options)


def _bool(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(label=options["label"], required=False)


def _date(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **options)


def _datetime(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return forms.DateTimeField(widget=widget, input_formats=formats, **options)


def _decimal(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(min_value=0, max_digits=15, decimal_places=2, **options)


def _int(attribute: attrs.Attribute[Any], options: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(**options)


_KINDS: Final[dict[Any, Callable[[attrs.Attribute[Any], dict[str, Any]], forms.Field]]] = {
    str: _text,
    Sealed: _sealed,
    bool: _bool,
    date: _date,
    datetime: _datetime,
    Decimal: _decimal,
    int: _int,
}


def _rows(kind: type[Any], scene: Scene, options: dict[str, Any]) -> forms.Field:
    """Rows of a class; an ``id`` that is left blank is given by the row's number."""
    hints = field_types(kind)
    columns: dict[str, forms.Field] = {}
    for attribute in attrs.fields(kind):
        hint = _without_none(hints[attribute.name])
        field = _field(kind, attribute, hint, scene)
        if attribute.name == "id":
            field = forms.CharField(widget=forms.HiddenInput(), required=False)
        columns[attribute.name] = field

    def make(cleaned: dict[str, Any], taken: set[str]) -> Any:
        values = dict(cleaned)
        if "id" in values and not values["id"]:
            values["id"] = next(f"m{n}" for n in range(1, len(taken) + 2) if f"m{n}" not in taken)
            taken.add(values["id"])
        try:
            return kind(**values)
        except InvalidValue as error:
            raise forms.ValidationError(said(error.problem)) from None

    return RowsField(columns, make, **options)
