"""Ed25519 signatures, with the extra ``seal``: made with a private key, checked by a fingerprint.

A key's fingerprint is the SHA-256 of its SubjectPublicKeyInfo, in hex, as
``openssl pkey -pubin -outform DER | sha256sum`` prints it.
"""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs

from rectify.errors import MissingExtra, SigningKeyError
from rectify.i18n import message

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_BYTES, SIGNATURE_BYTES = 32, 64
_KEY_INFO: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410)."""


@attrs.frozen
class Signature:
    """A signature beside the public key that it fits, both in hex."""

    key: str
    signature: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its key."""
        return hashlib.sha256(_KEY_INFO + bytes.fromhex(self.key)).hexdigest()

    def fits(self, data: bytes) -> bool:
        """Whether its key signed the data; whose key that is, only a fingerprint tells.

        Raises `MissingExtra` without the extra.
        """
        _need_extra()
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), data)
        except (InvalidSignature, ValueError):
            return False
        return True


def sign(data: bytes, key: bytes) -> Signature:
    """Sign data with an Ed25519 private key in PEM, not encrypted.

    Raises `SigningKeyError` for what is no such key, `MissingExtra` without the extra.
    """
    private = _private_key(key)
    public = private.public_key().public_bytes_raw()
    return Signature(public.hex(), private.sign(data).hex())


def fingerprint_of(key: bytes) -> str:
    """The fingerprint of an Ed25519 public key in PEM; raises `SigningKeyError`."""
    _need_extra()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public: Any = load_pem_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        raise SigningKeyError(message("it is no public key in PEM")) from None
    if not isinstance(public, Ed25519PublicKey):
        raise SigningKeyError(message("it is not an Ed25519 key"))
    return hashlib.sha256(_KEY_INFO + public.public_bytes_raw()).hexdigest()


def _private_key(pem: bytes) -> Ed25519PrivateKey:
    _need_extra()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key: Any = load_pem_private_key(pem, password=None)
    except TypeError:  # what cryptography raises for want of a password
        raise SigningKeyError(message("it is encrypted; give it decrypted")) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SigningKeyError(message("it is no private key in PEM")) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(message("it is not an Ed25519 key"))
    return key


def _need_extra() -> None:
    try:
        import_module("cryptography")
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "cryptography", "seal") from None
