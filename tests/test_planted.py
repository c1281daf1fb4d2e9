"""Names are planted wherever one may be kept, and looked for everywhere else.

Looked for as UTF-8, as UTF-16, as GB 18030, and in every escaped form that a program here writes.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import traceback
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import attrs
import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.traceback import Traceback
from sqlalchemy import Engine, NullPool, create_engine, inspect, text
from sqlalchemy.orm import Session

from rectify import (
    Actor,
    AnyIssue,
    Conclusion,
    Expose,
    Finding,
    Fix,
    Found,
    Ledger,
    Move,
    Schedule,
    Verify,
)
from rectify.campaign import Campaign
from rectify.cli.app import commands
from rectify.errors import Erased, RectifyError, Refused, SecretKeyError
from rectify.event import Overdue
from rectify.exchange import diagrams
from rectify.finding import Person
from rectify.hooks import Proposed
from rectify.i18n import bilingual
from rectify.issue import Link
from rectify.move import Step
from rectify.moves import Erase, Register, Reveal, Tie
from rectify.reason import Reason
from rectify.sealed import Sealed
from rectify.secret_key import SecretKey
from support import COMMISSION, INSPECTOR, NOON, OFFICER, Clock, Tamper, build, timetable

PLANTED: Final = ("欧阳举报", "Testa Nominata", "13900000123", "司徒被告", "Ficta Persona")
REPORTER: Final = f"{PLANTED[0]}\uff08{PLANTED[1]}\uff09\n电话{PLANTED[2]}"
PERSONS: Final = {"甲": PLANTED[3], "乙": PLANTED[4]}
PLAIN: Final[dict[str, Any]] = {
    "title": "项目资金滞留",
    "area": "funds",
    "channel": "petition",
    "unit": "420000",
    "found_at": NOON,
}
RAW_KEY: Final = bytes(range(32))
KEY: Final = SecretKey(RAW_KEY)


def _forms(name: str) -> Iterator[bytes]:
    yield from (name.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"))
    escaped = name.encode("ascii", "backslashreplace")
    yield from (escaped, escaped.upper(), quote(name).encode(), name.encode().hex().encode())


FORMS: Final = {form: name for name in PLANTED for form in _forms(name)}


def traces(*places: object) -> set[str]:
    """The planted names found in texts and bytes."""
    return {
        name
        for place in places
        for form, name in FORMS.items()
        if form in (place if isinstance(place, bytes) else str(place).encode(errors="replace"))
    }


def shown(value: Any) -> str:
    """A value as anybody might print or send it."""
    forms: list[str] = [repr(value), str(value), f"{value}", repr(value.__class__)]
    attempts: tuple[Callable[[], str], ...] = (
        lambda: json.dumps(value, default=str, ensure_ascii=False),
        lambda: str(attrs.asdict(value)),
        lambda: str(cast("Any", attrs.astuple)(value)),
        lambda: str(cast("dict[str, Any]", vars(value))),
        lambda: repr(copy.copy(value)),
        lambda: repr(copy.deepcopy(value)),
        lambda: pickle.dumps(value).decode("latin-1"),
        lambda: pickle.dumps(value).decode("utf-8", "replace"),
    )
    for attempt in attempts:
        try:
            forms.append(attempt())
        except (
            TypeError,
            AttributeError,
            pickle.PicklingError,
            attrs.exceptions.NotAnAttrsClassError,
        ):
            forms.append("–")  # It can't be had that way.
    return "\n".join(forms)


def chained(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all it came from, also where that is not shown."""
    while error is not None:
        yield error
        if error.__cause__ is not None:
            yield from chained(error.__cause__)
        error = error.__context__


def traced(error: BaseException) -> str:
    """An error, and all it came from, with the local variables of each frame."""
    texts: list[str] = []
    for one in chained(error):
        made = traceback.TracebackException.from_exception(one, capture_locals=True)
        texts += [*made.format(chain=False), shown(one)]
    return "".join(texts)


def printed(error: BaseException) -> str:
    """An error as Rich prints it with local variables."""
    out, trace = StringIO(), error.__traceback__
    rich = Traceback.from_exception(
        type(error), error, trace, show_locals=True, locals_max_string=10_000
    )
    Console(file=out, width=400).print(rich)
    return out.getvalue()


