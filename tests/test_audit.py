"""The audit: any change to what is kept is found."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator

import pytest
from sqlalchemy import NullPool, create_engine, exc, text

from rectify import (
    AnyIssue,
    Complete,
    Exposed,
    Found,
    Issue,
    Ledger,
    Scheduled,
    Transferred,
)
from rectify.campaign import Campaign
from support import OFFICER, Clock, Tamper, in_state, take


@pytest.fixture
def kept(url: str, campaign: Campaign, clock: Clock) -> Iterator[Ledger[AnyIssue]]:
    """A durable ledger with a few issues."""
    with Ledger.open(url, campaign, clock=clock) as ledger:
        in_state(ledger, Exposed, reporter="举报人甲 00000000000")
        take(ledger, Complete, in_state(ledger, Scheduled))
        ledger.split_lead(in_state(ledger, Found), organ="县纪委监委", lead="线索", by=OFFICER)
        yield ledger


def _bodies(url: str) -> list[tuple[str, int, str, str]]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        rows = connection.execute(
            text("SELECT issue_id, version, body, digest FROM rectify_record ORDER BY 1, 2")
        )
        return [(row.issue_id, row.version, row.body, row.digest) for row in rows]


def test_an_untouched_ledger_is_intact(kept: Ledger[AnyIssue]) -> None:
    """The audit counts what it read and finds nothing."""
    audit = kept.audit()
    assert (audit.intact, audit.problems, audit.issues) == (True, (), 4)
    assert audit.records == len([r for issue in kept.issues() for r in kept.history(issue.id)])


@pytest.mark.parametrize(
    "action", ["UPDATE rectify_record SET digest = ''", "DELETE FROM rectify_record"]
)
def test_the_database_refuses_to_change_records(
    kept: Ledger[AnyIssue], url: str, action: str
) -> None:
    """A trigger refuses every update and delete of records, by whatever program."""
    engine = create_engine(url, poolclass=NullPool)
    with pytest.raises(exc.DBAPIError, match="only grows"), engine.begin() as connection:
        connection.execute(text(action))
    assert kept.audit().intact


def test_any_changed_byte_is_found(kept: Ledger[AnyIssue], url: str, tamper: Tamper) -> None:
    """A byte changed anywhere in a body or digest is found, and undone is intact again."""
    chance = random.Random(7)
    for issue_id, version, body, digest in _bodies(url):
        for column, value in (("body", body), ("digest", digest)):
            place = chance.randrange(len(value))
            other = chr(ord(value[place]) ^ 1)
            changed = value[:place] + other + value[place + 1 :]
            where = "WHERE issue_id = :issue_id AND version = :version"
            update = f"UPDATE rectify_record SET {column} = :value {where}"
            tamper(update, value=changed, issue_id=issue_id, version=version)
            problems = kept.audit().problems
            assert [p.issue_id for p in problems] == [issue_id] * len(problems)
            assert version in [problem.version for problem in problems]
            tamper(update, value=value, issue_id=issue_id, version=version)
    assert kept.audit().intact


def test_a_rewritten_record_breaks_the_chain(
    kept: Ledger[AnyIssue], url: str, tamper: Tamper
) -> None:
    """A body rewritten together with its digest no longer fits the record after it."""
    issue_id, version, body, _ = _bodies(url)[0]
    data = json.loads(body)
    data["by"]["id"] = "somebody-else"
    rewritten = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(rewritten.encode()).hexdigest()
    tamper(
        "UPDATE rectify_record SET body = :body, digest = :digest"
        " WHERE issue_id = :issue_id AND version = :version",
        body=rewritten,
        digest=digest,
        issue_id=issue_id,
        version=version,
    )
    assert {(p.issue_id, p.version) for p in kept.audit().problems} == {(issue_id, version + 1)}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rectify_record WHERE issue_id = :id AND version = 1",
        "DELETE FROM rectify_record WHERE issue_id = :id AND version = 2",
        "DELETE FROM rectify_record WHERE issue_id = :id AND version = 4",
        "DELETE FROM rectify_record WHERE issue_id = :id",
        "DELETE FROM rectify_issue WHERE id = :id",
        "UPDATE rectify_record SET version = 9 WHERE issue_id = :id AND version = 4",
        "UPDATE rectify_issue SET state = 'Found' WHERE id = :id",
        "UPDATE rectify_issue SET body = '{}' WHERE id = :id",
        "UPDATE rectify_issue SET facts = '{}' WHERE id = :id",
        "UPDATE rectify_issue SET digest = '' WHERE id = :id",
        "UPDATE rectify_issue SET area = 'conduct' WHERE id = :id",
        "UPDATE rectify_issue SET changed_at = '2018-01-01 00:00:00' WHERE id = :id",
    ],
)
def test_what_is_removed_or_rewritten_is_found(
    kept: Ledger[AnyIssue], tamper: Tamper, statement: str
) -> None:
    """A record or row taken away, moved or changed is found on its issue."""
    (exposed,) = kept.issues(Exposed)
    tamper(statement, id=exposed.id)
    problems = kept.audit().problems
    assert {problem.issue_id for problem in problems} == {exposed.id}
    assert all(exposed.id in str(problem) for problem in problems)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"at":1}', '{"move":"Fix"}'])
def test_what_is_no_record_is_a_problem_and_not_a_crash(
    kept: Ledger[AnyIssue], tamper: Tamper, body: str
) -> None:
    """Whatever stands in a record's place, the audit reads on."""
    (issue,) = kept.issues(Transferred)
    tamper(
        "UPDATE rectify_record SET body = :body WHERE issue_id = :id AND version = 2",
        body=body,
        id=issue.id,
    )
    assert (issue.id, 2) in {(p.issue_id, p.version) for p in kept.audit().problems}


