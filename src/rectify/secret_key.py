"""The key that confidential texts are encrypted with where they are kept, with the extra ``seal``.

AES-256-GCM: each text under a nonce of its own, and bound to its issue and field, so that one
can't be put in the place of another.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NoReturn

from rectify.errors import MissingExtra, SecretKeyError
from rectify.i18n import Message, message
from rectify.sealed import ESCAPED, Sealed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MARK: Final = "\x01"
"""What an encrypted text begins with where it is kept; a text that may be sealed never does."""


class SecretKey:
    """32 random bytes, from wherever the host keeps its keys; never shown, never kept by us.

    ``id`` names the key, in errors and beside what is encrypted with it. Raises
    `SecretKeyError` for what is no such key, `MissingExtra` without the extra ``seal``.
    """

    __slots__ = ("_cipher", "id")

    def __init__(self, key: bytes) -> None:
        is_key = type(key) is bytes and len(key) == KEY_BYTES
        cipher = _cipher_of(key) if is_key else None
        name = sha256(b"rectify secret key\0" + key).hexdigest()[:16] if is_key else ""
        del key  # A traceback that shows local variables must not show it.
        if cipher is None:
            del self  # Half made, it can't be shown either.
            raise SecretKeyError(
                message("a key is {bytes} random bytes, as bytes", bytes=KEY_BYTES)
            )
        self._cipher = cipher
        self.id = name

    @classmethod
    def generate(cls) -> bytes:
        """The bytes of a new key, for the host to keep."""
        return secrets.token_bytes(KEY_BYTES)

    def encrypt(self, text: Sealed, place: str) -> Sealed:
        """A text as it is kept; ``place`` is what it is bound to."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = (text.open() or "").encode(errors=ESCAPED)
        hidden = nonce + self._cipher.encrypt(nonce, plain, place.encode())
        return Sealed(f"{_MARK}{self.id}:{b64encode(hidden).decode()}")

    def decrypt(self, kept: Sealed, place: str) -> Sealed | None:
        """The text again; None where what is kept was changed, or was another place's."""
        from cryptography.exceptions import InvalidTag

        try:
            hidden = b64decode((kept.open() or "").partition(":")[2], validate=True)
            nonce = hidden[:_NONCE_BYTES]
            plain = self._cipher.decrypt(nonce, hidden[_NONCE_BYTES:], place.encode())
        except (ValueError, InvalidTag):
            return None
        return Sealed(plain.decode(errors=ESCAPED))

    def __repr__(self) -> str:
        return f"<SecretKey {self.id}>"

    def __reduce__(self) -> NoReturn:
        raise SecretKeyError(message("a key is not copied or sent; make it where it is needed"))


def encrypted_with(key: str) -> Message:
    """What is wrong where a text can't be read for want of its key, by the id of that."""
    return message(
        "confidential texts are encrypted with key {key}; open the ledger with that key", key=key
    )


def key_of(kept: Sealed) -> str | None:
    """The id of the key that a text is encrypted with where it is kept; None for a plain one."""
    text = kept.open() or ""
    return text[1:].partition(":")[0] if text.startswith(_MARK) else None


def _cipher_of(key: bytes) -> AESGCM | None:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ModuleNotFoundError as error:
        missing = error.name or "cryptography"
    else:
        return AESGCM(key)
    del key
    raise MissingExtra(missing, "seal")
