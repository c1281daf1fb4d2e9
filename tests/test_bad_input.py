"""The worst input: each a clear error that names the field, and nothing written."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectify import (
    Acknowledge,
    Actor,
    AnyIssue,
    Complete,
    Conclusion,
    Extend,
    Fix,
    FixedOnTheSpot,
    Found,
    Ledger,
    Milestone,
    Move,
    Outcome,
    Reason,
    Reject,
    Reopen,
    Return,
    Schedule,
    Scheduled,
    Timetable,
    Transfer,
    Verify,
    load_campaign,
)
from rectify import errors as errors_module
from rectify.errors import InvalidValue, RectifyError
from rectify.fields import LINE_CHARACTERS_MAX, PROSE_CHARACTERS_MAX
from rectify.hooks import Applied
from rectify.i18n import message
from rectify.record import Problem
from support import NOON, OFFICER, MakeLedger, bulletin, finding, in_state, timetable

UNWRITABLE = [
    ("空\x00字符", "U+0000"),
    ("响铃\x07", "U+0007"),
    ("删除\x7f", "U+007F"),
    ("下一行\x85", "U+0085"),
    ("半个\ud83d", "U+D83D"),
    ("翻转\u202e", "U+202E"),
    ("隔离\u2066", "U+2066"),
    ("非字符\uffff", "U+FFFF"),
]


@pytest.mark.parametrize(("text", "code"), UNWRITABLE)
def test_characters_that_cannot_be_written_are_named(text: str, code: str) -> None:
    """Control characters, NUL, lone surrogates and direction overrides: code and position."""
    with pytest.raises(InvalidValue) as caught:
        finding(title=text)
    assert (caught.value.field, code in str(caught.value)) == ("Finding.title", True)
    position = [ord(character) for character in text].index(int(code[2:], 16)) + 1
    assert f"character {position} " in caught.value.problem.en
    with pytest.raises(InvalidValue, match=r"Finding\.description"):
        finding(description=f"第一行\n{text}")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000\u3000"])
def test_a_blank_text_is_refused(blank: str) -> None:
    """A text of nothing but space says nothing."""
    with pytest.raises(InvalidValue, match="blank"):
        finding(title=blank)
    with pytest.raises(InvalidValue, match=r"Actor\.id.*blank"):
        Actor(blank, "u")


def test_long_texts_are_bounded() -> None:
    """A line has 500 characters at most, prose 20,000; ten megabytes are refused at once."""
    assert len(finding(title="长" * LINE_CHARACTERS_MAX).title) == 500
    assert len(finding(description="长" * PROSE_CHARACTERS_MAX).description) == 20_000
    for length in (LINE_CHARACTERS_MAX + 1, 10_000_000):
        with pytest.raises(InvalidValue) as caught:
            finding(title="长" * length)
        assert len(str(caught.value)) < 300
    with pytest.raises(InvalidValue, match="20001"):
        finding(description="长" * (PROSE_CHARACTERS_MAX + 1))


@pytest.mark.parametrize("end", ["\n", "\r", "\t", "\u2028"])
def test_a_line_is_a_single_one(end: str) -> None:
    """A line end in a title is refused where it stands; in prose it is kept."""
    with pytest.raises(InvalidValue, match="character 3 "):
        finding(title=f"标题{end}第二行")
    assert finding(description=f"标题{end}第二行").description == f"标题{end}第二行"


WRONG_KINDS: list[tuple[str, Any]] = [
    ("title", 5),
    ("title", None),
    ("description", b"x"),
    ("found_at", date(2018, 5, 3)),
    ("found_at", "2018-05-03"),
    ("discipline_lead", 1),
    ("conduct_from", NOON),
    ("conduct_from", "2018-05-03"),
    ("amount_yuan", 1.5),
    ("amount_yuan", True),
    ("amount_yuan", "1.5"),
]


@pytest.mark.parametrize(("field", "value"), WRONG_KINDS)
def test_a_value_of_another_kind_is_refused_by_field(field: str, value: Any) -> None:
    """Nothing is coerced; the error names the field and both kinds."""
    with pytest.raises(InvalidValue) as caught:
        finding(**{field: value})
    assert caught.value.field == f"Finding.{field}"
    assert type(value).__name__ in str(caught.value)


@pytest.mark.parametrize(
    "amount", ["-0.01", "NaN", "Infinity", "-Infinity", "0.001", "10000000000000"]
)
def test_an_amount_is_exact_and_in_bounds(amount: str) -> None:
    """Money is at least 0, to the fen, below 10^13 yuan."""
    with pytest.raises(InvalidValue, match=r"Finding\.amount_yuan"):
        finding(amount_yuan=Decimal(amount))


def test_whole_yuan_may_be_an_integer() -> None:
    """An int is exact, so it is taken."""
    assert finding(amount_yuan=5).amount_yuan == Decimal(5)
    assert finding(amount_yuan=Decimal("9999999999999.99")).amount_yuan is not None


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_years_are_bounded(year: int) -> None:
    """A year outside 1900 to 2199 is a slip of the pen."""
    with pytest.raises(InvalidValue, match=str(year)):
        finding(found_at=datetime(year, 6, 1, tzinfo=UTC))
    with pytest.raises(InvalidValue, match=str(year)):
        Milestone("m1", "一", date(year, 6, 1))


def test_conduct_ends_after_it_begins() -> None:
    """Days in the wrong order are refused; the same day is one day."""
    with pytest.raises(InvalidValue, match="conduct_until"):
        finding(conduct_from=date(2018, 5, 2), conduct_until=date(2018, 5, 1))
    same = finding(conduct_from=date(2018, 5, 1), conduct_until=date(2018, 5, 1))
    assert same.conduct_until == same.conduct_from


@pytest.mark.parametrize(
    "when", ["2018", "2018-13", "2018-02-30", "201805", "2018-5", "2018-05-03T00:00", "1234-05", ""]
)
def test_the_day_of_an_outcome_is_a_day_or_a_month(when: str) -> None:
    """An outcome's date is precise to the day or the month and exists."""
    with pytest.raises(InvalidValue, match="2018-05"):
        Outcome("某单位", "问责", "县纪委监委", when)


