"""A checkpoint of a ledger: where every issue and chain stood, under one root, kept elsewhere.

Its file is lines of canonical JSON: the header, its signature if there is one, then one line
for each head, in order; the lines of the heads are the leaves of the tree whose root is in the
header, and the header alone is what is signed. A checkpoint made after an earlier one begins
with the earlier one's heads and goes on with those that have changed, so that a consistency
proof ties the two. It holds ids, versions and digests: nothing of what a record says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from json.encoder import encode_basestring
from os import PathLike
from pathlib import Path
from re import compile as pattern
from typing import IO, Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

import attrs

from rectify import merkle
from rectify.canonical import encode
from rectify.digests import Algorithm
from rectify.errors import CheckpointError, InvalidValue
from rectify.i18n import message
from rectify.merkle import Proof, Tree
from rectify.signing import KEY_BYTES, SIGNATURE_BYTES, Signature, sign
from rectify.structure import restore

FORMAT: Final = "rectify-checkpoint-1"
"""The layout of a checkpoint's file; being signed with the rest, it is not taken for another."""

LINE_BYTES_MAX: Final = 65_536
"""The longest line that is read of a file."""

_HEX: Final = pattern("[0-9a-f]*")
_DIGEST: Final = pattern("[0-9a-f]{64}")

T = TypeVar("T")

Kind: TypeAlias = Literal["issue", "chain"]
"""What a head is of: an issue, or a chain of entries (events, a duty, the campaigns)."""


class Anchor(NamedTuple):
    """The head of an issue, or of a chain of entries: the number and digest of its last record.

    ``id`` is that of the issue, or the chain's name; ``version`` counts from 1.
    """

    id: str
    version: int
    digest: str
    kind: Kind = "issue"

    @property
    def key(self) -> tuple[Kind, str]:
        """What it is the head of."""
        return self.kind, self.id

    @property
    def line(self) -> bytes:
        """Its canonical JSON: a leaf of the tree."""
        name = encode_basestring(self.id)
        if self.kind == "issue":
            line = f'{{"digest":"{self.digest}","issue":{name},"version":{self.version}}}'
        else:
            line = f'{{"chain":{name},"digest":"{self.digest}","number":{self.version}}}'
        return line.encode()


@attrs.frozen
class Header:
    """What is signed: the root, what it stands for, and when it was made (UTC).

    ``heads`` is the number of leaves; ``issues``, their ``records``, and the ``entries`` of what
    is no issue are all that the heads stand for.
    """

    algorithm: Algorithm
    campaign: str
    entries: int
    fingerprint: str
    heads: int
    issues: int
    made_at: datetime
    records: int
    root: str
    format: str = FORMAT

    @property
    def line(self) -> bytes:
        """Its canonical JSON: the bytes that are signed."""
        return encode(self).encode()


@attrs.frozen
class Inclusion:
    """The proof that a head is in a checkpoint, for who has no more than its header."""

    anchor: Anchor
    index: int
    path: Proof

    def holds(self, header: Header) -> bool:
        """Whether it proves that."""
        return merkle.verify_inclusion(
            self.anchor.line,
            self.index,
            header.heads,
            self.path,
            bytes.fromhex(header.root),
            header.algorithm,
        )


@attrs.frozen
class Consistency:
    """The proof that a checkpoint holds all that an earlier one does, for who has the headers."""

    path: Proof

    def holds(self, earlier: Header, later: Header) -> bool:
        """Whether it proves that."""
        if (earlier.campaign, earlier.algorithm) != (later.campaign, later.algorithm):
            return False
        return earlier.made_at <= later.made_at and merkle.verify_consistency(
            earlier.heads,
            later.heads,
            self.path,
            bytes.fromhex(earlier.root),
            bytes.fromhex(later.root),
            later.algorithm,
        )


