"""Printing: text and tables in one language, aligned also where characters are wide."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rectify.i18n import Language, Message

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH_UNLESS_TERMINAL: Final = 100
"""How many columns text takes in a file or pipe, unless the environment says COLUMNS."""


class Terminal:
    """Standard output, in one language; colours only where it is a terminal that wants them."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._console = _console()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._console.width

    def text(self, said: Message | str) -> str:
        """A message in the terminal's language; a text as it is."""
        return said.text(self.language) if isinstance(said, Message) else said

    def line(self, said: Message | str = "", style: str = "", indent: int = 0) -> None:
        """Print a line; a long one goes on below itself."""
        from rectify.cli.wrapping import wrapped

        for line in wrapped(self.text(said), self.width - indent):
            self._line(" " * indent + line, style)

    def _line(self, line: str, style: str) -> None:
        self._console.print(line, style=style, no_wrap=True, overflow="ignore", crop=False)

    def heading(self, said: Message | str) -> None:
        """Print a heading, set off by a line above."""
        self.line()
        self.line(said, style="bold cyan")

    def table(
        self,
        heads: Sequence[Message | str],
        rows: Sequence[Sequence[Message | str]],
        numbers: frozenset[int] = frozenset(),
        whole: frozenset[int] = frozenset(),
    ) -> None:
        """Print a table: ``numbers`` are columns to set to the right, ``whole`` not to break."""
        from rich.table import Table

        from rectify.cli.wrapping import Wrapped

        table = Table(show_edge=False, pad_edge=False)
        unbroken = numbers | whole
        for at, head in enumerate(heads):
            table.add_column(
                self._unbroken(head, "bold"),
                justify="right" if at in numbers else "left",
                no_wrap=at in unbroken,
            )
        for row in rows:
            cells = (
                self._unbroken(cell) if at in unbroken else Wrapped(self.text(cell))
                for at, cell in enumerate(row)
            )
            table.add_row(*cells)
        self._console.print(table)

    def _unbroken(self, said: Message | str, style: str = "") -> Text:
        from rich.text import Text

        return Text(self.text(said), style=style, no_wrap=True)

    def columns(
        self, widths: Sequence[int], cells: Sequence[Message | str], style: str = ""
    ) -> None:
        """Print a row of columns of fixed widths; the last takes what is left."""
        from rectify.cli.wrapping import side_by_side

        last = self.width - sum(widths) - len(widths)
        for line in side_by_side([self.text(cell) for cell in cells], (*widths, last)):
            self._line(line, style)


def print_json(data: object) -> None:
    """Print data as JSON, in characters as they are."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def _console() -> Console:
    from rich.console import Console

    plain = not sys.stdout.isatty()
    width = WIDTH_UNLESS_TERMINAL if plain and not os.environ.get("COLUMNS") else None
    return Console(
        file=sys.stdout,
        width=width,
        force_terminal=not plain,
        color_system=None if plain or os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
