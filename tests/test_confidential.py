"""What is confidential is shown and erased on the record, and only so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from rectify import (
    Actor,
    AnyIssue,
    Conclusion,
    Expose,
    Fix,
    Found,
    Ledger,
    Outcome,
    Transferred,
    Verify,
)
from rectify.campaign import Campaign, load_campaign
from rectify.canonical import encode
from rectify.errors import (
    Erased,
    InvalidValue,
    NotIntact,
    Refused,
    StaleIssue,
    StoreError,
    UnknownIssue,
)
from rectify.finding import Person
from rectify.hooks import Applied, Proposed
from rectify.i18n import bilingual
from rectify.moves import Erase, Reveal
from rectify.reason import Reason
from rectify.sealed import Sealed, person_field
from support import (
    COMMISSION,
    INSPECTOR,
    OFFICER,
    Clock,
    MakeLedger,
    Tamper,
    build,
    bulletin,
    finding,
    in_state,
)

REPORTER = "欧阳举报\uff0c电话 13900000000"
PERSONS = {"甲": "司徒被告", "乙": "Testa Nominata"}
ARCHIVIST = Actor(id="archivist-1", unit="420000", roles=frozenset({"archivist"}))


def _registered(ledger: Ledger[AnyIssue]) -> Found:
    return ledger.register(finding(reporter=REPORTER, persons=PERSONS), by=OFFICER)


def _steps(ledger: Ledger[AnyIssue], issue_id: str) -> list[str]:
    return [record.move for record in ledger.history(issue_id)]


# Revealing.


def test_a_revealed_text_is_recorded_with_who_asked_and_why(make_ledger: MakeLedger) -> None:
    """The step is in the history, the issue stays in its state, and the text is the one given."""
    ledger = make_ledger()
    found = _registered(ledger)
    revealed = ledger.reveal(found, by=INSPECTOR, reason="回访举报人")
    record = ledger.history(found.id)[-1]
    assert (REPORTER, "reporter") == (revealed.text, revealed.field)
    assert attrs.evolve(found, version=2) == revealed.issue == ledger.get(found.id)
    assert ("Reveal", INSPECTOR, "Found", "Found") == (
        record.move,
        record.by,
        record.source,
        record.target,
    )
    assert {"field": "reporter", "reason": "回访举报人"} == record.evidence
    assert ledger.audit().intact


def test_each_person_is_revealed_by_the_pseudonym(make_ledger: MakeLedger) -> None:
    """One field at a time, so that who needs one name is not shown the others."""
    ledger = make_ledger()
    issue: Found = _registered(ledger)
    for pseudonym, name in PERSONS.items():
        revealed = ledger.reveal(
            issue, field=person_field(pseudonym), by=COMMISSION, reason="立案审查"
        )
        assert name == revealed.text
        issue = revealed.issue
    assert ["Register", "Reveal", "Reveal"] == _steps(ledger, issue.id)


def test_nothing_is_revealed_that_is_not_recorded(make_ledger: MakeLedger) -> None:
    """A veto, a stale copy, a reason that says nothing: no text, and no record either."""
    ledger = make_ledger()
    found = _registered(ledger)
    seen: list[Proposed[Any]] = []

    @ledger.before(Reveal)
    def veto(proposed: Proposed[Reveal[Any]]) -> None:
        seen.append(proposed)
        if proposed.by != INSPECTOR:
            text = bilingual("须经分管领导批准", "it needs the approval of who is in charge")
            raise Refused([Reason(code="approval-missing", text=text)])

    with pytest.raises(Refused):
        ledger.reveal(found, by=OFFICER, reason="好奇")
    with pytest.raises(InvalidValue):
        ledger.reveal(found, by=INSPECTOR, reason=" ")
    fixed = ledger.apply(Fix(found, "改"), by=OFFICER)
    with pytest.raises(StaleIssue):
        ledger.reveal(found, by=INSPECTOR, reason="回访")
    assert ["Register", "Fix"] == _steps(ledger, found.id)
    assert REPORTER == ledger.reveal(fixed, by=INSPECTOR, reason="回访").text
    assert [OFFICER, INSPECTOR] == [proposed.by for proposed in seen]


def test_an_after_hook_is_told_of_a_text_that_was_shown(make_ledger: MakeLedger) -> None:
    """So a platform can tell whoever answers for it; the text is not in what the hook sees."""
    ledger = make_ledger()
    told: list[Applied[Any]] = []
    ledger.after(Reveal, name="tell")(told.append)
    ledger.after(Erase, name="tell-of-erasure")(told.append)
    issue = ledger.reveal(_registered(ledger), by=INSPECTOR, reason="回访").issue
    ledger.erase(issue, by=OFFICER, reason="期满")
    ledger.deliver()
    assert ["Reveal", "Erase"] == [type(applied.move).__name__ for applied in told]
    assert ["回访", "期满"] == [applied.move.reason for applied in told]


@pytest.mark.parametrize("field", ["persons/丙", "persons", "title", ""])
def test_only_a_confidential_field_of_the_issue_can_be_asked_for(
    ledger: Ledger[AnyIssue], field: str
) -> None:
    """The error lists those that there are."""
    found = _registered(ledger)
    with pytest.raises(InvalidValue) as caught:
        ledger.reveal(found, field=field, by=OFFICER, reason="r")
    with pytest.raises(InvalidValue):
        ledger.erase(found, field=field, by=OFFICER, reason="r")
    assert "reporter, persons/甲, persons/乙" in caught.value.message.en
    assert ["Register"] == _steps(ledger, found.id)


def test_an_unknown_issue_has_nothing_to_reveal_or_erase(ledger: Ledger[AnyIssue]) -> None:
    """It is not said to lack the field."""
    stranger = Found("nowhere", finding(), 1, 1, ())
    for ask in (ledger.reveal, ledger.erase):
        with pytest.raises(UnknownIssue):
            ask(stranger, by=OFFICER, reason="r")


def test_a_text_is_not_shown_before_the_commit_that_records_it(
    url: str, campaign: Campaign
) -> None:
    """In a batch or a host's transaction the record could be rolled back, and the text not."""
    with Ledger.open(url, campaign) as ledger:
        found = _registered(ledger)
        with ledger.batch(), pytest.raises(StoreError, match="commit of its own"):
            ledger.reveal(found, by=OFFICER, reason="r")
        engine = create_engine(url)
        with Session(engine) as session, pytest.raises(StoreError, match="commit of its own"):
            ledger.within(session).reveal(found, by=OFFICER, reason="r")
        engine.dispose()
        assert ["Register"] == _steps(ledger, found.id)


