"""Sealing a ledger: a checkpoint of where every issue stands, if all is as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rectify.audit import audit
from rectify.checkpoint import Anchor, Checkpoint, checkpoint_of
from rectify.digests import Algorithm
from rectify.errors import CheckpointError, InvalidValue, NotIntact
from rectify.i18n import message
from rectify.journal import Entry
from rectify.record import StepOf
from rectify.store import Chain, History

if TYPE_CHECKING:
    from rectify.campaign import Campaign


def seal(
    histories: Iterable[History],
    step_of: StepOf,
    chains: Iterable[Chain],
    campaign: Campaign,
    at: datetime,
    *,
    after: Checkpoint | None = None,
    algorithm: Algorithm = "sha256",
    digest: Algorithm = "sha256",
) -> Checkpoint:
    """The checkpoint of all histories and chains, or one that continues another by what changed.

    ``algorithm`` makes the tree, ``digest`` made the digests of the records. Every chain is
    checked on the way, and the checkpoint that it continues. Raises `NotIntact`
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
    heads = _Heads()
    found = audit(
        heads.of_issues(histories),
        step_of,
        heads.of_chains(chains),
        digest=digest,
        replay=False,
        against=after,
    )
    if not found.intact:
        raise NotIntact(found.problems)
    earlier = after.anchors if after is not None else ()
    known = {anchor.key: anchor for anchor in earlier}
    changed = [anchor for anchor in heads.anchors if known.get(anchor.key) != anchor]
    return checkpoint_of(
        (*earlier, *changed),
        campaign=campaign.id,
        fingerprint=campaign.fingerprint,
        made_at=at,
        algorithm=algorithm,
    )


class _Heads:
    """The heads of what passes by on its way to the audit, in that order."""

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []

    def of_issues(self, histories: Iterable[History]) -> Iterator[History]:
        for history in histories:
            if history.rows:
                version, _, digest = history.rows[-1]
                self.anchors.append(Anchor(history.issue_id, version, digest))
            yield history

    def of_chains(self, chains: Iterable[Chain]) -> Iterator[Chain]:
        for chain in chains:
            yield chain._replace(rows=self._of_entries(chain))

    def _of_entries(
        self, chain: Chain
    ) -> Iterator[tuple[Entry, tuple[str, str, str, datetime] | None]]:
        last: Entry | None = None
        for last, index in chain.rows:
            yield last, index
        if last is not None:
            self.anchors.append(Anchor(chain.name, last.number, last.digest, "chain"))


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