def everything_of(ledger: Ledger[AnyIssue]) -> list[Any]:
    """All that a ledger gives out."""
    return [
        *(issue for issue in ledger.issues()),
        *(record for issue in ledger.issues() for record in ledger.history(issue.id)),
        *(record.evidence for issue in ledger.issues() for record in ledger.history(issue.id)),
        *ledger.events(),
        *ledger.deliveries(),
        ledger.audit(),
        ledger,
        ledger.campaign,
    ]


class Life:
    """The life of an issue with planted names, with hooks on every step of it."""

    def __init__(self, ledger: Ledger[AnyIssue]) -> None:
        self.ledger = ledger
        self.seen: list[Any] = []
        for kind in (Move, Register, Tie, Reveal, Erase):
            step: type[Step[Any]] = kind
            ledger.before(step)(self.seen.append)
            ledger.after(step, name=f"tell-{step.__name__}")(self.seen.append)
        ledger.after(Overdue, name="urge")(self.seen.append)

    def registered(self) -> Found:
        """Registered, refused before that, and revealed."""
        return self.ledger.register(
            Finding(**PLAIN, reporter=REPORTER, persons=PERSONS), by=OFFICER
        )

    def lived(self) -> AnyIssue:
        """All that may happen to it; the names are in no argument but those of the finding."""
        ledger = self.ledger
        issue: Any = ledger.apply(Schedule(self.registered(), timetable("2018-05-06")), by=OFFICER)
        issue, lead = ledger.split_lead(issue, organ="县纪委", lead="线索", by=OFFICER)
        issue = ledger.link(issue, lead.id, kind="same-project", by=OFFICER)
        ledger.sweep()
        for field in ("reporter", "persons/甲", "persons/乙"):
            revealed = ledger.reveal(issue, field=field, by=INSPECTOR, reason="回访")
            self.seen.append(repr(revealed) + str(revealed) + str(attrs.asdict(revealed)))
            issue = revealed.issue
        ledger.apply(
            Verify(lead, Conclusion.UNSUBSTANTIATED, "查无实据", answered_reporter_at=NOON),
            by=COMMISSION,
        )
        ledger.deliver()
        self.seen += ledger.options(issue, by=OFFICER)
        self.seen.append(ledger.check(Fix(self.registered(), "改"), by=OFFICER))
        return ledger.get(issue.id)  # as the last step left it

    def erased(self, issue: AnyIssue) -> None:
        """All its texts, and those of every issue, in one commit."""
        ids = [one.id for one in self.ledger.issues()]
        with self.ledger.batch():
            for issue_id, field in product(ids, issue.finding.confidential):
                current = self.ledger.get(issue_id)
                try:
                    self.ledger.erase(current, field=field, by=OFFICER, reason="期满")
                except Erased as error:
                    self.seen.append(error)
        assert self.ledger.scrub()
        self.ledger.deliver()


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _tables(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {
            name: str(connection.execute(text(f"SELECT * FROM {name}")).all())
            for name in inspect(engine).get_table_names()
        }


def test_names_are_in_what_a_ledger_gives_out_nowhere(
    url: str, campaign: Campaign, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Issues, records, events, hooks' payloads: printed, copied, pickled; logs at DEBUG."""
    for logger in (None, "sqlalchemy", "sqlalchemy.engine", "psycopg"):
        caplog.set_level(logging.DEBUG, logger)
    with Ledger.open(url, campaign, clock=clock) as ledger:
        life = Life(ledger)
        issue = life.lived()
        for value in (*everything_of(ledger), *life.seen):
            assert set() == traces(shown(value)), type(value)
        life.erased(issue)
        for value in (*everything_of(ledger), *life.seen):
            assert set() == traces(shown(value)), type(value)
        assert ledger.audit().intact
    assert "rectify_record" in caplog.text
    assert set() == traces(caplog.text, *(shown(record) for record in caplog.records))


def test_names_are_in_one_table_and_after_erasure_in_none(
    url: str, campaign: Campaign, clock: Clock
) -> None:
    """Each row of every table is looked through."""
    engine = create_engine(url, poolclass=NullPool)
    with Ledger.open(url, campaign, clock=clock) as ledger:
        life = Life(ledger)
        issue = life.lived()
        tables = _tables(engine)
        assert set(PLANTED) == traces(tables.pop("rectify_secret"))
        assert {name: set[str]() for name in tables} == {
            name: traces(rows) for name, rows in tables.items()
        }
        life.erased(issue)
        assert set() == traces(*_tables(engine).values())


def test_names_are_in_no_file_once_erased_on_sqlite(
    tmp_path: Path, campaign: Campaign, clock: Clock
) -> None:
    """Neither in the database, in its free pages, nor in the write-ahead log; nor are the salts."""
    file = tmp_path / "ledger.db"
    with Ledger.open(file, campaign, clock=clock) as ledger:
        life = Life(ledger)
        for number in range(60):  # enough for pages to fill, split and empty
            texts: dict[str, Any] = {
                "reporter": REPORTER + "甲" * (37 * number),
                "persons": PERSONS,
            }
            ledger.register(Finding(**PLAIN, **texts), by=OFFICER)
        issue = life.lived()
        engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        with engine.connect() as connection:
            query = "SELECT salt FROM rectify_secret"
            salts = list(connection.execute(text(query)).scalars())
        assert set(PLANTED) == traces(*_files(tmp_path).values())
        assert len(salts) > 3 * 60
        life.erased(issue)
        files = _files(tmp_path)
        assert {"ledger.db", "ledger.db-wal"} <= files.keys()
        assert {name: set[str]() for name in files} == {
            name: traces(content) for name, content in files.items()
        }
        assert [] == [s for s in salts if any(s.encode() in each for each in files.values())]
        assert ledger.audit().intact
    assert set() == traces(*_files(tmp_path).values())


def test_a_reader_in_the_way_is_told_of_and_waited_for(
    tmp_path: Path, campaign: Campaign, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it ends its view needs the old pages; then they are gone."""
    file = tmp_path / "ledger.db"
    with Ledger.open(file, campaign, clock=clock) as ledger:
        found = Life(ledger).registered()
        engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        with engine.connect() as reader:
            reader.exec_driver_sql("BEGIN")
            reader.execute(text("SELECT count(*) FROM rectify_record")).scalar()
            monkeypatch.setattr("rectify.stores.scrubbing.LOG_WAIT_SECONDS_MAX", 0.05)
            ledger.erase(found, by=OFFICER, reason="期满")
            assert not ledger.scrub()
            assert PLANTED[0] in traces(*_files(tmp_path).values())
        assert ledger.scrub()
        assert PLANTED[0] not in traces(*_files(tmp_path).values())


def test_names_are_in_no_table_file_once_erased_on_postgresql(
    postgres: Any, request: pytest.FixtureRequest, campaign: Campaign, clock: Clock
) -> None:
    """Its write-ahead log keeps them until it is recycled; docs/confidential.md says so."""
    database = "planted"
    postgres.psql(f"CREATE DATABASE {database};")
    address = postgres.get_uri(database=database).replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, poolclass=NullPool)

    def tables_files() -> list[bytes]:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            query = "SELECT oid FROM pg_database WHERE datname = current_database()"
            folder = Path(str(postgres.pgdata)) / "base" / str(connection.scalar(text(query)))
        return [path.read_bytes() for path in folder.iterdir() if path.is_file()]

    with Ledger.open(address, campaign, clock=clock) as ledger:
        life = Life(ledger)
        issue = life.lived()
        assert set(PLANTED) == traces(*tables_files())
        life.erased(issue)
        assert set() == traces(*tables_files())
        assert ledger.audit().intact


def test_names_that_are_encrypted_are_in_no_file_at_any_time(
    tmp_path: Path, campaign: Campaign, clock: Clock
) -> None:
    """With a key there is nothing in the clear from the first byte; nor after it is changed."""
    with Ledger.open(tmp_path / "ledger.db", campaign, clock=clock, secrets=KEY) as ledger:
        issue = Life(ledger).lived()
        assert set() == traces(*_files(tmp_path).values())
        ledger.rekey(SecretKey(bytes(32)))
        assert REPORTER == ledger.reveal(issue, by=OFFICER, reason="r").text
        assert set() == traces(*_files(tmp_path).values())
        assert KEY.id.encode() not in b"".join(_files(tmp_path).values())


def test_names_encrypted_later_are_in_no_file_from_then_on(
    tmp_path: Path, campaign: Campaign, clock: Clock
) -> None:
    """What was kept in the clear before is overwritten."""
    with Ledger.open(tmp_path / "ledger.db", campaign, clock=clock) as ledger:
        for number in range(100):
            texts: dict[str, Any] = {
                "reporter": REPORTER + "甲" * (97 * number),
                "persons": PERSONS,
            }
            ledger.register(Finding(**PLAIN, **texts), by=OFFICER)
        assert set(PLANTED) == traces(*_files(tmp_path).values())
        ledger.rekey(KEY)
        assert set() == traces(*_files(tmp_path).values())
        assert ledger.audit().intact


def test_names_are_in_no_log_of_a_host(
    url: str, campaign: Campaign, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where its engine logs every statement with what it is given and gets."""
    for logger in (None, "sqlalchemy", "sqlalchemy.engine", "psycopg"):
        caplog.set_level(logging.DEBUG, logger)
    Ledger.open(url, campaign, clock=clock).close()
    engine = create_engine(url, echo="debug")
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign, clock=clock)
        found = Life(ledger).registered()
        _, lead = ledger.split_lead(found, organ="县纪委", lead="线索", by=OFFICER)
        assert ledger.audit().intact
        session.commit()
    assert lead.id in caplog.text
    assert set() == traces(caplog.text, *(shown(record) for record in caplog.records))
    engine.dispose()


def test_names_are_in_no_output_of_a_command(
    tmp_path: Path, campaign: Campaign, clock: Clock
) -> None:
    """Audits, checkpoints, sweeps, what is due, as text, JSON and a calendar; drawings."""
    file = tmp_path / "ledger.db"
    with Ledger.open(file, campaign, clock=clock) as ledger:
        Life(ledger).lived()
    folder = tmp_path / "out"
    folder.mkdir()
    out = [diagrams.mermaid(ledger.lifecycle), diagrams.dot(ledger.lifecycle)]
    for arguments in (
        ["audit", str(file)],
        ["audit", str(file), "--json"],
        ["seal", str(file), "--out", str(folder / "checkpoint")],
        ["audit", str(file), "--against", str(folder / "checkpoint"), "--json"],
        ["sweep", str(file), "--json"],
        ["due", "--ledger", str(file), "--ics", str(folder / "due.ics")],
        ["due", "--ledger", str(file), "--json"],
        ["lifecycle", "--json"],
    ):
        for language in ("zh", "en"):
            result = CliRunner().invoke(commands(language), arguments)
            out.append(f"{result.output}{result.exception!r}")
    assert 2 == len(_files(folder))
    assert set() == traces(*out, *_files(folder).values())
    assert "issues" in "".join(out)


# Errors.


def _bad_finding() -> object:
    facts: dict[str, Any] = PLAIN | {"area": " "}
    return Finding(**facts, reporter=REPORTER, persons=PERSONS)


def _bad_reporter() -> object:
    return Finding(**PLAIN, reporter=REPORTER + "\x00", persons=PERSONS)


def _bad_persons() -> object:
    return Finding(**PLAIN, reporter=REPORTER, persons={**PERSONS, PLANTED[3]: PLANTED[3]})


def _bad_dates() -> object:
    conduct: dict[str, Any] = {
        "conduct_from": NOON.date(),
        "conduct_until": NOON.date().replace(year=2017),
    }
    return Finding(**PLAIN, **conduct, reporter=REPORTER, persons=PERSONS)


def _bad_person() -> object:
    persons = (Person("甲", Sealed(PLANTED[3])),) * 2
    return Finding(**PLAIN, reporter=REPORTER, persons=persons)


@pytest.mark.parametrize(
    "attempt", [_bad_finding, _bad_reporter, _bad_persons, _bad_dates, _bad_person]
)
def test_names_are_in_no_traceback_of_a_finding_that_is_refused(
    attempt: Callable[[], object],
) -> None:
    """Local variables are shown by debuggers and services that collect errors."""
    with pytest.raises(RectifyError) as caught:
        attempt()
    assert set() == traces(traced(caught.value), printed(caught.value))


def _refusals(life: Life, found: Found) -> dict[str, Callable[[], object]]:
    ledger = life.ledger
    planted = Finding(**PLAIN, reporter=REPORTER, persons=PERSONS)
    elsewhere = attrs.evolve(planted, area="weather")
    nobody: Any = None
    return {
        "refused": lambda: ledger.register(elsewhere, by=OFFICER),
        "taken": lambda: ledger.register(planted, by=OFFICER, issue_id=found.id),
        "by nobody": lambda: ledger.register(planted, by=nobody),
        "naive": lambda: ledger.register(planted, by=OFFICER, at=NOON.replace(tzinfo=None)),
        "illegal": lambda: build(Expose, found),
        "stale": lambda: ledger.apply(Fix(attrs.evolve(found, version=9), "改"), by=OFFICER),
        "no such field": lambda: ledger.reveal(found, field="x", by=OFFICER, reason="r"),
        "no reason": lambda: ledger.reveal(found, by=OFFICER, reason=""),
        "vetoed": lambda: ledger.reveal(found, by=Actor(id="x", unit="1"), reason="r"),
        "again": lambda: ledger.register(found.finding, by=OFFICER),
        "changed": lambda: ledger.apply(
            Fix(attrs.evolve(found, finding=planted), "改"), by=OFFICER
        ),
        "link": lambda: ledger.link(found, "nowhere", kind="x", by=OFFICER),
        "unencodable": lambda: Tie(found, Link("x", "\ud800")),
    }


def test_names_are_in_no_error_of_a_ledger(url: str, campaign: Campaign, clock: Clock) -> None:
    """Whatever is refused, with whatever it came from, frame by frame."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        life = Life(ledger)

        @ledger.before(Reveal)
        def veto(proposed: Proposed[Reveal[Any]]) -> None:
            if proposed.by.id == "x":
                raise Refused([Reason(code="no", text=bilingual("不同意", "no"))])

        for name, attempt in _refusals(life, life.registered()).items():
            with pytest.raises(RectifyError) as caught:
                attempt()
            assert set() == traces(traced(caught.value)), name


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE rectify_secret RENAME TO gone",
        "ALTER TABLE rectify_secret RENAME COLUMN text TO gone",
        "INSERT INTO rectify_secret VALUES ('HB-1', 'persons/甲', '', 'x', NULL)",
        "UPDATE rectify_secret SET salt = 'zz'",
        "UPDATE rectify_secret SET text = text || 'x'",
        "UPDATE rectify_secret SET erased_at = '2018-01-01 00:00:00'",
    ],
)
def test_names_are_in_no_error_of_a_database(
    url: str, campaign: Campaign, clock: Clock, tamper: Tamper, damage: str
) -> None:
    """What a driver says may quote a row, and its frames hold what it was given."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        found = Life(ledger).registered()
        tamper(damage)
        caught: list[BaseException] = []
        for attempt in (
            lambda: ledger.register(
                Finding(**PLAIN, reporter=REPORTER, persons=PERSONS), by=OFFICER, issue_id="HB-1"
            ),
            lambda: ledger.reveal(found, by=OFFICER, reason="r"),
            lambda: ledger.split_lead(found, organ="县纪委", lead="线索", by=OFFICER),
            lambda: ledger.erase(found, by=OFFICER, reason="r"),
            lambda: ledger.rekey(KEY),
        ):
            try:
                attempt()
            except RectifyError as error:
                caught.append(error)
        assert caught
        for one in caught:
            assert set() == traces(traced(one))


def test_names_are_in_no_error_for_want_of_a_key(
    url: str, campaign: Campaign, clock: Clock
) -> None:
    """The error names the key, and shows neither it nor what it would open."""
    with Ledger.open(url, campaign, clock=clock, secrets=KEY) as ledger:
        found = Life(ledger).registered()
    with Ledger.open(url, campaign, clock=clock) as ledger:
        for attempt in (
            lambda: ledger.reveal(found, by=OFFICER, reason="r"),
            lambda: ledger.register(
                Finding(**PLAIN, reporter=REPORTER, persons=PERSONS), by=OFFICER
            ),
        ):
            with pytest.raises(SecretKeyError) as caught:
                attempt()
            assert set() == traces(traced(caught.value))
            assert not _shows_key(caught.value)
    with pytest.raises(SecretKeyError) as refused:
        SecretKey(RAW_KEY[1:])
    assert not _shows_key(refused.value)


def _shows_key(error: BaseException) -> bool:
    shown = traced(error)
    return RAW_KEY.hex()[2:20] in shown or repr(RAW_KEY[1:20])[2:-1] in shown


def test_what_looks_for_names_finds_them() -> None:
    """Else the tests above would pass whatever happens."""
    planted = Sealed(REPORTER)
    assert {PLANTED[0], PLANTED[1], PLANTED[2]} == traces(planted.open())
    assert {PLANTED[0]} == traces(json.dumps(PLANTED[0])) == traces(PLANTED[0].encode("gb18030"))
    assert {PLANTED[3]} == traces(quote(PLANTED[3])) == traces(PLANTED[3].encode().hex())
    assert set() == traces(shown(Finding(**PLAIN)))

    def careless(name: str) -> None:
        raise ValueError(len(name))

    with pytest.raises(ValueError, match="4") as caught:
        careless(PLANTED[0])
    assert {PLANTED[0]} == traces(traced(caught.value)) == traces(printed(caught.value))
    assert os.sep in traced(caught.value)
