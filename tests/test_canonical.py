"""Canonical JSON: the bytes of RFC 8785, checked against a library that writes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rectify import AnyIssue, Exposed, Ledger
from rectify.canonical import INTEGER_MAX, decode, encode, is_canonical
from rectify.errors import InvalidValue
from rectify.sealed import Sealed
from support import BEIJING, in_state

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_plain_values_have_the_bytes_of_rfc_8785(value: Any) -> None:
    """Texts, integers, arrays and objects are written as the oracle writes them."""
    assert encode(value).encode() == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_canonical_is_told_from_what_is_not(value: Any) -> None:
    """The check agrees with the oracle: on its bytes, and on other spellings of the same data."""
    text = rfc8785.dumps(value).decode()
    assert value == decode(text)
    assert is_canonical(decode(text), text)
    for other in (json.dumps(value), json.dumps(value, ensure_ascii=False), f" {text}"):
        assert (other == text) == is_canonical(decode(other), other)


def test_keys_are_in_the_order_of_utf_16() -> None:
    """Where code points sort otherwise, too: U+FB33 comes after U+1F600."""
    right = '{"\U0001f600":1,"\ufb33":2}'
    assert is_canonical(decode(right), right)
    wrong = '{"\ufb33":2,"\U0001f600":1}'
    assert not is_canonical(decode(wrong), wrong)


@pytest.mark.parametrize("text", ["1.0", "[1e3]", "NaN", str(INTEGER_MAX + 1)])
def test_what_canonical_json_of_ours_never_holds_is_not_decoded(text: str) -> None:
    with pytest.raises(InvalidValue):
        decode(text)


@pytest.mark.parametrize("value", [INTEGER_MAX + 1, -INTEGER_MAX - 1])
def test_an_integer_that_json_cannot_hold_is_an_error(value: int) -> None:
    """Beyond 2**53 - 1 an integer is not exact everywhere, and is refused."""
    with pytest.raises(InvalidValue, match="2\\^53"):
        encode(value)


@pytest.mark.parametrize("value", [1.5, b"x", object(), {1, 2}])
def test_what_is_not_exact_or_not_data_is_an_error(value: object) -> None:
    """A float, bytes or any other object is refused by its kind."""
    with pytest.raises(InvalidValue, match=type(value).__name__):
        encode(value)


class Colour(Enum):
    RED = "红"


class Word(StrEnum):
    GOOD = "好"


class Text(str):
    __slots__ = ()


def test_typed_values_have_one_form_each() -> None:
    """Money, instants, days, members and sets are written as texts that read back exactly."""
    noon = datetime(2018, 5, 7, 12, 0, 0, 5, tzinfo=BEIJING)
    values = {
        "amount": Decimal("1E+3"),
        "at": noon,
        "day": date(2018, 5, 7),
        "colour": Colour.RED,
        "word": Word.GOOD,
        "text": Text("字"),
        "roles": frozenset({"b", "a"}),
        "sealed": Sealed("秘密", "ab12"),
    }
    assert json.loads(encode(values)) == {
        "amount": "1000",
        "at": "2018-05-07T04:00:00.000005+00:00",
        "day": "2018-05-07",
        "colour": "红",
        "word": "好",
        "text": "字",
        "roles": ["a", "b"],
        "sealed": {"commitment": "ab12"},
    }
    assert datetime.fromisoformat(json.loads(encode(values))["at"]) == noon.astimezone(UTC)


def test_every_record_has_the_bytes_of_rfc_8785(ledger: Ledger[AnyIssue]) -> None:
    """What a digest covers is canonical to the oracle too."""
    issue = in_state(ledger, Exposed, reporter="举报人甲", amount_yuan=Decimal("0.10"))
    for record in ledger.history(issue.id):
        assert rfc8785.dumps(json.loads(record.body)) == record.body.encode()
