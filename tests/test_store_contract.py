"""The library's own stores do all that the contract asks."""

from __future__ import annotations

from functools import partial

import pytest

from rectify import Ledger, load_campaign
from rectify.lifecycle import STANDARD
from rectify.store import Store
from rectify.stores.connection import connect
from rectify.stores.memory import MemoryStore
from rectify.stores.sql import SqlStore
from rectify.testing import DurableStoreContract, OpenStore, StoreContract


def open_sql(url: str) -> Store:
    """The store at an address, made where there is none."""
    Ledger.open(url, load_campaign("hubei-2018")).close()
    return SqlStore(connect(url, create=False), STANDARD)


class TestMemory(StoreContract):
    """A ledger in memory."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return MemoryStore


class TestSQL(DurableStoreContract):
    """A ledger on SQLite, and one on PostgreSQL."""

    @pytest.fixture
    def open_store(self, url: str) -> OpenStore:
        return partial(open_sql, url)
