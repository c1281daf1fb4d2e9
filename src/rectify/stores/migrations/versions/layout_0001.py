"""Layout 1: the tables, their indexes, and the triggers that let some only grow."""

from __future__ import annotations

from typing import Any

from alembic.operations import Operations
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)

from rectify.stores.tables import Instant

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Make the tables."""
    _make_issues(op)
    _make_timeline(op)
    _make_deliveries(op)
    for name, what in (
        ("rectify_record", "records"),
        ("rectify_event", "events"),
        ("rectify_journal", "entries"),
    ):
        _only_grows(op, name, what)


def _column(name: str, kind: Any, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=nullable, **options)


def _make_issues(op: Operations) -> None:
    op.create_table(
        "rectify_ledger",
        _column("id", Integer, autoincrement=False),
        _column("schema_version", Integer),
        _column("campaign", String(200)),
        _column("fingerprint", String(64)),
        _column("created_at", Instant),
        _column("planned", String(200), nullable=True),
        _column("events", Integer),
        _column("events_digest", String(64)),
        PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rectify_record",
        _column("issue_id", String(500)),
        _column("version", Integer, autoincrement=False),
        _column("body", Text),
        _column("digest", String(64)),
        PrimaryKeyConstraint("issue_id", "version"),
    )
    op.create_table(
        "rectify_issue",
        _column("id", String(500)),
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
        PrimaryKeyConstraint("id"),
    )
    for column in ("state", "unit", "area"):
        op.create_index(f"rectify_issue_by_{column}", "rectify_issue", [column, "id"])
    op.create_table(
        "rectify_secret",
        _column("issue_id", String(500)),
        _column("field", String(200)),
        _column("salt", String(64)),
        _column("text", Text, nullable=True),
        _column("erased_at", Instant, nullable=True),
        PrimaryKeyConstraint("issue_id", "field"),
    )


def _make_timeline(op: Operations) -> None:
    op.create_table(
        "rectify_deadline",
        _column("key", String(200)),
        _column("kind", String(10)),
        _column("subject", String(500)),
        _column("ref", String(500)),
        _column("round", Integer),
        _column("unit", String(500), nullable=True),
        _column("due_at", Instant),
        _column("set_at", Instant, nullable=True),
        _column("closed_at", Instant, nullable=True),
        _column("next_at", Instant, nullable=True),
        PrimaryKeyConstraint("key"),
    )
    _index_some(
        op, "rectify_deadline_pending", "rectify_deadline", ["next_at"], "next_at IS NOT NULL"
    )
    _index_some(
        op, "rectify_deadline_of_campaign", "rectify_deadline", ["subject"], "kind != 'milestone'"
    )
    op.create_table(
        "rectify_event",
        _column("number", Integer, autoincrement=False),
        _column("key", String(250)),
        _column("kind", String(200)),
        _column("subject", String(500)),
        _column("at", Instant),
        _column("body", Text),
        _column("digest", String(64)),
        PrimaryKeyConstraint("number"),
        UniqueConstraint("key"),
    )
    op.create_table(
        "rectify_journal",
        _column("chain", String(600)),
        _column("number", Integer, autoincrement=False),
        _column("body", Text),
        _column("digest", String(64)),
        PrimaryKeyConstraint("chain", "number"),
    )


def _make_deliveries(op: Operations) -> None:
    op.create_table(
        "rectify_delivery",
        _column("id", Integer, autoincrement=True),
        _column("issue_id", String(500)),
        _column("seq", Integer),
        _column("hook", String(500)),
        _column("key", String(600)),
        _column("available_at", Instant),
        _column("status", String(10)),
        _column("attempts", Integer),
        _column("lease_owner", String(64), nullable=True),
        _column("lease_until", Instant, nullable=True),
        _column("last_error", Text, nullable=True),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("issue_id", "seq", "hook"),
        UniqueConstraint("key"),
    )
    for name, columns in (("line", ["hook", "issue_id", "seq"]), ("open", ["id"])):
        _index_some(op, f"rectify_delivery_{name}", "rectify_delivery", columns, "status != 'done'")


def _index_some(op: Operations, name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=text(where), postgresql_where=text(where))


def _only_grows(op: Operations, name: str, what: str) -> None:
    refusal = f"{name} only grows: {what} are neither changed nor removed"
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{action.lower()} BEFORE {action}"
                f" ON {name} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name}_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
        f" ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse()"
    )
