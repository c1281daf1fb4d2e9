"""A durable ledger, on SQLite or PostgreSQL, through SQLAlchemy Core."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from sqlalchemy import exc, exists, select

from rectify.digests import Algorithm
from rectify.errors import StoreError
from rectify.i18n import message
from rectify.issue import Issue
from rectify.lifecycle import Lifecycle
from rectify.secret_key import SecretKey
from rectify.store import Chain, Head, History
from rectify.stores import tables
from rectify.stores.batch import Batch
from rectify.stores.source import Source
from rectify.stores.sql_secrets import SqlSecrets
from rectify.stores.sql_timeline import chains
from rectify.stores.sql_transaction import SqlTransaction, as_kept, head_of
from rectify.stores.trouble import store_error

T = TypeVar("T")

_PAGE: Final = 500
_T = tables


_BATCHES: ContextVar[tuple[tuple[object, Batch], ...]] = ContextVar("_BATCHES", default=())
"""The open batches of this thread and task, each with its store, the latest first."""


class Guard(threading.local):
    """Whether a thread is within a step; the same for a ledger and for it within a host."""

    writes = False


class SqlStore:
    """The rows of one ledger in a database; safe to share between threads and processes."""

    def __init__(
        self,
        source: Source,
        lifecycle: Lifecycle[Issue],
        key: SecretKey | None = None,
        digest: Algorithm = "sha256",
        guard: Guard | None = None,
    ) -> None:
        self._source = source
        self.digest: Algorithm = digest
        self._key = key
        self._lifecycle = lifecycle
        self.guard = Guard() if guard is None else guard
        self.url = source.url

    @property
    def _batch(self) -> Batch | None:
        """The batch of this thread and task; what it started earlier may have ended since."""
        for store, batch in _BATCHES.get():
            if store is self and batch.is_open:
                return batch
        return None

    @property
    def hosted(self) -> bool:
        """See `Store.hosted`."""
        return self._source.hosted or self._batch is not None

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        """See `Store.transaction`; what the database says goes into a `StoreError`.

        A thread has one at a time: within it, a hook may read this ledger and not write to it.
        """
        if self.guard.writes:
            raise StoreError(
                self.url,
                message("a before hook can't write to its own ledger; do it in an after hook"),
            )
        self.guard.writes = True
        try:
            if (batch := self._batch) is not None:
                with batch.step():
                    yield batch
            else:
                with self._source.writing() as connection:
                    yield SqlTransaction(connection, self._lifecycle, self._key)
        except exc.SQLAlchemyError as error:
            raise store_error(self.url, error) from None
        finally:
            self.guard.writes = False

    @contextmanager
    def batch(self) -> Generator[None]:
        """See `Store.batch`; it is the own of a thread, and there of a task."""
        if self.guard.writes or self._batch is not None:
            raise StoreError(self.url, message("a batch is open in this thread already"))
        with self._said(), self._source.writing() as connection:
            batch = Batch(connection, self._lifecycle, self._key)
            token = _BATCHES.set(((self, batch), *_BATCHES.get()))
            try:
                yield
                batch.finish()
            finally:
                batch.is_open = False
                _BATCHES.reset(token)

    @contextmanager
    def reading(self) -> Generator[SqlTransaction]:
        """See `Store.reading`; within a batch, with what it has written so far."""
        if (batch := self._batch) is not None:
            with self._said(), batch.read() as reading:
                yield reading
            return
        with self._said(), self._source.reading() as connection:
            yield SqlTransaction(connection, self._lifecycle, self._key)

    @contextmanager
    def _said(self) -> Generator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            raise store_error(self.url, error) from None

    def heads(
        self, *, state: str | None, unit: str | None, areas: Sequence[str] | None, after: str = ""
    ) -> Iterator[Head]:
        """See `Store.heads`; a page of rows at a time."""
        query = select(_T.issue).order_by(_T.issue.c.id).limit(_PAGE)
        if state is not None:
            query = query.where(_T.issue.c.state == state)
        if unit is not None:
            query = query.where(_T.issue.c.unit == unit)
        if areas is not None:
            query = query.where(_T.issue.c.area.in_(areas))
        while True:
            with self.reading() as tx:
                page = tx.connection.execute(query.where(_T.issue.c.id > after)).all()
            for row in page:
                yield head_of(row, self._lifecycle, self.url)
            if len(page) < _PAGE:
                return
            after = page[-1].id

    def histories(self, *, links_only: bool = False) -> Iterator[History]:
        """See `Store.histories`; a page of issues at a time, in one snapshot."""
        recorded = select(_T.record.c.issue_id).distinct().order_by(_T.record.c.issue_id)
        has_record = exists().where(_T.record.c.issue_id == _T.issue.c.id)
        unrecorded = select(_T.issue.c.id).where(~has_record).order_by(_T.issue.c.id)
        queries = [(recorded, _T.record.c.issue_id), (unrecorded, _T.issue.c.id)]
        with self.reading() as tx:
            if links_only:
                yield from self._heard(tx.links())
                del queries[0]
            for query, key in queries:
                page = tx.connection.execute(query.limit(_PAGE)).scalars().all()
                while page:
                    yield from tx.histories(page)
                    following = query.where(key > as_kept(page[-1])).limit(_PAGE)
                    page = tx.connection.execute(following).scalars().all()

    def chains(self) -> Iterator[Chain]:
        """See `Store.chains`; rows stream, in one snapshot."""
        with self.reading() as tx:
            for chain in chains(tx.connection):
                yield chain._replace(rows=self._heard(chain.rows))

    def _heard(self, rows: Iterable[T]) -> Iterator[T]:
        """The rows, as whoever asked for them reads them."""
        with self._said():
            yield from rows

    def scrub(self) -> bool:
        """See `Store.scrub`."""
        with self._said():
            return self._source.scrub()

    def rekey(self, key: SecretKey) -> None:
        """See `Store.rekey`."""
        with self.transaction() as tx:
            SqlSecrets(tx.connection, self._key).rekey(key)
        self._key = key

    def close(self) -> None:
        """Let go of the connections, where they are its own."""
        self._source.close()
