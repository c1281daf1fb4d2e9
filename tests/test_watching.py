"""What a ledger does is seen, counted and logged where that is asked for, nothing confidential."""

from __future__ import annotations

import importlib
import sys
from contextlib import AbstractContextManager
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import create_engine

from rectify import AnyIssue, Fix, Ledger, Schedule, Scheduled
from rectify.campaign import Campaign
from rectify.errors import MissingExtra, Refused, StaleIssue
from rectify.hooks import Applied, Proposed
from rectify.integrations.opentelemetry import instrument
from rectify.integrations.structlog import log_events
from rectify.stores.memory import MemoryStore
from rectify.watching import Act, Ending
from support import OFFICER, Clock, MakeLedger, finding, in_state, timetable

INSIDE = "甲某某 13900000000"


def story(ledger: Ledger[AnyIssue], clock: Clock) -> str:
    """A registration, a refusal, a stale, a failed and a good move, hooks, a sweep."""

    @ledger.before(Fix)
    def fail(proposed: Proposed[Fix]) -> None:
        if proposed.move.measure == "出错":
            raise RuntimeError(INSIDE)

    @ledger.after(Schedule, name="tell")
    def tell(applied: Applied[Schedule]) -> None:
        if applied.attempt == 1:
            raise RuntimeError(INSIDE)

    lead = ledger.register(finding(discipline_lead=True, reporter=INSIDE), by=OFFICER)
    with pytest.raises(Refused):
        ledger.apply(Fix(lead, "退还"), by=OFFICER)
    found = ledger.register(finding(reporter=INSIDE), by=OFFICER)
    with pytest.raises(RuntimeError):
        ledger.apply(Fix(found, "出错"), by=OFFICER)
    tied = ledger.link(found, lead.id, kind="see", by=OFFICER)
    with pytest.raises(StaleIssue):
        ledger.apply(Fix(found, "退还"), by=OFFICER)
    split, _ = ledger.split_lead(tied, organ="县纪委", lead=INSIDE, by=OFFICER)
    scheduled = ledger.apply(Schedule(split, timetable("2018-05-08")), by=OFFICER)
    revealed = ledger.reveal(scheduled, by=OFFICER, reason="回访")
    ledger.erase(revealed.issue, by=OFFICER, reason="期满")
    ledger.deliver()
    clock.pass_by(days=2)
    ledger.deliver()
    ledger.sweep()
    return found.id


def test_structlog_is_told_of_each_step_delivery_and_sweep(
    ledger: Ledger[AnyIssue], clock: Clock
) -> None:
    events: list[dict[str, Any]] = []

    def keep(_: object, __: str, event: Any) -> Any:
        events.append(dict(event))
        raise structlog.DropEvent

    log: Any = structlog.wrap_logger(None, processors=[keep], wrapper_class=structlog.BoundLogger)
    log_events(ledger, log.bind(service="platform").info)
    found = story(ledger, clock)
    steps = [event for event in events if event["event"] == "rectify.step"]
    assert [
        ("Register", None, "Found", "done", None),
        ("Fix", "Found", "FixedOnTheSpot", "refused", "Refused"),
        ("Register", None, "Found", "done", None),
        ("Fix", "Found", "FixedOnTheSpot", "failed", "RuntimeError"),
        ("Tie", "Found", "Found", "done", None),
        ("Fix", "Found", "FixedOnTheSpot", "stale", "StaleIssue"),
        ("SplitLead", "Found", "Found", "done", None),
        ("Schedule", "Found", "Scheduled", "done", None),
        ("Reveal", "Scheduled", "Scheduled", "done", None),
        ("Erase", "Scheduled", "Scheduled", "done", None),
    ] == [
        tuple(step[key] for key in ("step", "source", "target", "outcome", "error"))
        for step in steps
    ]
    assert ("lead-must-be-transferred",) == steps[1]["codes"]
    assert found == steps[-1]["issue"]
    assert {"platform"} == {event["service"] for event in events}
    told = [event for event in events if event["event"] == "rectify.delivery"]
    assert [("tell", 1, "failed"), ("tell", 2, "done")] == [
        (event["hook"], event["attempt"], event["outcome"]) for event in told
    ]
    (swept,) = [event for event in events if event["event"] == "rectify.sweep"]
    assert swept["overdue"] >= 1
    assert INSIDE not in str(events)


