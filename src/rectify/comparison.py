"""A ledger beside a checkpoint of it: what was sealed must still be there, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rectify.checkpoint import Anchor, Checkpoint
from rectify.i18n import message
from rectify.record import Problem, digest_of
from rectify.store import History


class Comparison:
    """One reading of a ledger's histories beside a checkpoint; then what was missing."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._made_at = checkpoint.header.made_at.isoformat()
        self._unseen: dict[str, list[Anchor]] = {}
        for anchor in checkpoint.anchors:
            self._unseen.setdefault(anchor.issue_id, []).append(anchor)

    def problems(self, history: History) -> Iterator[Problem]:
        """What the checkpoint holds of an issue and its history does not."""
        if not (anchors := self._unseen.pop(history.issue_id, None)):
            return
        bodies = {version: body for version, body, _ in history.rows}
        for issue_id, version, digest in anchors:
            if version not in bodies:
                text = message(
                    "it is in the checkpoint of {made_at}, and gone", made_at=self._made_at
                )
                yield Problem(issue_id, version, text)
            elif digest_of(bodies[version]) != digest:
                text = message(
                    "it, or one before it, is not as it was in the checkpoint of {made_at}",
                    made_at=self._made_at,
                )
                yield Problem(issue_id, version, text)

    def missing(self) -> Iterator[Problem]:
        """The issues that the checkpoint holds and no history was read of."""
        for issue_id in self._unseen:
            text = message(
                "the issue is in the checkpoint of {made_at}, and gone", made_at=self._made_at
            )
            yield Problem(issue_id, None, text)


def against(checkpoint: Checkpoint, histories: Iterable[History]) -> Iterator[Problem]:
    """What a checkpoint holds and the histories of a ledger do not.

    Records before a head are as they were if the chain that leads to it holds, which the audit
    of the ledger tells.
    """
    comparison = Comparison(checkpoint)
    for history in histories:
        yield from comparison.problems(history)
    yield from comparison.missing()
