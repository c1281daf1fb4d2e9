"""The ledger of the project: one for the process, on Django's connections."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.signals import setting_changed

from rectify.integrations.django import conf
from rectify.integrations.django.source import DjangoSource, Guard
from rectify.ledger import Ledger
from rectify.stores.sql import SqlStore

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
    guard = Guard()

    def kick() -> None:
        """Run what is owed, once what owes it is committed."""
        if settings.deliver != "on_commit" or guard.busy:
            return
        guard.busy = True
        try:
            ledger.deliver()
        finally:
            guard.busy = False

    options: dict[str, Any] = {} if settings.clock is None else {"clock": settings.clock}
    ledger = Ledger[Any](
        settings.campaign,
        lifecycle=settings.lifecycle,
        store=make_store(settings, kick),
        units=settings.units,
        **options,
    )
    return ledger


def make_store(settings: conf.Settings, on_commit: Callable[[], object]) -> SqlStore:
    """The store on Django's connection; ``on_commit`` is called once a step is committed."""
    campaign = settings.campaign
    source = DjangoSource(settings.database, campaign.id, campaign.fingerprint, on_commit)
    return SqlStore(source, settings.lifecycle)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "RECTIFY":
        get_ledger.cache_clear()


setting_changed.connect(_forget)
