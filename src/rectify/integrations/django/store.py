"""The ledger's store on Django's connection; what is owed is kicked off once it is committed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from rectify.integrations.django.conf import Settings
from rectify.integrations.django.source import DjangoSource
from rectify.stores.sql import SqlStore
from rectify.stores.sql_transaction import SqlTransaction

_log = logging.getLogger("rectify")


class DjangoStore(SqlStore):
    """The rows of the ledger, in Django's own transactions.

    ``committed`` is called once what was written is committed for good, by the ledger or by
    the project; where it fails, the step stays done and the log says so.
    """

    def __init__(self, settings: Settings, committed: Callable[[], object]) -> None:
        campaign = settings.campaign
        key = settings.secrets
        digest = settings.digest
        source = DjangoSource(settings.database, campaign.id, campaign.fingerprint, key, digest)
        super().__init__(source, settings.lifecycle, key, digest)
        self._alias = settings.database
        self._committed = committed

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        """See `Store.transaction`."""
        django: Any = connections[self._alias]
        within = django.in_atomic_block
        with super().transaction() as tx:
            yield tx
            if within:
                self._wait(django)
        if not within:
            self._tell()

    def _wait(self, django: Any) -> None:
        """Once for a transaction, however many steps it has."""
        waiting: Any = django.run_on_commit
        if not waiting or waiting[-1][1] != self._tell:
            transaction.on_commit(self._tell, using=self._alias)

    def _tell(self) -> None:
        try:
            self._committed()
        except Exception as error:
            _log.error("after a commit, the hooks could not be run: %s", type(error).__name__)
