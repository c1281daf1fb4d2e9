"""The ledger: what it gives back, what it refuses, and that nothing is half done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any

import attrs
import pytest

from rectify import (
    Actor,
    AnyIssue,
    Fix,
    FixedOnTheSpot,
    Found,
    Issue,
    Ledger,
    Move,
    Schedule,
    Scheduled,
    Transfer,
    Transferred,
    Verified,
    Verify,
)
from rectify.errors import (
    InvalidValue,
    NaiveInstant,
    Refused,
    StaleIssue,
    StoreError,
    UnknownIssue,
    UnknownMove,
    UnknownState,
)
from rectify.hooks import Proposed
from support import (
    INSPECTOR,
    NOON,
    OFFICER,
    Clock,
    MakeLedger,
    build,
    finding,
    in_state,
    take,
)


def test_an_issue_registered_is_found_again(make_ledger: MakeLedger) -> None:
    """A finding keeps every fact through the store and a new opening of it."""
    from datetime import date
    from decimal import Decimal

    facts = finding(
        discipline_lead=True,
        conduct_from=date(2017, 3, 1),
        conduct_until=date(2018, 2, 28),
        amount_yuan=Decimal("12345.60"),
        description="第一行\r\n第二行\t“引号”\\",
    )
    found = make_ledger().register(facts, by=OFFICER)
    assert found.finding == facts
    assert make_ledger().get(found.id) == found
    assert (found.version, found.round, found.links) == (1, 1, ())


def test_ids_are_unique_and_sorted_by_time(ledger: Ledger[AnyIssue]) -> None:
    """Ids are UUIDs of version 7, so that later issues sort after earlier ones."""
    import uuid

    ids = [ledger.register(finding(), by=OFFICER).id for _ in range(50)]
    assert len(set(ids)) == 50
    assert {uuid.UUID(one).version for one in ids} == {7}
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)


def test_a_host_names_issues_itself(make_ledger: MakeLedger) -> None:
    """An id may be the host's own; one that is there already is refused, nothing written."""
    ledger = make_ledger()
    first = ledger.register(finding(), by=OFFICER, issue_id="鄂治〔2018〕1号")
    with pytest.raises(InvalidValue, match="鄂治〔2018〕1号"):
        ledger.register(finding(title="另一个"), by=OFFICER, issue_id=first.id)
    assert ledger.get("鄂治〔2018〕1号") == first
    assert len(ledger.history(first.id)) == 1
    numbers = iter(["A-1", "A-2"])
    numbered = make_ledger(new_id=lambda: next(numbers))
    if numbered is not ledger:
        assert numbered.register(finding(), by=OFFICER).id == "A-1"


def test_instants_are_kept_in_utc(make_ledger: MakeLedger, clock: Clock) -> None:
    """A record's instant is the one given, or the clock's, in UTC."""
    ledger = make_ledger()
    found = ledger.register(finding(), by=OFFICER, at=NOON - timedelta(hours=1))
    take(ledger, Fix, found)
    ats = [record.at for record in ledger.history(found.id)]
    assert ats == [NOON - timedelta(hours=1), NOON]
    assert [at.utcoffset() for at in ats] == [timedelta(0), timedelta(0)]


def test_a_naive_instant_is_an_error(make_ledger: MakeLedger) -> None:
    """No naive datetime passes: not as `at`, not in a finding, not from the clock."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    naive = datetime(2018, 5, 7, 12, 0)  # noqa: DTZ001
    with pytest.raises(NaiveInstant, match="at: "):
        ledger.apply(build(Fix, found), by=OFFICER, at=naive)
    with pytest.raises(NaiveInstant, match=r"Finding\.found_at"):
        finding(found_at=naive)
    with pytest.raises(NaiveInstant, match="clock"):
        Ledger(ledger.campaign, clock=lambda: naive).register(finding(), by=OFFICER)
    assert len(ledger.history(found.id)) == 1


def test_who_acts_is_an_actor(ledger: Ledger[AnyIssue]) -> None:
    """A name in place of an actor is refused with what is expected."""
    nobody: Any = "officer-7"
    with pytest.raises(InvalidValue, match="Actor"):
        ledger.register(finding(), by=nobody)


def test_a_stale_issue_loses(make_ledger: MakeLedger) -> None:
    """Of two moves on one version the second is told so, and nothing else happens."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    take(ledger, Fix, found)
    for ask in (ledger.apply, ledger.check):
        with pytest.raises(StaleIssue) as caught:
            ask(build(Schedule, found), by=OFFICER)
        assert (caught.value.issue_id, caught.value.version, caught.value.current) == (
            found.id,
            1,
            2,
        )
    with pytest.raises(StaleIssue):
        ledger.options(found, by=OFFICER)
    assert [record.move for record in ledger.history(found.id)] == ["Register", "Fix"]


