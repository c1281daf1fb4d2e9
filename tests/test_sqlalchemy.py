"""A host's SQLAlchemy: the ledger's tables among its own, its hooks after its commits."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, String, create_engine, exc, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from rectify import AnyIssue, Fix, Ledger, Transfer
from rectify.campaign import Campaign
from rectify.errors import Refused
from rectify.hooks import Applied
from rectify.integrations.sqlalchemy import after_commit, include_tables
from support import OFFICER, finding


class Base(DeclarativeBase):
    pass


class Case(Base):
    """A host's own row."""

    __tablename__ = "host_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[str] = mapped_column(String(500))


def host_metadata() -> MetaData:
    """A host's metadata: its own table, and the ledger's."""
    metadata = MetaData()
    Base.metadata.tables["host_case"].to_metadata(metadata)
    include_tables(metadata)
    return metadata


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A host's engine on an empty database."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_alembic_sees_no_difference_once_the_ledger_is_there(
    url: str, engine: Engine, campaign: Campaign
) -> None:
    """Without the ledger's tables in the host's metadata it would take them away."""
    Ledger.open(url, campaign).close()
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert [] == compare_metadata(context, host_metadata())
        taken: list[Any] = list(compare_metadata(context, Base.metadata))
        assert {"remove_table", "remove_index"} == {change[0] for change in taken}


def only_grows(engine: Engine) -> bool:
    """Whether the database refuses to change a record."""
    with engine.connect() as connection:
        try:
            connection.execute(text("UPDATE rectify_record SET digest = 'x'"))
            connection.execute(text("DELETE FROM rectify_record"))
        except exc.DBAPIError:
            return True
    return False


ENV = """
from alembic import context
from sqlalchemy import create_engine
from test_sqlalchemy import host_metadata

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection, target_metadata=host_metadata())
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
"""
REVISION = """
def upgrade():
    from rectify.integrations.sqlalchemy import upgrade

    upgrade(op.get_bind())
    upgrade(op.get_bind())
    op.create_table(
        "host_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


"""


def test_a_revision_of_the_hosts_makes_a_ledger(
    engine: Engine, url: str, campaign: Campaign, tmp_path: Path
) -> None:
    """In its own Alembic environment, which then finds nothing more to do."""
    config = Config(tmp_path / "alembic.ini", stdout=StringIO())
    command.init(config, str(tmp_path / "migrations"))
    (tmp_path / "migrations" / "env.py").write_text(ENV, "utf-8")
    config.set_main_option("script_location", str(tmp_path / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    script: Any = command.revision(config, "ledger")
    file = Path(script.path)
    written = file.read_text("utf-8")
    begin, end = written.index("def upgrade"), written.index("def downgrade")
    file.write_text(written[:begin] + REVISION + written[end:], "utf-8")
    command.upgrade(config, "head")
    command.check(config)
    with Session(engine) as session, session.begin():
        ledger = Ledger.on(session, campaign, create=True)
        ledger.register(finding(), by=OFFICER, issue_id="one")
    assert only_grows(engine)
    with Ledger.open(url, campaign) as own:
        assert own.audit().intact


def test_a_hosts_create_all_makes_guarded_tables(engine: Engine, campaign: Campaign) -> None:
    """And its drop_all takes all of it away again."""
    metadata = host_metadata()
    metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        Ledger.on(session, campaign, create=True).register(finding(), by=OFFICER)
    assert only_grows(engine)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        assert [] == list(Ledger.on(session, campaign, create=True).issues())


# After the commit.


@pytest.fixture
def ledger(url: str, campaign: Campaign, engine: Engine) -> Iterator[Ledger[AnyIssue]]:
    """A ledger of its own on the host's database."""
    Base.metadata.create_all(engine)
    with Ledger.open(url, campaign) as ledger:
        yield ledger


def test_hooks_run_once_the_hosts_session_has_committed(
    engine: Engine, ledger: Ledger[AnyIssue]
) -> None:
    """And neither at a savepoint nor after a rollback."""
    told: list[str] = []

    @ledger.after(Fix, name="tell")
    def tell(applied: Applied[Fix]) -> None:
        told.append(applied.issue.id)

    sessions = sessionmaker(engine)
    after_commit(sessions, ledger.deliver)
    with sessions() as session:
        here = ledger.within(session)
        with session.begin_nested():
            kept = here.register(finding(), by=OFFICER)
            here.apply(Fix(kept, "已拨付"), by=OFFICER)
        savepoint = session.begin_nested()
        lost = here.register(finding(), by=OFFICER)
        here.apply(Fix(lost, "已拨付"), by=OFFICER)
        savepoint.rollback()
        session.add(Case(issue_id=kept.id))
        assert [] == told
        session.commit()
        assert [kept.id] == told
        again = here.register(finding(), by=OFFICER)
        here.apply(Fix(again, "已拨付"), by=OFFICER)
        session.rollback()
    assert [kept.id] == told
    assert [kept.id] == [issue.id for issue in ledger.issues()]


def test_a_kick_that_fails_does_not_fail_the_commit(
    engine: Engine, ledger: Ledger[AnyIssue], caplog: Any
) -> None:
    """What is committed is; what was to follow stays due, and the log says so."""

    def fail() -> None:
        raise ZeroDivisionError

    with Session(engine) as session:
        after_commit(session, fail)
        found = ledger.within(session).register(finding(), by=OFFICER)
        session.commit()
    assert found == ledger.get(found.id)
    assert ["what follows a commit failed; deliveries stay due"] == [
        record.message for record in caplog.records
    ]


def test_what_is_refused_leaves_the_session_usable(
    engine: Engine, ledger: Ledger[AnyIssue]
) -> None:
    """The host's rows before and after are committed with what the ledger did accept."""
    with sessionmaker(engine).begin() as session:
        here = ledger.within(session)
        session.add(Case(issue_id="before"))
        found = here.register(finding(discipline_lead=True), by=OFFICER)
        with pytest.raises(Refused):
            here.apply(Fix(found, "已拨付"), by=OFFICER)
        session.add(Case(issue_id="after"))
        here.apply(Transfer(found, "县纪委", "截留"), by=OFFICER)
    with Session(engine) as session:
        assert 2 == session.query(Case).count()
    assert 2 == ledger.get(found.id).version
