"""Layout 4: SQLite refuses what INSERT OR REPLACE would remove, too."""

from __future__ import annotations

from alembic.operations import Operations

from rectify.stores.tables import ONLY_GROWING, no_replacing, refusal_of

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Add the triggers; on PostgreSQL those that are there see it."""
    if op.get_bind().dialect.name == "sqlite":
        for name, what in ONLY_GROWING:
            op.execute(no_replacing(name, refusal_of(name, what)))
