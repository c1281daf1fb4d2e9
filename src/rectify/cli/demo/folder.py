"""Where the demo leaves its files, and whether what lies there may be replaced.

A ledger must not be lost by a demo run in the wrong place. The files are replaced where
they are, byte for byte, what a demo left; anything else only when told so.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from rectify.errors import RectifyError
from rectify.i18n import message

LEDGER: Final = "ledger.db"
SUMMARY: Final = "summary.md"
_MARK: Final = ".rectify-demo.json"


class Occupied(RectifyError):
    """Files in the way that no demo left, or that have changed since."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        super().__init__(
            message(
                "{folder} holds {names}, which this demo did not leave as it is now; give --force"
                " to replace it, or another folder with --out",
                folder=folder,
                names="、".join(names),
            )
        )


@contextmanager
def replaced(folder: Path, *, force: bool) -> Generator[Path]:
    """A new folder to write to; at the end its files take the place of those of an earlier demo.

    If anything fails, what was there stays. Raises `Occupied` before anything is written.
    """
    if not force and (strange := _strange(folder)):
        raise Occupied(folder, strange)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as made:
        new = Path(made)
        yield new
        marks = {name: _digest(new / name) for name in (LEDGER, SUMMARY)}
        (new / _MARK).write_text(json.dumps(marks, indent=2) + "\n", encoding="utf-8")
        for leftover in (f"{LEDGER}-wal", f"{LEDGER}-shm"):
            (folder / leftover).unlink(missing_ok=True)
        for name in (_MARK, LEDGER, SUMMARY):
            (new / name).replace(folder / name)


def _strange(folder: Path) -> list[str]:
    known = _marks(folder)
    there = [name for name in (LEDGER, f"{LEDGER}-wal", SUMMARY) if (folder / name).exists()]
    return [name for name in there if known.get(name) != _digest(folder / name)]


def _marks(folder: Path) -> dict[str, object]:
    try:
        marks: object = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", marks) if isinstance(marks, dict) else {}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