def test_a_text_that_was_changed_is_not_shown(url: str, campaign: Campaign, tamper: Tamper) -> None:
    """What is shown is what was recorded, or nothing is; and the audit finds it."""
    with Ledger.open(url, campaign) as ledger:
        found = _registered(ledger)
        tamper("UPDATE rectify_secret SET text = '别人' WHERE field = 'reporter'")
        with pytest.raises(NotIntact) as caught:
            ledger.reveal(found, by=OFFICER, reason="r")
        (problem,) = ledger.audit().problems
        assert [problem] == list(caught.value.problems)
        assert "reporter" in problem.text.en
        assert ["Register"] == _steps(ledger, found.id)


# Erasing.


def test_an_erased_text_is_gone_and_its_record_says_so(
    make_ledger: MakeLedger, clock: Clock
) -> None:
    """The chain verifies; asking again says when it was erased; what else there is stays."""
    ledger = make_ledger()
    found = _registered(ledger)
    clock.pass_by(hours=1)
    erased = ledger.erase(found, by=OFFICER, reason="保管期满")
    with pytest.raises(Erased) as caught:
        ledger.reveal(erased, by=OFFICER, reason="r")
    with pytest.raises(Erased):
        ledger.erase(erased, by=OFFICER, reason="r")
    assert clock() == caught.value.erased_at == ledger.history(found.id)[-1].at
    assert {"field": "reporter", "reason": "保管期满"} == ledger.history(found.id)[-1].evidence
    assert ["Register", "Erase"] == _steps(ledger, found.id)
    assert found.finding == erased.finding
    revealed = ledger.reveal(erased, field="persons/甲", by=OFFICER, reason="r")
    assert PERSONS["甲"] == revealed.text
    assert ledger.audit().intact
    assert ledger.scrub()


def test_a_refused_erasure_erases_nothing(make_ledger: MakeLedger) -> None:
    """A before hook keeps what a court or an inspection still needs."""
    ledger = make_ledger()
    found = _registered(ledger)

    @ledger.before(Erase)
    def hold(proposed: Proposed[Erase[Any]]) -> None:
        text = bilingual("案件在审", "the case is still before the court")
        raise Refused([Reason(code="legal-hold", text=text)])

    with pytest.raises(Refused):
        ledger.erase(found, by=OFFICER, reason="期满")
    assert REPORTER == ledger.reveal(found, by=OFFICER, reason="r").text


