"""自建存储: a host's own store, and the contract that says whether it can be relied on."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from rectify import Actor, Complete, Ledger, Scheduled, load_campaign
from rectify.digests import Algorithm
from rectify.secret_key import SecretKey
from rectify.store import Chain, Head, History, Transaction
from rectify.stores.memory import MemoryStore
from rectify.testing import OpenStore, StoreContract, in_state


class WatchedStore:
    """A ledger in memory that tells a screen (大屏) each time something was committed."""

    url = "watched"

    def __init__(self, tell: Callable[[], None] = lambda: None) -> None:
        self._kept = MemoryStore()
        self._tell = tell

    @property
    def digest(self) -> Algorithm:
        return self._kept.digest

    @property
    def hosted(self) -> bool:
        return self._kept.hosted

    @contextmanager
    def transaction(self) -> Generator[Transaction]:
        with self._kept.transaction() as tx:
            yield tx
        self._committed()

    @contextmanager
    def batch(self) -> Generator[None]:
        with self._kept.batch():
            yield
        self._committed()

    def reading(self) -> AbstractContextManager[Transaction]:
        return self._kept.reading()

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        return self._kept.heads(state=state, unit=unit, areas=areas, after=after)

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
        return self._kept.histories(links_only=links_only)

    def chains(self) -> Iterator[Chain]:
        return self._kept.chains()

    def scrub(self) -> bool:
        return self._kept.scrub()

    def rekey(self, key: SecretKey) -> None:
        self._kept.rekey(key)

    def close(self) -> None:
        self._kept.close()

    def _committed(self) -> None:
        if not self._kept.hosted:  # a step of a batch is committed with the batch
            self._tell()


class TestWatchedStore(StoreContract):
    """All that a store must do; the tests are those of the class above this one."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return WatchedStore


class Count:
    """Counts what passed and failed, in place of pytest's own report."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        self.failed += report.failed


def main() -> None:
    commits: list[str] = []
    store = WatchedStore(lambda: commits.append("刷新"))
    ledger = Ledger(load_campaign("hubei-2018"), store=store)
    first: Any = in_state(ledger, Scheduled)
    second: Any = in_state(ledger, Scheduled)
    print(f"逐条处置: 大屏刷新{len(commits)}次")
    with ledger.batch():
        for issue in (first, second):
            ledger.apply(Complete(issue, "m1", "拨款凭证"), by=Actor("officer-8", "420000"))
    print(f"成批处置: 大屏再刷新{len(commits) - 4}次")

    count = Count()
    alone = ["-c", os.devnull, "-p", "no:terminal", "-p", "no:cacheprovider"]
    status = pytest.main([*alone, __file__], plugins=[count])
    print(f"存储契约: 通过{count.passed}项, 不通过{count.failed}项")
    assert (status, count.failed, len(commits)) == (0, 0, 5)


if __name__ == "__main__":
    main()
