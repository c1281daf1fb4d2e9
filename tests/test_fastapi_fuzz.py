"""The interface, asked at random by its own description: no server error, no word beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

from api import FINDING, application
from rectify import Found, Ledger, Scheduled, Transferred, Verified, load_campaign
from support import OFFICER, Clock, in_state

# That what fits the description is accepted is not for the description to promise: whether
# an area, a cursor or a day will do the ledger knows.
NOT_CHECKED: Final = [getattr(checks, "positive_data_acceptance")]  # noqa: B009
NEVER_SLOW: Final = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

ledger = Ledger(load_campaign("hubei-2018"), clock=Clock())
IDS: Final = [in_state(ledger, state).id for state in (Found, Scheduled, Transferred, Verified)]
KEYS: Final = [standing.owed.key for standing in ledger.duties()]
schema: Any = schemathesis.openapi.from_asgi(
    "/openapi.json", application(ledger, actor=lambda: OFFICER, deliver=True)
)
of_each_operation: Callable[[Callable[[Any], None]], Callable[[Any], None]] = schema.parametrize()
turn = count()
answered: Counter[tuple[str, int]] = Counter()


def is_good(case: Any, part: str) -> bool:
    """Whether a part of a case was made to fit the description."""
    meta: Any = case.meta
    return any(
        where.value == part and made.mode.is_positive for where, made in meta.components.items()
    )


def steered(case: Any) -> Any:
    """Every other case is on something that is there, in its version: else all would be 404."""
    number = next(turn)
    parameters: Any = case.path_parameters
    if number % 2 and is_good(case, "path") and "issue_id" in parameters:
        parameters["issue_id"] = IDS[number // 2 % len(IDS)]
        version = ledger.get(parameters["issue_id"]).version
        case.headers["If-Match"] = f'"{version}"'
    body: Any = case.body
    if number % 2 and is_good(case, "body") and hasattr(body, "update"):
        known = {"duty": KEYS[0], **FINDING}
        body.update({name: known[name] for name in body if name in known})
        case.headers["Idempotency-Key"] = str(number)
    return case


def ask(case: Any) -> None:
    answer = steered(case).call()
    answered[case.operation.label, answer.status_code] += 1
    case.validate_response(answer, excluded_checks=NOT_CHECKED)
    assert answer.status_code < 500


@of_each_operation
@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=NEVER_SLOW)
def test_the_interface_keeps_to_its_description(case: Any) -> None:
    ask(case)


@pytest.mark.soak
@of_each_operation
@settings(max_examples=1_000, deadline=None, suppress_health_check=NEVER_SLOW)
def test_the_interface_keeps_to_its_description_for_long(case: Any) -> None:
    ask(case)


def test_what_was_asked_at_random_was_done_and_left_an_intact_ledger() -> None:
    """Or else it would say little that nothing failed."""
    done = {operation for operation, status in answered if status < 300}
    assert {operation for operation, _ in answered} == done
    assert ledger.audit().intact
