"""Where a store's connections come from: an engine of its own, or a transaction of the host's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event, exc

from rectify.errors import InvalidValue, StoreError
from rectify.i18n import message
from rectify.stores.connection import check_backend, shown
from rectify.stores.frozen import Frozen
from rectify.stores.scrubbing import scrub
from rectify.stores.trouble import abandon_if_undone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

    Host: TypeAlias = Connection | Session | scoped_session[Any]


class Source(Protocol):
    """What a store asks for a connection."""

    @property
    def hosted(self) -> bool:
        """Whether a host commits what is written, later, or never."""
        ...

    @property
    def url(self) -> str:
        """What to call it in messages, without any password."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection; what is written takes effect at the end, or not at all."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read from: one consistent view."""
        ...

    def scrub(self) -> bool:
        """See `Store.scrub`."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class Pool:
    """Connections of an engine's; each transaction is committed as it ends."""

    hosted = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read_only: dict[str, Any] = {"rectify_read_only": True}
        if engine.dialect.name == "postgresql":
            self._read_only["isolation_level"] = "REPEATABLE READ"
        self._frozen: Frozen | None = engine.get_execution_options().get("rectify_frozen")
        self.url = shown(engine.url)

    def writing(self) -> AbstractContextManager[Connection]:
        """See `Source.writing`."""
        return self._engine.begin()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """See `Source.reading`: it takes no write lock and sees one moment."""
        try:
            with self._engine.connect().execution_options(**self._read_only) as connection:
                connection.begin()
                yield connection
        finally:
            if self._frozen is not None:
                self._frozen.check()

    def scrub(self) -> bool:
        """See `Store.scrub`."""
        return scrub(self._engine)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


class Within:
    """The connection of a host's transaction, which the host commits or rolls back.

    Each transaction of the store is a savepoint in it: what is refused is undone alone, and
    the host goes on.
    """

    hosted = True

    def __init__(self, host: Host) -> None:
        self._host = host
        self.url = shown(self.connection.engine.url)
        check_backend(self.connection.dialect.name, self.url)

    @property
    def connection(self) -> Connection:
        """The connection the host's transaction is on just now."""
        host: Any = self._host
        if isinstance(host, Connection):
            return _watched(host)
        from sqlalchemy.orm import Session, scoped_session

        if isinstance(host, Session | scoped_session):
            return _watched(host.connection())
        raise InvalidValue(
            "host",
            message(
                "expected a SQLAlchemy Connection or Session, not {given};"
                " within an asynchronous one, use its run_sync",
                given=type(host).__name__,
            ),
        )

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """See `Source.writing`."""
        connection = self.connection
        _begin(connection, self.url)
        try:
            with connection.begin_nested():
                yield connection
        except BaseException:
            abandon_if_undone(connection)
            raise

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """See `Source.reading`: in the host's own view."""
        connection = self.connection
        if not connection.in_transaction():
            connection.begin()
        try:
            yield connection
        except exc.SQLAlchemyError:
            abandon_if_undone(connection)
            raise

    def scrub(self) -> bool:
        """Not before the host has committed, and then over a connection that is not its own."""
        return False

    def close(self) -> None:
        """Nothing: the connection is the host's."""


def _begin(connection: Connection, url: str) -> None:
    """Make sure that a transaction is open before a savepoint is set in it.

    SQLite's driver begins one at the first write only, and not for a savepoint: that would be
    committed as it is released, whatever the host does later.
    """
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif _is_only_a_savepoint(connection, driver):
            raise StoreError(
                url,
                message(
                    "SQLite's driver began no transaction for the host's savepoint, and would"
                    " commit as it ends: call within() or on() before begin_nested()"
                ),
            )
    elif driver.autocommit:
        raise StoreError(
            url, message("the host's connection commits each statement; give one that does not")
        )


_BEGUN: WeakSet[Connection] = WeakSet()
"""Connections whose savepoints have a transaction around them."""


def _watched(connection: Connection) -> Connection:
    """The connection; from now on its savepoints, and its engine's, are set in a transaction."""
    if connection.dialect.name == "sqlite":
        for target in (connection.engine, connection):
            if not event.contains(target, "savepoint", _begin_first):
                event.listen(target, "savepoint", _begin_first)
    return connection


def _begin_first(connection: Connection, name: str) -> None:
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    _BEGUN.add(connection)


def _is_only_a_savepoint(connection: Connection, driver: Any) -> bool:
    """Whether what is open may be a savepoint alone: where the driver begins, and none was seen."""
    begins_itself = getattr(driver, "isolation_level", None) is not None
    return begins_itself and connection.in_nested_transaction() and connection not in _BEGUN
