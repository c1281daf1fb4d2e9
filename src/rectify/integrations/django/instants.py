"""A field for the ledger's instants, which SQLite keeps as texts that sort as instants do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    InstantBase = models.DateTimeField[Any, datetime]
else:
    InstantBase = models.DateTimeField


class InstantField(InstantBase):
    """An instant in UTC, as the ledger writes it."""

    def from_db_value(self, value: Any, expression: object, connection: Any) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """To the database."""
        value = value if prepared else self.get_prep_value(value)
        if value is None or connection.vendor != "sqlite":
            return super().get_db_prep_value(value, connection, True)
        plain = value.astimezone(UTC).replace(tzinfo=None)
        return plain.isoformat(timespec="microseconds")
