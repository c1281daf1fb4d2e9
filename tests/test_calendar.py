"""Working days follow the notices, and past the last notice nothing is guessed."""

from __future__ import annotations

import copy
import importlib
import pickle
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectify.calendar import Calendar, Day, WorkingCalendar, china, load_calendar
from rectify.errors import HorizonError, InvalidValue
from rectify.notices import Announcement, Notice

# The table of the chinesecalendar package, which ships no types.
oracle_is_workday: Callable[[date], bool] = importlib.import_module("chinese_calendar").is_workday

DAYS = st.dates(china.first, china.last)

# The notice for 2006, 国办发明电〔2005〕35号, makes up Saturday 31 December 2005; the
# oracle leaves it out.
ORACLE_MISSES = {date(2005, 12, 31)}


def all_days() -> list[date]:
    length = (china.last - china.first).days + 1
    return [china.first + timedelta(days=n) for n in range(length)]


def test_every_day_agrees_with_the_oracle() -> None:
    wrong = {day for day in all_days() if china.is_working(day) != oracle_is_workday(day)}
    assert wrong == ORACLE_MISSES


def test_the_oracle_knows_no_year_that_we_lack() -> None:
    with pytest.raises(NotImplementedError):
        oracle_is_workday(china.last + timedelta(days=1))


def test_each_holiday_and_each_made_up_day_has_its_notice() -> None:
    for day in all_days():
        known = china.day(day)
        assert (known.kind in ("holiday", "make-up")) == (known.notice is not None)


def test_every_number_has_the_form_of_a_telegram_of_the_year_it_is_dated() -> None:
    for each in china.announcements:
        notice = each.notice
        if notice.number is None:
            assert notice.year in (2004, 2005)
            continue
        found = re.fullmatch(r"国(办)?发明电〔(\d{4})〕\d+号", notice.number)
        assert found is not None
        assert notice.dated is not None
        assert int(found[2]) == notice.dated.year


def test_every_made_up_day_falls_on_a_weekend() -> None:
    made_up = [day for each in china.announcements for holiday in each.days for day in holiday.work]
    assert not [day for day in made_up if day.weekday() < 5]


def test_the_last_of_september_2018_was_a_working_sunday() -> None:
    day = china.day(date(2018, 9, 30))
    assert day.working
    assert day.kind == "make-up"
    assert day.why.zh == "国庆节调休上班，国办发明电〔2017〕12号"
    assert day.why.en == "made up for National Day, 国办发明电〔2017〕12号"


@pytest.mark.parametrize(
    ("day", "kind", "why"),
    [
        (date(2018, 4, 9), "workday", "正常工作日"),
        (date(2018, 12, 15), "weekend", "周末"),
        (date(2018, 12, 31), "holiday", "元旦放假，国办发明电〔2018〕15号"),
        (date(2004, 5, 3), "holiday", "劳动节放假，《国务院办公厅关于2004年部分节假日安排的通知》"),
        (date(2020, 2, 1), "holiday", "春节放假，国办发明电〔2020〕1号"),
        (date(2015, 9, 6), "make-up", "抗战胜利纪念日调休上班，国发明电〔2015〕1号"),
    ],
)
def test_a_day_says_why_it_is_worked_or_not(day: date, kind: str, why: str) -> None:
    assert (kind, why) == (china.day(day).kind, china.day(day).why.zh)


def test_a_holiday_of_a_hosts_own_keeps_its_name_in_both_languages() -> None:
    day = Day(date(2018, 5, 1), "holiday", "苗年")
    assert (day.why.zh, day.why.en) == ("苗年放假，–", "off for 苗年, –")


def test_the_start_day_is_never_counted() -> None:
    assert china.add_working_days(date(2018, 9, 28), 1) == date(2018, 9, 29)
    assert china.add_working_days(date(2018, 10, 1), 1) == date(2018, 10, 8)
    assert china.add_working_days(date(2018, 10, 8), -1) == date(2018, 9, 30)
    assert china.add_working_days(date(2018, 10, 1), 0) == date(2018, 10, 1)


@given(DAYS, st.integers(-400, 400))
@settings(deadline=None)
def test_counting_there_and_back_agrees(day: date, n: int) -> None:
    try:
        there = china.add_working_days(day, n)
    except HorizonError:
        return
    assert china.working_days_between(day, there) == n


@given(DAYS, st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_adding_is_walking_day_by_day(day: date, n: int) -> None:
    walked, left = day, n
    while left and walked < china.last:
        walked += timedelta(days=1)
        left -= china.is_working(walked)
    if left == 0:
        assert china.add_working_days(day, n) == walked


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2027, 1, 1)])
def test_outside_the_horizon_nothing_is_answered(day: date) -> None:
    with pytest.raises(HorizonError):
        china.is_working(day)
    with pytest.raises(HorizonError):
        china.day(day)
    with pytest.raises(HorizonError):
        china.add_working_days(day, 1)
    with pytest.raises(HorizonError):
        china.working_days_between(date(2018, 1, 1), day)


@pytest.mark.parametrize("n", [100_000, -100_000])
def test_counting_past_the_horizon_says_what_was_asked(n: int) -> None:
    with pytest.raises(HorizonError, match=f"{n} working days from 2018-04-09"):
        china.add_working_days(date(2018, 4, 9), n)


