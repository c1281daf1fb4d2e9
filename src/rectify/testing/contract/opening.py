"""Opening the store under test: the one thing that a host's class adds to the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from rectify.store import Store

OpenStore: TypeAlias = Callable[[], Store]
"""Opens the one store of a test; a durable one, opened again, has what it had."""


class Opening:
    """Gives each test its store, and closes it."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        """What opens the store of a test, empty at first: for a subclass to define."""
        raise NotImplementedError("define the fixture open_store: what opens your store, empty")

    @pytest.fixture
    def store(self, open_store: OpenStore) -> Iterator[Store]:
        """The store of a test."""
        store = open_store()
        yield store
        store.close()
