"""What the management commands share: the ledger, the language, errors in words."""

from __future__ import annotations

import json
from abc import abstractmethod
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, cast

import attrs
from django.core.management.base import BaseCommand, CommandError

from rectify.errors import RectifyError
from rectify.i18n import Message, message
from rectify.integrations.django.ledgers import get_ledger
from rectify.integrations.django.words import said
from rectify.ledger import Ledger

NOT_INTACT: Final = message("the ledger is not intact")


class LedgerCommand(BaseCommand):
    """A command on the project's ledger; ends with 1 where that is not intact or refuses."""

    failed: Message | None = None
    _as_json = False

    def add_arguments(self, parser: Any) -> None:
        """``--json``."""
        parser.add_argument("--json", action="store_true", help="print data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and tell what is wrong in words."""
        self._as_json = options.pop("json")
        try:
            data = self.run(get_ledger(), **options)
        except RectifyError as error:
            raise CommandError(said(error.message)) from None
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from None
        if self._as_json:
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
        if self.failed is not None:
            raise CommandError(said(self.failed))

    @abstractmethod
    def run(self, ledger: Ledger[Any], **options: Any) -> Any:
        """Do it; gives what ``--json`` prints."""
        ...

    def say(self, what: Message | str) -> None:
        """Print a line, unless data is asked for."""
        if not self._as_json:
            self.stdout.write(said(what))


def instant(given: str) -> datetime:
    """An aware datetime, of its ISO form."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ArgumentTypeError(f"“{given}”: 2018-06-16T00:00+08:00")
    return at


def plain(thing: object) -> Any:
    """An attrs object as plain JSON values; what has no such form as its text."""
    kind: Any = type(thing)
    if attrs.has(kind) and kind is not Message:
        named = {one.name: getattr(thing, one.name) for one in attrs.fields(kind)}
        return {name: plain(value) for name, value in named.items()}
    if isinstance(thing, (tuple, list)):
        return [plain(item) for item in cast("Iterable[Any]", thing)]
    if isinstance(thing, datetime):
        return thing.isoformat()
    if isinstance(thing, Message):
        return said(thing)
    return thing if isinstance(thing, (str, int, type(None))) else str(thing)
