"""The tables of the ledger, in layout 1; the models beside them are for queries."""

from __future__ import annotations

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models

from rectify.integrations.django.instants import InstantField
from rectify.integrations.django.layout import CreateLedger


def _model(
    name: str, table: str, fields: list[tuple[str, Any]], ordering: list[str], **options: Any
) -> migrations.CreateModel:
    stated = {"db_table": table, "ordering": ordering, "managed": False, "default_permissions": ()}
    return migrations.CreateModel(name=name, fields=fields, options={**stated, **options})


def _text(length: int, **options: Any) -> Any:
    return models.CharField(max_length=length, **options)


def _key(*names: str) -> Any:
    return models.CompositePrimaryKey(
        *names, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    """The first."""

    initial = True
    dependencies: ClassVar[list[tuple[str, str]]] = []
    operations: ClassVar[list[Any]] = [
        CreateLedger(),
        _model(
            "Issue",
            "rectify_issue",
            [
                ("id", _text(500, primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("state", _text(200)),
                ("round", models.IntegerField()),
                ("unit", _text(500)),
                ("area", _text(500)),
                ("channel", _text(500)),
                ("discipline_lead", models.BooleanField()),
                ("found_at", InstantField()),
                ("changed_at", InstantField()),
                ("body", models.TextField()),
                ("facts", models.TextField()),
                ("digest", _text(64)),
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
                ("version", models.IntegerField()),
                ("body", models.TextField()),
                ("digest", _text(64)),
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
                ("key", _text(200, primary_key=True, serialize=False)),
                ("kind", _text(10)),
                ("subject", _text(500)),
                ("ref", _text(500)),
                ("round", models.IntegerField()),
                ("unit", _text(500, null=True)),
                ("due_at", InstantField()),
                ("set_at", InstantField(null=True)),
                ("closed_at", InstantField(null=True)),
                ("next_at", InstantField(null=True)),
            ],
            ["due_at", "key"],
        ),
        _model(
            "Event",
            "rectify_event",
            [
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("key", _text(250, unique=True)),
                ("kind", _text(200)),
                ("subject", _text(500)),
                ("at", InstantField()),
                ("body", models.TextField()),
                ("digest", _text(64)),
            ],
            ["number"],
        ),
        _model(
            "JournalEntry",
            "rectify_journal",
            [
                ("pk", _key("chain", "number")),
                ("chain", _text(600)),
                ("number", models.IntegerField()),
                ("body", models.TextField()),
                ("digest", _text(64)),
            ],
            ["chain", "number"],
        ),
        _model(
            "Delivery",
            "rectify_delivery",
            [
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("issue_id", _text(500)),
                ("seq", models.IntegerField()),
                ("hook", _text(500)),
                ("key", _text(600, unique=True)),
                ("available_at", InstantField()),
                ("status", _text(10)),
                ("attempts", models.IntegerField()),
                ("lease_owner", _text(64, null=True)),
                ("lease_until", InstantField(null=True)),
                ("last_error", models.TextField(null=True)),
            ],
            ["id"],
        ),
    ]
