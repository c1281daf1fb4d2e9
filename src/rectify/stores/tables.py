"""The tables of a durable ledger, in SQLAlchemy's terms: the same on every database.

``rectify_record`` is the truth and only grows: triggers refuse every update and delete.
``rectify_issue`` is its fold, one row an issue, for queries. ``rectify_secret`` holds what
is confidential, apart, so that it can be erased while the records still verify.
``rectify_deadline`` is what falls due when, another fold. ``rectify_event`` is what sweeps
recorded of it and ``rectify_journal`` what is recorded of duties and campaigns; both only
grow. ``rectify_delivery`` is what after hooks are owed. Instants are kept in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    FromClause,
    Index,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    insert,
    literal_column,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

SCHEMA: Final = 4
"""The number of this layout; `Ledger.open` refuses another, or migrates an older one."""

VERSION_TABLE: Final = "rectify_alembic_version"
"""Where Alembic notes the layout; apart from ``alembic_version``, which is the host's."""


def as_text(value: datetime) -> str:
    """An instant as SQLite keeps it, in UTC and without saying so."""
    value = value if value.tzinfo is UTC else value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")[: -len("+00:00")]


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
        return as_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        try:
            # The reader takes more than what is written, which sorts otherwise.
            if value[10] == "T" and value[19] == ".":
                read = datetime.fromisoformat(value)
                if read.tzinfo is None:
                    return read.replace(tzinfo=UTC)
        except (TypeError, ValueError, IndexError):
            pass
        return datetime.min.replace(tzinfo=UTC)


_DDL: Any = DDL  # it has no annotations

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
    # What the campaign's deadlines were last written for; the head of the events' chain.
    _column("planned", String(200), nullable=True),
    _column("events", Integer, default=0),
    _column("events_digest", String(64), default=""),
    # The id of the key that confidential texts are encrypted with, where they are.
    _column("secret_key", String(16), nullable=True),
    # The hash of every digest of records, events and entries; never changed.
    _column("digest", String(10), server_default="sha256"),
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

deadline = Table(
    "rectify_deadline",
    metadata,
    _column("key", String(200), primary_key=True),
    _column("kind", String(10)),
    _column("subject", String(500)),
    _column("ref", String(500)),
    _column("round", Integer),
    _column("unit", String(500), nullable=True),
    _column("due_at", Instant),
    _column("set_at", Instant, nullable=True),
    _column("closed_at", Instant, nullable=True),
    _column("next_at", Instant, nullable=True),
)
Index(
    "rectify_deadline_pending",
    deadline.c.next_at,
    sqlite_where=deadline.c.next_at.is_not(None),
    postgresql_where=deadline.c.next_at.is_not(None),
)
# Milestones are as many as the issues, and are found by their keys.
Index(
    "rectify_deadline_of_campaign",
    deadline.c.subject,
    sqlite_where=deadline.c.kind != "milestone",
    postgresql_where=deadline.c.kind != "milestone",
)

event_row = Table(
    "rectify_event",
    metadata,
    _column("number", Integer, primary_key=True, autoincrement=False),
    _column("key", String(250), unique=True),
    _column("kind", String(200)),
    _column("subject", String(500)),
    _column("at", Instant),
    _column("body", Text),
    _column("digest", String(64)),
)

journal = Table(
    "rectify_journal",
    metadata,
    _column("chain", String(600), primary_key=True),
    _column("number", Integer, primary_key=True, autoincrement=False),
    _column("body", Text),
    _column("digest", String(64)),
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


def is_open(deliveries: FromClause) -> ColumnElement[bool]:
    """Whether a delivery is not done, in the very words of the indexes on those."""
    return deliveries.c.status != literal_column("'done'")


for _name, _columns in (
    ("rectify_delivery_line", (delivery.c.hook, delivery.c.issue_id, delivery.c.seq)),
    ("rectify_delivery_open", (delivery.c.id,)),
):
    Index(_name, *_columns, sqlite_where=is_open(delivery), postgresql_where=is_open(delivery))


def stamping(number: int) -> tuple[str, str]:
    """The statements that note a layout for Alembic, where none is noted."""
    noted = f"SELECT 1 FROM {VERSION_TABLE}"  # noqa: S608
    make = (
        f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL,"
        f" CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    note = f"INSERT INTO {VERSION_TABLE} SELECT '{number:04}' WHERE NOT EXISTS ({noted})"
    return make, note


def _on(target: Any, moment: str, dialect: str, statement: str) -> None:
    event.listen(target, moment, _DDL(statement).execute_if(dialect=dialect))


REPLACED: Final = {
    "rectify_record": "issue_id = NEW.issue_id AND version = NEW.version",
    "rectify_event": "number = NEW.number OR key = NEW.key",
    "rectify_journal": "chain = NEW.chain AND number = NEW.number",
}
"""Which rows of a table that only grows an INSERT OR REPLACE would remove."""


def no_replacing(name: str, refusal: str) -> str:
    """SQLite's trigger against INSERT OR REPLACE, whose removals fire no other.

    It fails rather than aborts, as `add_to` does: to be able to undo a statement, SQLite would
    copy the pages that each row touches.
    """
    return (
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name}"  # noqa: S608
        f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {REPLACED[name]})"
        f" BEGIN SELECT RAISE(FAIL, '{refusal}'); END"
    )


def refusal_of(name: str, what: str) -> str:
    """What the database says to who would change or remove what a table holds."""
    return f"{name} only grows: {what} are neither changed nor removed"


def add_to(table: Table) -> Insert:
    """The statement that adds one row to a table that only grows."""
    return insert(table).prefix_with("OR FAIL", dialect="sqlite")


ONLY_GROWING: Final = (
    ("rectify_record", "records"),
    ("rectify_event", "events"),
    ("rectify_journal", "entries"),
)
"""The tables that only grow, and what they hold."""


def _only_grows(table: Table, what: str) -> None:
    """Have the database refuse to change or remove what a table holds."""
    name = table.name
    refusal = refusal_of(name, what)
    _on(table, "after_create", "sqlite", no_replacing(name, refusal))
    for action in ("UPDATE", "DELETE"):
        _on(
            table,
            "after_create",
            "sqlite",
            f"CREATE TRIGGER {name}_no_{action.lower()} BEFORE {action}"
            f" ON {name} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        )
    _on(
        table,
        "after_create",
        "postgresql",
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
    )
    _on(
        table,
        "after_create",
        "postgresql",
        f"CREATE TRIGGER {name}_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
        f" ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse()",
    )
    _on(table.metadata, "after_drop", "postgresql", f"DROP FUNCTION IF EXISTS {name}_refuse()")


def furnish(tables: MetaData) -> None:
    """Have the creation of a ledger's tables make what belongs to them, and their end take it."""
    for name, what in ONLY_GROWING:
        _only_grows(tables.tables[name], what)
    for statement in stamping(SCHEMA):
        event.listen(tables.tables["rectify_ledger"], "after_create", _DDL(statement))
    event.listen(tables, "after_drop", _DDL(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))


furnish(metadata)