def test_an_unknown_issue_is_named(make_ledger: MakeLedger, campaign: Any, clock: Clock) -> None:
    """Reading or moving an issue of another ledger names the id that is not here."""
    stranger = in_state(Ledger(campaign, clock=clock), Found)
    ledger = make_ledger()
    asks: list[Any] = [
        lambda: ledger.get(stranger.id),
        lambda: ledger.history(stranger.id),
        lambda: ledger.apply(build(Fix, stranger), by=OFFICER),
        lambda: ledger.check(build(Fix, stranger), by=OFFICER),
        lambda: ledger.options(stranger, by=OFFICER),
        lambda: ledger.split_lead(stranger, organ="县纪委监委", lead="线索", by=OFFICER),
        lambda: ledger.link(stranger, "x", kind="k", by=OFFICER),
    ]
    for ask in asks:
        with pytest.raises(UnknownIssue):
            ask()
    assert list(ledger.issues()) == []


def test_an_issue_written_by_hand_is_refused(make_ledger: MakeLedger) -> None:
    """A copy that differs from what the ledger holds, in state or in content, does not pass."""
    ledger = make_ledger()
    found = in_state(ledger, Found)
    forged = FixedOnTheSpot(found.id, found.finding, found.version, 1, (), "没有整改")
    with pytest.raises(InvalidValue, match="get it from the ledger"):
        ledger.apply(build(Verify, forged), by=INSPECTOR)
    other = attrs.evolve(found, finding=attrs.evolve(found.finding, title="改过的标题"))
    with pytest.raises(InvalidValue, match="get it from the ledger"):
        ledger.apply(build(Fix, other), by=OFFICER)
    assert len(ledger.history(found.id)) == 1
    equal = attrs.evolve(found)
    assert type(ledger.apply(build(Fix, equal), by=OFFICER)) is FixedOnTheSpot


def test_an_unknown_move_is_refused_with_those_there_are(ledger: Ledger[AnyIssue]) -> None:
    """A move class that is not of the lifecycle names those that are."""

    @attrs.frozen
    class UrgentFix(Fix):
        pass

    found = in_state(ledger, Found)
    with pytest.raises(UnknownMove, match=r"UrgentFix.*Schedule"):
        ledger.apply(UrgentFix(found, "改"), by=OFFICER)
    with pytest.raises(UnknownMove, match="NoSuch"):
        ledger.lifecycle.step("NoSuch")
    with pytest.raises(UnknownState, match=r"NoSuch.*Found"):
        ledger.lifecycle.state("NoSuch")


def test_a_lead_is_split_off_in_one_commit(make_ledger: MakeLedger) -> None:
    """The issue keeps its state and gains a link; the lead is transferred and linked back."""
    ledger = make_ledger()
    issue = in_state(ledger, Scheduled, reporter="举报人甲 00000000000")
    kept, lead = ledger.split_lead(issue, organ="县纪委监委", lead="涉嫌截留", by=OFFICER)
    assert type(kept) is Scheduled
    assert (kept.version, kept.timetable) == (issue.version + 1, issue.timetable)
    assert [(link.kind, link.issue_id) for link in kept.links] == [("lead", lead.id)]
    assert [(link.kind, link.issue_id) for link in lead.links] == [("origin", kept.id)]
    assert (lead.organ, lead.lead, lead.finding.discipline_lead) == ("县纪委监委", "涉嫌截留", True)
    assert [record.move for record in ledger.history(lead.id)] == ["Register", "Tie", "Transfer"]
    assert (ledger.get(kept.id), ledger.get(lead.id)) == (kept, lead)
    assert lead.finding.reporter not in (None, kept.finding.reporter)
    second, other = ledger.split_lead(kept, organ="市纪委监委", lead="另一线索", by=OFFICER)
    assert [link.issue_id for link in second.links] == [lead.id, other.id]
    assert ledger.audit().intact


def test_a_split_that_is_refused_leaves_nothing(make_ledger: MakeLedger) -> None:
    """Where one of its steps is vetoed, no step of a split is written, nor any delivery."""
    ledger = make_ledger()
    issue = in_state(ledger, Found)
    runs: list[str] = []

    @ledger.before(Transfer)
    def veto(event: Proposed[Transfer]) -> None:
        runs.append(event.move.lead)
        raise Refused([], "Transfer", event.entered.id)

    @ledger.after(Transfer, name="tell")
    def tell(event: Any) -> None:
        raise AssertionError

    with pytest.raises(Refused):
        ledger.split_lead(issue, organ="县纪委监委", lead="线索", by=OFFICER)
    assert runs == ["线索"]
    assert [one.id for one in ledger.issues()] == [issue.id]
    assert ledger.get(issue.id) == issue
    assert ledger.deliveries() == ()
    assert ledger.audit().intact


