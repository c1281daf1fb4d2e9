"""Whether what a ledger keeps is what it once wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from rectify.errors import InvalidValue, RectifyError
from rectify.i18n import message
from rectify.issue import Issue
from rectify.record import Problem, Record, StepOf, chain_problems, parse, replay
from rectify.sealed import REPORTER, commit
from rectify.store import Head, History


@attrs.frozen
class Audit:
    """What an audit read, and every problem it found."""

    issues: int
    records: int
    problems: tuple[Problem, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def audit(histories: Iterable[History], step_of: StepOf) -> Audit:
    """Read every record: its digest, its place in the chain, and the issue it leads to."""
    issues = records = 0
    problems: list[Problem] = []
    for history in histories:
        issues += 1
        records += len(history.rows)
        problems += _problems(history, step_of)
    return Audit(issues, records, tuple(problems))


def _problems(history: History, step_of: StepOf) -> Iterator[Problem]:
    records: list[Record] = []
    broken = False
    for version, body, digest in history.rows:
        try:
            records.append(parse(history.issue_id, version, body, digest))
        except InvalidValue as error:
            yield Problem(history.issue_id, version, error.problem)
            broken = True
    for problem in chain_problems(records):
        yield problem
        broken = True
    if not records:
        yield Problem(history.issue_id, None, message("it has no record that can be read"))
    elif not broken:
        yield from _fold_problems(history, records, step_of)


def _fold_problems(history: History, records: list[Record], step_of: StepOf) -> Iterator[Problem]:
    try:
        *_, (last, _, issue, facts) = replay(records, step_of)
    except RectifyError as error:
        yield Problem(history.issue_id, None, error.message)
        return
    if not _keeps_reporter(history, issue):
        yield Problem(
            history.issue_id, None, message("what is kept of the reporter is not what was recorded")
        )
    if not history.holds(Head(issue, facts, last.digest, last.at)):
        yield Problem(
            history.issue_id, None, message("the issue's row is not what its records lead to")
        )


def _keeps_reporter(history: History, issue: Issue) -> bool:
    sealed = issue.finding.reporter
    kept = [secret for secret in history.secrets if secret.field == REPORTER]
    if sealed is None:
        return not kept
    try:
        return [commit(secret.text or "", secret.salt) for secret in kept] == [sealed.commitment]
    except ValueError:  # a salt that is no salt
        return False
