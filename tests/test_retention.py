"""What was kept for as long as the campaign says is erased, recorded, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rectify import (
    Actor,
    AnyIssue,
    Conclusion,
    Expose,
    Exposed,
    Found,
    Ledger,
    Reopen,
    Transferred,
    Verified,
    Verify,
)
from rectify.campaign import Campaign, load_campaign
from rectify.difference import campaign_difference
from rectify.errors import (
    CampaignError,
    Erased,
    InvalidValue,
    NaiveInstant,
    Refused,
    StaleIssue,
)
from rectify.hooks import Proposed
from rectify.i18n import bilingual
from rectify.moves import Erase
from rectify.reason import Reason
from support import (
    BEIJING,
    COMMISSION,
    INSPECTOR,
    NOON,
    OFFICER,
    Clock,
    MakeLedger,
    bulletin,
    in_state,
    timetable,
)

REPORTER = "欧阳举报"
KEPT = """
[confidential.reporter]
keep = "3年内"
clause = "九"
words = "举报人信息自结案之日起3年内保存\uff0c期满销毁。"

[confidential.persons]
keep = "6个月内"
"""
FACTS: dict[str, Any] = {"reporter": REPORTER, "persons": {"甲": "司徒被告"}}
SHIPPED = Path("src/rectify/campaigns/hubei-2018.toml")


def _campaign(folder: Path, said: str = KEPT) -> Campaign:
    file = folder / "ours.toml"
    file.write_text(SHIPPED.read_text("utf-8") + said, "utf-8")
    return load_campaign(file)


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    """The reference campaign, where it says for how long."""
    return _campaign(tmp_path)


@pytest.fixture
def kept(make_ledger: MakeLedger) -> Ledger[AnyIssue]:
    """A ledger of that campaign, on each store."""
    return make_ledger()


def _ends_at(year: int, month: int, day: int) -> datetime:
    """The instant after a day in Beijing."""
    return datetime(year, month, day, tzinfo=BEIJING) + timedelta(days=1)


def _erasures(ledger: Ledger[AnyIssue], issue_id: str) -> list[str]:
    records = ledger.history(issue_id)
    return [record.evidence["field"] for record in records if record.move == "Erase"]


def test_a_text_is_erased_when_its_time_is_over_and_not_before(
    kept: Ledger[AnyIssue], clock: Clock
) -> None:
    """Closed on 7 May 2018: kept through 7 May 2021, a person's name through 7 November 2018."""
    issue = in_state(kept, Verified, **FACTS)
    in_state(kept, Found, **FACTS)
    for ends_at, due in (
        (_ends_at(2018, 11, 7), ["persons/甲"]),
        (_ends_at(2021, 5, 7), ["persons/甲", "reporter"]),
    ):
        clock.now = ends_at - timedelta(microseconds=1)
        assert ((), ()) == (kept.erase_due(by=OFFICER).issues, kept.erase_due(by=OFFICER).refused)
        clock.now = ends_at
        (erased,) = kept.erase_due(by=OFFICER).issues
        assert kept.get(issue.id) == erased
        assert due == _erasures(kept, issue.id)
        assert () == kept.erase_due(by=OFFICER).issues
    assert "举报人信息自结案之日起3年内保存" in kept.history(issue.id)[-1].evidence["reason"]
    with pytest.raises(Erased):
        kept.reveal(kept.get(issue.id), by=OFFICER, reason="r")
    assert kept.audit().intact


