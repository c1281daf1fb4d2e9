"""What must hold of a ledger after a fault, asked of it as it is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import attrs
from sqlalchemy import select

from faults.working import HOOKS
from rectify import AnyIssue, Issue, Ledger, Record
from rectify.errors import RectifyError
from rectify.event import EVENTS, Event
from rectify.issue import LEAD, ORIGIN
from rectify.move import Move, sources, target
from rectify.moves import STEPS
from rectify.record import replay
from rectify.stores import tables
from rectify.stores.connection import connect
from rectify.timeline import Deadline, changes


@attrs.frozen
class Said:
    """What processes said outside of the ledger, line by line."""

    lines: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, logs: Iterable[Path]) -> Said:
        """What is in their files; a file that was never made says nothing."""
        texts = [log.read_text() for log in logs if log.exists()]
        return cls(tuple(tuple(line.split("\t")) for text in texts for line in text.splitlines()))

    def of(self, kind: str) -> list[tuple[str, ...]]:
        """The lines of a kind, without its name."""
        return [line[1:] for line in self.lines if line[0] == kind]


@attrs.frozen
class Kept:
    """What a ledger keeps: the records of each issue, the issue itself."""

    histories: dict[str, tuple[Record, ...]]
    issues: dict[str, Issue]
    events: list[Event]

    @classmethod
    def read(cls, ledger: Ledger[AnyIssue]) -> Kept:
        """All of it."""
        issues: dict[str, Issue] = {issue.id: issue for issue in ledger.issues()}
        histories = {issue_id: ledger.history(issue_id) for issue_id in issues}
        return cls(histories, issues, list(ledger.events()))


def problems(ledger: Ledger[AnyIssue], url: str, said: Said) -> list[str]:
    """Everything that is wrong, in words."""
    found = [
        *(f"crash: {line}" for line in said.of("crash")),
        *(f"audit: {problem}" for problem in ledger.audit().problems),
    ]
    try:
        return [*found, *_more(ledger, url, said)]
    except RectifyError as error:
        return [*found, f"unreadable: {error}"]


def _more(ledger: Ledger[AnyIssue], url: str, said: Said) -> list[str]:
    kept = Kept.read(ledger)
    return [
        *lost(kept, said),
        *invented(kept, said),
        *illegal_paths(kept, ledger),
        *half_steps(kept, said),
        *wrong_deadlines(kept, ledger, url),
        *wrong_deliveries(kept, ledger, said),
    ]


def lost(kept: Kept, said: Said) -> Iterator[str]:
    """What was acknowledged and is not there, at its place and by its author."""
    for token, issue_id, version in said.of("done"):
        history = kept.histories.get(issue_id, ())
        place = int(version) - 1
        if place >= len(history) or history[place].by.id != token:
            yield f"lost: {issue_id} {version} by {token}"
    there = {event.key for event in kept.events}
    yield from (f"lost: event {key}" for (key,) in said.of("event") if key not in there)


def invented(kept: Kept, said: Said) -> Iterator[str]:
    """Steps that their process neither said were taken, nor that it did not know of.

    One of each process may be there: that which it was killed with before it said so.
    """
    known = {token for kind in ("done", "unsure") for token, *_ in said.of(kind)}
    unsaid: dict[str, set[str]] = defaultdict(set)
    for history in kept.histories.values():
        for record in history:
            if record.by.id not in known:
                unsaid[record.by.id.split(".")[0]].add(record.by.id)
    yield from (f"invented: {sorted(tokens)}" for tokens in unsaid.values() if len(tokens) > 1)


def illegal_paths(kept: Kept, ledger: Ledger[AnyIssue]) -> Iterator[str]:
    """A history with a gap, two records at one version, or a step that is no edge."""
    kinds = {kind.__name__: kind for kind in (*ledger.lifecycle.moves, *STEPS)}
    for issue_id, history in kept.histories.items():
        versions = [record.version for record in history]
        if versions != list(range(1, len(history) + 1)):
            yield f"gap: {issue_id} {versions}"
        if kept.issues[issue_id].version != versions[-1]:
            yield f"row: {issue_id} is at {kept.issues[issue_id].version}, not {versions[-1]}"
        state = None
        for record in history:
            kind = kinds[record.move]
            if record.source != state or not _is_edge(kind, record.source, record.target):
                yield f"path: {issue_id} {record!r} from {state}"
            state = record.target


def _is_edge(kind: type[Any], source: str | None, entered: str) -> bool:
    if issubclass(kind, Move):
        move = cast("type[Move[Issue]]", kind)
        from_these = {state.__name__ for state in sources(move)}
        return source in from_these and entered == target(move).__name__
    if kind.__name__ == "Tie":
        return source == entered
    return source is None and entered == "Found"


def half_steps(kept: Kept, said: Said) -> Iterator[str]:
    """Part of what was one commit: some steps of a batch, a lead or the issue it came from."""
    by = Counter(record.by.id for history in kept.histories.values() for record in history)
    for token, count in said.of("about"):
        if by[token] not in (0, int(count)):
            yield f"half: {by[token]} of {count} by {token}"
    ties = {
        kind: {
            frozenset((issue.id, link.issue_id))
            for issue in kept.issues.values()
            for link in issue.links
            if link.kind == kind
        }
        for kind in (LEAD, ORIGIN)
    }
    yield from (f"half: {sorted(pair)}" for pair in ties[LEAD] ^ ties[ORIGIN])
    transferred = {
        issue_id
        for issue_id, history in kept.histories.items()
        if "Transfer" in [record.move for record in history]
    }
    for issue in kept.issues.values():
        if any(link.kind == ORIGIN for link in issue.links) and issue.id not in transferred:
            yield f"half: {issue.id} was split off and not transferred"


def wrong_deadlines(kept: Kept, ledger: Ledger[AnyIssue], url: str) -> Iterator[str]:
    """Milestones whose rows are not what the records lead to."""
    expected: dict[str, Deadline] = {}
    zone = ledger.campaign.zone.key
    for history in kept.histories.values():
        left: Issue | None = None
        for record, _, entered, _ in replay(history, ledger.lifecycle.step):
            closed, opened = changes(left, entered, record.at, zone)
            for one in (one for one in closed if one.kind == "milestone"):
                expected[one.key] = attrs.evolve(expected[one.key], closed_at=record.at)
            expected |= {one.key: one for one in opened if one.kind == "milestone"}
            left = entered
    engine = connect(url, create=False)
    with engine.connect() as connection:
        query = select(tables.deadline).where(tables.deadline.c.kind == "milestone")
        there = {row.key: Deadline(*row) for row in connection.execute(query)}
    engine.dispose()
    # What is next of each is up to the sweeps.
    for key in expected.keys() | there.keys():
        wanted, kept_as = (
            attrs.evolve(rows[key], next_at=None) if key in rows else None
            for rows in (expected, there)
        )
        if wanted != kept_as:
            yield f"deadline: {wanted} is kept as {kept_as}"


def wrong_deliveries(kept: Kept, ledger: Ledger[AnyIssue], said: Said) -> Iterator[str]:
    """Hooks that were not run, or out of order, or owed to what is not recorded."""
    kinds = {kind.__name__: kind for kind in (*ledger.lifecycle.moves, *STEPS, *EVENTS)}
    owed: set[tuple[str, str, int]] = set()
    for issue_id, history in kept.histories.items():
        for record in history:
            owed |= {
                (name, issue_id, record.version)
                for name, on in HOOKS.items()
                if issubclass(kinds[record.move], on)
            }
    for number, event in enumerate(kept.events, 1):
        owed |= {
            (name, event.subject, number)
            for name, on in HOOKS.items()
            if issubclass(type(event), on)
        }
    rows = {row.key: row for row in ledger.deliveries()}
    there = {(row.hook, row.issue_id, row.seq) for row in rows.values()}
    yield from (f"delivery owed and not kept: {one}" for one in sorted(owed - there))
    yield from (f"delivery of nothing: {one}" for one in sorted(there - owed))
    yield from (f"delivery left: {row}" for row in rows.values() if row.status != "done")
    ran = [key for (key,) in said.of("hook")]
    yield from (f"hook not run: {rows[key]}" for key in rows.keys() - set(ran))
    yield from (f"hook run of nothing: {key}" for key in set(ran) - rows.keys())
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for key in ran:
        if key in rows:
            lines[rows[key].hook, rows[key].issue_id].append(rows[key].seq)
    for line, seqs in lines.items():
        if any(later < earlier for earlier, later in pairwise(seqs)):
            yield f"hook out of order: {line} {seqs}"
