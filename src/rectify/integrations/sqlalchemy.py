"""The ledger in a host's SQLAlchemy: its tables among the host's, its hooks after the commit.

Within a session, a ledger is ``ledger.within(session)``; see `rectify.Ledger.within`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, event
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from rectify.stores import tables
from rectify.stores.migration import upgrade

__all__ = ["after_commit", "include_tables", "upgrade"]

Sessions: TypeAlias = sessionmaker[Any] | scoped_session[Any] | type[Session] | Session

_log: Final = logging.getLogger("rectify.integrations.sqlalchemy")


def include_tables(metadata: MetaData) -> tuple[Table, ...]:
    """Add the ledger's tables to a host's metadata, for Alembic to know of, and give them.

    They are made by ``upgrade(op.get_bind())`` in a revision of the host's, by the metadata's
    ``create_all``, or by `Ledger.open`; then Alembic's autogenerate sees no difference.
    """
    included = [table.to_metadata(metadata) for table in tables.metadata.sorted_tables]
    version = Column("version_num", String(32), nullable=False)
    key = PrimaryKeyConstraint("version_num", name=f"{tables.VERSION_TABLE}_pkc")
    noted = Table(tables.VERSION_TABLE, metadata, version, key)
    for table in included:
        table.add_is_dependent_on(noted)  # or else its creation would make it, too
    tables.furnish(metadata)
    return (noted, *included)


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
