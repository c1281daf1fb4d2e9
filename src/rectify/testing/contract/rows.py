"""Rows to put in a store: heads with their records, deliveries, deadlines, entries.

A store decides nothing, so these need not come from a ledger; `stories` has those that do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import attrs

from rectify.case import NOTHING_YET, Facts
from rectify.event import DueSoon, Event, Overdue
from rectify.evidence import Completion, Milestone, Timetable
from rectify.issue import Found, Issue, Scheduled
from rectify.journal import EVENT_CHAIN, Entry, writer
from rectify.sealed import Sealed
from rectify.store import Delivery, Head, Secret, Transaction
from rectify.testing.cases import finding
from rectify.testing.clock import NOON
from rectify.timeline import Deadline, deadline_key

AT: Final = NOON.astimezone(UTC)
HOUR: Final = timedelta(hours=1)
ZONE: Final = "Asia/Shanghai"
PRINT: Final = "0" * 64
"""A fingerprint, for entries."""
CHARACTERS: Final = "第一行\r\n第二行\t“引号”\\ '' \" % ; -- $$ \u2028 𠮷 🚧 e\u0301 é"
"""What a text may hold that a store could take for its own."""


def digest(body: bytes) -> str:
    """The SHA-256 of a record's body, in hex."""
    return sha256(body).hexdigest()


def registered(issue_id: str, **facts: Any) -> tuple[Head, bytes]:
    """An issue's first head and record; ``facts`` are changes to its finding."""
    return recorded(Found(issue_id, finding(**facts), 1, 1, ()))


def recorded(issue: Issue, facts: Facts = NOTHING_YET, text: str = "") -> tuple[Head, bytes]:
    """The head of an issue and a record that led there; ``text`` is in the record."""
    body = f'{{"issue":"{issue.id}","text":"{text}","version":{issue.version}}}'.encode()
    return Head(issue, facts, digest(body), AT + issue.version * HOUR), body


def moved_on(issue: Issue, versions: int = 1) -> Issue:
    """The same issue some versions later."""
    return attrs.evolve(issue, version=issue.version + versions)


def fill(tx: Transaction, issue_id: str, versions: int, **facts: Any) -> Issue:
    """Append so many versions of an issue, and give the last."""
    head, body = registered(issue_id, **facts)
    tx.append(head, body)
    for _ in range(versions - 1):
        head, body = recorded(moved_on(head.issue))
        tx.append(head, body)
    return head.issue


def secret(issue_id: str, field: str = "reporter", text: str | None = "举报人甲") -> Secret:
    """A confidential text with its salt."""
    salt = Sealed(digest(f"{issue_id}{field}".encode()))
    return Secret(issue_id, field, salt, None if text is None else Sealed(text))


def delivery(issue_id: str, seq: int, hook: str = "tell", **changes: Any) -> Delivery:
    """A delivery that is ready at `AT`, with changes."""
    key = digest(f"{issue_id}/{seq}".encode())
    return attrs.evolve(Delivery(issue_id, seq, hook, f"{key}.{hook}", AT), **changes)


def deadline(subject: str, due_at: datetime = AT, **changes: Any) -> Deadline:
    """A duty's deadline whose next event is its end, with changes."""
    values: dict[str, Any] = {
        "key": deadline_key("duty", subject, "report", 1, due_at),
        "kind": "duty",
        "subject": subject,
        "ref": "report",
        "round": 1,
        "unit": "420000",
        "due_at": due_at,
        "next_at": due_at,
    }
    return Deadline(**values | changes)


def timetabled(issue_id: str, version: int, *days: date, done: Sequence[str] = ()) -> Scheduled:
    """An issue with a milestone on each day, m1, m2, …, some of them reached."""
    milestones = tuple(Milestone(f"m{n}", f"第{n}步", day) for n, day in enumerate(days, 1))
    completed = tuple(Completion(one, "凭证") for one in done)
    return Scheduled(
        issue_id, finding(), version, 1, (), Timetable(milestones, "财政所所长"), completed
    )


def overdue(*subjects: str, after: Entry | None = None) -> Sequence[tuple[Event, Entry]]:
    """Events of what is overdue, one of each subject, with their entries, after an entry."""
    number, previous = (0, "") if after is None else (after.number, after.digest)
    write = writer(EVENT_CHAIN, PRINT, number, previous)
    return [(one, write(type(one).__name__, one.at, one.data)) for one in _events(subjects)]


def _events(subjects: Sequence[str]) -> Iterator[Event]:
    for number, subject in enumerate(subjects):
        kind = Overdue if number % 2 == 0 else DueSoon
        yield kind(
            key=f"{kind.__name__}/{subject}",
            subject=subject,
            at=AT + number * HOUR,
            kind="duty",
            ref="report",
            round=1,
            unit=None,
            due_at=AT,
        )


def entries(chain: str, count: int, after: Entry | None = None) -> Sequence[Entry]:
    """So many entries of a chain of the journal, from its first or after one."""
    number, previous = (0, "") if after is None else (after.number, after.digest)
    write = writer(chain, PRINT, number, previous)
    return [write("Submission", AT + n * HOUR, f'{{"note":"第{n}次"}}') for n in range(count)]
