"""A Merkle tree by RFC 6962: one hash over many leaves, and short proofs of what it holds.

`Tree` makes the proofs; whoever has only a root checks them with `verify_inclusion` and
`verify_consistency`. Hashes are SHA-256, or SM3 where the Python at hand has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from rectify.digests import Algorithm, hash_function
from rectify.errors import InvalidValue
from rectify.i18n import message

Proof: TypeAlias = tuple[bytes, ...]
_Hash: TypeAlias = Callable[[bytes], bytes]


def hashing(algorithm: str) -> _Hash:
    """The hash of a name. Raises `InvalidValue` for one that is not to be had here."""
    function = hash_function(algorithm, "algorithm")
    return lambda data: function(data).digest()


class Tree:
    """The tree over leaves in their order."""

    def __init__(self, leaves: Iterable[bytes], algorithm: Algorithm = "sha256") -> None:
        self._hash = hashing(algorithm)
        self._leaves = [self._hash(b"\0" + leaf) for leaf in leaves]

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._leaves)

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves and their order."""
        return self._root(self._leaves)

    def inclusion(self, index: int) -> Proof:
        """The proof that a leaf is in the tree, at its index from 0."""
        if not 0 <= index < self.size:
            raise InvalidValue("index", message("there is no leaf {index}", index=index))
        path: list[bytes] = []
        level = self._leaves
        while len(level) > 1:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index, level = index // 2, self._level_above(level)
        return tuple(path)

    def consistency(self, size: int) -> Proof:
        """The proof that the tree began with the tree over its first ``size`` leaves."""
        if not 0 <= size <= self.size:
            raise InvalidValue("size", message("there is no leaf {index}", index=size))
        path: list[bytes] = []
        leaves, whole = self._leaves, True
        while 0 < size < len(leaves):
            half = _half(len(leaves))
            left, right = leaves[:half], leaves[half:]
            if size <= half:
                path.append(self._root(right))
                leaves = left
            else:
                path.append(self._root(left))
                leaves, size, whole = right, size - half, False
        if not whole:
            path.append(self._root(leaves))
        return tuple(reversed(path))

    def _root(self, level: list[bytes]) -> bytes:
        while len(level) > 1:
            level = self._level_above(level)
        return level[0] if level else self._hash(b"")

    def _level_above(self, level: list[bytes]) -> list[bytes]:
        # An odd one at the end goes up as it is: so each tree splits where RFC 6962 splits it.
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [self._hash(b"\1" + left + right) for left, right in pairs]
        return above + level[2 * len(above) :]


def verify_inclusion(
    leaf: bytes,
    index: int,
    size: int,
    path: Sequence[bytes],
    root: bytes,
    algorithm: Algorithm = "sha256",
) -> bool:
    """Whether a path proves that a leaf is at an index of the tree of that size and root."""
    digest = hashing(algorithm)
    found, last, rest = digest(b"\0" + leaf), size - 1, list(path)
    if not 0 <= index < size:
        return False
    while last and rest:
        if index & 1 or index < last:
            beside = rest.pop(0)
            pair = beside + found if index & 1 else found + beside
            found = digest(b"\1" + pair)
        index, last = index >> 1, last >> 1
    return not last and not rest and found == root


def verify_consistency(
    before: int,
    size: int,
    path: Sequence[bytes],
    root_before: bytes,
    root: bytes,
    algorithm: Algorithm = "sha256",
) -> bool:
    """Whether a path proves that a tree of one size and root began with a smaller one."""
    digest, rest = hashing(algorithm), list(path)

    def roots(before: int, size: int, whole: bool) -> tuple[bytes, bytes]:
        """The roots of the smaller and of the larger tree, as the path has them."""
        if before == size:
            found = root_before if whole else rest.pop()
            return found, found
        half, beside = _half(size), rest.pop()
        if before <= half:
            small, large = roots(before, half, whole)
            return small, digest(b"\1" + large + beside)
        small, large = roots(before - half, size - half, False)
        return digest(b"\1" + beside + small), digest(b"\1" + beside + large)

    if before == 0:
        return size >= 0 and not rest and root_before == digest(b"")
    if not 0 < before <= size:
        return False
    try:
        return roots(before, size, True) == (root_before, root) and not rest
    except IndexError:
        return False


def _half(size: int) -> int:
    """The largest power of two below a size of at least 2: where RFC 6962 splits a tree."""
    return 1 << (size - 1).bit_length() - 1