def test_days_and_months_of_outcomes_are_kept_as_text() -> None:
    """A date and both forms of text are kept in ISO form."""
    day: Any = date(2018, 5, 3)
    assert [Outcome("某单位", "问责", "县纪委监委", d).decided_on for d in (day, "2018-05")] == [
        "2018-05-03",
        "2018-05",
    ]
    moment: Any = NOON
    with pytest.raises(InvalidValue):
        Outcome("某单位", "问责", "县纪委监委", moment)


def test_a_timetable_names_each_milestone_once() -> None:
    """Two milestones with one id can't be told apart, and are refused by that id."""
    milestone = Milestone("m1", "一", date(2018, 6, 1))
    with pytest.raises(InvalidValue, match="m1"):
        Timetable((milestone, milestone), "某人")
    listed: Any = [milestone]
    with pytest.raises(InvalidValue, match="list"):
        Timetable(listed, "某人")
    strange: Any = (milestone, "m2")
    with pytest.raises(InvalidValue, match=r"milestones\[1\].*str"):
        Timetable(strange, "某人")


def test_evidence_is_checked_where_a_move_is_built(ledger: Ledger[AnyIssue]) -> None:
    """Missing or wrong evidence stops at the move, naming its field."""
    found, fixed = in_state(ledger, Found), in_state(ledger, FixedOnTheSpot)
    scheduled = in_state(ledger, Scheduled)
    number: Any = 5
    text: Any = "六月底前"
    wrong: list[tuple[Any, str]] = [
        (lambda: Fix(found, ""), "Fix.measure"),
        (lambda: Fix(found, number), "Fix.measure"),
        (lambda: Schedule(found, text), "Schedule.timetable"),
        (lambda: Complete(scheduled, "", "凭证"), "Complete.milestone"),
        (lambda: Complete(scheduled, "m1", "x\x00"), "Complete.evidence"),
        (lambda: Verify(fixed, text, "x"), "Verify.conclusion"),
        (lambda: Verify(fixed, Conclusion.RECTIFIED, "x", (text,)), "Verify.outcomes[0]"),
        (
            lambda: Verify(
                fixed,
                Conclusion.RECTIFIED,
                "x",
                answered_reporter_at=datetime(2018, 5, 7),  # noqa: DTZ001
            ),
            "Verify.answered_reporter_at",
        ),
        (lambda: bulletin(text=""), "Bulletin.text"),
    ]
    for make, field in wrong:
        with pytest.raises(InvalidValue) as caught:
            make()
        assert caught.value.field == field


HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["'; DROP TABLE rectify_record; --", "{}", "{title}", "%s", "\\u0000", "</script>", "=1+1"]
)


def _refusal(title: str, measure: str) -> str | None:
    """The field that a pair of texts is refused for; None where both are kept exactly."""
    ledger = Ledger(load_campaign("hubei-2018"), clock=lambda: NOON)
    try:
        found = ledger.register(finding(title=title), by=OFFICER)
        fixed = ledger.apply(Fix(found, measure), by=OFFICER)
    except InvalidValue as error:
        return error.field
    kept = (fixed.finding.title, fixed.measure) == (title, measure)
    return None if kept and ledger.audit().intact else "changed"


@given(HOSTILE, HOSTILE)
def test_any_text_is_kept_exactly_or_refused(title: str, measure: str) -> None:
    """Whatever the text, it comes back as it was or is refused with a clear error."""
    assert _refusal(title, measure) in {None, "Finding.title", "Fix.measure"}


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE rectify_record; --", "{title}", "%s %(x)s", "=1+1", "😀𠮷", "\u200b零宽"],
)
def test_hostile_texts_go_through_every_store(make_ledger: MakeLedger, text: str) -> None:
    """SQL, format fields and characters beyond the first plane are data like any other."""
    ledger = make_ledger()
    found = ledger.register(
        finding(title=text, unit=text, description=text, reporter=text),
        by=Actor(text, text, frozenset({text})),
        issue_id=text,
    )
    ledger.apply(Schedule(found, timetable(responsible=text)), by=OFFICER)
    assert make_ledger().get(text).finding.title == text
    assert ledger.history(text)[0].by.roles == {text}
    assert list(ledger.issues(unit=text)) == [ledger.get(text)]
    assert ledger.audit().intact


def test_sql_in_every_field_is_data(make_ledger: MakeLedger) -> None:
    """Each text of each step, of a duty, a link and a hook holds SQL, and is kept as it is."""
    sql, ledger = "'); DROP TABLE rectify_record; -- %s ? :x {y}", make_ledger()
    actor = Actor(sql, sql, frozenset({sql, "discipline"}))
    plan = Timetable((Milestone(sql, sql, date(2018, 6, 15)),), sql)
    ran: list[str] = []

    @ledger.after(Move, name=sql)
    def run(applied: Applied[Any]) -> None:
        ran.append(applied.record.move)

    found = ledger.register(finding(title=sql, unit=sql, description=sql, reporter=sql), by=actor)
    linked = ledger.register(finding(), by=OFFICER, issue_id=sql)
    found = ledger.link(found, linked.id, kind=sql, by=actor)
    scheduled = ledger.apply(Schedule(found, plan, sql), by=actor)
    scheduled = ledger.apply(Complete(scheduled, sql, sql), by=actor)
    scheduled = ledger.apply(Extend(scheduled, plan, sql, sql), by=actor)
    scheduled, lead = ledger.split_lead(scheduled, organ=sql, lead=sql, by=actor)
    lead = ledger.apply(Acknowledge(lead, sql), by=actor)
    returned = ledger.apply(Return(lead, sql, plan, sql), by=actor)
    rejected = ledger.apply(Reject(scheduled, sql, plan, sql), by=actor)
    outcome = Outcome(sql, sql, sql, "2018-05")
    transferred = ledger.apply(Transfer(returned, sql, sql), by=actor)
    verify = Verify(transferred, Conclusion.SUBSTANTIATED, sql, (outcome,))
    verified = ledger.apply(verify, by=Actor(f"{sql}2", sql, frozenset({"discipline"})))
    reopened = ledger.apply(Reopen(verified, sql, plan, sql), by=actor)
    ledger.submit("work-plan/-/-city", by=actor, document_hash="0" * 64, note=sql)
    ledger.send_back("work-plan/-/-city", by=actor, reason=sql)
    assert 10 == ledger.deliver().done
    assert [rejected, reopened] == sorted(ledger.issues(unit=sql), key=lambda it: it.version)
    assert ([sql] * 10, 10) == ([it.hook for it in ledger.deliveries("done")], len(ran))
    assert ledger.filed()[-1].by == sql
    assert all(sql in record.body for record in ledger.history(reopened.id))
    assert () == ledger.audit().problems


