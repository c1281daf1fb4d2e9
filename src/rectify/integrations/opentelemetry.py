"""What a ledger does, as spans and metrics of OpenTelemetry.

Needs ``rectify[otel]``. Nothing is measured until `instrument` is called, and nothing that is
measured is confidential: names of classes, states, hooks and codes, and the id of the issue.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rectify.errors import MissingExtra
from rectify.ledger import Ledger
from rectify.watching import Act, Delivering, Taking, codes, outcome

try:
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
except ModuleNotFoundError as error:  # pragma: no cover
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
        self._tracer = get_tracer("rectify", tracer_provider=tracers)
        self._steps = meter.create_counter("rectify.steps", description="Steps by outcome")
        self._duration = meter.create_histogram(
            "rectify.step.duration", unit="s", description="How long a step took, with its commit"
        )
        self._refusals = meter.create_counter(
            "rectify.refusals", description="Reasons for which steps were refused"
        )
        self._deliveries = meter.create_counter(
            "rectify.deliveries", description="Attempts to run after hooks"
        )
        self._overdue = meter.create_counter(
            "rectify.overdue", description="What sweeps found to have run out"
        )

    def __call__(self, act: Act) -> AbstractContextManager[object]:
        """See `Watcher`."""
        return self._spanned(act)

    @contextmanager
    def _spanned(self, act: Act) -> Generator[None]:
        name, attributes = _described(act)
        began = time.perf_counter()
        # The text of an error may hold anything; its class is what the span gets of it.
        with self._tracer.start_as_current_span(
            name,
            kind=SpanKind.INTERNAL,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            error: BaseException | None = None
            try:
                yield
            except BaseException as raised:
                error = raised
            ended = outcome(error)
            span.set_attribute("rectify.outcome", ended)
            if refused := codes(error):
                span.set_attribute("rectify.codes", refused)
            if ended == "failed":
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
            self._count(act, error, time.perf_counter() - began)
        if error is not None:
            raise error
