"""Bringing an older database up to this program's layout; the revisions are Alembic's.

It happens in one transaction, so that whoever looks sees the old layout or the new one, and
what goes wrong leaves the old one. Programs that do it at once take turns.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import attrs
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, exc, update

from rectify.errors import StoreUnreadable
from rectify.i18n import message
from rectify.stores import tables
from rectify.stores.connection import connect, shown
from rectify.stores.schema import check_not_newer, layout, lock
from rectify.stores.trouble import store_error


@attrs.frozen
class Migrated:
    """Which layout a database had, and which it has; equal where nothing was to be done."""

    was: int
    now: int


def migrate(url: str | PathLike[str]) -> Migrated:
    """Bring the ledger at an address up to this program's layout.

    Raises `StoreError` where it can't be reached or has no ledger, `StoreUnreadable` where its
    layout is of a newer program; then nothing is written.
    """
    engine = connect(url, create=False)
    try:
        return bring_up(engine)
    finally:
        engine.dispose()


def bring_up(engine: Engine) -> Migrated:
    """The same on an engine; what is up already is only looked at."""
    name = shown(engine.url)
    try:
        with engine.connect().execution_options(rectify_read_only=True) as connection:
            found = layout(connection)
        if found is None:
            raise StoreUnreadable(name, message("the database holds no ledger"))
        if found == tables.SCHEMA:
            return Migrated(found, found)
        with engine.begin() as connection:
            return upgrade(connection)
    except exc.SQLAlchemyError as error:
        raise store_error(name, error) from None


def upgrade(connection: Connection) -> Migrated:
    """The same within a host's transaction, as in a revision of its own Alembic environment.

    Where there are no tables it makes them, without a ledger in them: a layout of 0.
    """
    lock(connection)
    was = layout(connection)  # another may have done it meanwhile
    check_not_newer(shown(connection.engine.url), was)
    if was != tables.SCHEMA:
        _go_on(connection, was)
        values = {"schema_version": tables.SCHEMA}
        connection.execute(update(tables.ledger).values(values))
    return Migrated(was or 0, tables.SCHEMA)


def _go_on(connection: Connection, was: int | None) -> None:
    options = {"version_table": tables.VERSION_TABLE}
    context = MigrationContext.configure(connection, opts=options)
    operations, script = Operations(context), revisions()
    noted = "base" if was is None else f"{was:04}"
    context.stamp(script, noted)  # a program may have made the tables without Alembic
    for revision in reversed(list(script.iterate_revisions("head", noted))):
        revision.module.upgrade(operations)
        context.stamp(script, revision.revision)


def revisions() -> ScriptDirectory:
    """The revisions that ship."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
