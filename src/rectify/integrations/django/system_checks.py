"""What ``manage.py check`` says of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections

from rectify.errors import RectifyError
from rectify.i18n import Message, message
from rectify.integrations.django import conf
from rectify.integrations.django.words import said
from rectify.ledger import Ledger


def check_settings(app_configs: object, **_: object) -> Sequence[CheckMessage]:
    """Each thing that is wrong with ``RECTIFY`` and with what it rests on."""
    found, problems = conf.read(conf.given())
    messages: list[CheckMessage] = [_error("E001", problem) for problem in problems]
    if not settings.USE_TZ:
        messages.append(_error("E002", message("deadlines need a time zone; set USE_TZ = True")))
    needed = ("django.contrib.auth", "django.contrib.contenttypes")
    for app in needed:
        if not apps.is_installed(app):
            messages.append(
                _error("E003", message("permissions need {app} in INSTALLED_APPS", app=app))
            )
    if found is not None:
        messages.extend(_of_alias(found))
        messages.extend(_of_rules(found))
    return messages


def _of_rules(found: conf.Settings) -> Iterable[CheckMessage]:
    """Whether the lifecycle can carry the campaign's rules; asks nothing of the database."""
    try:
        Ledger[Any](found.campaign, lifecycle=found.lifecycle, units=found.units)
    except RectifyError as error:
        yield _error("E007", error.message)


def _of_alias(found: conf.Settings) -> Iterable[CheckMessage]:
    connection: Any = connections[found.database]
    if connection.vendor not in ("sqlite", "postgresql"):
        yield _error(
            "E004",
            message(
                "the ledger is kept on SQLite or PostgreSQL; {alias} is on {vendor}",
                alias=found.database,
                vendor=connection.vendor,
            ),
        )
    elif connection.vendor == "postgresql" and not has_psycopg_3():
        yield _error("E005", message("the ledger needs psycopg 3; install rectify[postgres]"))
    elif connection.vendor == "sqlite" and not _locks_at_once(connection):
        yield checks.Warning(
            said(
                message(
                    "on SQLite, transactions of the project that read before they write fail each"
                    " other, and writers wait for readers; set OPTIONS = {options} of {alias}",
                    options='{"transaction_mode": "IMMEDIATE",'
                    ' "init_command": "PRAGMA journal_mode = WAL"}',
                    alias=found.database,
                )
            ),
            id="rectify.W001",
        )
    if found.units is None:
        yield checks.Warning(
            said(
                message(
                    'without RECTIFY["UNITS"] the scope of findings is not checked, and users'
                    " see the issues of their own unit only"
                )
            ),
            id="rectify.W002",
        )


def _locks_at_once(connection: Any) -> bool:
    mode: object = connection.settings_dict["OPTIONS"].get("transaction_mode")
    return mode in ("IMMEDIATE", "EXCLUSIVE")


def has_psycopg_3() -> bool:
    """Whether Django uses psycopg 3, which the ledger's statements are for."""
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    return is_psycopg3


def check_database(
    app_configs: object, databases: Iterable[str] | None, **_: object
) -> Sequence[CheckMessage]:
    """Whether the database holds this campaign's ledger."""
    found, _problems = conf.read(conf.given())
    if found is None or found.database not in (databases or ()):
        return []
    if "rectify_ledger" not in connections[found.database].introspection.table_names():
        return []  # not migrated yet, which is not for a check to say
    from rectify.integrations.django.ledgers import make_ledger

    try:
        make_ledger(found).deliveries("dead")
    except RectifyError as error:
        return [_error("E006", error.message)]
    return []


def _error(number: str, problem: Message) -> CheckMessage:
    return checks.Error(said(problem), id=f"rectify.{number}")
