"""A ledger beside a checkpoint of it: what was sealed must still be there, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rectify.checkpoint import Anchor, Checkpoint, Kind
from rectify.digests import Algorithm
from rectify.i18n import Message, message
from rectify.journal import Entry
from rectify.record import Problem, digest_of
from rectify.store import Chain, History


class Comparison:
    """One reading of a ledger beside a checkpoint; then, what was missing from it."""

    def __init__(self, checkpoint: Checkpoint, digest: Algorithm = "sha256") -> None:
        self._digest: Algorithm = digest
        self._made_at = checkpoint.header.made_at.isoformat()
        self._unseen: dict[tuple[Kind, str], dict[int, Anchor]] = {}
        for anchor in checkpoint.anchors:
            self._unseen.setdefault(anchor.key, {})[anchor.version] = anchor
        self._of_chains: list[Problem] = []

    def problems(self, history: History) -> Iterator[Problem]:
        """What the checkpoint holds of an issue and its history does not."""
        expected = self._unseen.pop(("issue", history.issue_id), {})
        if expected:
            for version, body, _ in history.rows:
                yield from self._compared(expected.pop(version, None), body)
            yield from self._gone(expected)

    def watched(self, chain: Chain) -> Chain:
        """The same chain; as it is read, it is compared."""
        return chain._replace(rows=self._watching(chain))

    def _watching(
        self, chain: Chain
    ) -> Iterator[tuple[Entry, tuple[str, str, str, datetime] | None]]:
        expected = self._unseen.pop(("chain", chain.name), {})
        for entry, index in chain.rows:
            self._of_chains += self._compared(expected.pop(entry.number, None), entry.body)
            yield entry, index
        self._of_chains += self._gone(expected)

    def rest(self) -> Iterator[Problem]:
        """What the checkpoint holds of chains and they do not; and all that was never read."""
        yield from self._of_chains
        for kind, name in self._unseen:
            yield Problem(name, None, self._all_gone(kind))

    def _all_gone(self, kind: Kind) -> Message:
        if kind == "issue":
            return message(
                "the issue is in the checkpoint of {made_at}, and gone", made_at=self._made_at
            )
        return message(
            "the chain is in the checkpoint of {made_at}, and gone", made_at=self._made_at
        )

    def _compared(self, anchor: Anchor | None, body: str) -> Iterator[Problem]:
        if anchor is not None and digest_of(body, self._digest) != anchor.digest:
            text = message(
                "it, or one before it, is not as it was in the checkpoint of {made_at}",
                made_at=self._made_at,
            )
            yield Problem(anchor.id, anchor.version, text)

    def _gone(self, expected: dict[int, Anchor]) -> Iterator[Problem]:
        for anchor in expected.values():
            text = message("it is in the checkpoint of {made_at}, and gone", made_at=self._made_at)
            yield Problem(anchor.id, anchor.version, text)


def against(
    checkpoint: Checkpoint, histories: Iterable[History], chains: Iterable[Chain] = ()
) -> Iterator[Problem]:
    """What a checkpoint holds and the histories and chains of a ledger do not.

    Records before a head are as they were if the chain that leads to it holds, which the audit
    of the ledger tells.
    """
    comparison = Comparison(checkpoint)
    for history in histories:
        yield from comparison.problems(history)
    for chain in chains:
        for _ in comparison.watched(chain).rows:
            pass
    yield from comparison.rest()
