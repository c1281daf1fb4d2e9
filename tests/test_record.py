"""A record: its text, what is read from it, and what is no record or breaks the chain."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import attrs
import pytest

from rectify import Actor, AnyIssue, Fix, FixedOnTheSpot, Found, Issue, Ledger, Record, Transferred
from rectify.case import Facts
from rectify.errors import InvalidValue, UnknownMove
from rectify.i18n import message
from rectify.lifecycle import STANDARD
from rectify.moves import Register, Transfer
from rectify.record import FORMAT, Problem, chain_problems, digest_of, parse, replay, writer
from rectify.sealed import ESCAPED
from support import COMMISSION, OFFICER, finding, in_state, utc

AT = utc(2018, 5, 7, 4, 0, 0, 5)
FOUND = Found('鄂"1', finding(), 1, 1, ())
FIX = Fix(FOUND, "当场退还\n并公示")
BODY = (
    '{"at":"2018-05-07T04:00:00.000005+00:00",'
    '"by":{"id":"officer-7","roles":[],"unit":"420000"},'
    '"campaign":"abc","evidence":{"measure":"当场退还\\n并公示"},"format":1,"issue":"鄂\\"1",'
    '"move":"Fix","previous":"def","source":"Found","target":"FixedOnTheSpot","version":2}'
)
DIGEST = hashlib.sha256(BODY.encode()).hexdigest()


def changed(**parts: Any) -> str:
    """The canonical text of the record with other parts; one that is ``...`` is left out."""
    data = {name: part for name, part in (json.loads(BODY) | parts).items() if part is not ...}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_a_step_is_written_as_canonical_json_with_its_digest() -> None:
    """The keys in order, the evidence without the issue, who, when, and what it follows."""
    entered = FIX.enter()
    written = writer(Fix, "abc")(FIX, "Found", entered, OFFICER, AT, "def")
    assert written == (BODY.encode(), DIGEST)
    assert digest_of(BODY) == DIGEST


def test_a_digest_is_that_of_the_bytes_as_they_are_kept() -> None:
    """Bytes that are no UTF-8 come as escapes from a store, and are taken for what they were."""
    kept = BODY.encode() + b"\xff"
    assert digest_of(kept.decode(errors=ESCAPED)) == hashlib.sha256(kept).hexdigest()


def test_a_registration_follows_nothing() -> None:
    """The first record has neither a source nor a digest before it."""
    step = Register("HB-1", finding())
    body, _ = writer(Register, "abc")(step, None, step.enter(), OFFICER, AT, "")
    data = json.loads(body)
    assert (data["source"], data["previous"], data["version"]) == (None, None, 1)
    record = parse("HB-1", 1, body.decode(), "")
    assert (record.source, record.previous, record.target) == (None, None, "Found")
    assert repr(record).startswith("<Record HB-1 v1 Register: – → Found ")


def test_a_record_is_read_from_its_text() -> None:
    """Every property is what the body says; the repr shows no evidence."""
    record = parse(FOUND.id, 2, BODY, DIGEST)
    assert record == Record(FOUND.id, 2, BODY, DIGEST)
    assert (record.move, record.source, record.target) == ("Fix", "Found", "FixedOnTheSpot")
    assert (record.by, record.at, record.campaign) == (OFFICER, AT, "abc")
    assert (record.evidence, record.previous) == ({"measure": "当场退还\n并公示"}, "def")
    assert (record.by is record.by, record.evidence is record.evidence) == (True, True)
    assert repr(record) == (
        '<Record 鄂"1 v2 Fix: Found → FixedOnTheSpot'
        f" 2018-05-07T04:00:00.000005+00:00 {DIGEST[:12]}>"
    )


def test_a_record_is_frozen_and_kept_by_value() -> None:
    """Nothing is set on it, and the same text at the same place is the same record."""
    record = parse(FOUND.id, 2, BODY, DIGEST)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        record.body = ""  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert hash(record) == hash(Record(FOUND.id, 2, BODY, DIGEST))
    assert FORMAT == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "5",
        "null",
        "[]",
        '"text"',
        "{}",
        "[" * 100_000,
        '{"by":' * 100_000,
        f" {BODY}",
        BODY.replace(":2}", ": 2}"),
        changed(extra=1),
        *(changed(**{name: ...}) for name in json.loads(BODY)),
        changed(format=2),
        changed(issue="HB-2"),
        changed(version=3),
        changed(evidence=[]),
        changed(evidence=None),
        changed(by="officer-7"),
        changed(by={"id": "officer-7"}),
        changed(by={"id": "officer-7", "unit": "420000", "name": "x"}),
        changed(by={"id": "", "unit": "420000"}),
        changed(at="2018-05-07T04:00:00"),
        changed(at="yesterday"),
        changed(at=5),
        changed(source=1.5),
    ],
    ids=lambda body: body[:60],
)
def test_what_is_no_record_of_its_place_is_refused(body: str) -> None:
    """Another form, another place, a part too many or too few, or no JSON at all."""
    with pytest.raises(InvalidValue) as refused:
        parse(FOUND.id, 2, body, DIGEST)
    assert refused.value.field == "record"
    assert refused.value.problem.en == "its content is not that of a record at this place"


def test_the_id_and_version_a_record_is_kept_under_are_its_own() -> None:
    """The same text under another id or version is no record there."""
    for issue_id, version in ((FOUND.id, 3), ("HB-2", 2)):
        with pytest.raises(InvalidValue):
            parse(issue_id, version, BODY, DIGEST)


def test_a_problem_names_its_issue_and_version() -> None:
    """A problem of the issue's row has no version."""
    text = message("it is blank")
    assert str(Problem("HB-1", 2, text)) == f"HB-1@2: {text}"
    assert str(Problem("HB-1", None, text)) == f"HB-1@-: {text}"