def test_the_time_runs_from_the_last_closing(kept: Ledger[AnyIssue], clock: Clock) -> None:
    """Looked back on, it is open again; being exposed later counts anew; a look does not."""
    reopened = in_state(kept, Verified, **FACTS)
    exposed = in_state(kept, Verified, **FACTS)
    clock.now = NOON + timedelta(days=100)
    kept.apply(Reopen(reopened, "反弹", timetable("2018-09-15")), by=INSPECTOR)
    kept.apply(Expose(exposed, bulletin()), by=INSPECTOR)
    seen = kept.reveal(kept.get(exposed.id), by=OFFICER, reason="r").issue
    assert isinstance(seen, Exposed)
    clock.now = _ends_at(2021, 5, 7)
    (erased,) = kept.erase_due(by=OFFICER).issues
    assert (exposed.id, ["persons/甲"]) == (erased.id, _erasures(kept, exposed.id))
    clock.now = _ends_at(2021, 8, 15)
    assert [exposed.id] == [one.id for one in kept.erase_due(by=OFFICER).issues]
    assert [] == _erasures(kept, reopened.id)


def test_a_lead_that_is_still_open_keeps_what_it_was_split_off_of(
    kept: Ledger[AnyIssue], clock: Clock
) -> None:
    """The discipline organ may need the reporter; then both are erased, each once."""
    issue = in_state(kept, Verified, **FACTS)
    issue, lead = kept.split_lead(issue, organ="县纪委监委", lead="线索", by=OFFICER)
    clock.now = _ends_at(2021, 5, 7)
    assert () == kept.erase_due(by=OFFICER).issues
    assert isinstance(lead, Transferred)
    kept.apply(
        Verify(lead, Conclusion.SUBSTANTIATED, "查实", answered_reporter_at=NOON), by=COMMISSION
    )
    clock.now = _ends_at(2024, 5, 8)
    assert 1 == len(kept.erase_due(by=OFFICER).issues)
    for one in (issue, lead):
        assert ["persons/甲", "reporter"] == sorted(_erasures(kept, one.id))
    assert () == kept.erase_due(by=OFFICER).issues
    assert kept.audit().intact


def test_what_is_refused_is_told_and_asked_again(kept: Ledger[AnyIssue], clock: Clock) -> None:
    """A hold on one issue does not keep the others from being erased."""
    held, free = (in_state(kept, Verified, **FACTS) for _ in range(2))
    holds = {held.id}

    @kept.before(Erase)
    def hold(proposed: Proposed[Erase[Any]]) -> None:
        if proposed.entered.id in holds:
            text = bilingual("案件在审", "the case is before the court")
            raise Refused([Reason(code="legal-hold", text=text)], "Erase", proposed.entered.id)

    clock.now = _ends_at(2021, 5, 7)
    done = kept.erase_due(by=OFFICER)
    assert ([free.id], [held.id]) == (
        [one.id for one in done.issues],
        [one.issue_id for one in done.refused],
    )
    assert [] == _erasures(kept, held.id)
    holds.clear()
    assert [held.id] == [one.id for one in kept.erase_due(by=OFFICER).issues]


def test_nothing_is_erased_ahead_of_time(kept: Ledger[AnyIssue], clock: Clock) -> None:
    """An instant after the clock is refused; an earlier one finds what was due by then."""
    issue = in_state(kept, Verified, **FACTS)
    with pytest.raises(InvalidValue, match="ahead of time"):
        kept.erase_due(_ends_at(2021, 5, 7), by=OFFICER)
    with pytest.raises(NaiveInstant):
        kept.erase_due(datetime(2021, 5, 8), by=OFFICER)  # noqa: DTZ001
    clock.now = _ends_at(2021, 5, 7)
    kept.erase_due(_ends_at(2018, 11, 7), by=OFFICER)
    assert ["persons/甲"] == _erasures(kept, issue.id)


def test_many_issues_are_gone_through_page_by_page(
    tmp_path: Path, campaign: Campaign, clock: Clock
) -> None:
    """More than are read at a time, on SQLite in one batch."""
    with Ledger.open(tmp_path / "ledger.db", campaign, clock=clock) as ledger:
        with ledger.batch():
            for _ in range(501):
                in_state(ledger, Verified, reporter=REPORTER)
        clock.now = _ends_at(2021, 5, 7)
        with ledger.batch():
            assert 501 == len(ledger.erase_due(by=OFFICER).issues)
        assert ledger.audit().intact


