"""Sealing a ledger: a checkpoint of where every issue stands, if all is as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rectify.audit import audit
from rectify.checkpoint import Anchor, Checkpoint, checkpoint_of
from rectify.errors import CheckpointError, InvalidValue, NotIntact
from rectify.i18n import message
from rectify.merkle import Algorithm
from rectify.record import StepOf
from rectify.store import History

if TYPE_CHECKING:
    from rectify.campaign import Campaign


def seal(
    histories: Iterable[History],
    step_of: StepOf,
    campaign: Campaign,
    at: datetime,
    *,
    after: Checkpoint | None = None,
    algorithm: Algorithm = "sha256",
) -> Checkpoint:
    """The checkpoint of all histories, or one that continues another by what has changed.

    Every chain is checked on the way, and the checkpoint that it continues. Raises `NotIntact`
    with what is wrong, `InvalidValue` for an instant before that checkpoint, `CheckpointError`
    for one of another campaign.
    """
    at = at.astimezone(UTC)
    if after is not None:
        check_campaign(after, campaign)
        if at < after.header.made_at:
            problem = message("it is before the checkpoint that this one continues")
            raise InvalidValue("at", problem)
        algorithm = after.header.algorithm
    known = {} if after is None else after.latest
    changed: list[Anchor] = []

    def noting() -> Iterator[History]:
        for history in histories:
            if history.rows:
                version, _, digest = history.rows[-1]
                anchor = Anchor(history.issue_id, version, digest)
                if known.get(history.issue_id) != anchor:
                    changed.append(anchor)
            yield history

    found = audit(noting(), step_of, replay=False, against=after)
    if not found.intact:
        raise NotIntact(found.problems)
    return checkpoint_of(
        (*(() if after is None else after.anchors), *changed),
        campaign=campaign.id,
        fingerprint=campaign.fingerprint,
        made_at=at,
        algorithm=algorithm,
    )


def check_campaign(checkpoint: Checkpoint, campaign: Campaign) -> None:
    """Raise `CheckpointError` unless a checkpoint is of a campaign, whatever its version."""
    if checkpoint.header.campaign != campaign.id:
        raise CheckpointError(
            message(
                "it is of a ledger of campaign {theirs}, not of {ours}",
                theirs=checkpoint.header.campaign,
                ours=campaign.id,
            )
        )