@pytest.mark.parametrize("day", [datetime(2018, 4, 9, tzinfo=UTC), "2018-04-09", None])
def test_what_is_not_a_date_is_refused(day: date) -> None:
    with pytest.raises(InvalidValue, match="a date is meant here"):
        china.is_working(day)


def test_the_last_days_of_the_last_year_are_provisional() -> None:
    assert china.day(date(2026, 12, 31)).provisional
    assert not china.day(date(2026, 12, 25)).provisional
    assert not china.day(date(2025, 12, 31)).provisional


def test_a_view_of_the_past_knows_only_the_notices_of_its_time() -> None:
    assert china.as_known_on(date(2019, 3, 21)).is_working(date(2019, 5, 2))
    assert not china.as_known_on(date(2019, 3, 22)).is_working(date(2019, 5, 2))
    assert date(2017, 12, 31) == china.as_known_on(date(2017, 11, 29)).last
    assert date(2018, 12, 31) == china.as_known_on(date(2017, 11, 30)).last
    with pytest.raises(HorizonError):
        china.as_known_on(date(2003, 1, 1))


def test_the_fingerprint_moves_with_the_answers_only() -> None:
    assert china.fingerprint == copy.copy(china).fingerprint
    assert china.fingerprint != china.as_known_on(date(2020, 1, 1)).fingerprint


def test_a_calendar_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(china)) is china
    past = china.as_known_on(date(2019, 3, 21))
    again: Calendar = pickle.loads(pickle.dumps(past))
    assert (repr(past), past.fingerprint) == (repr(again), again.fingerprint)


def test_the_shipped_calendar_is_a_working_calendar() -> None:
    calendar: WorkingCalendar = china
    assert (date(2004, 1, 1), date(2026, 12, 31)) == (calendar.first, calendar.last)


def test_nothing_is_read_before_it_is_asked() -> None:
    reads: list[str] = []

    def read() -> tuple[Announcement, ...]:
        reads.append("read")
        return china.announcements

    calendar = Calendar(read, "lazy")
    assert reads == []
    assert calendar.is_working(date(2018, 4, 9))
    assert calendar.is_working(date(2018, 4, 10))
    assert reads == ["read"]


def written(folder: Path, text: str) -> Path:
    path = folder / "next.toml"
    path.write_text(text, encoding="utf-8")
    return path


NEXT = """
[[notice]]
year = 2027
title = "试行安排"
days = [{ holiday = "元旦", off = [2027-01-01, 2027-01-03], work = [2026-12-27] }]
"""


def test_a_new_notice_extends_the_calendar(tmp_path: Path) -> None:
    calendar = load_calendar(written(tmp_path, NEXT), extends=china)
    assert date(2027, 12, 31) == calendar.last
    assert not calendar.is_working(date(2027, 1, 1))
    assert calendar.is_working(date(2026, 12, 27))
    assert not calendar.day(date(2026, 12, 31)).provisional


def test_a_file_of_its_own_is_a_calendar(tmp_path: Path) -> None:
    calendar = load_calendar(str(written(tmp_path, NEXT)))
    assert (date(2027, 1, 1), "next") == (calendar.first, calendar.name)
    assert calendar.day(date(2027, 1, 2)).notice == Notice(2027, "试行安排")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not toml", "next.toml: not a calendar"),
        ("", "next.toml: holds no"),
        ("notice = 3", "next.toml.notice: a list of tables"),
        ("[[notice]]\nyear = true\ntitle = 'x'", r"notice\[0\].year: int is meant"),
        ("[[notice]]\nyear = 2027", r"notice\[0\].title: str is meant"),
        ("[[notice]]\nyear = 2027\ntitle = 'x'\nnumber = 3", r"notice\[0\].number: str"),
        ("[[notice]]\nyear = 2027\ntitle = 'x'\ndated = 2027-01-01T00:00:00", "date is meant"),
        ("[[notice]]\nyear = 2027\ntitle = 'x'\nyaer = 1", "notice.0..yaer: unknown key"),
        (NEXT.replace("holiday", "holyday"), r"days\[0\].holyday: unknown key"),
        (NEXT.replace("[2026-12-27]", "2026-12-27"), r"days\[0\].work: a list of dates"),
        (NEXT.replace("[2026-12-27]", "['x']"), r"days\[0\].work\[0\]: date is meant"),
        (NEXT.replace("2027-01-03", "2026-01-03"), r"days\[0\].off: give the first and"),
        (NEXT.replace("2027-01-03", "2027-03-03"), r"days\[0\].off: longer than a month"),
        (NEXT.replace("2027", "2029").replace("2026", "2028"), "no notice for 2027"),
        (NEXT.replace("year = 2027", "year = 12027"), r"notice\[0\].year: a year is 1949 to 2199"),
        (
            NEXT.replace("2027-01-03", "2027-01-04").replace("= 2027\n", "= 2026\n"),
            r"days\[0\]: 2027-01-01 is not of 2026",
        ),
        (NEXT.replace("2026-12-27", "2027-01-02"), r"days\[0\]: 2027-01-02 is both off and"),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        load_calendar(written(tmp_path, text), extends=china)


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="not a calendar"):
        load_calendar(tmp_path / "absent.toml")
