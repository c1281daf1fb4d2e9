"""Bad input and bad luck over HTTP: the right status, no inside, nothing half done."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import Engine, ForeignKey, NullPool, create_engine, event, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.types import Message

from api import FINDING, Api, application, problem, who_asks
from rectify import Actor, AnyIssue, Fix, Found, Ledger
from rectify.campaign import Campaign
from rectify.errors import InvalidValue
from rectify.hooks import Applied, Proposed
from rectify.i18n import bilingual
from rectify.integrations.fastapi import ledger_router
from rectify.integrations.fastapi.problems import problem_of, unexpected
from rectify.moves import Register
from support import OFFICER, Clock, MakeLedger, finding, in_state

JSON = {"content-type": "application/json"}
INSIDE = "甲某某 at /srv/platform/secret.py"


@pytest.fixture
def api(ledger: Ledger[AnyIssue]) -> Api:
    """An officer at a ledger in memory."""
    return Api(application(ledger))


def raw(api: Api, path: str, content: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.at_once(("POST", path, {"content": content, "headers": named}))[0]


BODIES: list[tuple[bytes, int, str]] = [
    (b"", 422, "invalid"),
    (b"[", 400, "unreadable"),
    (b"\xff\xfe{}", 400, "unreadable"),
    (b"[" * 100_000, 400, "unreadable"),
    (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "unreadable"),
    (b"9" * 5_000, 400, "unreadable"),
    (b"NaN", 422, "invalid"),
    (b"1e999", 422, "invalid"),
    (b"[]", 422, "invalid"),
    (b"null", 422, "invalid"),
    (b'"text"', 422, "invalid"),
    (b"{}", 422, "invalid"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", ["/issues", "/issues/x/moves", "/submissions"])
def test_a_body_that_is_no_request_is_refused(
    api: Api, path: str, body: bytes, status: int, code: str
) -> None:
    answer = raw(api, path, body, If_Match='"1"', Idempotency_Key="1", **JSON)
    assert (status, code) == problem(answer)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/xml", "multipart/form-data"])
def test_what_does_not_say_it_is_json_is_refused(api: Api, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    answer = raw(api, "/issues", json.dumps(FINDING).encode(), Idempotency_Key="1", **headers)
    assert (415, "not-json") == problem(answer)


def test_a_body_that_is_too_large_is_not_read(ledger: Ledger[AnyIssue]) -> None:
    """Whether it says its length or comes in pieces."""
    api = Api(application(ledger, body_bytes_max=1_000))
    sent: list[int] = []

    async def pieces() -> Any:
        for number in range(100):
            sent.append(number)
            yield b" " * 100

    answers = [
        raw(api, "/issues", content, Idempotency_Key="1", **JSON)
        for content in (b" " * 1_001, pieces())
    ]
    assert [(413, "too-large")] * 2 == [problem(answer) for answer in answers]
    assert 11 == len(sent)
    assert 201 == api.register().status_code


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"title": "a\x00b"}, ["/title"]),
        ({"title": "   "}, ["/title"]),
        ({"title": "x" * 501}, ["/title"]),
        ({"title": 7, "unit": None}, ["/title", "/unit"]),
        ({"discipline_lead": "true"}, ["/discipline_lead"]),
        ({"amount_yuan": 1.5}, ["/amount_yuan"]),
        ({"amount_yuan": "1e5"}, ["/amount_yuan"]),
        ({"amount_yuan": "NaN"}, ["/amount_yuan"]),
        ({"amount_yuan": "0.001"}, ["/amount_yuan"]),
        ({"found_at": "2018-05-03T10:00:00"}, ["/found_at"]),
        ({"found_at": "2018-02-30T10:00:00Z"}, ["/found_at"]),
        ({"found_at": "0001-01-01T00:00:00+14:00"}, ["/found_at"]),
        ({"conduct_from": "2018-05-40"}, ["/conduct_from"]),
        ({"conduct_from": "2018-05-02", "conduct_until": "2018-05-01"}, ["/conduct_until"]),
        ({"a/b~c": 1}, ["/a~1b~0c"]),
        ({"commitment": "x", "id": "y"}, ["/commitment", "/id"]),
    ],
)
def test_each_wrong_field_is_named_by_its_place(
    api: Api, ledger: Ledger[AnyIssue], changes: dict[str, Any], places: list[str]
) -> None:
    answer = api.register(**changes)
    assert (422, "invalid") == problem(answer)
    assert places == [error["place"] for error in answer.json()["errors"]]
    assert [] == list(ledger.issues())


def test_half_a_surrogate_pair_is_no_text(api: Api) -> None:
    body = json.dumps(FINDING | {"title": "\ud800"}).encode()
    answer = raw(api, "/issues", body, Idempotency_Key="1", **JSON)
    assert (422, "invalid") == problem(answer)
    assert ["/title"] == [error["place"] for error in answer.json()["errors"]]


def test_places_within_a_move_are_told_to_the_item(api: Api) -> None:
    found = api.register().json()["id"]
    good = {"id": "m1", "title": "x", "due": "2018-06-15"}
    for milestones, place in (
        ([good, good | {"title": 1}], "/timetable/milestones/1/title"),
        ([good, good | {"title": "a\x00"}], "/timetable/milestones/1/title"),
        ([good, good], "/timetable/milestones"),
    ):
        plan = {"milestones": milestones, "responsible": "财政所所长"}
        answer = api.move(found, 1, "Schedule", timetable=plan)
        assert (422, "invalid") == problem(answer)
        assert [place] == [error["place"] for error in answer.json()["errors"]]
    bad_day = {"subject": "x", "kind": "x", "organ": "x", "decided_on": "yesterday"}
    verify = {"conclusion": "rectified", "evidence": "x", "outcomes": [bad_day]}
    answer = api.move(found, 1, "Verify", **verify)
    assert ["/outcomes/0/decided_on"] == [error["place"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("name", ["Forged", "fix", "Register", "Tie", "__class__", "", None, 7, {}])
def test_a_forged_move_is_none(api: Api, ledger: Ledger[AnyIssue], name: Any) -> None:
    """The moves that there are, are named, where a name was given."""
    found = api.register().json()["id"]
    answer = api.move(found, 1, name, measure="已拨付")
    assert (422, "invalid") == problem(answer)
    assert isinstance(name, dict) or "Fix、Schedule" in answer.text
    assert 1 == ledger.get(found).version


def test_a_move_that_the_state_does_not_allow_says_what_would_be(api: Api) -> None:
    found = api.register().json()["id"]
    answer = Api(api.app, language="en").move(found, 1, "Acknowledge", receipt="1号")
    assert (409, "illegal-move") == problem(answer)
    assert "Fix, Schedule, Transfer" in answer.json()["detail"]


def test_another_method_is_told_which_there_are(api: Api) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = api.at_once((method, "/issues", {}))[0]
        assert (405, "http-405") == problem(answer)
        assert "GET, POST" == answer.headers["allow"]


# Who asks.


def test_nothing_is_done_for_nobody(ledger: Ledger[AnyIssue]) -> None:
    """No move without its actor; what the host says of it is passed on."""
    nobody = Api(application(ledger), actor=Actor(id="nobody", unit="x"))
    in_state(ledger, Found)
    answers = [nobody.register(), nobody.get("/issues"), nobody.move("x", 1, "Fix", measure="x")]
    assert {(401, "http-401")} == {problem(answer) for answer in answers}
    assert {"not logged in"} == {answer.json()["detail"] for answer in answers}
    assert {"Test"} == {answer.headers["www-authenticate"] for answer in answers}


def test_an_actor_must_be_one(ledger: Ledger[AnyIssue], caplog: Any) -> None:
    api = Api(application(ledger, actor=lambda: {"id": "officer-7"}))
    assert (500, "unexpected") == problem(api.register())
    assert [] == list(ledger.issues())
    assert "not an Actor" in caplog.text


def test_an_actor_may_come_from_an_asynchronous_dependency(ledger: Ledger[AnyIssue]) -> None:
    async def later() -> Actor:
        await asyncio.sleep(0)
        return OFFICER

    api = Api(application(ledger, actor=later))
    assert 201 == api.register().status_code


def test_a_refusal_of_the_hosts_may_say_anything(ledger: Ledger[AnyIssue]) -> None:
    def closed() -> Actor:
        raise HTTPException(403, {"why": INSIDE})

    answer = Api(application(ledger, actor=closed)).get("/issues")
    assert (403, "http-403") == problem(answer)
    assert "Forbidden" == answer.json()["detail"]


# Hooks and hosts that fail.


def test_a_before_hook_that_fails_leaves_nothing_and_says_nothing(
    make_ledger: MakeLedger, caplog: Any
) -> None:
    ledger = make_ledger()

    @ledger.before(Fix)
    def fail(proposed: Proposed[Fix]) -> None:
        raise RuntimeError(INSIDE)

    api = Api(application(ledger))
    found = api.register().json()["id"]
    answer = api.move(found, 1, "Fix", measure="已拨付")
    assert (500, "unexpected") == problem(answer)
    assert [] == [word for word in ("甲某某", "srv", "RuntimeError") if word in answer.text]
    assert 1 == ledger.get(found).version
    assert [logging.ERROR] == [record.levelno for record in caplog.records]


def test_what_a_before_hook_says_of_a_value_is_passed_on(ledger: Ledger[AnyIssue]) -> None:
    @ledger.before(Register)
    def refuse(proposed: Proposed[Register]) -> None:
        raise InvalidValue("archive", bilingual("无此档案", "no such file"))

    answer = Api(application(ledger), language="en").register()
    assert (422, "invalid") == problem(answer)
    assert "archive: no such file" == answer.json()["detail"]
    assert [] == list(ledger.issues())


def test_an_after_hook_that_fails_does_not_undo_the_move(ledger: Ledger[AnyIssue]) -> None:
    """With ``deliver`` it is run once the move is answered, and stays due where it fails."""
    told: list[str] = []

    @ledger.after(Fix, name="tell")
    def tell(applied: Applied[Fix]) -> None:
        told.append(applied.issue.id)
        if len(told) == 1:
            raise RuntimeError(INSIDE)

    api = Api(application(ledger, deliver=True))
    first, second = (api.register(key).json()["id"] for key in "12")
    assert 200 == api.move(first, 1, "Fix", measure="已拨付").status_code
    assert ["ready"] == [delivery.status for delivery in ledger.deliveries()]
    assert 200 == api.move(second, 1, "Fix", measure="已拨付").status_code
    assert {"ready", "done"} == {delivery.status for delivery in ledger.deliveries()}
    assert [first, second] == told


def test_deliveries_that_cannot_be_run_are_logged_and_stay(
    campaign: Campaign, clock: Clock, tmp_path: Path, caplog: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with Ledger.open(url, campaign, clock=clock) as ledger:

        @ledger.after(Fix, name="tell")
        def tell(applied: Applied[Fix]) -> None:
            with create_engine(url, poolclass=NullPool).begin() as other:
                other.execute(text("ALTER TABLE rectify_delivery RENAME TO gone"))

        api = Api(application(ledger, deliver=True))
        found = api.register().json()["id"]
        caplog.clear()
        assert 200 == api.move(found, 1, "Fix", measure="已拨付").status_code
    assert ["after hooks were not run; they stay due"] == [r.message for r in caplog.records]


def test_a_database_that_goes_away_is_told_without_its_name(
    url: str, campaign: Campaign, clock: Clock, caplog: Any
) -> None:
    """In the middle of a move: nothing of it is kept, and the next one is carried out."""
    broken = create_engine(url, poolclass=NullPool)
    postgres = broken.dialect.name == "postgresql"
    breaking = True
    with Ledger.open(url, campaign, clock=clock) as ledger:

        @ledger.before(Fix)
        def pull_the_plug(proposed: Proposed[Fix]) -> None:
            if breaking and postgres:
                with broken.begin() as other:
                    other.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )

        api = Api(application(ledger))
        found = api.register().json()["id"]
        if not postgres:
            with broken.begin() as other:
                other.execute(text("ALTER TABLE rectify_record RENAME TO gone"))
        answer = api.move(found, 1, "Fix", measure="已拨付")
        if postgres:
            assert (503, "store-unavailable") == problem(answer)
            assert "5" == answer.headers["retry-after"]
        else:
            assert (500, "damaged") == problem(answer)
            assert "retry-after" not in answer.headers
        assert [] == [
            word for word in ("sqlite", "postgres", "rectify_", "ledger.db") if word in answer.text
        ]
        breaking = False
        if not postgres:
            with broken.begin() as other:
                other.execute(text("ALTER TABLE gone RENAME TO rectify_record"))
        assert 1 == ledger.get(found).version
        assert 200 == api.move(found, 1, "Fix", measure="已拨付").status_code
        assert ledger.audit().intact


def test_an_error_that_says_nothing_to_a_caller_is_no_problem_of_its_own() -> None:
    assert problem_of(KeyError(INSIDE)) is None
    assert "nothing was done" in unexpected().view("en")["detail"]


def test_who_hangs_up_is_not_answered(ledger: Ledger[AnyIssue]) -> None:
    sent: list[Message] = []

    async def hang_up() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/ledger/issues",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"x-actor", b"officer-7")],
    }
    asyncio.run(application(ledger)(scope, hang_up, send))
    assert [] == sent


def test_what_fails_after_the_answer_is_the_hosts_to_hear(ledger: Ledger[AnyIssue]) -> None:
    def later() -> None:
        raise ZeroDivisionError

    def who(tasks: BackgroundTasks) -> Actor:
        tasks.add_task(later)
        return OFFICER

    with pytest.raises(ZeroDivisionError):
        Api(application(ledger, actor=who)).register()
    assert 1 == len(list(ledger.issues()))


# The host's own transaction.


class Base(DeclarativeBase):
    pass


class Case(Base):
    """A host's own row."""

    __tablename__ = "host_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    office: Mapped[int | None] = mapped_column(
        ForeignKey("host_case.id", deferrable=True, initially="DEFERRED")
    )


