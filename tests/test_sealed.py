"""Confidential values: a reporter's identity is kept, and shows nowhere else."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
from typing import Any

import attrs
import pytest
from sqlalchemy import NullPool, create_engine, text

from rectify import Conclusion, Expose, Fix, FixedOnTheSpot, Found, Ledger, Move, Verify
from rectify.canonical import encode
from rectify.errors import InvalidValue, RectifyError, Refused
from rectify.hooks import Applied, Proposed
from rectify.record import Record
from rectify.sealed import Sealed, commit, names_in, new_salt, reveals
from support import INSPECTOR, OFFICER, MakeLedger, build, bulletin, finding, in_state, take

NAME = "欧阳举报"
REPORTER = f"{NAME},电话 00000000000"


def _everything_printed(value: object) -> str:
    shown = [repr(value), str(value), f"{value}"]
    if attrs.has(type(value)):
        shown += [str(attrs.asdict(value)), str(attrs.astuple(value))]  # type: ignore[arg-type]
    return "".join(shown)


def test_a_reporter_shows_in_nothing_that_is_printed() -> None:
    """No repr, text, format, dictionary or JSON of a finding or issue holds the reporter."""
    facts = finding(reporter=REPORTER)
    issue = Found("1", facts, 1, 1, ())
    for value in (facts, facts.reporter, issue, Fix(issue, "改"), copy.deepcopy(issue)):
        assert NAME not in _everything_printed(value)
    assert NAME not in json.dumps(facts.reporter, default=str)
    assert NAME not in encode(facts)


def test_a_sealed_value_travels_between_processes() -> None:
    """Pickling keeps the text, for simulations in several processes; comparing is by value."""
    sealed = Sealed(REPORTER)
    assert pickle.loads(pickle.dumps(sealed)) == sealed
    assert sealed != Sealed("别人")
    assert sealed != REPORTER
    assert len({sealed, Sealed(REPORTER)}) == 1
    assert f"{sealed:>10}" == "  <sealed>"
    assert (sealed.open(), Sealed(commitment="ab").open()) == (REPORTER, None)


@pytest.mark.parametrize("bad", ["", "  ", "名\x00字", "\ud800", "长" * 20_001])
def test_the_error_of_a_bad_reporter_does_not_show_it(bad: str) -> None:
    """What is wrong is said without the value."""
    with pytest.raises(InvalidValue) as caught:
        finding(reporter=bad)
    assert caught.value.field == "Finding.reporter"
    assert not bad.strip() or bad not in str(caught.value)


def test_a_reporter_is_text() -> None:
    """Another kind of value is refused."""
    with pytest.raises(InvalidValue, match="expected a text") as caught:
        finding(reporter=13000000000)
    assert "13000000000" not in str(caught.value)


def test_a_commitment_fits_one_text_and_salt() -> None:
    """The same text commits otherwise under another salt, so that it can't be looked up."""
    salt, other = new_salt(), new_salt()
    assert commit(REPORTER, salt) == commit(REPORTER, salt)
    assert commit(REPORTER, salt) != commit(REPORTER, other)
    assert commit(REPORTER, salt) != commit(NAME, salt)


@pytest.mark.parametrize(
    ("noted", "names"),
    [
        ("赵钱孙", {"赵钱孙"}),
        ("举报人:赵钱孙,手机:13000000000", {"赵钱孙", "13000000000"}),
        ("举报人\uff1a赵钱孙\uff0c手机\uff1a130-0000-0000", {"赵钱孙", "13000000000"}),
        ("买买提·艾力", {"买买提艾力"}),
        ("赵 钱孙 / zqs@example.com", {"钱孙", "zqs@examplecom"}),
        ("Testa Nominata-Probe, tel. 130 0000 0000", {"testanominataprobe", "13000000000"}),
        ("村民", set[str]()),
    ],
)
def test_names_and_contacts_are_read_out_of_what_was_noted(noted: str, names: set[str]) -> None:
    """Labels such as 电话 are no names; numbers of five digits and more are contacts."""
    assert names_in(noted) >= names
    assert not reveals("电话联系了村民和举报人", noted)


def test_a_short_or_common_word_does_not_give_anyone_away() -> None:
    """A single character is no name."""
    assert not reveals("赵家村的问题", "赵")
    assert reveals("赵钱孙的问题", "赵钱孙")


