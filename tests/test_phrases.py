"""Official wording is read as the conventions say, or refused with a position."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from rectify.errors import PhraseError
from rectify.phrases import Due, Recurrence, Span, Within, parse

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_span_is_read_with_both_days_included() -> None:
    span = parse("2017年12月初至2018年4月上旬")
    assert isinstance(span, Span)
    assert (date(2017, 12, 1), date(2018, 4, 10)) == (span.opens, span.closes)


def test_a_due_date_ends_at_midnight_after_its_day() -> None:
    due = parse("6月25日前", year=2009)
    assert isinstance(due, Due)
    assert due.nominal == due.effective == date(2009, 6, 25)
    assert datetime(2009, 6, 26, tzinfo=SHANGHAI) == due.ends_at


def test_working_days_run_from_the_day_after_the_event() -> None:
    due = parse("30个工作日内", event=date(2018, 9, 10))
    assert isinstance(due, Due)
    assert date(2018, 10, 26) == due.effective


def test_a_day_that_does_not_exist_is_kept_in_words_and_resolved_to_the_months_last() -> None:
    due = parse("2018年9月31日前")
    assert isinstance(due, Due)
    assert due.nominal is None
    assert date(2018, 9, 30) == due.effective
    assert ["no-such-day", "make-up-day"] == [note.code for note in due.notes]
    assert due.words == "2018年9月31日前"


def test_a_period_without_its_event_waits_for_one() -> None:
    within = parse("一周内")
    assert isinstance(within, Within)
    assert date(2018, 6, 15) == within.after(date(2018, 6, 8)).effective


def test_every_two_months_gives_three_full_windows_and_a_stub() -> None:
    span = parse("2018年4月中旬至10月中旬")
    recurrence = parse("每2个月")
    assert isinstance(span, Span)
    assert isinstance(recurrence, Recurrence)
    assert [False, False, False, True] == [each.stub for each in recurrence.windows(span)]


def test_an_unreadable_phrase_names_the_position() -> None:
    with pytest.raises(PhraseError) as caught:
        parse("2018年4月9日前报送")
    assert caught.value.position == 10
