"""Hash functions: SHA-256, or SM3 (GB/T 32905-2016) where the Python at hand has it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final, Literal, Protocol, TypeAlias

from rectify.errors import InvalidValue
from rectify.i18n import message

Algorithm: TypeAlias = Literal["sha256", "sm3"]

ALGORITHMS: Final[tuple[Algorithm, ...]] = ("sha256", "sm3")


class Hash(Protocol):
    """The hash of some bytes."""

    def digest(self) -> bytes:
        """Its bytes: 32 with every algorithm."""
        ...

    def hexdigest(self) -> str:
        """The same in hex."""
        ...


HashFunction: TypeAlias = Callable[[bytes], Hash]


def hash_function(algorithm: str, field: str = "digest") -> HashFunction:
    """The hash function of a name; every Python has SHA-256, and not every one SM3.

    Raises `InvalidValue`, of the field in which it was asked for, for one that is not to be
    had here.
    """
    if algorithm == "sha256":
        return hashlib.sha256
    if algorithm not in ALGORITHMS:
        problem = message(
            "expected {expected}, got {actual}", expected=ALGORITHMS, actual=algorithm
        )
        raise InvalidValue(field, problem)
    try:
        hashlib.new(algorithm)
    except ValueError:
        raise InvalidValue(
            field,
            message(
                "the hashlib of this Python has no {algorithm}; use sha256, or a Python built with"
                " an OpenSSL that has it",
                algorithm=algorithm,
            ),
        ) from None
    return partial(hashlib.new, algorithm)
