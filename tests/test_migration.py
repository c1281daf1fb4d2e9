"""Layouts of a database: the revisions lead to that of the tables, and keep every record."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text

from rectify import AnyIssue, Ledger
from rectify.campaign import Campaign
from rectify.errors import CampaignMismatch, StoreError, StoreUnreadable
from rectify.moves import Fix
from rectify.stores import migration, schema, tables
from rectify.stores.connection import connect
from rectify.stores.migration import Migrated, migrate, upgrade
from rectify.testing import Clock, take
from rectify.testing.contract.stories import live, told
from support import OFFICER, finding
from test_cli import rectify

HEAD = f"{tables.SCHEMA:04}"
NEXT = tables.SCHEMA + 1
REVISION = f'''
import sqlalchemy as sa
revision = "{NEXT:04}"
down_revision = "{HEAD}"
def upgrade(op):
    op.add_column("rectify_issue", sa.Column("shelf", sa.String(20), nullable=True))
    op.create_index("rectify_issue_by_shelf", "rectify_issue", ["shelf"])
'''
"""A layout after this one, as a later version may bring it."""


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine of the library's own, on an empty database."""
    engine = connect(url, create=True)
    yield engine
    engine.dispose()


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program as it will be, with one more layout."""
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / f"layout_{NEXT:04}.py").write_text(REVISION, encoding="utf-8")
    own = Path(migration.__file__).parent / "migrations"
    locations = [str(own / "versions"), str(folder)]

    def revisions() -> ScriptDirectory:
        return ScriptDirectory(str(own), version_locations=locations)

    with monkeypatch.context() as patch:
        patch.setattr(migration, "revisions", revisions)
        patch.setattr(tables, "SCHEMA", NEXT)
        yield


def as_kept(connection: Connection) -> set[tuple[Any, ...]]:
    """Every table, column, index, trigger and function of ours, as the database describes it."""
    if connection.dialect.name == "sqlite":
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name LIKE '%rectify_%'"
        kept = {tuple(row) for row in connection.execute(text(query))}
        # A column that was added stands elsewhere in the statement, and is the same column.
        columns = {
            (name, column[1:])
            for kind, name, *_ in kept
            if kind == "table"
            for column in map(tuple, connection.execute(text(f"PRAGMA table_info({name})")))
        }
        return {row for row in kept if row[0] != "table"} | columns
    queries = (
        (
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
            " column_default FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        ),
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        (
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        ),
    )
    return {tuple(row) for query in queries for row in connection.execute(text(query))}


def differences(connection: Connection) -> list[Any]:
    """What Alembic would change to make the tables those of the program."""
    options = {"version_table": tables.VERSION_TABLE, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    found: list[Any] = compare_metadata(context, tables.metadata)
    return found


def test_the_revisions_lead_to_the_tables_of_the_program(engine: Engine) -> None:
    """A change to `rectify.stores.tables` needs its revision; this tells what is missing there."""
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        created = as_kept(connection)
        tables.metadata.drop_all(connection)
        assert as_kept(connection) == set()
    with engine.begin() as connection:
        assert upgrade(connection) == Migrated(0, tables.SCHEMA)
    with engine.connect() as connection:
        assert differences(connection) == []
        migrated = as_kept(connection)
    assert {row for row in created ^ migrated if tables.VERSION_TABLE not in str(row)} == set()


def test_the_last_revision_is_the_layout_of_the_program() -> None:
    """Its number is that which the program reads, and there is one line of them."""
    script = migration.revisions()
    revisions = [one.revision for one in script.walk_revisions()]
    assert script.get_heads() == [HEAD]
    assert revisions == [f"{number:04}" for number in range(tables.SCHEMA, 0, -1)]


def test_a_ledger_is_brought_up_with_all_it_holds(
    url: str, campaign: Campaign, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version refuses the layout; asked to, it migrates, and every record stays."""
    clock = Clock()
    with monkeypatch.context() as earlier:
        earlier.setattr(tables, "SCHEMA", NEXT - 1)
        with Ledger.open(url, campaign, clock=clock) as ledger:
            live(ledger, clock)
            found = ledger.register(finding(), by=OFFICER)
            before, sealed = told(ledger), ledger.seal()
    with pytest.raises(StoreUnreadable, match=f"{NEXT - 1}.*{NEXT}.*migrate=True"):
        Ledger.open(url, campaign)
    with Ledger.open(url, campaign, migrate=True, clock=clock) as ledger:
        assert told(ledger) == before
        take(ledger, Fix, found)
        assert ledger.audit(against=sealed).intact
    with create_engine(url, poolclass=NullPool).connect() as connection:
        assert "shelf" in [one["name"] for one in inspect(connection).get_columns("rectify_issue")]
        assert _guards(connection) == (NEXT, f"{NEXT:04}")
    assert migrate(url) == Migrated(NEXT, NEXT)


