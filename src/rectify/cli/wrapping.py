"""Breaking lines of mixed Chinese and Western text, for terminals.

A line may break at a space and beside a wide character, but not before closing marks nor
after opening ones (避头尾). Rich breaks at spaces only, which Chinese does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, chop_cells
from rich.measure import Measurement
from rich.segment import Segment

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.style import Style

_CLOSING: Final = frozenset(",.;:!?)]}%，。、；：！？）】》〉」』”’…")
_OPENING: Final = frozenset("([{（【《〈「『“‘")


class Wrapped:
    """A text that breaks its lines by these rules to whatever width it is given."""

    def __init__(self, text: str, style: str = "") -> None:
        self._text = text
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style: Style = console.get_style(self._style or "none")
        for number, line in enumerate(wrapped(self._text, options.max_width)):
            if number:
                yield Segment.line()
            yield Segment(line, style)
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        lines = [list(_pieces(line)) for line in self._text.splitlines()] or [[""]]
        least = max(cell_len(piece.rstrip()) for line in lines for piece in line or [""])
        most = max(cell_len("".join(line)) for line in lines)
        width = options.max_width
        return Measurement(min(least, width), min(most, width))


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text, none wider than ``width`` cells, which is at least 2."""
    for line in text.splitlines() or [""]:
        filled = ""
        for piece in _pieces(line):
            if cell_len(filled + piece.rstrip()) <= width:
                filled += piece
                continue
            if filled:
                yield filled.rstrip()
            *full, filled = chop_cells(piece.rstrip(), max(width, 2)) or [""]
            yield from full
            filled += piece[len(piece.rstrip()) :]
        yield filled.rstrip()


def side_by_side(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """The lines of a row of texts in columns of fixed widths, a space between them."""
    columns = [wrapped(cell, max(width, 2)) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        padded = (
            part + " " * (width - cell_len(part)) for part, width in zip(parts, widths, strict=True)
        )
        yield " ".join(padded).rstrip()


def _pieces(line: str) -> Iterator[str]:
    """What must stay together; joined, the pieces are the line again."""
    piece = ""
    for mark in line:
        if piece and _may_break(piece[-1], mark):
            yield piece
            piece = ""
        piece += mark
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after.isspace():
        return False
    if before.isspace():
        return True
    if after in _CLOSING or before in _OPENING:
        return False
    return cell_len(before) == 2 or cell_len(after) == 2
