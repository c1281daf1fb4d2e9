"""Whether what a ledger keeps is what it once wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from rectify.checkpoint import Checkpoint
from rectify.comparison import Comparison
from rectify.digests import Algorithm
from rectify.errors import InvalidValue, RectifyError
from rectify.event import event_of
from rectify.i18n import message
from rectify.issue import Issue
from rectify.journal import EVENT_CHAIN, Entry, problems_of
from rectify.moves import Erase
from rectify.record import Problem, Record, StepOf, chain_problems, link_problems, parse
from rectify.record import replay as replayed
from rectify.sealed import fits
from rectify.store import Chain, Head, History


@attrs.frozen
class Audit:
    """What an audit read, and every problem it found.

    ``records`` are those of issues; ``events`` are what sweeps recorded, ``entries`` what was
    recorded of duties and campaigns. ``locked`` are the confidential texts that were not
    compared with their commitments, for want of the key that they are encrypted with.
    """

    issues: int
    records: int
    problems: tuple[Problem, ...]
    events: int = 0
    entries: int = 0
    locked: int = 0

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def audit(
    histories: Iterable[History],
    step_of: StepOf,
    chains: Iterable[Chain] = (),
    *,
    digest: Algorithm = "sha256",
    replay: bool = True,
    against: Checkpoint | None = None,
) -> Audit:
    """Read every record: its digest, its place in the chain, and the issue it leads to.

    Without ``replay`` the digests and the chain are all that is read. What was sealed ``against``
    which the ledger is held must be there, too.
    """
    issues = records = locked = 0
    problems: list[Problem] = []
    comparison = None if against is None else Comparison(against, digest)
    for history in histories:
        issues += 1
        records += len(history.rows)
        locked += _locked(history) if replay else 0
        if replay:
            problems += _problems(history, step_of, digest)
        else:
            problems += _link_problems(history, digest)
        if comparison is not None:
            problems += comparison.problems(history)
    counts = {True: 0, False: 0}
    for chain in chains:
        reading = _Reading(chain if comparison is None else comparison.watched(chain), digest)
        problems += reading.problems()
        counts[chain.name == EVENT_CHAIN] += reading.count
    if comparison is not None:
        problems += comparison.rest()
    return Audit(issues, records, tuple(problems), counts[True], counts[False], locked)


def _locked(history: History) -> int:
    return sum(secret.locked_by is not None for secret in history.secrets)


class _Reading:
    """One chain, read once: its entries counted, and what is wrong with them."""

    def __init__(self, chain: Chain, digest: Algorithm) -> None:
        self._chain = chain
        self._digest: Algorithm = digest
        self._misplaced: list[Problem] = []
        self._last: tuple[int, str] = (0, "")
        self.count = 0

    def problems(self) -> Iterator[Problem]:
        yield from problems_of(self._entries(), self._digest)
        yield from self._misplaced
        if self._chain.head not in (None, self._last):
            text = message("its last entries are not those that were recorded last")
            yield Problem(self._chain.name, None, text)

    def _entries(self) -> Iterator[Entry]:
        for entry, index in self._chain.rows:
            self.count += 1
            self._last = (entry.number, entry.digest)
            if index is not None and not _holds(entry, index):
                text = message("its row is not what its record says")
                self._misplaced.append(Problem(entry.chain, entry.number, text))
            yield entry


def _holds(entry: Entry, index: tuple[str, str, str, datetime]) -> bool:
    """Whether the columns of an event's row are what its record holds."""
    try:
        event = event_of(entry.kind, entry.at, entry.data)
    except (ValueError, KeyError, TypeError):
        return False
    return (event.key, type(event).__name__, event.subject, event.at) == index


def _link_problems(history: History, digest: Algorithm) -> Iterator[Problem]:
    if not history.rows:
        yield Problem(history.issue_id, None, message("it has no record that can be read"))
    yield from link_problems(history.issue_id, history.rows, digest)


def _problems(history: History, step_of: StepOf, by: Algorithm) -> Iterator[Problem]:
    records: list[Record] = []
    broken = False
    for version, body, digest in history.rows:
        try:
            records.append(parse(history.issue_id, version, body, digest))
        except InvalidValue as error:
            yield Problem(history.issue_id, version, error.problem)
            broken = True
    for problem in chain_problems(records, by):
        yield problem
        broken = True
    if not records:
        yield Problem(history.issue_id, None, message("it has no record that can be read"))
    elif not broken:
        yield from _fold_problems(history, records, step_of)


def _fold_problems(history: History, records: list[Record], step_of: StepOf) -> Iterator[Problem]:
    try:
        taken = list(replayed(records, step_of))
    except RectifyError as error:
        yield Problem(history.issue_id, None, error.message)
        return
    last, _, issue, facts = taken[-1]
    erased = {step.field: record.at for record, step, _, _ in taken if isinstance(step, Erase)}
    for field in _misfits(history, issue, erased):
        text = message(
            "what is kept of the confidential field {field} is not what was recorded", field=field
        )
        yield Problem(history.issue_id, None, text)
    if not history.holds(Head(issue, facts, last.digest, last.at)):
        yield Problem(
            history.issue_id, None, message("the issue's row is not what its records lead to")
        )


def _misfits(history: History, issue: Issue, erased: Mapping[str, datetime]) -> Iterator[str]:
    """The confidential fields whose text is not the one committed to, or is there or gone
    against what the records say of its erasure.
    """
    committed = issue.finding.confidential
    kept = {secret.field: secret for secret in history.secrets}
    for field in sorted(committed.keys() | kept.keys()):
        secret, sealed = kept.get(field), committed.get(field)
        if secret is None or sealed is None:
            yield field
        elif field in erased:
            if secret != secret.erased(erased[field]):
                yield field
        elif secret.erased_at is not None or (
            secret.locked_by is None and not fits(secret.text, secret.salt, sealed.commitment)
        ):
            yield field
