"""What a ledger does, as spans and metrics of OpenTelemetry.

Needs ``rectify[otel]``. Nothing is measured until `instrument` is called, and nothing that is
measured is confidential: names of classes, states, hooks and codes, and the id of the issue.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from rectify.errors import MissingExtra
from rectify.ledger import Ledger
from rectify.watching import Act, Delivering, Taking, codes, outcome

try:
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import Status, StatusCode, TracerProvider, get_tracer
except ModuleNotFoundError as error:
    raise MissingExtra(error.name or "opentelemetry", "otel") from None


def instrument(
    ledger: Ledger[Any],
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> None:
    """Have each step, delivery and sweep of a ledger make a span, and count in metrics.

    Spans: ``rectify.step``, ``rectify.delivery``, ``rectify.sweep``. Metrics:
    ``rectify.steps`` and ``rectify.step.duration`` (seconds) by step and outcome,
    ``rectify.refusals`` by step and code, ``rectify.deliveries`` by hook and outcome,
    ``rectify.overdue`` by what it is. The providers are the global ones, unless given.
    """
    ledger.watch(_Watcher(tracer_provider, meter_provider))


class _Watcher:
    def __init__(self, tracers: TracerProvider | None, meters: MeterProvider | None) -> None:
        meter = get_meter("rectify", meter_provider=meters)
        self.tracer = get_tracer("rectify", tracer_provider=tracers)
        self.steps = meter.create_counter("rectify.steps", description="Steps by outcome")
        self.duration = meter.create_histogram(
            "rectify.step.duration", unit="s", description="How long a step took, with its commit"
        )
        self.refusals = meter.create_counter(
            "rectify.refusals", description="Reasons for which steps were refused"
        )
        self.deliveries = meter.create_counter(
            "rectify.deliveries", description="Attempts to run after hooks"
        )
        self.overdue = meter.create_counter(
            "rectify.overdue", description="What sweeps found to have run out"
        )

    def __call__(self, act: Act) -> AbstractContextManager[object]:
        """See `Watcher`."""
        return _Eyes(self, act)

    def count(self, act: Act, error: BaseException | None, seconds: float) -> None:
        """Count an act that has ended."""
        ended = outcome(error)
        if isinstance(act, Taking):
            step = {"rectify.step": act.step}
            self.steps.add(1, {**step, "rectify.outcome": ended})
            self.duration.record(seconds, {**step, "rectify.outcome": ended})
            for code in codes(error):
                self.refusals.add(1, {**step, "rectify.code": code})
        elif isinstance(act, Delivering):
            self.deliveries.add(1, {"rectify.hook": act.hook, "rectify.outcome": ended})
        else:
            for event in () if act.swept is None else act.swept.overdue:
                self.overdue.add(1, {"rectify.kind": event.kind})


class _Eyes(AbstractContextManager[None]):
    """The span of one act."""

    def __init__(self, watcher: _Watcher, act: Act) -> None:
        self._watcher = watcher
        self._act = act
        name, attributes = _described(act)
        # The text of an error may hold anything; its class is all that a span gets of it.
        self._current = watcher.tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        )

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        self._span = self._current.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        ended = outcome(error)
        self._span.set_attribute("rectify.outcome", ended)
        if ended == "refused":
            self._span.set_attribute("rectify.codes", codes(error))
        if ended == "failed":
            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR))
        self._current.__exit__(None, None, None)
        self._watcher.count(self._act, error, time.perf_counter() - self._began)


def _described(act: Act) -> tuple[str, dict[str, str | int]]:
    """The name of an act's span, and what is known of it from the beginning."""
    if isinstance(act, Taking):
        known = {
            "rectify.step": act.step,
            "rectify.source": act.source,
            "rectify.target": act.target,
            "rectify.issue": act.issue_id,
        }
        return "rectify.step", {name: each for name, each in known.items() if each is not None}
    if isinstance(act, Delivering):
        return "rectify.delivery", {
            "rectify.hook": act.hook,
            "rectify.subject": act.subject,
            "rectify.attempt": act.attempt,
        }
    return "rectify.sweep", {}
