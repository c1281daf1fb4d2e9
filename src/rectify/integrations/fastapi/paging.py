"""Pages: a cursor names the last thing that was given, so that nothing is given twice or left out.

What is registered meanwhile may come or not; what was there before comes once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from rectify import fields
from rectify.i18n import message
from rectify.integrations.fastapi.building import Misfit

LIMIT_MAX: Final = 200
LIMIT: Final = 50
LOOKED_AT_MAX: Final = 2_000
"""How many issues are looked at for a page: with more, that the caller may not see, it is short."""

UNKNOWN: Final = message("it is none of the cursors that were given out")

T = TypeVar("T")


def cursor(last: str) -> str:
    """The cursor after something with an id or key."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def last_of(cursor: str | None) -> str:
    """The id or key that a cursor goes on after; empty for none. Raises `Misfit`."""
    if cursor is None:
        return ""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        last = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        last = ""
    if not fields.is_line(last):
        raise Misfit("cursor", UNKNOWN)
    return last


def page(
    found: Iterable[T], key: Callable[[T], str], shown: Callable[[T], bool], limit: int
) -> tuple[list[T], str | None]:
    """The first that are shown, and the cursor to go on with; None where nothing is left."""
    items: list[T] = []
    last = ""
    for number, one in enumerate(found):
        if len(items) == limit or number == LOOKED_AT_MAX:
            return items, cursor(last)
        last = key(one)
        if shown(one):
            items.append(one)
    return items, None
