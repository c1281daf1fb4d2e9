"""The ledger in a host's SQLAlchemy: its tables among the host's, its hooks after the commit.

Within a session, a ledger is ``ledger.within(session)``; see `rectify.Ledger.within`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, MetaData, Table, event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from rectify.stores import tables

Sessions: TypeAlias = sessionmaker[Any] | scoped_session[Any] | type[Session] | Session

_log: Final = logging.getLogger("rectify.integrations.sqlalchemy")


def include_tables(metadata: MetaData) -> tuple[Table, ...]:
    """Add the ledger's tables to a host's metadata, for Alembic to know of, and give them."""
    included = tuple(table.to_metadata(metadata) for table in tables.metadata.sorted_tables)
    for table in included:
        tables.guard_created(table)
    return included


def guard(connection: Connection) -> None:
    """Have the database refuse to change what only grows: for a migration, which can't see it.

    In the migration that creates the tables: ``guard(op.get_bind())``. It may run again.
    """
    for name in tables.GROWING:
        for statement in tables.guards(name, connection.dialect.name):
            connection.exec_driver_sql(statement)


def render_item(kind: str, item: object, context: Any) -> str | Literal[False]:
    """How Alembic writes the ledger's own type; give it to ``context.configure`` in ``env.py``."""
    if kind != "type" or not isinstance(item, tables.Instant):
        return False
    context.imports.add("from rectify.stores.tables import Instant")
    return "Instant()"


def after_commit(sessions: Sessions, kick: Callable[[], object]) -> None:
    """Call a function once a host's session has committed, such as ``ledger.deliver``.

    The ledger is one of its own, opened on the same database. ``sessions`` is a sessionmaker,
    a session class or one session; savepoints don't count. What is committed stays so: where
    the function fails, that is logged, and what was to be delivered stays due.
    """

    def committed(session: Session) -> None:
        if session.get_nested_transaction() is not None:
            return
        try:
            kick()
        except Exception:
            _log.exception("what follows a commit failed; deliveries stay due")

    event.listen(sessions, "after_commit", committed)
