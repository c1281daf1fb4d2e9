"""The app, as ``INSTALLED_APPS`` names it."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate

from rectify.i18n import message
from rectify.integrations.django.words import lazily


class RectifyConfig(AppConfig):
    """The ledger (台账) of a rectification campaign (专项治理)."""

    name = "rectify.integrations.django"
    label = "rectify"
    verbose_name = lazily(message("rectification campaign"))
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the settings checked, and the ledger and its permissions made by ``migrate``."""
        from rectify.integrations.django.settling import settle
        from rectify.integrations.django.system_checks import check_database, check_settings

        checks.register(check_settings, "rectify")
        checks.register(check_database, checks.Tags.database)
        post_migrate.connect(settle, sender=self)
