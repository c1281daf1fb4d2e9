"""The ledger in a Django project (5.2 and later).

``"rectify.integrations.django"`` goes into ``INSTALLED_APPS``; the setting ``RECTIFY`` says which
campaign, see `rectify.integrations.django.conf`. The ledger then lives in the project's database:
within ``transaction.atomic`` its rows and the project's own are committed or rolled back together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rectify.integrations.django.actors import actor_for
    from rectify.integrations.django.desk import Desk, desk_for
    from rectify.integrations.django.ledgers import get_ledger, ledger_for
    from rectify.integrations.django.posted import sealed_post

__all__ = ["Desk", "actor_for", "desk_for", "get_ledger", "ledger_for", "sealed_post"]

_MODULES = {
    "Desk": "desk",
    "actor_for": "actors",
    "desk_for": "desk",
    "get_ledger": "ledgers",
    "ledger_for": "ledgers",
    "sealed_post": "posted",
}


def __getattr__(name: str) -> Any:
    # Django imports this package before its models may be; so nothing is imported early.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