def test_an_erasure_reaches_the_copies_in_split_leads(make_ledger: MakeLedger) -> None:
    """Whichever of them it is asked for, each of them says so in its own history."""
    ledger = make_ledger()
    for from_lead in (False, True):
        kept, first = ledger.split_lead(_registered(ledger), organ="纪委", lead="一", by=OFFICER)
        kept, second = ledger.split_lead(kept, organ="纪委", lead="二", by=OFFICER)
        asked: Found | Transferred = first if from_lead else kept
        ledger.erase(asked, by=OFFICER, reason="期满")
        for issue in (kept, first, second):
            current = ledger.get(issue.id)
            assert issue.version + 1 == current.version
            with pytest.raises(Erased):
                ledger.reveal(current, by=OFFICER, reason="r")
            revealed = ledger.reveal(current, field="persons/甲", by=OFFICER, reason="r")
            assert PERSONS["甲"] == revealed.text
    assert ledger.audit().intact


def test_a_lead_split_off_after_an_erasure_has_no_reporter(make_ledger: MakeLedger) -> None:
    """What is gone is not copied, and what is left is."""
    ledger = make_ledger()
    erased = ledger.erase(_registered(ledger), by=OFFICER, reason="期满")
    kept, lead = ledger.split_lead(erased, organ="纪委", lead="线索", by=OFFICER)
    assert lead.finding.reporter is None
    assert ["persons/甲", "persons/乙"] == list(lead.finding.confidential)
    # A copy that is erased already is passed over.
    gone = ledger.erase(lead, field="persons/甲", by=OFFICER, reason="r")
    assert gone.version == lead.version + 1
    assert kept.version + 1 == ledger.get(kept.id).version
    assert ledger.audit().intact


def test_a_batch_erases_many_or_none(make_ledger: MakeLedger) -> None:
    """What is registered in it is erased in it; a failure takes all of it back."""
    ledger = make_ledger()
    first = _registered(ledger)

    def erase_and_fail() -> None:
        with ledger.batch():
            ledger.erase(first, by=OFFICER, reason="期满")
            assert not ledger.scrub()
            raise UnknownIssue("x")

    with pytest.raises(UnknownIssue):
        erase_and_fail()
    assert first == ledger.get(first.id)
    with ledger.batch():
        second = _registered(ledger)
        for issue in (first, second):
            ledger.erase(issue, by=OFFICER, reason="期满")
            with pytest.raises(Erased):
                ledger.erase(ledger.get(issue.id), by=OFFICER, reason="r")
    assert [["Register", "Erase"]] * 2 == [_steps(ledger, one.id) for one in (first, second)]
    assert ledger.audit().intact
    assert ledger.scrub()


def test_what_could_not_be_scrubbed_is_told(
    tmp_path: Path, campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    """While another program reads, an erasure leaves bytes in the log, and a warning."""
    file = tmp_path / "ledger.db"
    with Ledger.open(file, campaign) as ledger:
        found = _registered(ledger)
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM rectify_secret").fetchall()
            found = ledger.erase(found, by=OFFICER, reason="期满")
            assert ["call scrub() again" in each.getMessage() for each in caplog.records] == [True]
        caplog.clear()
        ledger.erase(found, field="persons/甲", by=OFFICER, reason="期满")
        assert caplog.records == []


def test_a_field_that_is_not_there_is_not_quoted(ledger: Ledger[AnyIssue]) -> None:
    """Who gives a name for a pseudonym does not find it in an error, which is logged."""
    found = _registered(ledger)
    with pytest.raises(InvalidValue) as caught:
        ledger.reveal(found, field="persons/诸葛无名", by=OFFICER, reason="r")
    assert "诸葛无名" not in str(caught.value)
    assert "persons/甲" in str(caught.value)


def test_a_hosts_transaction_erases_with_its_commit(url: str, campaign: Campaign) -> None:
    """And the files are scrubbed by the ledger once that is done."""
    engine = create_engine(url)
    with Ledger.open(url, campaign) as ledger:
        with Session(engine) as session:
            hosted = ledger.within(session)
            found = hosted.register(finding(reporter=REPORTER), by=OFFICER)
            hosted.erase(found, by=OFFICER, reason="误录")
            assert not hosted.scrub()
            session.commit()
        assert ["Register", "Erase"] == _steps(ledger, found.id)
        assert ledger.audit().intact
        assert ledger.scrub()
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rectify_secret SET text = NULL, salt = '', erased_at = '2018-05-07 04:00:00+00'",
        "DELETE FROM rectify_secret",
        "UPDATE rectify_secret SET salt = 'zz'",
        "UPDATE rectify_secret SET text = NULL",
        "UPDATE rectify_secret SET field = 'persons/丙'",
    ],
)
def test_an_erasure_that_no_record_tells_of_is_found(
    url: str, campaign: Campaign, tamper: Tamper, change: str
) -> None:
    """So is a text that was changed, taken away or put elsewhere, and one restored after all."""
    with Ledger.open(url, campaign) as ledger:
        ledger.register(finding(reporter=REPORTER), by=OFFICER)
        tamper(change)
        assert not ledger.audit().intact


