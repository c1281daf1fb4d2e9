"""The ledger's tables as a migration makes them: those of `rectify.stores.tables`."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation
from sqlalchemy import create_mock_engine

from rectify.errors import StoreError
from rectify.i18n import message
from rectify.stores import tables

_DIALECTS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


class CreateLedger(Operation):
    """Make the ledger's tables, with the triggers that keep records as they are.

    Tables that are there, since a ledger was opened on the same database before, stay. There
    is no way back: records are neither changed nor removed.
    """

    reversible = False
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing: the models are stated beside it."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Run the statements, or have ``sqlmigrate`` show them."""
        connection = schema_editor.connection
        if connection.vendor not in _DIALECTS:
            raise StoreError(
                connection.alias,
                message("ledgers are kept on SQLite (sqlite:///…) or PostgreSQL (postgresql+…)"),
            )
        there = connection.introspection.table_names()
        if tables.ledger.name in there and not schema_editor.collect_sql:
            return
        for statement in statements(connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        """For the list of migrations."""
        return "Create the tables of the ledger"


def statements(vendor: str) -> list[str]:
    """The statements that make the tables on a kind of database."""
    made: list[str] = []

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)).strip())

    engine = create_mock_engine(_DIALECTS[vendor], keep)
    tables.metadata.create_all(engine, checkfirst=False)
    return made
