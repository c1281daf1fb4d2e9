"""Messages in the language that Django has active."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import get_language

from rectify.i18n import Language, Message


def language() -> Language:
    """Chinese where a Chinese language is active, else English."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def said(what: Message | str) -> str:
    """A message in the active language; a text as it is."""
    return what.text(language()) if isinstance(what, Message) else what


class _Said:
    """A message that is rendered when it is shown."""

    def __init__(self, what: Message) -> None:
        self._what = what

    def __str__(self) -> str:
        return said(self._what)


def lazily(what: Message) -> Any:
    """A message that a class may hold: its language is chosen when it is shown."""
    return lazystr(_Said(what))
