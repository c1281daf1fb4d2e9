"""Confidential values, kept where no repr, log, export or error reaches them."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from typing import Final, cast

from rectify.errors import InvalidValue
from rectify.fields import PROSE_CHARACTERS_MAX, text_problem
from rectify.i18n import message

ESCAPED: Final = "surrogateescape"
"""How bytes that are no UTF-8 are read from a damaged store, and written back the same."""

REPORTER: Final = "reporter"
"""The name of the one confidential field that ships."""

_LABELS: Final = re.compile(
    "姓名|名字|联系方式|联系电话|电话|手机号码?|手机|邮箱|微信号?|住址|地址|村民|群众|举报人|匿名",
)
_JOINERS: Final = re.compile("[\\s\u200b-\u200d\u2060\ufeff\u00ad.·・\\-]+")
_PART: Final = re.compile(r"[\w@.+·・\-]+")


class Sealed:
    """A confidential text: present in memory, absent from everything printed.

    Before registration it holds the text; an issue read back from a ledger holds only
    the commitment, a salted SHA-256 that a record may show. ``str``, ``repr`` and
    ``format`` give ``<sealed>``.
    """

    __slots__ = ("_text", "commitment")

    def __init__(self, text: str | None = None, commitment: str | None = None) -> None:
        self._text = text
        self.commitment = commitment

    def open(self) -> str | None:
        """The text, if this copy still holds it. For the ledger, which records who asks."""
        return self._text

    def __repr__(self) -> str:
        return "<sealed>"

    def __format__(self, spec: str) -> str:
        return format("<sealed>", spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sealed):
            return NotImplemented
        return (self._text, self.commitment) == (other._text, other.commitment)

    def __hash__(self) -> int:
        return hash((self._text, self.commitment))


def seal(value: str | Sealed | None) -> Sealed | None:
    """Seal a text. The error of a bad one says what is wrong and never shows it."""
    if value is None or isinstance(value, Sealed):
        return value
    if not isinstance(cast("object", value), str):
        raise InvalidValue("Finding.reporter", message("expected a text"))
    if text_problem(value, PROSE_CHARACTERS_MAX, lines=True) is not None:
        raise InvalidValue(
            "Finding.reporter",
            message("it is blank, too long or has characters that can't be written"),
        )
    return Sealed(value)


def new_salt() -> str:
    """32 random bytes, in hex."""
    return secrets.token_hex(32)


def commit(text: str, salt: str) -> str:
    """The salted SHA-256 that stands for a confidential text in a record, in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode(errors=ESCAPED)).hexdigest()


def _folded(text: str) -> str:
    return _JOINERS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def names_in(reporter: str) -> frozenset[str]:
    """The names and contacts within what was noted of a reporter, folded for comparison."""
    noted = _LABELS.sub(" ", unicodedata.normalize("NFKC", reporter))
    parts = [_folded(part) for part in _PART.findall(noted)]
    numbers = re.findall(r"[0-9]{5,}", _folded(noted))
    return frozenset(part for part in (*parts, *numbers) if len(part) >= 2)


def reveals(text: str, reporter: str) -> bool:
    """Whether a text that goes out holds the reporter's name or contact, however spaced."""
    folded = _folded(text)
    return any(name in folded for name in names_in(reporter))
