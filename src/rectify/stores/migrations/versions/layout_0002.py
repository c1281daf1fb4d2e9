"""Layout 2: the ledger says which key its confidential texts are encrypted with."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    """Add the column; there is no key yet."""
    op.add_column("rectify_ledger", Column("secret_key", String(16), nullable=True))
