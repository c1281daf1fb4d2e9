"""CloudEvents 1.0 in structured JSON, read back by the library of its makers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.v1.event import CloudEvent

from receiving import receiving
from rectify import AnyIssue, Ledger, Move, Scheduled
from rectify.errors import InvalidValue
from rectify.event import Event
from rectify.hooks import Applied
from rectify.integrations.cloudevents import CloudEvents
from rectify.integrations.webhooks import Webhook
from support import BEIJING, NOON, Clock, MakeLedger, in_state
from test_webhooks import SECRET

SOURCE = "https://platform.example/ledgers/2018"


def read(body: bytes, content_type: str) -> Any:
    """The event, by the library."""
    return from_http_event(HTTPMessage({"content-type": content_type}, body))


def test_the_library_reads_what_is_written(make_ledger: MakeLedger) -> None:
    """Every attribute is read back: the key as the id, the issue as the subject, the instant."""
    ledger, events, written = make_ledger(), CloudEvents(SOURCE), list[bytes]()

    @ledger.after(Move, name="通知")
    def tell(applied: Applied[Move[Any]]) -> None:
        written.append(events(applied))

    issue = in_state(ledger, Scheduled)
    ledger.deliver()
    (delivery,) = ledger.deliveries()
    event = read(written[0], events.content_type)
    assert isinstance(event, CloudEvent)
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": delivery.key,
        "source": SOURCE,
        "type": "rectify.Schedule",
        "subject": issue.id,
        "time": NOON,
        "datacontenttype": "application/json",
    }
    assert event.get_data() == {
        "issue": issue.id,
        "version": 2,
        "from": "Found",
        "to": "Scheduled",
        "round": 1,
        "unit": "420000",
        "area": "funds",
        "channel": "undercover-visit",
        "digest": ledger.history(issue.id)[-1].digest,
    }


def test_every_event_of_time_is_read_too(make_ledger: MakeLedger) -> None:
    """What a sweep records is read back with its own type, subject and instant."""
    ledger, events, written = make_ledger(), CloudEvents(SOURCE, prefix="cn.example"), list[bytes]()
    ledger.after(Event, name="tell")(lambda occurred: written.append(events(occurred)))
    in_state(ledger, Scheduled)
    swept = ledger.sweep(datetime(2018, 12, 31, tzinfo=BEIJING))
    ledger.deliver()
    told = [read(one, events.content_type) for one in written]
    assert sorted((one.get_type(), one.get_subject(), one.get_time()) for one in told) == sorted(
        (f"cn.example.{type(event).__name__}", event.subject, event.at) for event in swept.events
    )


def test_a_repeat_is_the_same_to_the_byte(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    """Two attempts write the same event, which source and id tell."""
    events, written = CloudEvents(SOURCE), list[bytes]()

    @ledger.after(Move, name="tell")
    def tell(applied: Applied[Move[Any]]) -> None:
        written.append(events(applied))
        if applied.attempt == 1:
            raise ConnectionError

    in_state(ledger, Scheduled)
    ledger.deliver()
    clock.pass_by(minutes=1)
    ledger.deliver()
    assert written == [written[0]] * 2


def test_it_goes_over_a_signed_webhook(ledger: Ledger[AnyIssue]) -> None:
    """As the envelope of a webhook it is posted with its own content type."""
    with receiving() as receiver:
        webhook = Webhook(receiver.url, SECRET, envelope=CloudEvents(SOURCE))
        ledger.after(Move, name="tell")(webhook)
        issue = in_state(ledger, Scheduled)
        ledger.deliver()
        ((_, headers, body),) = receiver.came
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert read(body, headers["content-type"]).get_subject() == issue.id


@pytest.mark.parametrize("bad", ["", " ", "two words", "line\nend", "x" * 501])
def test_a_source_or_prefix_that_is_no_word_is_refused(bad: str) -> None:
    """What names the ledger, and what types begin with, is a word."""
    with pytest.raises(InvalidValue, match="source"):
        CloudEvents(bad)
    with pytest.raises(InvalidValue, match="prefix"):
        CloudEvents(SOURCE, prefix=bad)