def _guards(connection: Connection) -> tuple[int, str]:
    """The layout as the ledger says it, and as Alembic has it noted."""
    number = connection.execute(text("SELECT schema_version FROM rectify_ledger")).scalar_one()
    noted = connection.execute(text(f"SELECT version_num FROM {tables.VERSION_TABLE}"))
    return int(number), str(noted.scalar_one())


def test_records_only_grow_after_a_migration(url: str, campaign: Campaign, later: None) -> None:
    """What was not allowed before is not allowed afterwards."""
    _make_earlier(url, campaign)
    assert migrate(url) == Migrated(NEXT - 1, NEXT)
    for statement in ("DELETE FROM rectify_record", "UPDATE rectify_record SET digest = ''"):
        with pytest.raises(Exception, match="only grows"):
            _execute(url, statement)


def _make_earlier(url: str, campaign: Campaign, notes: bool = True) -> None:
    """A ledger with one issue, as the earlier version made it."""
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(tables, "SCHEMA", NEXT - 1)
        with Ledger.open(url, campaign) as ledger:
            ledger.register(finding(), by=OFFICER)
    if not notes:
        _execute(url, f"DROP TABLE {tables.VERSION_TABLE}")


def _execute(url: str, statement: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


def test_a_ledger_that_alembic_has_no_note_of_is_brought_up(
    url: str, campaign: Campaign, later: None
) -> None:
    """It says itself which layout it has."""
    _make_earlier(url, campaign, notes=False)
    assert migrate(url) == Migrated(NEXT - 1, NEXT)
    with Ledger.open(url, campaign) as ledger:
        assert (ledger.audit().intact, len(list(ledger.issues()))) == (True, 1)


def test_a_newer_layout_is_told_so(url: str, campaign: Campaign, later: None) -> None:
    """An earlier program neither opens it nor touches it, whatever it is asked."""
    Ledger.open(url, campaign).close()
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(tables, "SCHEMA", NEXT - 1)
        for ask in (
            lambda: Ledger.open(url, campaign),
            lambda: Ledger.open(url, campaign, migrate=True),
            lambda: migrate(url),
        ):
            with pytest.raises(StoreUnreadable, match=f"{NEXT}.*newer.*{NEXT - 1}"):
                ask()
    Ledger.open(url, campaign).close()


def test_programs_that_migrate_at_once_take_turns(
    url: str, campaign: Campaign, later: None
) -> None:
    """One does it, the others find it done."""
    _make_earlier(url, campaign)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(_open_and_migrate, [(url, campaign)] * 4))
    assert done == [1] * 4
    with Ledger.open(url, campaign) as ledger:
        assert ledger.audit().intact


def _open_and_migrate(job: tuple[str, Campaign]) -> int:
    url, campaign = job
    with Ledger.open(url, campaign, migrate=True) as ledger:
        return len(list(ledger.issues()))


def test_a_migration_that_fails_leaves_the_old_layout(
    url: str, campaign: Campaign, later: None, tmp_path: Path
) -> None:
    """All of it is undone, and the error says what the database said."""
    _make_earlier(url, campaign)
    broken = REVISION + '    op.execute("UPDATE no_such_table SET x = 1")\n'
    (tmp_path / "later" / f"layout_{NEXT:04}.py").write_text(broken, encoding="utf-8")
    with pytest.raises(StoreError, match="no_such_table"):
        migrate(url)
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(tables, "SCHEMA", NEXT - 1)
        with Ledger.open(url, campaign) as ledger:
            ledger.register(finding(), by=OFFICER)
            assert ledger.audit().intact
    with create_engine(url, poolclass=NullPool).connect() as connection:
        assert _guards(connection) == (NEXT - 1, HEAD)


def test_the_ledger_of_another_campaign_is_not_migrated(
    url: str, campaign: Campaign, later: None
) -> None:
    """Whose it is comes first."""
    _make_earlier(url, campaign)
    other = attrs.evolve(campaign, fingerprint="0" * 64)
    with pytest.raises(CampaignMismatch):
        Ledger.open(url, other, migrate=True)
    with create_engine(url, poolclass=NullPool).connect() as connection:
        assert _guards(connection) == (NEXT - 1, HEAD)


