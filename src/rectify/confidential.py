"""Confidential texts (保密事项): kept apart, revealed and erased, each a step of the issue.

A text is read in the transaction that records who asked and why, and given out once that is
committed. What is erased, in an issue, is erased in the leads that were split off it and in
the issue that it was split off, whose texts are copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from rectify.store import Secret, Store, Transaction

if TYPE_CHECKING:
    from rectify.campaign import Campaign

S = TypeVar("S", bound=Issue)

_PAGE: Final = 500
_NOTHING: Final = Sealed("")


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
    """What `Ledger.erase_due` did: the issues as they are after it, and what was refused."""

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
    apart: list[Secret] = []
    committed: dict[str, Sealed] = {}
    for field, text in finding.confidential.items():
        if text.open() is None:
            problem = message("its text is not in it; a ledger gives out only the commitment")
            raise InvalidValue(f"Finding.{field}", problem)
        salt = Sealed(new_salt())
        apart.append(Secret(issue_id, field, salt, text))
        committed[field] = Sealed(commitment=commit(text.open() or "", salt.open() or ""))
    return (finding.with_confidential(committed) if apart else finding), apart


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
    entered = apply(tx, Reveal(issue, field, reason), by, at)
    kept = _kept(tx, issue, field)
    if kept.locked_by is not None:
        raise SecretKeyError(locked(kept.locked_by))
    if kept.text is None or not fits(kept.text, kept.salt, _committed(issue)[field].commitment):
        problem = message(
            "what is kept of the confidential field {field} is not what was recorded", field=field
        )
        raise NotIntact([Problem(issue.id, None, problem)])
    return Revealed(entered, field, kept.text)
