"""Everything that writes to a ledger, and all that a database holds of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import NullPool, create_engine, select

from rectify import AnyIssue, Found, Ledger, Move, Schedule, load_campaign
from rectify.errors import StoreError
from rectify.hooks import Applied
from rectify.stores import tables
from support import NOON, OFFICER, Clock, finding, timetable

DUTY: Final = "work-plan/-/-city"
DOCUMENT: Final = "0" * 64


def opened(url: str, **options: Any) -> Ledger[AnyIssue]:
    """The ledger, with a hook that does nothing."""
    ledger: Ledger[AnyIssue]
    ledger = Ledger.open(url, load_campaign("hubei-2018"), clock=Clock(), **options)
    ledger.after(Move, name="nothing")(_nothing)
    return ledger


def _nothing(_: Applied[Any]) -> None:
    """What a hook may do."""


def filled(url: str) -> Ledger[AnyIssue]:
    """A ledger with an issue for each write below, and a hook owed to one."""
    ledger = opened(url)
    for name in ("moved", "split", "owed"):
        ledger.register(finding(reporter="举报人甲"), by=OFFICER, issue_id=name)
    owed = ledger.get("owed")
    assert isinstance(owed, Found)
    ledger.apply(Schedule(owed, timetable()), by=OFFICER)
    return ledger


def _move(ledger: Ledger[AnyIssue]) -> None:
    issue = ledger.get("moved")
    assert isinstance(issue, Found)
    ledger.apply(Schedule(issue, timetable()), by=OFFICER)


def _split(ledger: Ledger[AnyIssue]) -> None:
    ledger.split_lead(ledger.get("split"), organ="县纪委监委", lead="线索", by=OFFICER)


def _batch(ledger: Ledger[AnyIssue]) -> None:
    with ledger.batch():
        for _ in range(3):
            found = ledger.register(finding(reporter="举报人甲"), by=OFFICER)
            ledger.apply(Schedule(found, timetable()), by=OFFICER)


WRITES: Final[dict[str, Callable[[Ledger[AnyIssue]], object]]] = {
    "register": lambda ledger: ledger.register(finding(reporter="举报人甲"), by=OFFICER),
    "apply": _move,
    "split_lead": _split,
    "batch": _batch,
    "sweep": lambda ledger: ledger.sweep(NOON + timedelta(days=200)),
    "submit": lambda ledger: ledger.submit(DUTY, by=OFFICER, document_hash=DOCUMENT),
    "deliver": lambda ledger: ledger.deliver(),
}
"""Each write that a ledger does, on one that is `filled`."""


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_ordered(table))]
            for table in tables.metadata.sorted_tables
        }


def _ordered(table: Any) -> Any:
    return select(table).order_by(*table.primary_key)


def refusals(ledger: Ledger[AnyIssue], url: str) -> dict[str, StoreError]:
    """Try each write on a ledger that can't be written to: each is refused and does nothing."""
    before = rows(url)
    errors: dict[str, StoreError] = {}
    for name, write in WRITES.items():
        try:
            write(ledger)
        except StoreError as error:
            errors[name] = error
        assert before == rows(url), name
    # What the driver said may quote a row.
    assert all(error.__suppress_context__ for error in errors.values())
    return errors


def check_works(ledger: Ledger[AnyIssue]) -> None:
    """Do each write, and find everything as it should be."""
    for write in WRITES.values():
        write(ledger)
    audit = ledger.audit()
    assert (audit.problems, audit.issues) == ((), 8)
    assert {delivery.status for delivery in ledger.deliveries()} == {"done"}