@pytest.fixture
def engine(url: str, campaign: Campaign) -> Iterator[Engine]:
    """A host's engine, on a database with its table and a ledger."""
    Ledger.open(url, campaign).close()
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def enforce(connection: Any, _: object) -> None:
            connection.execute("PRAGMA foreign_keys = ON")

    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def host(engine: Engine, campaign: Campaign, clock: Clock) -> FastAPI:
    """A host that writes a row of its own for each request, in the session of the ledger."""
    app = FastAPI()

    def session() -> Iterator[Session]:
        with Session(engine) as session, session.begin():
            yield session

    in_session = Depends(session, scope="function")

    def note(db: Session = in_session, x_office: int | None = None) -> None:
        db.add(Case(path="asked", office=x_office))

    ledger = Ledger(campaign, clock=clock)

    @ledger.before(Fix)
    def fail(proposed: Proposed[Fix]) -> None:
        if proposed.move.measure == "出错":
            raise RuntimeError(INSIDE)

    router = ledger_router(ledger, actor=who_asks, session=session)
    app.include_router(router, prefix="/ledger", dependencies=[Depends(note)])

    @app.post("/ledger/own")
    def own(fails: bool, db: Session = in_session) -> str:
        found = ledger.within(db).register(finding(), by=OFFICER)
        db.add(Case(path=found.id))
        if fails:
            raise ZeroDivisionError
        return found.id

    return app


