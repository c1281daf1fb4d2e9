"""The address of a ledger, as given on the command line or as a file."""

from __future__ import annotations

from pathlib import Path


def of_ledger(given: str) -> str:
    """A database address as it is; anything else is taken as a file."""
    return given if "://" in given else of_file(Path(given))


def of_file(file: Path) -> str:
    """The address of a SQLite file; what would be read as part of an address is escaped."""
    path = str(file.absolute()).replace("%", "%25").replace("?", "%3F")
    return f"sqlite:///{path}"
