"""Django's permissions for what is done with issues: one for each move of the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import connections, router

from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.labels import label
from rectify.move import Step
from rectify.moves import Register

if TYPE_CHECKING:
    from rectify.integrations.django.conf import Settings

REVEAL: Final = "rectify.reveal"
"""May see who reported an issue, with a reason that is recorded."""
ALL_UNITS: Final = "rectify.all_units"
"""May see and move the issues of every unit, and not only those of the own and below."""
VIEW: Final = "rectify.view_issue"
"""May see issues."""

_OTHERS: Final[dict[str, Message]] = {
    "reveal": message("may see who reported an issue"),
    "all_units": message("may work on the issues of every unit"),
}


def of(step: type[Step[Issue]]) -> str:
    """The permission to take a step, such as ``rectify.move_verify``."""
    return f"rectify.{_codename(step)}"


def _codename(step: type[Step[Issue]]) -> str:
    return f"move_{step.__name__.lower()}"


def settle(settings: Settings, using: str) -> None:
    """Make the permissions that are not there yet; names are in Chinese."""
    if not apps.is_installed("django.contrib.auth"):
        return
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    from rectify.integrations.django.models import Issue as IssueRow

    # Where users are, which need not be where the ledger is; and only once their tables are made.
    there = connections[using].introspection.table_names()
    if using != router.db_for_write(Permission) or Permission._meta.db_table not in there:
        return
    wanted = {name: text.zh for name, text in _OTHERS.items()}
    steps: tuple[type[Step[Issue]], ...] = (Register, *settings.lifecycle.moves)
    for step in steps:
        wanted[_codename(step)] = label(step, "zh")
    kind = ContentType.objects.db_manager(using).get_for_model(IssueRow)
    manager: Any = Permission.objects.using(using)
    known = set(manager.filter(content_type=kind).values_list("codename", flat=True))
    manager.bulk_create(
        Permission(content_type=kind, codename=name, name=text)
        for name, text in wanted.items()
        if name not in known
    )
