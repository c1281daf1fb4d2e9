"""Values that are no day, instant, number or occasion where one is meant: told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rectify import Ledger, load_campaign
from rectify.calendar import china
from rectify.deadline import Due
from rectify.errors import InvalidValue, UnknownDuty
from support import OFFICER, Clock

HUBEI = load_campaign("hubei-2018")
LEDGER = Ledger(HUBEI, clock=Clock())
DAY: Any = date(2018, 4, 9)
TEXT: Any = "2018-05-05"
PART: Any = 1.5


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Due.on(DAY).standing(DAY), "now"),
        (lambda: china.add_working_days(DAY, PART), "n"),
        (lambda: LEDGER.duties(on=TEXT), "on"),
        (lambda: LEDGER.duties(on=date.max), "on"),
        (lambda: LEDGER.withdraw(TEXT, by=OFFICER, reason="误"), "what"),
        (lambda: HUBEI.phase_on(TEXT), "day"),
    ],
)
def test_what_is_of_no_such_type_is_an_invalid_value(
    call: Callable[[], object], field: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        call()
    assert caught.value.field == field


def test_a_key_like_none_is_told_without_a_list() -> None:
    """Where no key is near, none is promised."""
    with pytest.raises(UnknownDuty) as caught:
        LEDGER.submit("?", by=OFFICER, document_hash="0a" * 32)
    assert caught.value.near == ()
    assert caught.value.message.en == "nothing is owed under the key “?”, nor under one like it"