def rows(engine: Engine, campaign: Campaign) -> tuple[int, int]:
    """How many rows of the host's and issues there are."""
    with Session(engine) as session:
        cases = session.scalar(select(func.count()).select_from(Case)) or 0
        return cases, len(list(Ledger.on(session, campaign).issues()))


def test_a_hosts_rows_and_a_move_are_committed_and_rolled_back_together(
    host: FastAPI, engine: Engine, campaign: Campaign
) -> None:
    api = Api(host)
    found = api.register()
    assert 201 == found.status_code
    assert (1, 1) == rows(engine, campaign)
    issue_id = found.json()["id"]
    refused = api.move(issue_id, 1, "Acknowledge", receipt="1号")
    assert (409, "illegal-move") == problem(refused)
    assert (500, "unexpected") == problem(api.move(issue_id, 1, "Fix", measure="出错"))
    assert (412, "stale") == problem(api.move(issue_id, 7, "Fix", measure="已拨付"))
    assert (1, 1) == rows(engine, campaign)
    assert 200 == api.move(issue_id, 1, "Fix", measure="已拨付").status_code
    assert (2, 1) == rows(engine, campaign)


def test_a_commit_that_fails_is_no_success(
    host: FastAPI, engine: Engine, campaign: Campaign
) -> None:
    """The host's session is committed before the answer is sent."""
    answer = Api(host).post("/issues?x_office=99", FINDING, Idempotency_Key="1")
    assert (500, "unexpected") == problem(answer)
    assert (0, 0) == rows(engine, campaign)