ERRORS: list[RectifyError] = [
    InvalidValue("f", message("it is blank")),
    errors_module.NaiveInstant("at"),
    errors_module.PhraseError("九月三十一日", 2, message("it is blank")),
    errors_module.HorizonError(date(2030, 1, 1), date(2004, 1, 1), date(2026, 12, 31)),
    errors_module.CampaignError("x.toml", [("a.b", message("it is blank")), ("", message("x"))]),
    errors_module.UnknownCampaign("x", ["hubei-2018"]),
    errors_module.UnitsError("x.csv", [("2", message("it is blank"))]),
    errors_module.MappingError("x.toml", [("finding", message("it is blank"))]),
    errors_module.MissingExtra("icalendar", "ics"),
    errors_module.UnknownHook("x", ["notify"]),
    errors_module.UnknownHook("x", []),
    errors_module.UnknownDelivery(7),
    errors_module.UnknownDuty("k", ["monthly/2018-06/-"]),
    errors_module.LifecycleError([message("it is blank")]),
    errors_module.IllegalMove("Fix", "1", "Verified", ["Found"], ["Reopen"]),
    errors_module.Refused([Reason(code="c", text=message("it is blank"))], "Fix", "1"),
    errors_module.StaleIssue("1", 1, 2),
    errors_module.StaleIssue("1", 1, None),
    errors_module.UnknownIssue("1"),
    errors_module.UnknownMove("X", ["Fix"]),
    errors_module.UnknownState("X", ["Found"]),
    errors_module.NotIntact(
        [Problem("1", 2, message("it is blank")), Problem("1", None, message("it is blank"))]
    ),
    errors_module.CheckpointError(message("it is blank")),
    errors_module.SigningKeyError(message("it is blank")),
    errors_module.SecretKeyError(message("it is blank")),
    errors_module.Erased("1", "reporter", datetime(2021, 5, 7, tzinfo=UTC)),
    errors_module.StoreError("sqlite:///x", message("it is blank")),
    errors_module.StoreUnreadable("sqlite:///x", message("it is blank")),
    errors_module.CampaignMismatch("sqlite:///x", message("it is blank")),
    errors_module.DigestMismatch("sqlite:///x", message("it is blank")),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_say_it_in_both_languages_and_travel(error: RectifyError) -> None:
    """Every error has a Chinese and an English text, and survives pickling and copying."""
    assert str(error) == f"{error.message.zh} / {error.message.en}"
    assert any("\u4e00" <= character <= "\u9fff" for character in error.message.zh)
    assert "{" not in str(error)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert repr(error).startswith(type(error).__name__)


def test_every_error_is_of_the_tree() -> None:
    """Each error class is one of ours and of the builtin that fits."""
    classes = [
        kind
        for kind in vars(errors_module).values()
        if isinstance(kind, type) and issubclass(kind, RectifyError)
    ]
    tested = {RectifyError, *map(type, ERRORS)}
    assert set(classes) == tested
