"""Who makes a move."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import attrs

from rectify import fields
from rectify.canonical import object_encoder
from rectify.errors import InvalidValue
from rectify.i18n import message

DISCIPLINE = "discipline"
"""The role of the discipline inspection and supervision organs (纪检监察机关)."""


def _roles(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, frozenset):
        raise InvalidValue("Actor.roles", message("expected a frozenset of str"))
    for role in cast("frozenset[object]", value):
        fields.line(instance, attribute, role)


@attrs.frozen(slots=False)
class Actor:
    """Who makes a move: an id of the host platform's own, the unit, the roles held.

    The library reads one role, ``"discipline"``; a host's rules may read others.
    """

    id: str = attrs.field(validator=fields.line)
    unit: str = attrs.field(validator=fields.line)
    roles: frozenset[str] = attrs.field(factory=frozenset[str], validator=_roles)

    @cached_property
    def canonical(self) -> str:
        """Its canonical JSON; made once, since an actor makes many moves."""
        return _encode(self)


_encode = object_encoder(Actor)