def test_a_host_that_fails_after_a_step_takes_it_back(
    host: FastAPI, engine: Engine, campaign: Campaign
) -> None:
    """In an endpoint of its own, on the ledger in its session."""
    api = Api(host)
    with pytest.raises(ZeroDivisionError):
        api.post("/own?fails=true")
    assert (0, 0) == rows(engine, campaign)
    assert 200 == api.post("/own?fails=false").status_code
    assert (1, 1) == rows(engine, campaign)


def test_double_submissions_within_a_hosts_sessions_give_one_move(
    host: FastAPI, engine: Engine, campaign: Campaign
) -> None:
    api = Api(host)
    options = {"json": FINDING, "headers": {"Idempotency-Key": "1"}}
    registered = api.at_once(*[("POST", "/issues", options)] * 10)
    assert {201} == {answer.status_code for answer in registered}
    issue_id = registered[0].json()["id"]
    options = {"json": {"move": "Fix", "measure": "已拨付"}, "headers": {"If-Match": '"1"'}}
    moved = api.at_once(*[("POST", f"/issues/{issue_id}/moves", options)] * 10)
    assert {200} == {answer.status_code for answer in moved}
    options = {"json": {"duty": "work-plan/-/-city", "document_hash": "a" * 64}}
    handed = api.at_once(*[("POST", "/submissions", options)] * 10)
    assert {201} == {answer.status_code for answer in handed}
    with Session(engine) as session:
        ledger = Ledger.on(session, campaign)
        assert ["Register", "Fix"] == [record.move for record in ledger.history(issue_id)]
        assert 1 == len(ledger.filed())
