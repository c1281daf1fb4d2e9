"""The office's app."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """县扶贫办."""

    name = "office"
    verbose_name = "县扶贫办"