def test_a_text_put_back_after_its_erasure_is_found(
    url: str, campaign: Campaign, tamper: Tamper
) -> None:
    """As from a backup, by who knows no better."""
    engine = create_engine(url)
    with Ledger.open(url, campaign) as ledger:
        found = ledger.register(finding(reporter=REPORTER), by=OFFICER)
        with engine.connect() as connection:
            salt = connection.execute(text("SELECT salt FROM rectify_secret")).scalar()
        ledger.erase(found, by=OFFICER, reason="期满")
        assert ledger.audit().intact
        tamper("UPDATE rectify_secret SET text = :text, salt = :salt", text=REPORTER, salt=salt)
        (problem,) = ledger.audit().problems
        assert "reporter" in problem.text.en
    engine.dispose()


# Persons.


def test_a_finding_without_persons_is_written_as_before(ledger: Ledger[AnyIssue]) -> None:
    """Records from before there were persons keep their digests."""
    plain = finding()
    assert "persons" not in encode(plain)
    assert "reporter" not in encode(plain)
    found = ledger.register(plain, by=OFFICER)
    assert "persons" not in ledger.history(found.id)[0].body
    assert encode(plain) == encode(finding(persons={}))


def test_persons_are_kept_by_pseudonym(make_ledger: MakeLedger) -> None:
    """The record and the issue hold the pseudonyms, the names' commitments, and no name."""
    ledger = make_ledger()
    found = _registered(ledger)
    (first, second) = found.finding.persons
    assert (["甲", "乙"], None) == ([first.pseudonym, second.pseudonym], first.name.open())
    assert first.name.commitment != second.name.commitment
    written = ledger.history(found.id)[0].evidence["finding"]["persons"]
    assert [
        {"name": {"commitment": one.name.commitment}, "pseudonym": one.pseudonym}
        for one in found.finding.persons
    ] == written


@pytest.mark.parametrize(
    ("persons", "problem"),
    [
        ({"司徒被告": "司徒被告"}, "name away"),
        ({"司徒被告某": "司徒被告"}, "name away"),
        ({"": "司徒被告"}, "pseudonym is a line"),
        ({"甲\n乙": "司徒被告"}, "pseudonym is a line"),
        ({"甲" * 101: "司徒被告"}, "pseudonym is a line"),
        ({3: "司徒被告"}, "pseudonym is a line"),
        ({"甲": " "}, "blank"),
        ({"甲": "名\x00"}, "blank"),
        ({"甲": Sealed("名\x00")}, "blank"),
        ({"甲": None}, "expected a text"),
        (("司徒被告",), "expected a text"),
        (["司徒被告"], "expected a mapping"),
        ((Person("甲", Sealed("甲乙")), Person("甲", Sealed("丙丁"))), "twice"),
    ],
)
def test_bad_persons_are_refused_without_being_shown(persons: Any, problem: str) -> None:
    """The error tells which one by its place; a pseudonym might be the name by mistake."""
    with pytest.raises(InvalidValue, match=problem) as caught:
        finding(persons=persons)
    assert caught.value.field.startswith("Finding.persons")
    assert "司徒被告" not in str(caught.value)


def test_what_a_ledger_gave_out_can_not_be_registered_again(ledger: Ledger[AnyIssue]) -> None:
    """It holds commitments alone; the new issue would have nothing to show for them."""
    found = _registered(ledger)
    with pytest.raises(InvalidValue, match="commitment") as caught:
        ledger.register(found.finding, by=OFFICER)
    assert "Finding.reporter" == caught.value.field
    assert 1 == len(list(ledger.issues()))


