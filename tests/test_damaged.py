"""Records and entries whose content is damaged: one kind of error, whatever is asked of them."""

from __future__ import annotations

import pytest

from rectify import AnyIssue, Found, Ledger, Record
from rectify.errors import InvalidValue
from rectify.journal import Entry
from support import in_state


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"at":1}', '{"move":"Fix"}'])
@pytest.mark.parametrize("name", ["move", "at", "by", "evidence"])
def test_what_is_no_record_says_so(body: str, name: str) -> None:
    """Whatever is asked of a record that is none, the answer is the same."""
    with pytest.raises(InvalidValue):
        getattr(Record("1", 1, body, ""), name)


@pytest.mark.parametrize("at", ["2018-05-07T04:00:00+00:0x", ""])
def test_a_record_of_no_instant_says_so(ledger: Ledger[AnyIssue], at: str) -> None:
    """An instant that can't be read is none, and the rest is still read."""
    (record,) = ledger.history(in_state(ledger, Found).id)
    assert '"at":"2018-05-07T04:00:00' in record.body
    start = record.body.index('"at":"') + 6
    changed = record.body[:start] + at + record.body[record.body.index('"', start) :]
    damaged = Record(record.issue_id, record.version, changed, record.digest)
    with pytest.raises(InvalidValue):
        _ = damaged.at
    assert damaged.move == "Register"


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"at":1}', '{"at":"2018"}'])
@pytest.mark.parametrize("name", ["kind", "at", "data"])
def test_what_is_no_entry_says_so(body: str, name: str) -> None:
    """Whatever is asked of an entry that is none, the answer is the same."""
    with pytest.raises(InvalidValue):
        getattr(Entry("events", 1, body, ""), name)
