"""The JSON Schema of a campaign file, for editors: completion, and errors as one types.

It is generated from `rectify.campaign.shape` and says what that says: keys, types, forms,
bounds. What holds between parts only `load_campaign` checks. A copy is shipped as
``campaigns/campaign.schema.json``.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Annotated, Literal, cast, get_args, get_origin

from rectify.campaign.shape import CampaignTable
from rectify.strict import Mark, fields_of, is_optional

_PLAIN: Mapping[object, str] = {str: "string", int: "integer", bool: "boolean"}


def campaign_schema() -> dict[str, object]:
    """The schema, in draft 7, which is what editors of TOML understand."""
    definitions: dict[str, object] = {}
    _shape(CampaignTable, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "rectify campaign",
        **cast("dict[str, object]", definitions.pop(_name(CampaignTable))),
        "definitions": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as it is stored."""
    return json.dumps(campaign_schema(), ensure_ascii=False, indent=2) + "\n"


def _name(shape: type) -> str:
    return shape.__name__.removesuffix("Table")


def _shape(shape: type, definitions: dict[str, object]) -> dict[str, object]:
    """A reference to the definition of a shape, which is added if it is not there yet."""
    name = _name(shape)
    if name not in definitions:
        fields = fields_of(shape)
        definitions[name] = {
            "description": " ".join((inspect.getdoc(shape) or "").split()),
            "type": "object",
            "additionalProperties": False,
            "required": [key for key, (_, is_required) in fields.items() if is_required],
            "properties": {key: _schema(hint, definitions) for key, (hint, _) in fields.items()},
        }
    return {"$ref": f"#/definitions/{name}"}


def _schema(hint: object, definitions: dict[str, object]) -> dict[str, object]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        schema = _schema(arguments[0], definitions)
        for mark in cast("tuple[Mark, ...]", arguments[1:]):
            schema = {**schema, **mark.schema()}
        return schema
    if is_optional(hint):
        return _schema(arguments[0], definitions)
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is not None:
        key, value = (_schema(each, definitions) for each in arguments)
        return {"type": "object", "propertyNames": key, "additionalProperties": value}
    return _shape(cast(type, hint), definitions)
