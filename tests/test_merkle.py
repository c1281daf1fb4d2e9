"""Merkle trees by RFC 6962, against its recursive definitions written out once more here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectify.digests import Algorithm
from rectify.errors import InvalidValue
from rectify.merkle import (
    Tree,
    verify_consistency,
    verify_inclusion,
)

SIZES = 65
LEAVES = [f"leaf {number}".encode() for number in range(SIZES)]
ROOTS = [Tree(LEAVES[:size]).root for size in range(SIZES + 1)]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(count: int) -> int:
    """The largest power of two smaller than a count."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1: the Merkle Tree Hash."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    k = split(len(leaves))
    return sha(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1: the audit path."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 6962, 2.1.2: the consistency proof."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def flips(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """A list of hashes with each of its bits turned over, one at a time."""
    turned: list[list[bytes]] = []
    for at, each in enumerate(hashes):
        for bit in range(256):
            other = (int.from_bytes(each) ^ 1 << bit).to_bytes(32)
            turned.append([*hashes[:at], other, *hashes[at + 1 :]])
    return turned


def test_the_empty_tree_and_the_first_leaves_are_as_the_definition_has_them() -> None:
    """Written out by hand: nothing, one leaf, two, three."""
    a, b, c = (sha(b"\0" + leaf) for leaf in LEAVES[:3])
    assert [
        bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        a,
        sha(b"\1" + a + b),
        sha(b"\1" + sha(b"\1" + a + b) + c),
    ] == ROOTS[:4]


@given(st.lists(st.binary(max_size=40), max_size=80))
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert mth(leaves) == Tree(leaves).root


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=80), st.data())
def test_the_proofs_are_those_of_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    size = data.draw(st.integers(1, len(leaves)))
    tree = Tree(leaves)
    assert tuple(path(index, leaves)) == tree.inclusion(index)
    assert tuple(subproof(size, leaves, True)) == tree.consistency(size)


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_each_leaf_is_proven_to_be_in_and_nowhere_else(size: int) -> None:
    """Of every size: the right leaf, index and size pass, their neighbours do not."""
    tree, root = Tree(LEAVES[:size]), ROOTS[size]
    for index, leaf in enumerate(LEAVES[:size]):
        proof = tree.inclusion(index)
        assert verify_inclusion(leaf, index, size, proof, root)
        assert not verify_inclusion(leaf + b"!", index, size, proof, root)
        assert not any(
            verify_inclusion(leaf, other, size, proof, root)
            for other in range(-1, size + 1)
            if other != index
        )
        assert not verify_inclusion(leaf, index, size, (*proof, root), root)
        assert not verify_inclusion(leaf, index, size, proof[1:], root) or not proof
        assert not verify_inclusion(leaf, index, size, proof[:-1], root) or not proof


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_each_beginning_is_proven_to_be_one(size: int) -> None:
    """Of every pair of sizes: the proof passes with their roots and with no other root."""
    tree = Tree(LEAVES[:size])
    for before in range(size + 1):
        proof, roots = tree.consistency(before), (ROOTS[before], ROOTS[size])
        assert verify_consistency(before, size, proof, *roots)
        other = sha(ROOTS[before])
        assert not verify_consistency(before, size, proof, other, ROOTS[size])
        assert not verify_consistency(before, size, (*proof, other), *roots)
        if before:
            assert not verify_consistency(before, size, proof, ROOTS[before], other)
        if proof:
            assert not verify_consistency(before, size, proof[1:], *roots)
            assert not verify_consistency(before, size, proof[:-1], *roots)


@pytest.mark.parametrize("size", [2, 3, 6, 7, 13])
def test_every_single_changed_bit_of_a_proof_fails(size: int) -> None:
    tree, root = Tree(LEAVES[:size]), ROOTS[size]
    for index, leaf in enumerate(LEAVES[:size]):
        for changed in flips(tree.inclusion(index)):
            assert not verify_inclusion(leaf, index, size, changed, root)
    for before in range(1, size):
        for changed in flips(tree.consistency(before)):
            assert not verify_consistency(before, size, changed, ROOTS[before], root)


@pytest.mark.parametrize(("before", "size"), [(3, 2), (-1, 4), (0, -1), (1, 2**400)])
def test_sizes_that_cannot_be_prove_nothing(before: int, size: int) -> None:
    """Whatever numbers come with a proof, the answer is no."""
    assert not verify_consistency(before, size, (), ROOTS[1], ROOTS[2])
    assert not verify_inclusion(LEAVES[0], before, size, (), ROOTS[1])


@pytest.mark.parametrize("number", [-1, 3, 4])
def test_there_is_no_proof_of_what_is_not_there(number: int) -> None:
    """Three leaves: the fourth is not in, and a beginning of four it has not."""
    tree = Tree(LEAVES[:3])
    with pytest.raises(InvalidValue, match=f"there is no leaf {number}"):
        tree.inclusion(number)
    if number != 3:
        with pytest.raises(InvalidValue, match=f"there is no leaf {number}"):
            tree.consistency(number)


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="no SM3 in this OpenSSL")
def test_sm3_makes_a_tree_too() -> None:
    """The digest of "abc" is the standard's own (GB/T 32905-2016), the tree another one."""
    from rectify.merkle import hashing

    standard = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert standard == hashing("sm3")(b"abc").hex()
    tree = Tree(LEAVES[:5], "sm3")
    assert verify_inclusion(LEAVES[4], 4, 5, tree.inclusion(4), tree.root, "sm3")
    assert not verify_inclusion(LEAVES[4], 4, 5, tree.inclusion(4), tree.root)
    assert verify_consistency(
        3, 5, tree.consistency(3), Tree(LEAVES[:3], "sm3").root, tree.root, "sm3"
    )


def test_a_hash_that_this_python_lacks_is_named() -> None:
    """The error says what to do."""
    with (
        patch("rectify.digests.hashlib.new", side_effect=ValueError("unsupported")),
        pytest.raises(InvalidValue, match="no sm3; use sha256"),
    ):
        Tree((), "sm3")


def test_an_unknown_hash_is_refused() -> None:
    unknown: Algorithm = "md5"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    with pytest.raises(InvalidValue, match="sha256"):
        Tree((), unknown)