def test_nothing_that_leaves_the_ledger_holds_the_reporter(
    make_ledger: MakeLedger, caplog: pytest.LogCaptureFixture
) -> None:
    """Issues, records, hooks, deliveries, refusals, logs and tracebacks hold a commitment only."""
    caplog.set_level(logging.DEBUG)
    ledger = make_ledger()
    seen: list[Any] = []
    ledger.before(Move)(seen.append)
    ledger.after(Move, name="tell")(seen.append)
    issue = in_state(ledger, FixedOnTheSpot, reporter=REPORTER)
    kept, lead = ledger.split_lead(issue, organ="县纪委监委", lead="线索", by=OFFICER)
    verified = ledger.apply(Verify(kept, Conclusion.RECTIFIED, "现场核查属实"), by=INSPECTOR)
    move = build(Expose, verified, bulletin=bulletin(text=f"{NAME}反映属实"))
    with pytest.raises(Refused) as refusal:
        ledger.apply(move, by=INSPECTOR)
    with pytest.raises(RectifyError) as raised:
        ledger.register(finding(reporter=REPORTER, area="weather"), by=OFFICER)
    trace = "".join(traceback.format_exception(raised.value))
    ledger.deliver()
    records: list[Record] = [r for one in ledger.issues() for r in ledger.history(one.id)]
    out = io.StringIO()
    for value in (kept, lead, *records, *seen, *ledger.deliveries(), *ledger.issues()):
        out.write(_everything_printed(value))
    out.write("".join(record.body for record in records))
    out.write(caplog.text + str(refusal.value) + repr(refusal.value.reasons) + trace)
    assert NAME not in out.getvalue()
    assert "00000000000" not in out.getvalue()
    assert any(isinstance(value, Proposed) for value in seen)
    assert any(isinstance(value, Applied) for value in seen)


def test_the_record_commits_to_what_is_kept_apart(url: str, campaign: Any) -> None:
    """The commitment in the record is that of the text and salt in their own table."""
    with Ledger.open(url, campaign) as ledger:
        issue = ledger.register(finding(reporter=REPORTER), by=OFFICER)
        committed = ledger.history(issue.id)[0].evidence["finding"]["reporter"]["commitment"]
    with create_engine(url, poolclass=NullPool).connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM rectify_secret")).all()
        tables = ("rectify_record", "rectify_issue", "rectify_delivery", "rectify_ledger")
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert NAME not in str(rows)
    assert (row.issue_id, row.field, row.text) == (issue.id, "reporter", REPORTER)
    assert commit(row.text, row.salt) == committed


def test_a_refused_registration_keeps_no_secret(make_ledger: MakeLedger) -> None:
    """Where the finding is refused, the reporter is not stored either."""
    ledger = make_ledger()
    with pytest.raises(Refused):
        ledger.register(finding(reporter=REPORTER, area="weather"), by=OFFICER, issue_id="A-1")
    found = ledger.register(finding(), by=OFFICER, issue_id="A-1")
    take(ledger, Fix, found)
    assert found.finding.reporter is None


@pytest.mark.parametrize(
    ("noted", "text"),
    [
        ("村民张三举报", "张三同志反映"),
        ("我是张三\uff0c电话138 0000 1234", "据张三讲"),
        ("电话027-87654321", "请拨打87654321"),
        ("13800001234", "一三八零零零零一二三四"),
        ("买买提·艾力", "买买提艾力反映"),
        ("张 三", "据张三反映"),
        ("欧阳修远\uff0c女", "欧阳修远来电"),
    ],
)
def test_a_name_is_found_within_what_was_noted_around_it(noted: str, text: str) -> None:
    """Titles, verbs, separators and the script of digits do not hide a name or number."""
    assert reveals(text, noted)


@pytest.mark.parametrize(
    ("noted", "text"),
    [
        ("群众来电\uff0c号码已封存", "据群众来电反映"),
        ("张三\uff0c男\uff0c1970年", "1970年以来"),
        ("王五\uff08甲县卯村三组\uff09", "甲县卯村三组资金滞留"),
    ],
)
def test_what_is_no_name_gives_nobody_away(noted: str, text: str) -> None:
    """Circumstances noted beside a name may stand in a bulletin."""
    assert not reveals(text, noted)