def test_links_join_issues_of_the_ledger(make_ledger: MakeLedger) -> None:
    """A link of the host's own kind is recorded; one to itself or to nothing is refused."""
    ledger = make_ledger()
    issue, other = in_state(ledger, Verified), in_state(ledger, Found)
    linked = ledger.link(issue, other.id, kind="同案", by=OFFICER)
    assert type(linked) is Verified
    assert [(link.kind, link.issue_id) for link in linked.links] == [("同案", other.id)]
    for to in (issue.id, "none"):
        with pytest.raises(UnknownIssue):
            ledger.link(linked, to, kind="同案", by=OFFICER)
    assert ledger.get(issue.id) == linked


def test_issues_are_listed_by_state_unit_and_area(make_ledger: MakeLedger) -> None:
    """Filters combine; an area takes in the items below it; the order is that of the ids."""
    ledger = make_ledger()
    one = in_state(ledger, Found, unit="A", area="funds")
    two = in_state(ledger, FixedOnTheSpot, unit="A", area="funds/embezzlement")
    three = in_state(ledger, Found, unit="B", area="conduct")
    assert [issue.id for issue in ledger.issues()] == sorted([one.id, two.id, three.id])
    assert list(ledger.issues(Found)) == sorted([one, three], key=lambda issue: issue.id)
    assert list(ledger.issues(unit="A", area="funds")) == sorted([one, two], key=lambda i: i.id)
    assert list(ledger.issues(area="funds/embezzlement")) == [two]
    assert list(ledger.issues(FixedOnTheSpot, "B")) == []
    with pytest.raises(InvalidValue, match=r"weather.*funds"):
        ledger.issues(area="weather")

    @attrs.frozen(slots=False)
    class Elsewhere(Issue):
        pass

    with pytest.raises(UnknownState, match=r"Elsewhere.*Found"):
        ledger.issues(Elsewhere)


def test_a_ledger_is_a_context_manager(make_ledger: MakeLedger) -> None:
    """Leaving a ledger closes its store; what it held is there when it is opened again."""
    with make_ledger() as ledger:
        issue = in_state(ledger, Transferred)
    assert make_ledger().get(issue.id) == issue


def test_records_hold_the_campaigns_fingerprint(make_ledger: MakeLedger) -> None:
    """Every record says under which campaign it was judged, and on what evidence."""
    ledger = make_ledger()
    record = ledger.history(in_state(ledger, FixedOnTheSpot).id)[1]
    assert record.campaign == ledger.campaign.fingerprint
    assert record.evidence == {"measure": "资金已拨付"}
    assert record.by == OFFICER
    assert "Fix: Found → FixedOnTheSpot" in repr(record)


def test_actors_compare_by_value() -> None:
    """An actor is its id, unit and roles; bad ones are named."""
    assert Actor("a", "u", frozenset({"discipline"})) == Actor("a", "u", frozenset({"discipline"}))
    roles: Any = {"discipline"}
    with pytest.raises(InvalidValue, match="frozenset"):
        Actor("a", "u", roles)
    with pytest.raises(InvalidValue, match=r"Actor\.roles"):
        Actor("a", "u", frozenset({""}))


def test_a_clock_of_another_zone_reads_the_same(campaign: Any) -> None:
    """The clock may be in any zone; records are in UTC all the same."""
    ledger = Ledger(campaign, clock=lambda: NOON)
    issue = in_state(ledger, Found)
    assert '"at":"2018-05-07T04:00:00+00:00"' in ledger.history(issue.id)[0].body
    assert ledger.history(issue.id)[0].at.tzinfo == UTC


def test_every_move_can_be_checked_before(ledger: Ledger[AnyIssue]) -> None:
    """`check` decides as `apply` does and writes nothing."""
    move: Move[Any] = build(Fix, in_state(ledger, Found))
    assert ledger.check(move, by=OFFICER).allowed
    assert ledger.get(move.issue.id) == move.issue


def test_the_librarys_own_links_are_not_a_hosts_to_make(ledger: Ledger[AnyIssue]) -> None:
    """A link that says a lead was split off comes from splitting one off."""
    lead, other = in_state(ledger, Found, discipline_lead=True), in_state(ledger, Found)
    for kind in ("lead", "origin"):
        with pytest.raises(InvalidValue, match="split_lead"):
            ledger.link(lead, other.id, kind=kind, by=OFFICER)
    assert ledger.get(lead.id) == lead


