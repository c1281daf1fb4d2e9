"""What a cell holds: SQLite keeps a value of another type than its column's where told to.

Such a value was put there past the ledger. It stands as what no ledger writes, which the audit
finds, even where it spells the very text that was there.
"""

from __future__ import annotations

from typing import Any


def is_text(cell: Any) -> bool:
    """Whether a cell holds a text, as it should."""
    return isinstance(cell, str)


def text_of(cell: Any) -> str:
    """A cell's text; one that holds none is blank."""
    return cell if isinstance(cell, str) else ""


def number_of(cell: Any) -> int:
    """A cell's whole number; one that holds none is 0, before every version."""
    return cell if isinstance(cell, int) else 0


def name_of(cell: Any) -> str:
    """A cell's text as messages name it: bytes are shown to be bytes."""
    return cell if isinstance(cell, str) else repr(cell)
