"""The example's office under test: Django set up once, a database of its own for each test."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import attrs

from rectify import Actor, Ledger
from support import NOON

if TYPE_CHECKING:
    from django.test import Client

Database = Mapping[str, Any]


def configure() -> None:
    """Have Django read the office's settings; nothing more is set up yet."""
    from django.conf import settings

    if settings.configured:
        return
    folder = tempfile.mkdtemp(prefix="rectify-office-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    names = {"OFFICE_DATA": folder, "DJANGO_SETTINGS_MODULE": "office.settings"}
    os.environ.update(names)
    assert settings.ROOT_URLCONF == "office.urls"
    for name in names:
        del os.environ[name]  # programs that tests run have settings of their own


TODAY: Final = NOON.replace(day=10)


@attrs.define
class Clock:
    """The office's clock, which tests set: noon of 10 May 2018 at first."""

    now: datetime = TODAY

    def __call__(self) -> datetime:
        return self.now


CLOCK = Clock()


def present() -> datetime:
    """What the setting ``CLOCK`` names."""
    return CLOCK()


def set_up() -> None:
    """Have Django load the office's apps, once."""
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


class Server:
    """Makes databases: each kind is migrated and filled once, then copied."""

    def __init__(self, folder: Path) -> None:
        set_up()
        self._folder = folder
        self._templates: dict[str, Database] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from django.db import connections

        connections.close_all()

    def sqlite(self) -> Database:
        """A SQLite file with the office in it."""
        if "sqlite" not in self._templates:
            self._fill("sqlite", sqlite(self._folder / "template.db"))
        file = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self._folder / "template.db", file)  # closed, so without a log beside it
        return sqlite(file)

    def postgresql(self, server: Any) -> Database:
        """A PostgreSQL database with the office in it."""
        if "postgresql" not in self._templates:
            server.psql("CREATE DATABASE office_template;")
            self._fill("postgresql", postgresql(server.get_uri(database="office_template")))
        name = f"office_{uuid.uuid4().hex}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE office_template;")
        return postgresql(server.get_uri(database=name))

    def _fill(self, kind: str, database: Database) -> None:
        from django.core.management import call_command

        from office.seeding import seed

        with using(database):
            call_command("migrate", verbosity=0)
            seed()
        self._templates[kind] = database

    @contextmanager
    def on(self, database: Database) -> Generator[Office]:
        """The office on a database, at noon of 10 May 2018."""
        CLOCK.now = TODAY
        with using(database):
            yield Office()


def sqlite(file: Path) -> Database:
    """The setting of a SQLite database."""
    options = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode = WAL",
        "timeout": 20,
    }
    return _whole({"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": options})


def postgresql(address: str) -> Database:
    """The setting of a PostgreSQL database at an address."""
    parts = urlsplit(address)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return _whole(
        {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": parts.username or "",
            "HOST": host,
            "PORT": str(parts.port or ""),
        }
    )


def _whole(known: dict[str, Any]) -> Database:
    """With what Django adds to each setting."""
    from django.db import connections

    whole: Database = connections.configure_settings({"default": known})["default"]
    return whole


@contextmanager
def using(database: Database, alias: str = "default", **rectify: Any) -> Generator[None]:
    """Django on a database, under an alias, and the setting RECTIFY changed."""
    from django.conf import settings
    from django.db import connections
    from django.test import override_settings

    before = connections.settings.get(alias)
    changed = {**settings.RECTIFY, "CLOCK": "djangosite.present", "DATABASE": alias, **rectify}
    with ExitStack() as stack:
        _switch(alias, database)
        stack.callback(_switch, alias, before)
        stack.enter_context(override_settings(RECTIFY=changed))
        yield


def _switch(alias: str, database: Any) -> None:
    from django.db import connections

    handler: Any = connections
    if alias in handler.settings:
        handler[alias].close()
        del handler[alias]
    if database is None:
        del handler.settings[alias]
    else:
        handler.settings[alias] = dict(database)


class Office:
    """The office: its ledger, its people, and browsers for them."""

    @property
    def ledger(self) -> Ledger[Any]:
        """The ledger of the project."""
        from rectify.integrations.django import get_ledger

        return get_ledger()

    def client(self, name: str | None = "经办员甲", *, csrf: bool = False) -> Client:
        """A browser, logged in as somebody."""
        from django.contrib.auth.models import User
        from django.test import Client

        client = Client(enforce_csrf_checks=csrf, raise_request_exception=False)
        if name is not None:
            client.force_login(User.objects.get(username=name))
        return client

    def titled(self, title: str) -> Any:
        """The issue whose title begins so."""
        return next(x for x in self.ledger.issues() if x.finding.title.startswith(title))


OFFICER = Actor(id="经办员甲", unit="420901")
INSPECTOR = Actor(id="核查员乙", unit="420901")
COMMISSION = Actor(id="纪检专员丙", unit="420901", roles=frozenset({"discipline"}))