def test_an_outcome_has_the_pseudonym_for_its_subject(ledger: Ledger[AnyIssue]) -> None:
    """A person's name would be in the record for good; a bulletin may name who is exposed."""
    facts = {"reporter": REPORTER, "persons": PERSONS}
    issue = in_state(ledger, Transferred, **facts)
    outcome = {"kind": "诫勉", "organ": "县纪委", "decided_on": "2018-05"}
    for subject, codes in (("司徒被告", ["person-named"]), ("甲", [])):
        move = Verify(issue, Conclusion.SUBSTANTIATED, "查实", (Outcome(subject, **outcome),))
        assert codes == [reason.code for reason in ledger.check(move, by=COMMISSION).reasons]
    verified = ledger.apply(
        Verify(issue, Conclusion.SUBSTANTIATED, "查实", (Outcome("甲", **outcome),)), by=COMMISSION
    )
    named = build(Expose, verified, bulletin=bulletin(text="司徒被告截留资金"))
    reporting = build(Expose, verified, bulletin=bulletin(text="欧阳举报反映"))
    assert ledger.check(named, by=INSPECTOR).allowed
    assert ["reporter-named"] == [
        reason.code for reason in ledger.check(reporting, by=INSPECTOR).reasons
    ]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("向欧阳举报核实", "reporter-named"),
        ("拨打139-0000-0000", "reporter-named"),
        ("司徒被告申诉", "person-named"),
        ("TESTA  NOMINATA asks", "person-named"),
    ],
)
def test_a_reason_that_would_keep_a_name_for_good_is_refused(
    ledger: Ledger[AnyIssue], reason: str, code: str
) -> None:
    """Whatever is erased later, the reason stays in the record."""
    found = _registered(ledger)
    for ask in (ledger.reveal, ledger.erase):
        with pytest.raises(Refused) as refusal:
            ask(found, by=OFFICER, reason=reason)
        assert [code] == [one.code for one in refusal.value.reasons]
        assert reason not in str(refusal.value)
    assert ["Register"] == _steps(ledger, found.id)


# Who may, and for how long: the campaign's to say.


def confidential_campaign(folder: Path, said: str) -> Campaign:
    """The reference campaign, and something said of what is confidential."""
    shipped = Path("src/rectify/campaigns/hubei-2018.toml").read_text("utf-8")
    file = folder / "ours.toml"
    file.write_text(shipped + said, "utf-8")
    return load_campaign(file)


def test_the_campaign_names_the_roles_that_may_reveal_and_erase(
    tmp_path: Path, clock: Clock
) -> None:
    """Each field on its own; where it names none, anyone may whom the platform lets."""
    said = (
        '[confidential.reporter]\nrevealed_by = ["discipline", "head"]\nerased_by = ["archivist"]'
    )
    ledger = Ledger(confidential_campaign(tmp_path, said), clock=clock)
    found = _registered(ledger)
    for ask, by in ((ledger.reveal, OFFICER), (ledger.erase, COMMISSION)):
        with pytest.raises(Refused) as refusal:
            ask(found, by=by, reason="r")
        assert ["confidential-role"] == [reason.code for reason in refusal.value.reasons]
    revealed = ledger.reveal(found, field="persons/甲", by=OFFICER, reason="r")
    issue = ledger.reveal(revealed.issue, by=COMMISSION, reason="r").issue
    assert "Erase" == _steps(ledger, ledger.erase(issue, by=ARCHIVIST, reason="r").id)[-1]


def test_the_reference_document_says_nothing_of_it(campaign: Campaign) -> None:
    """So no role is asked for, and nothing is erased by itself."""
    assert () == campaign.confidential
    assert None is campaign.confidential_field("reporter")


def test_a_sealed_value_that_is_given_is_checked_too() -> None:
    """Sealing it early, as it comes in, does not let a bad text through."""
    assert Sealed("王") == finding(reporter=Sealed("王")).reporter
    with pytest.raises(InvalidValue, match="blank"):
        finding(reporter=Sealed(""))


def test_the_state_an_issue_is_in_does_not_matter(ledger: Ledger[AnyIssue]) -> None:
    """A text may be needed before and after an issue is closed."""
    for state in ledger.lifecycle.states:
        issue = in_state(ledger, state, reporter=REPORTER)
        revealed = ledger.reveal(issue, by=OFFICER, reason="r")
        assert type(revealed.issue) is state
        assert type(ledger.erase(revealed.issue, by=OFFICER, reason="r")) is state
    assert ledger.audit().intact
