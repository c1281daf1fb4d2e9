"""``--public-key``: whose signature a checkpoint must bear."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from rectify.errors import SigningKeyError
from rectify.i18n import Language, message, translate
from rectify.signing import fingerprint_of

F = TypeVar("F", bound=Callable[..., Any])

_FINGERPRINT: Final = re.compile("[0-9A-Fa-f]{64}")


def public_key_option(language: Language) -> Callable[[F], F]:
    """The option."""
    return click.option(
        "--public-key",
        metavar="KEY",
        help=translate(
            "The key that must have signed the earlier checkpoint: a PEM file or a fingerprint.",
            language,
        ),
    )


def trusted(given: str | None) -> str | None:
    """The fingerprint of what was given: itself, or that of the key in a file.

    Raises `SigningKeyError` for what is neither.
    """
    if given is None:
        return None
    if _FINGERPRINT.fullmatch(given):
        return given.lower()
    try:
        pem = Path(given).read_bytes()
    except OSError:
        problem = message("“{given}” is no fingerprint and no file to be read", given=given)
        raise SigningKeyError(problem) from None
    return fingerprint_of(pem)
