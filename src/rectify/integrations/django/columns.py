"""The kinds of columns that the ledger's tables have, as typed model fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    InstantBase = models.DateTimeField[Any, datetime]
else:
    InstantBase = models.DateTimeField


class InstantField(InstantBase):
    """An instant in UTC, as the ledger writes it: on SQLite a text that sorts as instants do."""

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


def text(length: int, **options: Any) -> models.CharField[str, str]:
    """A text of bounded length."""
    return models.CharField(max_length=length, **options)


def long_text(**options: Any) -> models.TextField[str, str]:
    """A text of any length."""
    return models.TextField(**options)


def number(**options: Any) -> models.IntegerField[int, int]:
    """A whole number."""
    return models.IntegerField(**options)


def flag() -> models.BooleanField[bool, bool]:
    """Yes or no."""
    return models.BooleanField()


def instant(**options: Any) -> InstantField:
    """An instant."""
    return InstantField(**options)