def test_a_move_the_program_does_not_know_is_kept_and_told(
    kept: Ledger[AnyIssue], url: str, tamper: Tamper
) -> None:
    """A record of a class that is gone stays readable in the history; the audit names it."""
    (issue,) = kept.issues(Transferred)
    *_, (_, version, body, _) = [row for row in _bodies(url) if row[0] == issue.id]
    renamed = body.replace('"move":"Transfer"', '"move":"Vanished"')
    tamper(
        "UPDATE rectify_record SET body = :body, digest = :digest"
        " WHERE issue_id = :id AND version = :version",
        body=renamed,
        digest=hashlib.sha256(renamed.encode()).hexdigest(),
        id=issue.id,
        version=version,
    )
    assert kept.history(issue.id)[-1].move == "Vanished"
    (problem,) = kept.audit().problems
    assert "Vanished" in str(problem)


def test_a_state_the_program_does_not_know_is_an_error_that_names_it(
    kept: Ledger[AnyIssue], tamper: Tamper
) -> None:
    """An issue in a state that is gone is not guessed at."""
    (issue,) = kept.issues(Exposed)
    tamper("UPDATE rectify_issue SET state = 'Vanished' WHERE id = :id", id=issue.id)
    with pytest.raises(LookupError, match="Vanished"):
        kept.get(issue.id)


def test_a_ledger_in_memory_is_audited_too(ledger: Ledger[AnyIssue]) -> None:
    """The audit runs on every store."""
    issue: Issue = in_state(ledger, Exposed)
    assert (ledger.audit().issues, ledger.audit().records) == (1, issue.version)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rectify_secret SET text = 'another' WHERE issue_id = :id",
        "UPDATE rectify_secret SET text = NULL WHERE issue_id = :id",
        "UPDATE rectify_secret SET salt = 'no salt' WHERE issue_id = :id",
        "DELETE FROM rectify_secret WHERE issue_id = :id",
    ],
)
def test_what_is_kept_of_a_reporter_is_checked_against_the_record(
    kept: Ledger[AnyIssue], tamper: Tamper, statement: str
) -> None:
    """A secret that was changed or taken away no longer fits its commitment."""
    (exposed,) = kept.issues(Exposed)
    tamper(statement, id=exposed.id)
    (problem,) = kept.audit().problems
    assert (problem.issue_id, problem.version) == (exposed.id, None)


def test_a_secret_that_nobody_recorded_is_found(kept: Ledger[AnyIssue], tamper: Tamper) -> None:
    """A secret of an issue without a reporter does not belong there."""
    (issue,) = kept.issues(Scheduled)
    tamper(
        "INSERT INTO rectify_secret (issue_id, field, salt, text) VALUES (:id, 'reporter', '', '')",
        id=issue.id,
    )
    assert [problem.issue_id for problem in kept.audit().problems] == [issue.id]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "column"),
    [("rectify_record", "body"), ("rectify_issue", "body"), ("rectify_secret", "text")],
)
def test_bytes_that_are_no_text_are_found_and_never_quoted(
    kept: Ledger[AnyIssue], tamper: Tamper, table: str, column: str
) -> None:
    """A text damaged below the level of characters is a problem on its issue, not a crash."""
    (exposed,) = kept.issues(Exposed)
    key = "id" if table == "rectify_issue" else "issue_id"
    damaged = f"CAST(X'FF' || CAST({column} AS BLOB) AS TEXT)"
    tamper(f"UPDATE {table} SET {column} = {damaged} WHERE {key} = :id", id=exposed.id)
    problems = kept.audit().problems
    assert {problem.issue_id for problem in problems} == {exposed.id}
    assert "00000000000" not in "".join(map(str, problems))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "instant",
    [
        "x",
        "2018-05-03 02:00:00.000000",
        "2018-05-03T02:00:00,000000",
        "2018-05-03T02:00:00.000-00",
        "2018-05-03T02:00:00.00000Z",
    ],
)
def test_an_instant_that_cannot_be_read_is_found(
    kept: Ledger[AnyIssue], tamper: Tamper, instant: str
) -> None:
    """A damaged instant is a problem of its issue's row, and the issue can still be read."""
    (exposed,) = kept.issues(Exposed)
    change = "UPDATE rectify_issue SET found_at = :instant WHERE id = :id"
    tamper(change, instant=instant, id=exposed.id)
    assert kept.get(exposed.id) == exposed
    assert {problem.issue_id for problem in kept.audit().problems} == {exposed.id}
