"""A ledger in the host's own transaction: its rows and the host's are one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from rectify import Fix, Found, Ledger, Schedule, Transfer
from rectify.campaign import Campaign, load_campaign
from rectify.errors import (
    CampaignMismatch,
    InvalidValue,
    Refused,
    StaleIssue,
    StoreError,
    StoreUnreadable,
    UnknownIssue,
)
from rectify.hooks import Applied, Proposed
from rectify.stores import tables
from support import OFFICER, finding, timetable


class Base(DeclarativeBase):
    pass


class Problem(Base):
    """A host's own row."""

    __tablename__ = "host_problem"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[str]


@pytest.fixture
def engine(url: str, campaign: Campaign) -> Iterator[Engine]:
    """A host's engine, as SQLAlchemy makes one, on a database with its table and a ledger."""
    Ledger.open(url, campaign).close()
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _problems(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Problem)) or 0


def test_a_hosts_rows_and_the_ledgers_are_committed_together(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """Nobody else sees either before, and both are there after."""
    with Ledger.open(url, campaign) as other, Session(engine) as session:
        ledger = Ledger.on(session, campaign)
        found = ledger.register(finding(), by=OFFICER)
        session.add(Problem(issue_id=found.id))
        session.flush()
        fixed = ledger.apply(Fix(found, "说明"), by=OFFICER)
        with pytest.raises(UnknownIssue):
            other.get(found.id)
        session.commit()
        assert fixed == other.get(found.id)
        assert 1 == _problems(engine)
        assert other.audit().intact


@pytest.mark.parametrize("first", ["host", "ledger"])
def test_a_hosts_rows_and_the_ledgers_are_rolled_back_together(
    engine: Engine, url: str, campaign: Campaign, first: str
) -> None:
    """Whichever wrote first: SQLite's driver begins no transaction for a savepoint by itself."""
    with Ledger.open(url, campaign) as other:
        with Session(engine) as session, suppress(ZeroDivisionError), session.begin():
            if first == "host":
                session.add(Problem(issue_id="x"))
                session.flush()
            ledger = Ledger.on(session, campaign)
            found = ledger.register(finding(reporter="甲某某"), by=OFFICER)
            ledger.apply(Schedule(found, timetable()), by=OFFICER)
            session.add(Problem(issue_id=found.id))
            session.flush()
            raise ZeroDivisionError
        assert [] == list(other.issues())
        assert 0 == _problems(engine)
        assert other.audit().intact


def test_a_hosts_own_savepoint_does_not_commit_the_ledgers_step(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """Nothing of the step is left where the host rolls back after its savepoint ended well."""
    with Ledger.open(url, campaign) as other:
        with Session(engine) as session, suppress(ZeroDivisionError), session.begin():
            ledger = other.within(session)
            with session.begin_nested():
                ledger.register(finding(), by=OFFICER)
            session.add(Problem(issue_id="x"))
            session.flush()
            raise ZeroDivisionError
        assert [] == list(other.issues())
        with Session(engine) as session, session.begin(), session.begin_nested():
            other.within(session)
            assert 0 == _problems(engine)


def test_a_savepoint_the_driver_began_alone_is_told(tmp_path: Path, campaign: Campaign) -> None:
    """On SQLite, where the ledger comes too late to have a transaction begun around it."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    Ledger.open(url, campaign).close()
    fresh = create_engine(url)
    with fresh.connect() as connection, connection.begin(), connection.begin_nested():
        ledger = Ledger.on(connection, campaign)
        with pytest.raises(StoreError, match="before begin_nested"):
            ledger.register(finding(), by=OFFICER)
    with fresh.connect() as connection, connection.begin(), connection.begin_nested():
        assert Found is type(Ledger.on(connection, campaign).register(finding(), by=OFFICER))
    fresh.dispose()


def test_a_before_hook_writes_to_no_handle_of_its_ledger(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """Not to the one that is open either, which would commit at once."""
    with Ledger.open(url, campaign) as ledger:

        @ledger.before(Fix)
        def write(proposed: Proposed[Fix]) -> None:
            ledger.register(finding(), by=OFFICER)

        with Session(engine) as session:
            within = ledger.within(session)
            found = within.register(finding(), by=OFFICER)
            with pytest.raises(StoreError, match="before hook"):
                within.apply(Fix(found, "说明"), by=OFFICER)
            session.rollback()
        assert [] == list(ledger.issues())


def test_within_another_campaigns_database_nothing_is_written(
    engine: Engine, tmp_path: Path
) -> None:
    """A session on the wrong database is told at once."""
    rivers = load_campaign(Path(__file__).parent.parent / "examples/campaigns/rivers.toml")
    with (
        Ledger.open(tmp_path / "rivers.db", rivers) as ledger,
        Session(engine) as session,
        pytest.raises(CampaignMismatch),
    ):
        ledger.within(session)


def test_a_plain_connection_will_do(engine: Engine, campaign: Campaign) -> None:
    """Begun or not: what was written waits for its commit."""
    with engine.connect() as connection:
        found = Ledger.on(connection, campaign).register(finding(), by=OFFICER)
        connection.rollback()
    with engine.begin() as connection:
        ledger = Ledger.on(connection, campaign)
        with pytest.raises(UnknownIssue):
            ledger.get(found.id)
        ledger.register(finding(), by=OFFICER, issue_id="kept")
    with engine.begin() as connection:
        assert Found is type(Ledger.on(connection, campaign).get("kept"))


def test_a_session_goes_on_after_what_is_refused_or_stale(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """The step alone is undone; the host's rows before and after it are committed."""
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign)
        session.add(Problem(issue_id="before"))
        session.flush()
        found = ledger.register(finding(), by=OFFICER)
        fixed = ledger.apply(Fix(found, "说明"), by=OFFICER)
        with pytest.raises(Refused):
            ledger.register(finding(area="无此"), by=OFFICER)
        with pytest.raises(StaleIssue):
            ledger.apply(Fix(found, "又一次"), by=OFFICER)
        session.add(Problem(issue_id="after"))
        session.commit()
    assert 2 == _problems(engine)
    with Ledger.open(url, campaign) as other:
        assert [fixed] == list(other.issues())


def test_a_hook_that_aborts_undoes_the_step_alone(engine: Engine, campaign: Campaign) -> None:
    """A lead that is vetoed half-way leaves nothing, in a transaction that goes on."""
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign)

        @ledger.before(Transfer)
        def veto(proposed: Proposed[Transfer]) -> None:
            raise ZeroDivisionError

        found = ledger.register(finding(), by=OFFICER)
        with pytest.raises(ZeroDivisionError):
            ledger.split_lead(found, organ="县纪委监委", lead="线索", by=OFFICER)
        assert [found] == list(ledger.issues())
        session.commit()


