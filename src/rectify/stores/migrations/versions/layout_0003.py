"""Layout 3: the ledger says with which hash its digests are made."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Column, String

revision = "0003"
down_revision = "0002"


def upgrade(op: Operations) -> None:
    """Add the column; until now it was SHA-256."""
    op.add_column(
        "rectify_ledger", Column("digest", String(10), nullable=False, server_default="sha256")
    )