@attrs.frozen(slots=False)
class Checkpoint:
    """The header, the heads that its root stands for, and a signature of the header or none."""

    header: Header
    anchors: tuple[Anchor, ...] = attrs.field(repr=False)
    signature: Signature | None = None

    @cached_property
    def _tree(self) -> Tree:
        return Tree((anchor.line for anchor in self.anchors), self.header.algorithm)

    @cached_property
    def latest(self) -> dict[tuple[Kind, str], Anchor]:
        """The last head of each issue and chain, by its kind and id."""
        return {anchor.key: anchor for anchor in self.anchors}

    def inclusion(self, of: str, kind: Kind = "issue") -> Inclusion:
        """The proof that the last head of an issue or chain is in it, by its id.

        Raises `CheckpointError` for an unknown id.
        """
        anchor = self.latest.get((kind, of))
        if anchor is None:
            raise CheckpointError(message("it does not hold {id}", id=of))
        index = len(self.anchors) - 1 - self.anchors[::-1].index(anchor)
        return Inclusion(anchor, index, self._tree.inclusion(index))

    def consistency(self, earlier: Header) -> Consistency:
        """The proof that it was made after an earlier one and holds all that one does.

        Raises `CheckpointError` where it was not, or where one of the two is not genuine.
        """
        if earlier.heads <= len(self.anchors):
            proof = Consistency(self._tree.consistency(earlier.heads))
            if proof.holds(earlier, self.header):
                return proof
        raise CheckpointError(
            message(
                "that of {later} does not continue that of {earlier}; audit the ledger"
                " against each of them",
                later=self.header.made_at.isoformat(),
                earlier=earlier.made_at.isoformat(),
            )
        )

    def signed(self, key: bytes) -> Checkpoint:
        """The same, signed with an Ed25519 private key in PEM; raises `SigningKeyError`."""
        return attrs.evolve(self, signature=sign(self.header.line, key))

    def check_signature(self, fingerprint: str) -> None:
        """Raise `CheckpointError` unless the key of a fingerprint has signed the header.

        Raises `MissingExtra` without the extra ``seal``.
        """
        if self.signature is None:
            raise CheckpointError(message("it is not signed"))
        if self.signature.fingerprint != fingerprint:
            raise CheckpointError(
                message(
                    "it is signed with key {theirs}, not with {expected}",
                    theirs=self.signature.fingerprint,
                    expected=fingerprint,
                )
            )
        if not self.signature.fits(self.header.line):
            raise CheckpointError(message("its signature does not fit what it says"))

    def lines(self) -> Iterator[bytes]:
        """The lines of its file."""
        yield self.header.line
        if self.signature is not None:
            yield encode(self.signature).encode()
        yield from (anchor.line for anchor in self.anchors)

    def write(self, path: str | PathLike[str]) -> None:
        """Write its file; a file that is there is never written over.

        Raises `CheckpointError` where there is one, `OSError` where it can't be written; then
        none is left.
        """
        try:
            with Path(path).open("xb") as file:
                self._write(file, Path(path))
        except FileExistsError:
            problem = message("{file} is there already and is not written over", file=path)
            raise CheckpointError(problem) from None

    def _write(self, file: IO[bytes], path: Path) -> None:
        try:
            file.writelines(line + b"\n" for line in self.lines())
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


def checkpoint_of(
    anchors: Iterable[Anchor],
    *,
    campaign: str,
    fingerprint: str,
    made_at: datetime,
    algorithm: Algorithm = "sha256",
) -> Checkpoint:
    """The checkpoint of heads in their order; ``made_at`` is in UTC."""
    anchors = tuple(anchors)
    last = {anchor.key: anchor.version for anchor in anchors}
    issues = [version for (kind, _), version in last.items() if kind == "issue"]
    header = Header(
        algorithm=algorithm,
        campaign=campaign,
        entries=sum(last.values()) - sum(issues),
        fingerprint=fingerprint,
        heads=len(anchors),
        issues=len(issues),
        made_at=made_at,
        records=sum(issues),
        root=Tree((anchor.line for anchor in anchors), algorithm).root.hex(),
    )
    return Checkpoint(header, anchors)


def read_checkpoint(path: str | PathLike[str], *, signed_by: str | None = None) -> Checkpoint:
    """Read a checkpoint from its file, and check that its heads are those its root stands for.

    ``signed_by`` is the fingerprint of the key that must have signed it; without one, a
    signature is read and not checked. Raises `CheckpointError` for a file that is damaged, no
    checkpoint, or not so signed; `OSError` for one that can't be read.
    """
    with Path(path).open("rb") as file:
        checkpoint = _read(file)
    if signed_by is not None:
        checkpoint.check_signature(signed_by)
    return checkpoint


def _read(file: IO[bytes]) -> Checkpoint:
    lines = enumerate(_lines_of(file), 1)
    header = signature = None
    anchors: list[Anchor] = []
    for number, line in lines:
        try:
            data = json.loads(line)
            if header is None:
                header = _header(data, line)
            elif number == 2 and "signature" in data:
                signature = _signature(data, line)
            else:
                anchors.append(_anchor(data, line))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise CheckpointError(
                message("line {line} is not one of a checkpoint", line=number)
            ) from None
    if header is None:
        raise CheckpointError(message("the file is empty"))
    try:
        again = checkpoint_of(
            anchors,
            campaign=header.campaign,
            fingerprint=header.fingerprint,
            made_at=header.made_at,
            algorithm=header.algorithm,
        )
    except InvalidValue as error:
        raise CheckpointError(error.problem) from None
    if again.header != header:
        raise CheckpointError(message("its heads are not those that its header stands for"))
    return attrs.evolve(again, signature=signature)


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LINE_BYTES_MAX):
        # A line without its end is cut short, or too long: no line of a checkpoint then.
        yield line[:-1] if line.endswith(b"\n") else b""


def _header(data: Any, line: bytes) -> Header:
    header = restore(Header, data)
    return _unless(header.line != line or header.format != FORMAT, header)


def _signature(data: Any, line: bytes) -> Signature:
    signature = restore(Signature, data)
    fits = (
        _HEX.fullmatch(signature.key + signature.signature) and encode(signature).encode() == line
    )
    sizes = len(signature.key), len(signature.signature)
    return _unless(not fits or sizes != (2 * KEY_BYTES, 2 * SIGNATURE_BYTES), signature)


def _anchor(data: Any, line: bytes) -> Anchor:
    if "issue" in data:
        anchor = Anchor(data["issue"], data["version"], data["digest"])
    else:
        anchor = Anchor(data["chain"], data["number"], data["digest"], "chain")
    fits = anchor.line == line and type(anchor.version) is int and anchor.version >= 1
    return _unless(not fits or not _DIGEST.fullmatch(anchor.digest), anchor)


def _unless(damaged: bool, read: T) -> T:
    """What was read, or a `ValueError`, which becomes one that names the line."""
    if damaged:
        raise ValueError
    return read