def test_after_hooks_wait_for_the_hosts_commit(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """Within it they can't be run; rolled back they are not owed; committed they run."""
    seen: list[str] = []
    with Ledger.open(url, campaign) as ledger:

        @ledger.after(Fix, name="note")
        def note(applied: Applied[Fix]) -> None:
            seen.append(applied.issue.id)

        for commits in (False, True):
            with Session(engine) as session:
                within = ledger.within(session)
                found = within.register(finding(), by=OFFICER)
                within.apply(Fix(found, "说明"), by=OFFICER)
                with pytest.raises(StoreError):
                    within.deliver()
                if commits:
                    session.commit()
            assert int(commits) == ledger.deliver().done
        assert [found.id] == seen


def test_a_batch_within_a_host_is_the_hosts_too(
    engine: Engine, url: str, campaign: Campaign
) -> None:
    """It is written with the host's commit, and taken back alone where it fails."""
    with Ledger.open(url, campaign) as other, Session(engine) as session:
        ledger = Ledger.on(session, campaign)
        with ledger.batch():
            kept = ledger.register(finding(), by=OFFICER)
        with suppress(ZeroDivisionError), ledger.batch():
            ledger.register(finding(), by=OFFICER)
            raise ZeroDivisionError
        assert [] == list(other.issues())
        session.commit()
        assert [kept] == list(other.issues())


def test_a_session_serves_its_ledger_over_several_commits(
    engine: Engine, campaign: Campaign
) -> None:
    """Each transaction of the session is the ledger's, in turn."""
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign)
        for _ in range(3):
            ledger.register(finding(), by=OFFICER)
            session.commit()
        ledger.register(finding(), by=OFFICER)
        session.rollback()
        assert 3 == len(list(ledger.issues()))


def test_a_ledger_is_made_in_the_hosts_transaction_if_asked(url: str, campaign: Campaign) -> None:
    """Not asked, the error says that there is none; the host may have made the tables, too."""
    engine = create_engine(url)
    for made in (False, True):
        with Session(engine) as session:
            with pytest.raises(StoreUnreadable, match="holds no ledger"):
                Ledger.on(session, campaign)
            Ledger.on(session, campaign, create=True).register(finding(), by=OFFICER)
            session.rollback()
        if not made:
            tables.metadata.create_all(engine)
    with Session(engine) as session:
        Ledger.on(session, campaign, create=True).register(finding(), by=OFFICER)
        session.commit()
    with Session(engine) as session:
        assert 1 == len(list(Ledger.on(session, campaign).issues()))
    engine.dispose()


def test_another_campaigns_ledger_is_refused(engine: Engine) -> None:
    """As when it is opened by its address."""
    other = load_campaign(Path(__file__).parent.parent / "examples/campaigns/rivers.toml")
    with Session(engine) as session, pytest.raises(CampaignMismatch):
        Ledger.on(session, other)


def test_what_is_no_transaction_of_a_host_is_refused(engine: Engine, campaign: Campaign) -> None:
    """An engine, text, another kind of database, a connection that commits by itself."""
    for stranger in (engine, "sqlite:///x", None):
        with pytest.raises(InvalidValue, match="Connection or Session"):
            Ledger.on(stranger, campaign)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    commits = engine.execution_options(isolation_level="AUTOCOMMIT")
    with commits.connect() as connection:
        _refuses_to_write_or_waits(connection, campaign)


def _refuses_to_write_or_waits(connection: Connection, campaign: Campaign) -> None:
    """On PostgreSQL it is refused; on SQLite a transaction can be begun nevertheless."""
    ledger = Ledger.on(connection, campaign)
    if connection.dialect.name == "postgresql":
        with pytest.raises(StoreError, match="commits each statement"):
            ledger.register(finding(), by=OFFICER)
    else:
        ledger.register(finding(), by=OFFICER)
        connection.rollback()
    assert [] == list(ledger.issues())


def test_damaged_text_on_a_hosts_connection_is_never_quoted(tmp_path: Any) -> None:
    """SQLite's driver would quote what it can't decode; the error does not."""
    campaign = load_campaign("hubei-2018")
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger.open(url, campaign) as ledger:
        found = ledger.register(finding(title="绝密内容"), by=OFFICER)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE rectify_issue SET body = CAST(CAST(body AS BLOB) || x'ff' AS TEXT)")
        )
    with engine.connect() as connection:
        ledger = Ledger.on(connection, campaign)
        with pytest.raises(StoreUnreadable, match="damaged") as caught:
            ledger.get(found.id)
    assert "绝密" not in str(caught.value)
    assert caught.value.__cause__ is None
    engine.dispose()
