"""The tables of a durable ledger, in SQLAlchemy's terms: the same on every database.

``rectify_record`` is the truth and only grows: triggers refuse every update and delete.
``rectify_issue`` is its fold, one row an issue, for queries. ``rectify_secret`` holds what
is confidential, apart, so that it can be erased while the records still verify.
``rectify_delivery`` is what after hooks are owed. Instants are kept in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

SCHEMA: Final = 1
"""The number of this layout; `Ledger.open` refuses another."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime, in UTC.

    SQLite has no such type: there it is a text of fixed width, which sorts as instants do. One
    that can't be read stands as the earliest instant there is, which the audit finds.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database keeps."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return value.replace(tzinfo=None).isoformat(timespec="microseconds")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except (TypeError, ValueError):
            return datetime.min.replace(tzinfo=UTC)


metadata = MetaData()


def _column(name: str, kind: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=options.pop("nullable", False), **options)


ledger = Table(
    "rectify_ledger",
    metadata,
    _column("id", Integer, primary_key=True, autoincrement=False),
    _column("schema_version", Integer),
    _column("campaign", String(200)),
    _column("fingerprint", String(64)),
    _column("created_at", Instant),
)

record = Table(
    "rectify_record",
    metadata,
    _column("issue_id", String(500), primary_key=True),
    _column("version", Integer, primary_key=True, autoincrement=False),
    _column("body", Text),
    _column("digest", String(64)),
)

issue = Table(
    "rectify_issue",
    metadata,
    _column("id", String(500), primary_key=True),
    _column("version", Integer),
    _column("state", String(200)),
    _column("round", Integer),
    _column("unit", String(500)),
    _column("area", String(500)),
    _column("channel", String(500)),
    _column("discipline_lead", Boolean),
    _column("found_at", Instant),
    _column("changed_at", Instant),
    _column("body", Text),
    _column("facts", Text),
    _column("digest", String(64)),
    Index("rectify_issue_by_state", "state", "id"),
    Index("rectify_issue_by_unit", "unit", "id"),
    Index("rectify_issue_by_area", "area", "id"),
)

secret = Table(
    "rectify_secret",
    metadata,
    _column("issue_id", String(500), primary_key=True),
    _column("field", String(200), primary_key=True),
    _column("salt", String(64)),
    _column("text", Text, nullable=True),
    _column("erased_at", Instant, nullable=True),
)

delivery = Table(
    "rectify_delivery",
    metadata,
    _column("id", Integer, primary_key=True, autoincrement=True),
    _column("issue_id", String(500)),
    _column("seq", Integer),
    _column("hook", String(500)),
    _column("key", String(600), unique=True),
    _column("available_at", Instant),
    _column("status", String(10)),
    _column("attempts", Integer),
    _column("lease_owner", String(64), nullable=True),
    _column("lease_until", Instant, nullable=True),
    _column("last_error", Text, nullable=True),
    UniqueConstraint("issue_id", "seq", "hook"),
)
Index(
    "rectify_delivery_open",
    delivery.c.hook,
    delivery.c.issue_id,
    delivery.c.seq,
    sqlite_where=delivery.c.status != "done",
    postgresql_where=delivery.c.status != "done",
)

_REFUSAL = "rectify_record only grows: records are neither changed nor removed"


def _after(target: Any, moment: str, dialect: str, statement: str) -> None:
    ddl: Any = DDL  # it has no annotations
    event.listen(target, moment, ddl(statement).execute_if(dialect=dialect))


for _action in ("UPDATE", "DELETE"):
    _after(
        record,
        "after_create",
        "sqlite",
        f"CREATE TRIGGER rectify_record_no_{_action.lower()} BEFORE {_action}"
        f" ON rectify_record BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    )
_after(
    record,
    "after_create",
    "postgresql",
    "CREATE FUNCTION rectify_record_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
)
_after(
    record,
    "after_create",
    "postgresql",
    "CREATE TRIGGER rectify_record_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON rectify_record FOR EACH STATEMENT EXECUTE FUNCTION rectify_record_refuse()",
)
_after(metadata, "after_drop", "postgresql", "DROP FUNCTION IF EXISTS rectify_record_refuse()")
