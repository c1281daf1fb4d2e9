"""Working days past the last notice: foreseen, noted, and never taken for known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectify.calendar import WorkingCalendar, china
from rectify.campaign import load_campaign
from rectify.deadline import Due, Span
from rectify.errors import HorizonError
from rectify.foreseen import Foreseen, unpublished
from rectify.period import Period
from rectify.phrases import Recurrence, Within, parse

LAST = china.last
NEXT = LAST.year + 1
FORESEEN = Foreseen(china)
HUBEI = Path(load_campaign.__code__.co_filename).parents[1] / "campaigns" / "hubei-2018.toml"
known = st.dates(china.first + timedelta(days=60), LAST - timedelta(days=60))


def test_it_is_a_working_calendar() -> None:
    calendar: WorkingCalendar = FORESEEN
    assert (calendar.first, calendar.last) == (china.first, date.max)


@given(known, st.integers(-30, 30))
def test_what_is_known_is_answered_as_known(day: date, n: int) -> None:
    assert FORESEEN.day(day) == china.day(day)
    assert FORESEEN.is_working(day) == china.is_working(day)
    assert FORESEEN.add_working_days(day, n) == china.add_working_days(day, n)
    end = day + timedelta(days=n)
    assert FORESEEN.working_days_between(day, end) == china.working_days_between(day, end)


@given(st.dates(LAST - timedelta(days=40), LAST + timedelta(days=400)), st.integers(1, 90))
def test_counting_there_and_back_agrees_past_the_horizon(day: date, n: int) -> None:
    assert FORESEEN.working_days_between(day, FORESEEN.add_working_days(day, n)) == n


def test_past_the_horizon_weekends_are_off() -> None:
    """Every other day is taken to be worked, and no notice is cited."""
    day = date(NEXT, 3, 1)
    week = [FORESEEN.day(day + timedelta(days=n)) for n in range(7)]
    assert sorted(one.kind for one in week) == ["weekend"] * 2 + ["workday"] * 5
    assert {one.notice for one in week} == {None}


def test_before_the_first_notice_nothing_is_foreseen() -> None:
    with pytest.raises(HorizonError):
        FORESEEN.is_working(china.first - timedelta(days=1))


def test_a_period_past_the_horizon_refuses_or_is_provisional() -> None:
    """It refuses unless it is asked for a provisional answer, which says so."""
    within = parse("5个工作日内")
    assert isinstance(within, Within)
    event = date(LAST.year, 12, 29)
    with pytest.raises(HorizonError):
        within.after(event)
    due = within.after(event, provisional=True)
    assert (due.provisional, due.effective > LAST, due.as_data()["provisional"]) == (True,) * 3
    assert due.notes[0] == unpublished(china)
    assert "尚未公布" in due.explain("zh")
    assert not within.after(date(2018, 4, 9), provisional=True).provisional


def test_turns_past_the_horizon_are_provisional_and_the_others_are_not() -> None:
    """每月结束后5个工作日内 over the horizon: the turns that are known stay known."""
    every = parse("每月结束后5个工作日内")
    assert isinstance(every, Recurrence)
    span = Span("…", date(LAST.year, 10, 1), date(NEXT, 3, 31))
    with pytest.raises(HorizonError):
        every.windows(span)
    turns = every.windows(span, provisional=True)
    assert [turn.due.provisional for turn in turns] == [False, False, True, True, True, True]
    assert Period(working_days=5).after(date(LAST.year, 11, 30)) == turns[1].due.effective


def test_a_campaign_past_the_horizon_loads_with_a_note(tmp_path: Path) -> None:
    """One date that rolls past the last notice does not refuse the whole campaign."""
    text = HUBEI.read_text("utf-8").replace("2018年12月15日前", f"{NEXT}年5月1日前")
    file = tmp_path / "later.toml"
    roll = '[[duty]]\nid = "final-report"\nroll = "forward"\n'
    file.write_text(text.replace('[[duty]]\nid = "final-report"\n', roll), "utf-8")
    campaign = load_campaign(file)
    found = {duty.id: duty.due for duty in campaign.duties}
    assert [key for key, due in found.items() if due.provisional] == ["final-report"]
    assert found["final-report"].effective >= date(NEXT, 5, 1)
    assert campaign.known_through == LAST
    before = file.read_text("utf-8").replace(f"{NEXT}年5月1日前", "1999年5月1日前")
    file.write_text(before, "utf-8")
    with pytest.raises(ValueError, match="1999"):
        load_campaign(file)


def test_an_extension_knows_its_own_day() -> None:
    """The note on a provisional date goes once the date is moved to a day that is named."""
    within = parse("5个工作日内")
    assert isinstance(within, Within)
    due = within.after(date(LAST.year, 12, 29), provisional=True)
    assert isinstance(due, Due)
    moved = due.extended(reason="来文延期", until=date(NEXT, 6, 1))
    assert (due.provisional, moved.provisional) == (True, False)
