"""The store on Django's connection does all that the contract asks, on both databases."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from djangosite import configure, postgresql, set_up, sqlite
from rectify.store import Store
from rectify.testing import DurableStoreContract, HostedContract, InHost, OpenStore


def _settings(alias: str) -> Any:
    from rectify.integrations.django.conf import read

    found, problems = read({"CAMPAIGN": "hubei-2018", "DATABASE": alias})
    assert found is not None, problems
    return found


def open_django(database: Mapping[str, Any]) -> DjangoStoreOfRequests:
    """The store on an alias of its own, migrated; also in a process that has no Django yet."""
    configure()
    set_up()
    from django.core.management import call_command
    from django.db import connections
    from django.test import override_settings

    alias = f"contract_{uuid.uuid4().hex}"
    handler: Any = connections
    handler.settings[alias] = dict(database)
    if "rectify_ledger" not in handler[alias].introspection.table_names():
        with override_settings(RECTIFY={"CAMPAIGN": "hubei-2018", "DATABASE": alias}):
            call_command("migrate", "rectify", database=alias, verbosity=0)
    return _of_requests(alias)


class DjangoStoreOfRequests(Store, Protocol):
    """A store on Django's connection, and the alias it is on."""

    alias: str


def _of_requests(alias: str) -> DjangoStoreOfRequests:
    """A store whose connections are closed as Django closes them: at the end of each request."""
    from django.db import connections

    from rectify.integrations.django.store import DjangoStore

    handler: Any = connections

    @contextmanager
    def request() -> Generator[None]:
        outermost = not handler[alias].in_atomic_block
        try:
            yield
        finally:
            if outermost and threading.current_thread() is not threading.main_thread():
                handler[alias].close()

    class OfRequests(DjangoStore):
        def __init__(self) -> None:
            super().__init__(_settings(alias), lambda: None)
            self.alias = alias

        @contextmanager
        def transaction(self) -> Generator[Any]:
            with request(), super().transaction() as tx:
                yield tx

        @contextmanager
        def reading(self) -> Generator[Any]:
            with request(), super().reading() as tx:
                yield tx

        @contextmanager
        def batch(self) -> Generator[None]:
            with request(), super().batch():
                yield

        def close(self) -> None:
            super().close()
            if alias in handler.settings:
                handler[alias].close()
                del handler[alias]
                del handler.settings[alias]

    return OfRequests()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, Any]:
    """The setting of an empty database, of each kind."""
    set_up()
    if request.param == "sqlite":
        return sqlite(tmp_path / "ledger.db")
    return postgresql(request.getfixturevalue("empty_postgres"))


class TestDjango(HostedContract, DurableStoreContract):
    """A ledger on Django's connection."""

    @pytest.fixture
    def open_store(self, database: Mapping[str, Any]) -> OpenStore:
        return partial(open_django, database)

    @pytest.fixture
    def in_host(self, database: Mapping[str, Any]) -> InHost:
        from django.db import transaction

        @contextmanager
        def begin() -> Generator[Store]:
            with closing(open_django(database)) as store, transaction.atomic(using=store.alias):
                yield store

        return begin
