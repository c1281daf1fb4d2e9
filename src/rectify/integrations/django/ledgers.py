"""The ledger of the project: one for the process, on Django's connections."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.signals import setting_changed

from rectify.integrations.django import conf
from rectify.integrations.django.store import DjangoStore
from rectify.ledger import Ledger

if TYPE_CHECKING:
    from django.http import HttpRequest


@cache
def get_ledger() -> Ledger[Any]:
    """The ledger that the setting ``RECTIFY`` describes, with its hooks.

    Nothing is asked of the database until it is used. Within ``transaction.atomic`` each of
    its steps is a savepoint; the project's rows and the ledger's are committed together.
    """
    settings = conf.current()
    ledger = make_ledger(settings)
    for add in settings.hooks:
        add(ledger)
    return ledger


def ledger_for(request: HttpRequest) -> Ledger[Any]:
    """The ledger that serves a request; who acts is `actor_for` of the same request."""
    return get_ledger()


def make_ledger(settings: conf.Settings) -> Ledger[Any]:
    """A ledger on Django's connection, without hooks."""
    thread = _Thread()

    def kick() -> None:
        """Run what is owed, once what owes it is committed."""
        if settings.deliver != "on_commit" or thread.delivers:
            return
        thread.delivers = True
        try:
            ledger.deliver()
        finally:
            thread.delivers = False

    options: dict[str, Any] = {} if settings.clock is None else {"clock": settings.clock}
    ledger = Ledger[Any](
        settings.campaign,
        lifecycle=settings.lifecycle,
        store=DjangoStore(settings, kick),
        units=settings.units,
        secrets=settings.secrets,
        **options,
    )
    return ledger


class _Thread(threading.local):
    """Whether a thread delivers already; its own commits begin no other delivery."""

    delivers = False


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "RECTIFY":
        get_ledger.cache_clear()


setting_changed.connect(_forget)
