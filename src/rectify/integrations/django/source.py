"""The ledger's statements on Django's own connection, inside Django's own transactions."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final

from django.db import Error as DatabaseError
from django.db import connections, transaction
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, exc, text

from rectify.digests import Algorithm
from rectify.errors import StoreError, StoreUnreadable
from rectify.i18n import message
from rectify.secret_key import SecretKey
from rectify.stores.connection import shown
from rectify.stores.schema import settle_within
from rectify.stores.scrubbing import scrub

_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_SNAPSHOT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class DjangoSource:
    """Where `SqlStore` gets its connections: that of Django's alias, in this thread.

    Writing takes place in ``transaction.atomic``: within a transaction of the project it is a
    savepoint of that, outside of any it is committed as it ends.
    """

    def __init__(
        self,
        alias: str,
        campaign: str,
        fingerprint: str,
        key: SecretKey | None = None,
        digest: Algorithm = "sha256",
    ) -> None:
        self._alias = alias
        self._campaign = campaign
        self._fingerprint = fingerprint
        self._key = key
        self._digest: Algorithm = digest
        self._settled = False

    @property
    def url(self) -> str:
        """What to call it in messages, without any password."""
        return shown(_engine(self._alias).url)

    @property
    def hosted(self) -> bool:
        """Whether a transaction of the project is open here, which commits later, or never.

        The one that a ``TestCase`` wraps around a test does not count, as for ``durable``.
        """
        blocks: list[Any] = getattr(connections[self._alias], "atomic_blocks", [])
        return any(not getattr(block, "_from_testcase", False) for block in blocks)

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A connection; what is written takes effect at the end, or with the project's."""
        django: Any = connections[self._alias]
        if django.in_atomic_block:
            django.validate_no_broken_transaction()
        with self._connected(django) as connection, self._atomic(django):
            self._settle(connection)
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection to read from: one consistent view, or the view of the project's."""
        django: Any = connections[self._alias]
        with self._connected(django) as connection:
            if django.in_atomic_block:
                self._settle(connection)
                yield connection
                return
            with self._atomic(django, writes=False):
                if django.vendor == "postgresql":
                    connection.execute(_SNAPSHOT)
                self._settle(connection)
                yield connection

    @contextmanager
    def _connected(self, django: Any) -> Generator[Connection]:
        try:
            with self._said():
                connection = connected(self._alias)
            with connection:
                yield connection
        except exc.DBAPIError:
            # So that Django looks at the end of the request whether it must connect anew.
            django.errors_occurred = True
            raise

    @contextmanager
    def _atomic(self, django: Any, *, writes: bool = True) -> Generator[None]:
        """``atomic``, that on SQLite takes the write lock as it begins, or not at all.

        Two that read and then write would otherwise fail each other.
        """
        atomic = transaction.atomic(self._alias)
        with self._said():
            if django.vendor != "sqlite" or django.in_atomic_block:
                atomic.__enter__()
            else:
                before = django.transaction_mode
                django.transaction_mode = "IMMEDIATE" if writes else "DEFERRED"
                try:
                    atomic.__enter__()
                finally:
                    django.transaction_mode = before
        with ExitStack() as stack:
            stack.push(atomic.__exit__)
            yield

    @contextmanager
    def _said(self) -> Generator[None]:
        """What Django says of a database that can't be reached, as an error of ours."""
        try:
            yield
        except DatabaseError as error:
            said = (str(error).splitlines() or [type(error).__name__])[0]
            problem = message("the database says: {said}", said=said)
            raise StoreError(self.url, problem) from None

    def _settle(self, connection: Connection) -> None:
        """Once a process, make sure that the tables are there and are this campaign's."""
        if self._settled:
            return
        try:
            settle_within(
                connection,
                self._campaign,
                self._fingerprint,
                create=False,
                key=self._key,
                digest=self._digest,
            )
        except StoreUnreadable as error:
            raise StoreUnreadable(
                self.url,
                message("{problem}; run manage.py migrate", problem=error.problem),
            ) from None
        self._settled = True

    def scrub(self) -> bool:
        """See `Store.scrub`; not before the project has committed."""
        django: Any = connections[self._alias]
        if django.in_atomic_block:
            return False
        if django.vendor != "sqlite":
            return scrub(_engine(self._alias))
        with django.cursor() as cursor:
            (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
            try:
                return scrub(_engine(self._alias))
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")

    def close(self) -> None:
        """Nothing: the connections are Django's."""


def connected(alias: str) -> Connection:
    """SQLAlchemy's connection on that of Django, to be used in a ``with``."""
    return _engine(alias).connect()


def _engine(alias: str) -> Engine:
    django: Any = connections[alias]
    driver = _DRIVERS.get(django.vendor)
    if driver is None:
        raise StoreError(
            alias, message("ledgers are kept on SQLite (sqlite:///…) or PostgreSQL (postgresql+…)")
        )
    known: dict[str, Any] = django.settings_dict
    return _engine_of(alias, driver, str(known["NAME"]), str(known["HOST"]))


@cache
def _engine_of(alias: str, driver: str, database: str, host: str) -> Engine:
    """SQLAlchemy's way to the connection that Django has under an alias in this thread.

    Where the database is, is for messages alone.
    """

    def borrowed() -> _Borrowed:
        current: Any = connections[alias]
        current.ensure_connection()
        if current.vendor == "sqlite":
            current.connection.execute("PRAGMA secure_delete = ON")
        return _Borrowed(current.connection, current.vendor)

    options: dict[str, Any] = {} if driver == "sqlite" else {"use_native_hstore": False}
    return create_engine(
        URL.create(driver, database=database, host=host or None),
        creator=borrowed,
        poolclass=NullPool,
        pool_reset_on_return=None,
        hide_parameters=True,
        **options,
    )


class _Borrowed:
    """Django's DBAPI connection, for SQLAlchemy to run statements on and nothing else.

    It can't commit, roll back or close it, and what it does to each new connection (a function
    of its own on SQLite, a handler of notices on PostgreSQL) does not reach it.
    """

    def __init__(self, connection: Any, vendor: str) -> None:
        self._connection = connection
        self._vendor = vendor

    def cursor(self, *args: Any, **options: Any) -> Any:
        if self._vendor == "sqlite":
            return self._connection.cursor()
        return _plain_cursor(self._connection)

    def commit(self) -> None:
        """Nothing: Django commits."""

    def rollback(self) -> None:
        """Nothing: Django rolls back."""

    def close(self) -> None:
        """Nothing: Django closes."""

    def create_function(self, *args: Any, **options: Any) -> None:
        """Nothing: Django has functions of its own under those names."""

    def add_notice_handler(self, handler: object) -> None:
        """Nothing: it would be added again at each statement."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _plain_cursor(connection: Any) -> Any:
    """psycopg's cursor as it comes: Django's reads instants in the zone of its settings."""
    import psycopg
    from psycopg.rows import tuple_row
    from psycopg.types.datetime import TimestamptzLoader

    cursor = psycopg.Cursor(connection, row_factory=tuple_row)
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor
