"""Why a move is refused, and what is decided of it."""

from __future__ import annotations

from datetime import datetime

import attrs

from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.move import Move

ASSUMPTION = "assumption"
"""The clause of a rule on which the document is silent."""


@attrs.frozen(kw_only=True)
class Reason:
    """One rule's refusal.

    ``code`` is stable, for programs. ``clause`` is the clause of the campaign's document
    that the rule rests on, or ``"assumption"`` where the document is silent. Where time
    would change the answer, ``until`` is the instant from which the move is possible, or
    ``since`` the instant from which it no longer was; both aware.
    """

    code: str
    text: Message
    clause: str = ASSUMPTION
    until: datetime | None = None
    since: datetime | None = None

    @property
    def message(self) -> str:
        """The sentence in Chinese and English; ``text.zh`` and ``text.en`` are each alone."""
        return str(self.text)

    @property
    def line(self) -> Message:
        """The sentence with its code and what it rests on, for lists."""
        basis = message("assumption") if self.clause == ASSUMPTION else self.clause
        return message("[{code}] {text} ({basis})", code=self.code, text=self.text, basis=basis)


@attrs.frozen
class Decision:
    """What the rules say of a move: allowed exactly when no reason is left."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether `Ledger.apply` would carry the move out now."""
        return not self.reasons

    def __bool__(self) -> bool:
        return self.allowed


@attrs.frozen
class Option:
    """A move that an issue's state allows, and what the rules say of it before any evidence.

    ``move`` and ``target`` are classes. ``allowed`` means that no rule which needs no
    evidence objects; a rule over the evidence may still refuse the move itself.
    """

    move: type[Move[Issue]]
    target: type[Issue]
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the move is worth proposing now."""
        return not self.reasons