def test_what_holds_no_ledger_is_not_migrated(engine: Engine, url: str, tmp_path: Path) -> None:
    """An empty database stays empty, and no file is made."""
    engine.connect().close()
    with pytest.raises(StoreUnreadable, match="no ledger"):
        migrate(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    with pytest.raises(StoreError, match="no such file"):
        migrate(tmp_path / "none.db")


def test_what_is_opened_to_migrate_may_be_new(url: str, campaign: Campaign) -> None:
    """A database without a ledger gets one, and one that is up to date is opened as it is."""
    for _ in range(2):
        with Ledger.open(url, campaign, migrate=True) as ledger:
            ledger.register(finding(), by=OFFICER)
    with Ledger.open(url, campaign) as ledger:
        assert len(list(ledger.issues())) == 2


def test_the_command_says_what_it_did(
    tmp_path: Path, campaign: Campaign, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From which layout to which, in both languages and for programs; or that it is done."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    file = tmp_path / "ledger.db"
    _make_earlier(f"sqlite:///{file}", campaign)
    first = rectify("migrate", file)
    assert (first.exit_code, first.stdout) == (
        0,
        f"its layout was number {NEXT - 1} and is {NEXT} now\n",
    )
    assert (
        rectify("migrate", file, "--lang", "zh").stdout == f"台账格式已是第{NEXT}版\uff0c无需升级\n"
    )
    said = rectify("migrate", f"sqlite:///{file}", "--json").stdout
    assert json.loads(said) == {"was": NEXT, "now": NEXT}
    assert rectify("migrate", tmp_path / "none.db").exit_code == 2


# In a host's own Alembic environment.

HOST_ENV = """
from alembic import context
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("host_case", metadata, Column("id", Integer, primary_key=True))

def include_name(name, kind, parents):
    return not (kind == "table" and name.startswith("rectify_"))

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
"""
HOST_REVISION = """
from alembic import op
import sqlalchemy as sa
from rectify.stores.migration import upgrade as upgrade_rectify
revision = "a1"
down_revision = None
def upgrade():
    op.create_table("host_case", sa.Column("id", sa.Integer, primary_key=True))
    upgrade_rectify(op.get_bind())
"""


@pytest.fixture
def host(tmp_path: Path) -> Config:
    """A host's own Alembic environment, which makes our tables beside its own."""
    folder = tmp_path / "host"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(HOST_ENV, encoding="utf-8")
    (folder / "versions" / "a1.py").write_text(HOST_REVISION, encoding="utf-8")
    configuration = Config()
    configuration.set_main_option("script_location", str(folder))
    return configuration


def test_a_hosts_environment_makes_our_tables_beside_its_own(
    url: str, engine: Engine, campaign: Campaign, host: Config
) -> None:
    """Each notes its version in a table of its own, and neither would change the other's."""
    with engine.begin() as connection:
        host.attributes["connection"] = connection
        command.upgrade(host, "head")
        command.check(host)
    with engine.connect() as connection:
        assert {"host_case", "alembic_version", tables.VERSION_TABLE} < set(
            inspect(connection).get_table_names()
        )
        assert schema.layout(connection) == tables.SCHEMA
    with Ledger.open(url, campaign) as ledger:
        ledger.register(finding(), by=OFFICER)
        assert ledger.audit().intact
    assert migrate(url) == Migrated(tables.SCHEMA, tables.SCHEMA)


def test_an_older_layout_that_a_host_made_is_brought_up_empty(
    url: str, engine: Engine, campaign: Campaign, later: None
) -> None:
    """Tables without a ledger have Alembic's note of their layout."""
    with pytest.MonkeyPatch.context() as earlier, engine.begin() as connection:
        earlier.setattr(tables, "SCHEMA", NEXT - 1)
        tables.metadata.create_all(connection)
    with engine.begin() as connection:
        assert upgrade(connection) == Migrated(NEXT - 1, NEXT)
    ledger: Ledger[AnyIssue]
    with Ledger.open(url, campaign) as ledger:
        assert list(ledger.issues()) == []


def test_the_wheel_has_the_revisions(tmp_path: Path) -> None:
    """And everything else that Alembic runs."""
    root = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = root / "src" / "rectify" / "stores" / "migrations"
    wanted = {str(file.relative_to(root / "src")) for file in folder.rglob("*.py")}
    assert f"rectify/stores/migrations/versions/layout_{HEAD}.py" in wanted
    assert wanted <= names
