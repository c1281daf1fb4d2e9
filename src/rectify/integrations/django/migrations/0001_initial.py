"""The tables of the ledger, in layout 1; the models beside them are for queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from rectify.integrations.django import columns
from rectify.integrations.django.layout import CreateLedger


def _model(
    name: str, table: str, fields: list[tuple[str, Any]], ordering: list[str], **options: Any
) -> migrations.CreateModel:
    stated = {"db_table": table, "ordering": ordering, "managed": False, "default_permissions": ()}
    return migrations.CreateModel(name=name, fields=fields, options={**stated, **options})


def _key(*names: str) -> Any:
    return models.CompositePrimaryKey(
        *names, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    """The first."""

    initial = True
    dependencies: ClassVar[Sequence[tuple[str, str]]] = []
    operations: ClassVar[Sequence[Operation]] = [
        CreateLedger(),
        _model(
            "Issue",
            "rectify_issue",
            [
                ("id", columns.text(500, primary_key=True, serialize=False)),
                ("version", columns.number()),
                ("state", columns.text(200)),
                ("round", columns.number()),
                ("unit", columns.text(500)),
                ("area", columns.text(500)),
                ("channel", columns.text(500)),
                ("discipline_lead", columns.flag()),
                ("found_at", columns.instant()),
                ("changed_at", columns.instant()),
                ("body", columns.long_text()),
                ("facts", columns.long_text()),
                ("digest", columns.text(64)),
            ],
            ["-changed_at", "id"],
            default_permissions=("view",),
            verbose_name="台账问题",
            verbose_name_plural="台账问题",
        ),
        _model(
            "Record",
            "rectify_record",
            [
                ("pk", _key("issue_id", "version")),
                ("version", columns.number()),
                ("body", columns.long_text()),
                ("digest", columns.text(64)),
                (
                    "issue",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="records",
                        to="rectify.issue",
                    ),
                ),
            ],
            ["issue_id", "version"],
        ),
        _model(
            "Deadline",
            "rectify_deadline",
            [
                ("key", columns.text(200, primary_key=True, serialize=False)),
                ("kind", columns.text(10)),
                ("subject", columns.text(500)),
                ("ref", columns.text(500)),
                ("round", columns.number()),
                ("unit", columns.text(500, null=True)),
                ("due_at", columns.instant()),
                ("set_at", columns.instant(null=True)),
                ("closed_at", columns.instant(null=True)),
                ("next_at", columns.instant(null=True)),
            ],
            ["due_at", "key"],
        ),
        _model(
            "Event",
            "rectify_event",
            [
                ("number", columns.number(primary_key=True, serialize=False)),
                ("key", columns.text(250, unique=True)),
                ("kind", columns.text(200)),
                ("subject", columns.text(500)),
                ("at", columns.instant()),
                ("body", columns.long_text()),
                ("digest", columns.text(64)),
            ],
            ["number"],
        ),
        _model(
            "JournalEntry",
            "rectify_journal",
            [
                ("pk", _key("chain", "number")),
                ("chain", columns.text(600)),
                ("number", columns.number()),
                ("body", columns.long_text()),
                ("digest", columns.text(64)),
            ],
            ["chain", "number"],
        ),
        _model(
            "Delivery",
            "rectify_delivery",
            [
                ("id", columns.number(primary_key=True, serialize=False)),
                ("issue_id", columns.text(500)),
                ("seq", columns.number()),
                ("hook", columns.text(500)),
                ("key", columns.text(600, unique=True)),
                ("available_at", columns.instant()),
                ("status", columns.text(10)),
                ("attempts", columns.number()),
                ("lease_owner", columns.text(64, null=True)),
                ("lease_until", columns.instant(null=True)),
                ("last_error", columns.long_text(null=True)),
            ],
            ["id"],
        ),
    ]
