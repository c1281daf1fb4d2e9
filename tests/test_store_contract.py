"""The library's own stores do all that the contract asks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import create_engine

from rectify import load_campaign
from rectify.lifecycle import STANDARD
from rectify.store import Store
from rectify.stores.memory import MemoryStore
from rectify.stores.opening import open_store
from rectify.stores.source import Within
from rectify.stores.sql import SqlStore
from rectify.testing import DurableStoreContract, HostedContract, InHost, OpenStore, StoreContract


def open_sql(url: str) -> Store:
    """The store at an address, made where there is none."""
    return open_store(url, load_campaign("hubei-2018"), STANDARD, create=True)


class TestMemory(StoreContract):
    """A ledger in memory."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return MemoryStore


class TestSQL(HostedContract, DurableStoreContract):
    """A ledger on SQLite, and one on PostgreSQL."""

    @pytest.fixture
    def open_store(self, url: str) -> OpenStore:
        return partial(open_sql, url)

    @pytest.fixture
    def in_host(self, url: str) -> Iterator[InHost]:
        engine = create_engine(url)

        @contextmanager
        def begin() -> Generator[Store]:
            with engine.begin() as connection:
                yield SqlStore(Within(connection), STANDARD)

        yield begin
        engine.dispose()
