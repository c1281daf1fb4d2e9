"""What every store must do: the tests that the library's own stores pass, for a host's to run.

A host makes a class of them for its store, with the one fixture `open_store`::

    class TestOurStore(StoreContract):
        @pytest.fixture
        def open_store(self) -> OpenStore:
            return OurStore

The store is opened for the campaign ``hubei-2018`` with the library's own lifecycle, and is
empty. Which classes are taken declares what the store can do: one whose rows outlive it takes
`DurableStoreContract`, one that works inside a host's transaction `HostedContract` as well.
Nothing is skipped; a store that can't do what it declares fails.
"""

from contextlib import closing

from rectify.testing.contract.batches import BatchesContract
from rectify.testing.contract.chains import ChainsContract
from rectify.testing.contract.concurrency import ConcurrencyContract
from rectify.testing.contract.deliveries import DeliveriesContract
from rectify.testing.contract.durable import Durable
from rectify.testing.contract.hosted import HostedContract, InHost
from rectify.testing.contract.opening import OpenStore
from rectify.testing.contract.records import RecordsContract
from rectify.testing.contract.rows import registered
from rectify.testing.contract.stories import StoriesContract
from rectify.testing.contract.timeline import TimelineContract
from rectify.testing.contract.turns import TurnsContract
from rectify.testing.contract.whole import WholeContract

__all__ = ["DurableStoreContract", "HostedContract", "InHost", "OpenStore", "StoreContract"]


class _Every(
    RecordsContract,
    WholeContract,
    ConcurrencyContract,
    BatchesContract,
    DeliveriesContract,
    TimelineContract,
    ChainsContract,
    TurnsContract,
    StoriesContract,
):
    """What is asked of every store."""


class StoreContract(_Every):
    """What is asked of a store whose rows go with it, as those in memory do."""

    def test_another_opening_is_another_store(self, open_store: OpenStore) -> None:
        """It starts empty; a store that finds its rows again takes `DurableStoreContract`."""
        with closing(open_store()) as first, closing(open_store()) as second:
            with first.transaction() as tx:
                tx.append(*registered("issue-1"))
            with second.reading() as tx:
                assert tx.head("issue-1") is None


class DurableStoreContract(Durable, _Every):
    """What is asked of a store whose rows outlive it, and which other processes may open.

    ``open_store`` is sent to other processes, so it is a function of a module, a class, or a
    `functools.partial` of one.
    """
