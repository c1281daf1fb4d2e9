"""Who acts: an `Actor` of the user who is logged in."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from rectify.actor import Actor
from rectify.errors import InvalidValue
from rectify.i18n import message
from rectify.integrations.django import conf
from rectify.integrations.django.words import said

if TYPE_CHECKING:
    from django.http import HttpRequest


class NoActor(PermissionDenied):
    """Nobody is logged in, or the user belongs to no unit: there is no move without its actor."""


def actor_for(request: HttpRequest) -> Actor:
    """The actor that a request's user is; `NoActor` where there is none."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        raise NoActor(said(message("log in first")))
    return actor_of_user(user)


def actor_of_user(user: Any) -> Actor:
    """The actor that a user is, whether a request is at hand or not."""
    settings = conf.current()
    if settings.actor is not None:
        return settings.actor(user)
    return actor_of(user, settings)


def actor_of(user: Any, settings: conf.Settings) -> Actor:
    """The user's name as id, the unit and the roles where the settings say they are.

    `NoActor` where the user has no unit.
    """
    name = user.get_username()
    try:
        unit = attrgetter(settings.unit)(user)
        actor = Actor(id=name, unit=str(unit or ""))
    except (AttributeError, ObjectDoesNotExist, InvalidValue):
        problem = message(
            'user {user} belongs to no unit; RECTIFY["UNIT"] says where it is looked for: {where}',
            user=name,
            where=settings.unit,
        )
        raise NoActor(said(problem)) from None
    if not settings.roles:
        return actor
    groups = user.groups.values_list("name", flat=True)
    roles = frozenset(settings.roles[name] for name in groups if name in settings.roles)
    return Actor(id=actor.id, unit=actor.unit, roles=roles)