def test_instants_of_any_kind_are_kept_as_the_instant(make_ledger: MakeLedger) -> None:
    """A pendulum instant, and one in the hour that a zone has twice, come back as they were."""
    from zoneinfo import ZoneInfo

    import pendulum

    twice = datetime(2017, 11, 5, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York"))
    ledger = make_ledger(clock=lambda: pendulum.datetime(2018, 5, 7, 12, tz="Asia/Shanghai"))
    issue = ledger.register(
        finding(found_at=twice),
        by=OFFICER,
        at=pendulum.datetime(2018, 5, 7, 12, tz="Asia/Shanghai"),
    )
    assert issue.finding.found_at == datetime(2017, 11, 5, 6, 30, tzinfo=UTC)
    assert ledger.get(issue.id) == issue
    assert ledger.history(issue.id)[0].at == NOON
    assert ledger.audit().intact


def test_a_clock_that_is_no_clock_is_told(campaign: Any) -> None:
    """Whatever a clock gives besides an aware datetime is named as the clock's."""
    for given in (None, "noon", NOON.date()):
        clock: Any = repeat(given).__next__
        with pytest.raises(InvalidValue, match="clock"):
            Ledger(campaign, clock=clock).register(finding(), by=OFFICER)


def test_a_clock_a_little_behind_waits_for_nobody(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    """A program whose clock is behind another's by less than the tolerance goes on in its order."""
    issue = in_state(ledger, Found)
    clock.now -= timedelta(seconds=ledger.campaign.tolerance_seconds)
    fixed = take(ledger, Fix, issue)
    assert [record.at for record in ledger.history(fixed.id)] == [NOON, NOON]
    clock.now -= timedelta(seconds=1)
    with pytest.raises(Refused, match="time-runs-backwards"):
        take(ledger, Verify, fixed)


def test_ids_that_no_record_can_hold_are_unknown(make_ledger: MakeLedger) -> None:
    """An id with a lone surrogate or NUL is that of no issue, and is shown by its codes."""
    ledger = make_ledger()
    for bad in ("\ud800", "a\x00b", "", "x" * 501):
        with pytest.raises(UnknownIssue) as caught:
            ledger.get(bad)
        assert str(caught.value).isprintable()
        with pytest.raises(UnknownIssue):
            ledger.history(bad)
        with pytest.raises(InvalidValue):
            ledger.register(finding(), by=OFFICER, issue_id=bad)
        with pytest.raises(InvalidValue):
            ledger.issues(unit=bad)
    assert list(ledger.issues()) == []


def test_states_may_be_named(ledger: Ledger[AnyIssue]) -> None:
    """Issues are listed by the class of a state, or by its name."""
    issue = in_state(ledger, FixedOnTheSpot)
    assert list(ledger.issues("FixedOnTheSpot")) == [issue]
    assert list(ledger.issues(state="Found")) == []


def test_evidence_of_a_class_below_is_refused(ledger: Ledger[AnyIssue]) -> None:
    """What could not be read back as it was is not recorded."""
    from rectify import Finding, Milestone, Timetable

    @attrs.frozen
    class OwnedMilestone(Milestone):
        owner: str = ""

    @attrs.frozen(kw_only=True)
    class OwnFinding(Finding):
        owner: str = ""

    with pytest.raises(InvalidValue, match="OwnedMilestone"):
        Timetable((OwnedMilestone("m1", "一", NOON.date()),), "某人")
    facts = attrs.asdict(finding(), recurse=False)
    with pytest.raises(InvalidValue, match="OwnFinding"):
        ledger.register(OwnFinding(**facts), by=OFFICER)


@pytest.mark.parametrize("make_ledger", ["sqlite", "postgresql"], indirect=True)
def test_a_hook_may_read_its_ledger_and_not_write_to_it(make_ledger: MakeLedger) -> None:
    """Within a transaction a before hook reads what is committed; to write is told off at once."""
    ledger = make_ledger()
    issue, other = in_state(ledger, Found), in_state(ledger, Found)
    seen: list[Issue] = []

    @ledger.before(Fix)
    def look(event: Proposed[Fix]) -> None:
        seen.append(ledger.get(event.entered.id))
        ledger.apply(build(Schedule, other), by=OFFICER)

    with pytest.raises(StoreError, match="after hook"):
        take(ledger, Fix, issue)
    assert seen == [issue]
    assert [type(one) for one in ledger.issues()] == [Found, Found]
