"""The reference document's own wording: every phrase of time in it, and what it comes to."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import rectify
from rectify import load_campaign
from rectify.campaign import Campaign
from rectify.deadline import Due
from rectify.phrases import Recurrence, Span, Within, parse

FILE = Path(rectify.__file__).parent / "campaigns" / "hubei-2018.toml"

SPANS: list[tuple[str, str, str, list[str]]] = [
    ("2017年12月25日", "2017-12-25", "2017-12-25", []),
    ("2017年12月26日", "2017-12-26", "2017-12-26", []),
    ("2018年", "2018-01-01", "2018-12-31", []),
    ("2017年12月初至2018年4月上旬", "2017-12-01", "2018-04-10", []),
    ("2018年4月中旬至10月中旬", "2018-04-11", "2018-10-20", []),
    ("2018年10月下旬至12月下旬", "2018-10-21", "2018-12-31", []),
]
DUES: list[tuple[str, str | None, str, list[str]]] = [
    ("2017年12月31日前", "2017-12-31", "2017-12-31", ["weekend"]),
    ("2018年4月9日前", "2018-04-09", "2018-04-09", []),
    ("2018年9月31日前", None, "2018-09-30", ["no-such-day", "make-up-day"]),
    ("2018年12月15日前", "2018-12-15", "2018-12-15", ["weekend"]),
    ("2019年底之前", "2019-12-31", "2019-12-31", []),
]
OTHERS = ["每2个月", "1个星期左右", "一周内"]
"""What recurs, or runs from an event; the rest of the document gives no time (及时, 每年)."""

TIMES = re.compile(
    r"\d{4}年(?:[\d年月日至上中下旬初底]+(?:之?前)?)?|每\d+个月|\d+个星期左右|一周内"
)


@pytest.mark.parametrize(("words", "opens", "closes", "notes"), SPANS)
def test_a_span_of_the_document(words: str, opens: str, closes: str, notes: list[str]) -> None:
    span = parse(words)
    assert isinstance(span, Span)
    assert (str(span.opens), str(span.closes)) == (opens, closes)
    assert [note.code for note in span.notes if note.code != "ambiguous"] == notes


@pytest.mark.parametrize(("words", "nominal", "effective", "notes"), DUES)
def test_a_due_date_of_the_document(
    words: str, nominal: str | None, effective: str, notes: list[str]
) -> None:
    """To the end of its day in Beijing; nothing rolls, and what is odd is noted."""
    due = parse(words)
    assert isinstance(due, Due)
    day = None if due.nominal is None else str(due.nominal)
    assert (day, str(due.effective), due.effective, str(due.ends_at.time())) == (
        nominal,
        effective,
        due.falls_on,
        "00:00:00",
    )
    assert [note.code for note in due.notes] == notes


def test_what_recurs_and_what_runs_from_an_event(campaign: Campaign) -> None:
    """每2个月 is three turns and a stub, 左右 advisory; 一周内 leaves out the day of the visit."""
    (visits,) = campaign.inspections
    assert isinstance(visits.every, Recurrence)
    turns = [(str(turn.opens), str(turn.closes), turn.stub) for turn in visits.turns()]
    assert turns == [
        ("2018-04-11", "2018-06-10", False),
        ("2018-06-11", "2018-08-10", False),
        ("2018-08-11", "2018-10-10", False),
        ("2018-10-11", "2018-10-20", True),
    ]
    assert isinstance(visits.lasts, Within)
    assert [note.code for note in visits.lasts.notes] == ["advisory"]
    within = visits.reports[0].within
    assert within is not None
    assert within.after(date(2018, 6, 8)).effective == date(2018, 6, 15)


def test_no_time_of_the_document_is_left_out(campaign: Campaign) -> None:
    """Every phrase that its file quotes is in the tables above, and read from those words."""
    text = FILE.read_text("utf-8")
    quoted = "".join(re.findall(r'^(?:words|when|due|issued) = "(.*)"', text, re.MULTILINE))
    tabled = {row[0] for row in (*SPANS, *DUES)} | set(OTHERS)
    assert set(TIMES.findall(quoted)) == tabled - {"2017年12月26日", "2018年"}
    read = {phase.reading.words for phase in campaign.phases if phase.reading is not None}
    read |= {duty.due.words for duty in campaign.duties}
    read |= {inspection.every.words for inspection in campaign.inspections if inspection.every}
    read |= {inspection.lasts.words for inspection in campaign.inspections if inspection.lasts}
    read |= {
        report.within.words
        for inspection in campaign.inspections
        for report in inspection.reports
        if report.within
    }
    assert read == tabled - {"2017年12月25日", "2017年12月26日", "2018年"}
    assert campaign.document.issued_on == date(2017, 12, 25)


def test_what_is_odd_in_the_document_is_warned_of() -> None:
    """The weekends, the day that does not exist, the early reports, the training."""
    found = [(warning.code, warning.path) for warning in load_campaign("hubei-2018").warnings]
    assert found == [
        ("weekend", "duty[0]"),
        ("before-phase-end", "duty[1]"),
        ("no-such-day", "duty[2]"),
        ("make-up-day", "duty[2]"),
        ("before-phase-end", "duty[2]"),
        ("weekend", "duty[3]"),
        ("before-phase-end", "duty[3]"),
        ("after-campaign", "duty[4]"),
    ]