def test_a_campaign_that_says_nothing_has_nothing_erased(
    clock: Clock,
) -> None:
    """The document of 2018 does not."""
    ledger = Ledger(load_campaign("hubei-2018"), clock=clock)
    issue = in_state(ledger, Verified, **FACTS)
    clock.now += timedelta(days=36_500)
    assert ((), ()) == (ledger.erase_due(by=OFFICER).issues, ledger.erase_due(by=OFFICER).refused)
    assert [] == _erasures(ledger, issue.id)


def test_a_change_of_what_is_confidential_is_in_the_difference(
    campaign: Campaign,
) -> None:
    """Adopting it is recorded, as any change is."""
    difference = campaign_difference(load_campaign("hubei-2018"), campaign)
    assert ("confidential",) == tuple(p for p in difference.parts if p == "confidential")
    (reporter, persons) = campaign.confidential
    assert (("reporter", "九"), ("persons", None)) == (
        (reporter.field, reporter.clause),
        (persons.field, persons.clause),
    )


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ('[confidential.reporter]\nkeep = "三年之后"', "confidential.reporter.keep"),
        ('[confidential.reporter]\nkeep = "2021年5月7日前"', "confidential.reporter.keep"),
        ('[confidential.persons]\nkeep = "30个工作日内"', "confidential.persons.keep"),
        ('[confidential.persons]\nkeep = "72小时内"', "confidential.persons.keep"),
        ('[confidential.persons]\nkeep = "当日17时前"', "confidential.persons.keep"),
        ('[confidential.reporter]\nkeep = "3年内"\nclause = "九"', "confidential.reporter"),
        (
            '[confidential.reporter]\nkeep = "3年内"\nclause = "九"\nwords = "保存5年"',
            "confidential.reporter.keep",
        ),
        ('[confidential.witness]\nkeep = "3年内"', "confidential.witness"),
    ],
)
def test_what_can_not_be_kept_to_does_not_load(tmp_path: Path, said: str, path: str) -> None:
    """Each problem at its place in the file."""
    with pytest.raises(CampaignError) as caught:
        _campaign(tmp_path, said)
    assert [path] == [where for where, _ in caught.value.problems]


def test_who_erases_what_is_due_needs_the_role_as_well(tmp_path: Path, clock: Clock) -> None:
    """A job that runs as nobody in particular is refused, and says so."""
    said = KEPT.replace('clause = "九"', 'erased_by = ["archivist"]\nclause = "九"')
    ledger = Ledger(_campaign(tmp_path, said), clock=clock)
    issue = in_state(ledger, Verified, reporter=REPORTER)
    clock.now = _ends_at(2021, 5, 7)
    (refused,) = ledger.erase_due(by=OFFICER).refused
    assert (issue.id, ["confidential-role"]) == (
        refused.issue_id,
        [reason.code for reason in refused.reasons],
    )
    archivist = Actor(id="job", unit="420000", roles=frozenset({"archivist"}))
    assert 1 == len(ledger.erase_due(by=archivist).issues)


def test_what_another_program_is_at_is_left_for_the_next_time(
    kept: Ledger[AnyIssue], clock: Clock
) -> None:
    """Its step came between; the others are erased all the same."""
    busy, free = (in_state(kept, Verified, **FACTS) for _ in range(2))
    at_it = {busy.id}

    @kept.before(Erase)
    def come_between(proposed: Proposed[Erase[Any]]) -> None:
        if proposed.entered.id in at_it:
            raise StaleIssue(proposed.entered.id, 3, 4)

    clock.now = _ends_at(2021, 5, 7)
    done = kept.erase_due(by=OFFICER)
    assert ([free.id], ()) == ([one.id for one in done.issues], done.refused)
    at_it.clear()
    assert [busy.id] == [one.id for one in kept.erase_due(by=OFFICER).issues]