def test_a_replay_gives_each_step_with_the_issue_and_facts_after_it(
    ledger: Ledger[AnyIssue],
) -> None:
    """Steps, issues and facts are those of the ledger when it took them."""
    found = ledger.register(finding(), by=OFFICER, issue_id="HB-1")
    fixed = ledger.apply(Fix(found, "当场退还"), by=COMMISSION)
    ledger.apply(Transfer(fixed, "县纪委监委", "截留"), by=OFFICER)
    records = ledger.history("HB-1")
    replayed = list(replay(records, STANDARD.step))
    assert [record for record, *_ in replayed] == list(records)
    assert [type(step) for _, step, *_ in replayed] == [Register, Fix, Transfer]
    issues: list[Issue] = [issue for *_, issue, _ in replayed]
    assert issues == [found, fixed, ledger.get("HB-1")]
    handlers = [facts.handlers for *_, facts in replayed]
    assert handlers == [frozenset(), {COMMISSION.id}, {COMMISSION.id}]
    assert replayed[-1][-1] == Facts(frozenset({COMMISSION.id}), transferred=True)


@pytest.mark.parametrize("parts", [{"target": "Scheduled"}, {"version": 3}], ids=str)
def test_a_record_that_does_not_lead_where_it_says_stops_the_replay(
    ledger: Ledger[AnyIssue], parts: dict[str, Any]
) -> None:
    """The state and version that its step leads to are those that it names."""
    first, second = ledger.history(in_state(ledger, FixedOnTheSpot).id)
    data = json.loads(second.body) | parts
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    wrong = parse(second.issue_id, data["version"], body, "")
    with pytest.raises(InvalidValue) as refused:
        list(replay((first, wrong), STANDARD.step))
    assert refused.value.field == "record"
    assert refused.value.problem.en == f"it does not lead to {data['target']}"


def test_a_move_that_is_not_known_stops_the_replay(ledger: Ledger[AnyIssue]) -> None:
    """A replay asks the lifecycle for each move by its name."""
    first, second = ledger.history(in_state(ledger, FixedOnTheSpot).id)
    unknown = attrs.evolve(second, body=second.body.replace('"Fix"', '"Vanished"'))
    with pytest.raises(UnknownMove, match="Vanished"):
        list(replay((first, unknown), STANDARD.step))


def rewritten(record: Record, **parts: Any) -> Record:
    """The record with other parts and the digest of that."""
    data = json.loads(record.body) | parts
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Record(record.issue_id, data["version"], body, digest_of(body))


GAP = "the versions have a gap before this record"
DIGESTLESS = "its digest does not fit its content"
UNCHAINED = "it does not continue the record before it"
ELSEWHERE = "it starts from another state than the record before it entered"


def problems(*records: Record) -> list[tuple[int | None, str]]:
    found = list(chain_problems(records))
    assert {problem.issue_id for problem in found} <= {record.issue_id for record in records}
    return [(problem.version, problem.text.en) for problem in found]


def test_whatever_breaks_the_chain_is_named(ledger: Ledger[AnyIssue]) -> None:
    """A gap, a digest that is another's, a wrong link, a state out of turn; each at its version."""
    first, second = ledger.history(in_state(ledger, Transferred).id)
    assert problems() == []
    assert problems(first) == []
    assert problems(first, second) == []
    assert problems(second) == [(2, GAP), (2, UNCHAINED), (2, ELSEWHERE)]
    assert problems(rewritten(first, version=2)) == [(2, GAP)]
    assert problems(first, rewritten(second, version=3)) == [(3, GAP)]
    assert problems(first, first) == [(1, GAP), (1, UNCHAINED), (1, ELSEWHERE)]
    assert problems(attrs.evolve(first, digest="0" * 64), second) == [
        (1, DIGESTLESS),
        (2, UNCHAINED),
    ]
    assert problems(rewritten(first, previous="0" * 64)) == [(1, UNCHAINED)]
    assert problems(first, rewritten(second, previous=None)) == [(2, UNCHAINED)]
    assert problems(rewritten(first, source="Found")) == [(1, ELSEWHERE)]
    assert problems(first, rewritten(second, source="Scheduled")) == [(2, ELSEWHERE)]


def test_who_acts_in_a_record_is_the_actor_with_every_role() -> None:
    """Roles are in the record, sorted, and come back as they were."""
    actor = Actor("张", "420000", frozenset({"discipline", "audit"}))
    body, digest = writer(Fix, "abc")(FIX, "Found", FIX.enter(), actor, AT, "def")
    assert b'"roles":["audit","discipline"]' in body
    assert parse(FOUND.id, 2, body.decode(), digest).by == actor
