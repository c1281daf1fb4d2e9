"""Confidential texts (保密事项): kept apart, revealed and erased, each a step of the issue.

A text is read in the transaction that records who asked and why, and given out once that is
committed. What is erased, in an issue, is erased in the leads that were split off it and in
the issue that it was split off, whose texts are copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import attrs

from rectify.actor import Actor
from rectify.errors import (
    Erased,
    InvalidValue,
    NotIntact,
    Refused,
    SecretKeyError,
    StaleIssue,
    UnknownIssue,
)
from rectify.finding import Finding
from rectify.i18n import message
from rectify.issue import LEAD, ORIGIN, Exposed, Issue, Verified
from rectify.lifecycle import Lifecycle
from rectify.moves import Erase, Reveal
from rectify.record import Problem
from rectify.sealed import Sealed, commit, fits, new_salt
from rectify.secret_key import encrypted_with
from rectify.store import Secret, Store, Transaction

if TYPE_CHECKING:
    from rectify.campaign import Campaign

S = TypeVar("S", bound=Issue)

_PAGE: Final = 500


@attrs.frozen
class Revealed(Generic[S]):
    """What `Ledger.reveal` gives: the issue after it, and the text, which no repr shows."""

    issue: S
    field: str
    sealed: Sealed

    @property
    def text(self) -> str:
        """The confidential text."""
        return self.sealed.open() or ""


@attrs.frozen
class Erasures:
    """What `Ledger.erase_due` did: the issues as they are after it, and what was refused.

    Copies of their texts in split leads are erased with them, and are not listed.
    """

    issues: tuple[Issue, ...] = ()
    refused: tuple[Refused, ...] = ()


class Apply(Protocol):
    """Takes a step on an issue, by the rules and hooks, in a transaction."""

    def __call__(
        self, tx: Transaction, step: Reveal[S] | Erase[S], by: Actor, at: datetime | None
    ) -> S:
        """The issue after the step."""
        ...


def set_apart(finding: Finding, issue_id: str) -> tuple[Finding, list[Secret]]:
    """A finding with commitments in place of its texts, and the texts with their salts.

    Raises `InvalidValue` for a sealed value that a ledger gave out, which holds no text.
    """
    if finding.reporter is None and not finding.persons:
        return finding, []
    apart: list[Secret] = []
    committed: dict[str, Sealed] = {}
    for field, text in finding.confidential.items():
        if text.open() is None:
            problem = message("its text is not in it; a ledger gives out only the commitment")
            raise InvalidValue(f"Finding.{field}", problem)
        salt = Sealed(new_salt())
        apart.append(Secret(issue_id, field, salt, text))
        committed[field] = Sealed(commitment=commit(text.open() or "", salt.open() or ""))
    return finding.with_confidential(committed), apart


def is_same(tx: Transaction, first: Issue, finding: Finding) -> bool:
    """Whether an issue was registered of just this finding: see `Ledger.is_registered_as`."""
    was, given = first.finding.confidential, finding.confidential
    if first.finding.with_confidential({}) != finding.with_confidential({}):
        return False
    return was.keys() == given.keys() and all(
        _is_same_text(tx.kept(first.id, field), given[field], was[field].commitment)
        for field in was
    )


def _is_same_text(kept: Secret | None, text: Sealed, commitment: str | None) -> bool:
    """Whether a text is the one committed to; one that is erased or locked may be."""
    if kept is None or kept.text is None or kept.locked_by is not None:
        return True
    return fits(text, kept.salt, commitment)


def copied(tx: Transaction, issue: Issue) -> Finding:
    """The finding of an issue with the texts that are still kept of it, for a lead to have."""
    confidential = issue.finding.confidential
    texts = {field: tx.secret(issue.id, field) for field in confidential}
    kept = {field: text for field, text in texts.items() if text is not None}
    return issue.finding.with_confidential(kept) if confidential else issue.finding


def reveal(
    tx: Transaction,
    apply: Apply,
    issue: S,
    field: str,
    by: Actor,
    reason: str,
    at: datetime | None,
) -> Revealed[S]:
    """See `Ledger.reveal`."""
    kept = _kept(tx, issue, field)
    if kept.locked_by is not None:
        raise SecretKeyError(encrypted_with(kept.locked_by))
    if kept.text is None or not fits(
        kept.text, kept.salt, issue.finding.confidential[field].commitment
    ):
        problem = message(
            "what is kept of the confidential field {field} is not what was recorded", field=field
        )
        raise NotIntact([Problem(issue.id, None, problem)])
    return Revealed(apply(tx, Reveal(issue, field, reason), by, at), field, kept.text)


def erase(
    tx: Transaction,
    apply: Apply,
    issue: S,
    field: str,
    by: Actor,
    reason: str,
    at: datetime | None,
) -> S:
    """See `Ledger.erase`."""
    _kept(tx, issue, field)
    entered = _erase_one(tx, apply, issue, field, by, reason, at)
    for other in _family(tx, issue):
        copy = None if other.id == issue.id else tx.kept(other.id, field)
        if copy is not None and copy.erased_at is None:
            _erase_one(tx, apply, other, field, by, reason, at)
    return entered


def _erase_one(
    tx: Transaction,
    apply: Apply,
    issue: S,
    field: str,
    by: Actor,
    reason: str,
    at: datetime | None,
) -> S:
    entered = apply(tx, Erase(issue, field, reason), by, at)
    head = tx.head(issue.id)
    assert head is not None, "it has just been written"
    tx.erase(_kept(tx, issue, field).erased(head.at))
    return entered


def _kept(tx: Transaction, issue: Issue, field: str) -> Secret:
    """What is kept of a field, if it is one of the issue's and not erased."""
    kept = tx.kept(issue.id, field)
    if kept is not None and kept.erased_at is not None:
        raise Erased(issue.id, field, kept.erased_at)
    if kept is None and tx.find(issue.id) is None:
        raise UnknownIssue(issue.id)
    if kept is None:
        # The name that was asked for is not quoted: it may be a person's.
        problem = message(
            "issue {id} has no such confidential field; it has: {known}",
            id=issue.id,
            known=tuple(issue.finding.confidential),
        )
        raise InvalidValue("field", problem)
    return kept


def _family(tx: Transaction, issue: Issue) -> list[Issue]:
    """The issue, the leads that were split off it and what it was split off, and so on."""
    family = {issue.id: issue}
    waiting = [issue]
    while waiting:
        for link in waiting.pop().links:
            other = tx.find(link.issue_id) if link.kind in (LEAD, ORIGIN) else None
            if other is not None and other.id not in family:
                family[other.id] = other
                waiting.append(other)
    return list(family.values())


# Retention: what the campaign says of how long a text is kept.


def erase_due(
    store: Store,
    lifecycle: Lifecycle[Issue],
    campaign: Campaign,
    apply: Apply,
    now: datetime,
    by: Actor,
) -> Erasures:
    """See `Ledger.erase_due`."""
    if not any(one.keep for one in campaign.confidential):
        return Erasures()
    states = [kind for kind in lifecycle.states if _is_closed(kind, lifecycle)]
    erased: dict[str, Issue] = {}
    refused: list[Refused] = []
    for issue_id in _keeping(store, [kind.__name__ for kind in states]):
        try:
            with store.transaction() as tx:
                for field, reason in _due(tx, lifecycle, campaign, issue_id, now):
                    issue = tx.find(issue_id)
                    assert issue is not None, "it has just been found"
                    erased[issue_id] = erase(tx, apply, issue, field, by, reason, None)
        except Refused as refusal:
            refused.append(refusal)
            erased.pop(issue_id, None)
        except StaleIssue:  # Another program is at it; what is still due is found next time.
            erased.pop(issue_id, None)
    return Erasures(tuple(erased.values()), tuple(refused))


def _is_closed(state: type[Issue], lifecycle: Lifecycle[Issue]) -> bool:
    return issubclass(state, Verified | Exposed) or state in lifecycle.finals


def _keeping(store: Store, states: list[str]) -> Iterator[str]:
    after = ""
    while True:
        with store.reading() as tx:
            page = tx.keeping(states, after, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]


def _due(
    tx: Transaction,
    lifecycle: Lifecycle[Issue],
    campaign: Campaign,
    issue_id: str,
    now: datetime,
) -> Iterator[tuple[str, str]]:
    """The fields of an issue whose time is over, each with the reason for the record.

    Counted from when the last one of its family was closed: what is still open may need them.
    """
    issue = tx.find(issue_id)
    assert issue is not None, "a text is kept of it"
    closings = [_closed_at(tx, one, lifecycle) for one in _family(tx, issue)]
    closed_at = max((at for at in closings if at is not None), default=None)
    if closed_at is None or None in closings:
        return
    for field in issue.finding.confidential:
        setting = campaign.confidential_field(field)
        kept = tx.kept(issue_id, field)
        if setting is None or setting.keep is None or kept is None or kept.erased_at is not None:
            continue
        if setting.keep.after(closed_at).ends_at <= now:
            words = setting.words or setting.keep.words
            said = message("the time for which it is kept is over: {words}", words=words)
            yield field, said.zh


def _closed_at(tx: Transaction, issue: Issue, lifecycle: Lifecycle[Issue]) -> datetime | None:
    """When the issue came into the state it is in, if that is one in which it is closed."""
    if not _is_closed(type(issue), lifecycle):
        return None
    entries = (one for one in reversed(tx.records(issue.id)) if one.source != one.target)
    return next(entries).at