def test_opentelemetry_gets_spans_and_counts(ledger: Ledger[AnyIssue], clock: Clock) -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    meters = MeterProvider([reader])
    instrument(ledger, tracer_provider=tracers, meter_provider=meters)
    story(ledger, clock)
    finished = spans.get_finished_spans()
    assert [10, 2, 1] == [
        sum(span.name == f"rectify.{name}" for span in finished)
        for name in ("step", "delivery", "sweep")
    ]
    refused = dict(finished[1].attributes or {})
    assert ("refused", ("lead-must-be-transferred",)) == (
        refused["rectify.outcome"],
        refused["rectify.codes"],
    )
    failed = [span for span in finished if not span.status.is_ok and span.status.is_unset is False]
    assert ["RuntimeError"] * 2 == [dict(span.attributes or {})["error.type"] for span in failed]
    points = metrics(reader)
    assert 1 == points["rectify.refusals", "Fix", "lead-must-be-transferred"]
    assert (2, 1) == (
        points["rectify.steps", "Register", "done"],
        points["rectify.steps", "Fix", "stale"],
    )
    assert (1, 1) == (
        points["rectify.deliveries", "tell", "failed"],
        points["rectify.deliveries", "tell", "done"],
    )
    assert 1 == points["rectify.overdue", "milestone"]
    assert 10 == sum(
        number for (name, *_), number in points.items() if name == "rectify.step.duration"
    )
    said = "".join(span.to_json() for span in finished) + str(points)
    assert INSIDE not in said
    tracers.shutdown()
    meters.shutdown()


def metrics(reader: InMemoryMetricReader) -> dict[tuple[str, ...], int]:
    """What was counted, by the metric's name and the values of its attributes."""
    data: Any = reader.get_metrics_data()
    return {
        (metric.name, *map(str, point.attributes.values())): getattr(
            point, "value", getattr(point, "count", 0)
        )
        for scope in data.resource_metrics[0].scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    }


def test_a_sweep_that_fails_is_seen_to(campaign: Campaign) -> None:
    """And has counted nothing."""
    events: list[dict[str, Any]] = []
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    other = Ledger(campaign, store=Broken())

    def log(event: str, **values: Any) -> None:
        events.append({"event": event, **values})

    log_events(other, log)
    instrument(other, meter_provider=meters)
    with pytest.raises(OSError, match="away"):
        other.sweep()
    assert [{"event": "rectify.sweep", "outcome": "failed", "error": "OSError"}] == events
    assert reader.get_metrics_data() is None
    meters.shutdown()


class Broken(MemoryStore):
    """A store whose reads fail."""

    def reading(self) -> Any:
        raise OSError("gone away")


def test_a_watcher_that_fails_stops_nothing(make_ledger: MakeLedger, caplog: Any) -> None:
    """Neither as an act begins nor as it ends; the others go on seeing."""
    ledger = make_ledger()
    seen: list[str] = []

    def fail(error: BaseException | None) -> None:
        raise ZeroDivisionError

    def broken(act: Act) -> AbstractContextManager[object]:
        raise ZeroDivisionError

    def breaking(act: Act) -> AbstractContextManager[object]:
        return Ending(fail)

    ledger.watch(broken)
    ledger.watch(lambda act: Ending(lambda error: seen.append(type(error).__name__)))
    ledger.watch(breaking)
    issue = in_state(ledger, Scheduled)
    with pytest.raises(Refused):
        ledger.register(finding(area="nothing"), by=OFFICER)
    assert ["NoneType", "NoneType", "Refused"] == seen
    assert issue == ledger.get(issue.id)
    assert {"a watcher failed"} == {record.message for record in caplog.records}


def test_a_ledger_in_a_hosts_transaction_is_watched_like_its_own(
    ledger: Ledger[AnyIssue], tmp_path: Any
) -> None:
    seen: list[str] = []
    ledger.watch(lambda act: Ending(lambda error: seen.append(type(act).__name__)))
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    Ledger.open(url, ledger.campaign).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        ledger.within(connection).register(finding(), by=OFFICER)
    engine.dispose()
    assert ["Taking"] == seen


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("rectify.integrations.opentelemetry", "opentelemetry.metrics", "otel"),
        ("rectify.integrations.fastapi", "fastapi", "fastapi"),
    ],
)
def test_what_is_not_installed_is_named_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, module: str, missing: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name.startswith(module)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtra, match=rf"rectify\[{extra}\]"):
        importlib.import_module(module)
