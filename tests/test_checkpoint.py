"""A checkpoint's file and signature: what was written is what is read, or it is refused."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import rfc8785
from cryptography.hazmat.primitives import serialization as keys
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from rectify.checkpoint import Anchor, Checkpoint, checkpoint_of, read_checkpoint
from rectify.errors import CheckpointError, MissingExtra, SigningKeyError
from rectify.signing import Signature, fingerprint_of, sign

PEM = keys.Encoding.PEM


def private_pem(key: Any, password: bytes | None = None) -> bytes:
    how: Any = keys.BestAvailableEncryption(password) if password else keys.NoEncryption()
    pem: bytes = key.private_bytes(PEM, keys.PrivateFormat.PKCS8, how)
    return pem


def public_pem(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(PEM, keys.PublicFormat.SubjectPublicKeyInfo)
    return pem


KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
FINGERPRINT = fingerprint_of(public_pem(KEY))

ANCHORS = [Anchor(f"问题“{number}”", number, f"{number:064x}") for number in range(1, 8)]


def made(anchors: list[Anchor] = ANCHORS, **changes: Any) -> Checkpoint:
    options: dict[str, Any] = {
        "campaign": "hubei-2018",
        "fingerprint": "f" * 64,
        "made_at": datetime(2018, 5, 7, 4, 0, tzinfo=UTC),
    }
    return checkpoint_of(anchors, **options | changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.jsonl"


ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.builds(Anchor, ids, st.integers(1, 10**6), st.just("0" * 64)), max_size=9))
def test_its_lines_are_canonical_json(anchors: list[Anchor]) -> None:
    """By the library of RFC 8785, whatever an issue is called."""
    signed = made(anchors).signed(private_pem(KEY))
    assert [rfc8785.dumps(json.loads(line)) for line in signed.lines()] == list(signed.lines())


@pytest.mark.parametrize("anchors", [[], ANCHORS[:1], ANCHORS])
@pytest.mark.parametrize("key", [None, KEY])
def test_what_is_written_is_what_is_read(anchors: list[Anchor], key: Any, file: Path) -> None:
    checkpoint = made(anchors)
    if key is not None:
        checkpoint = checkpoint.signed(private_pem(key))
    checkpoint.write(file)
    assert checkpoint == read_checkpoint(file, signed_by=FINGERPRINT if key else None)
    assert "问题" not in repr(checkpoint)


def test_a_file_is_never_written_over(file: Path) -> None:
    made().write(file)
    before = file.read_bytes()
    with pytest.raises(CheckpointError, match="not written over"):
        made([]).write(file)
    assert before == file.read_bytes()


def test_a_write_that_fails_leaves_no_file(file: Path) -> None:
    """On a full disk there is none rather than half of one."""
    full = OSError(28, "No space left on device")
    with patch("rectify.checkpoint.os.fsync", side_effect=full), pytest.raises(OSError, match="28"):
        made().write(file)
    assert [] == list(file.parent.iterdir())


def test_any_changed_byte_of_a_signed_file_is_found(file: Path) -> None:
    """Each byte of the file, changed to each of a few others, and each line left out."""
    content = b"".join(line + b"\n" for line in made().signed(private_pem(KEY)).lines())
    chance = random.Random(5)
    for place in range(len(content)):
        for byte in {content[place] ^ 1, chance.randrange(256), 0x0A, 0xFF} - {content[place]}:
            file.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
            with pytest.raises(CheckpointError):
                read_checkpoint(file, signed_by=FINGERPRINT)
    lines = content.splitlines(keepends=True)
    for without in range(len(lines)):
        file.write_bytes(b"".join(lines[:without] + lines[without + 1 :]))
        with pytest.raises(CheckpointError):
            read_checkpoint(file, signed_by=FINGERPRINT)
    for length in range(0, len(content), 13):
        file.write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            read_checkpoint(file)


def lines_of(checkpoint: Checkpoint) -> list[bytes]:
    return list(checkpoint.lines())


DAMAGES: list[tuple[Callable[[list[bytes]], list[bytes]], str]] = [
    (lambda lines: [], "empty"),
    (lambda lines: [b"hello"], "line 1"),
    (lambda lines: [b"{}"], "line 1"),
    (lambda lines: [b"[" * 60_000], "line 1"),
    (lambda lines: [b"1" * 70_000], "line 1"),
    (lambda lines: [lines[0].replace(b"checkpoint-1", b"checkpoint-2")], "line 1"),
    (lambda lines: [lines[0].replace(b"sha256", b"md5")], "line 1"),
    (lambda lines: [lines[0].replace(b"{", b"{ ")], "line 1"),
    (lambda lines: [lines[0], b"1"], "line 2"),
    (lambda lines: [lines[0], b'{"signature":""}'], "line 2"),
    (lambda lines: [lines[0], b'{"key":"00","signature":"00"}'], "line 2"),
    (lambda lines: [lines[0], b'{"key":"x","signature":"x"}'], "line 2"),
    (lambda lines: [lines[0], lines[1].replace(b":1}", b":0}")], "line 2"),
    (lambda lines: [lines[0], lines[1].replace(b":1}", b":1.0}")], "line 2"),
    (lambda lines: [lines[0], lines[1].replace(b":1}", b":true}")], "line 2"),
    (lambda lines: [lines[0], lines[1].replace(b'"0', b'"Z')], "line 2"),
    (lambda lines: [lines[0], lines[1].replace("问".encode(), b"\\ud800")], "line 2"),
    (lambda lines: [lines[0], lines[1].decode().encode("utf-16-le")], "line 2"),
    (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "heads"),
    (lambda lines: [*lines, lines[1]], "heads"),
]


@pytest.mark.parametrize(("change", "problem"), DAMAGES)
def test_what_is_no_checkpoint_is_said_so(
    change: Callable[[list[bytes]], list[bytes]], problem: str, file: Path
) -> None:
    """With the line at which it ceases to be one."""
    file.write_bytes(b"".join(line + b"\n" for line in change(lines_of(made()))))
    with pytest.raises(CheckpointError, match=problem):
        read_checkpoint(file)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(CheckpointError, match="line 1"):
        read_checkpoint("/dev/zero")


def test_a_hash_that_this_python_lacks_is_named(file: Path) -> None:
    """A checkpoint of SM3 says what is wanting, rather than that it is damaged."""
    lines = lines_of(made())
    file.write_bytes(b"\n".join([lines[0].replace(b"sha256", b"sm3"), *lines[1:], b""]))
    with (
        patch("rectify.digests.hashlib.new", side_effect=ValueError("unsupported")),
        pytest.raises(CheckpointError, match="no sm3; use sha256"),
    ):
        read_checkpoint(file)


# Signatures.


def test_a_signature_is_that_of_the_header(file: Path) -> None:
    """It is Ed25519 over the first line, as any other program checks it."""
    signed = made().signed(private_pem(KEY))
    assert signed.signature is not None
    KEY.public_key().verify(bytes.fromhex(signed.signature.signature), signed.header.line)
    der = KEY.public_key().public_bytes(keys.Encoding.DER, keys.PublicFormat.SubjectPublicKeyInfo)
    assert hashlib.sha256(der).hexdigest() == FINGERPRINT == signed.signature.fingerprint
    signed.check_signature(FINGERPRINT)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command")
def test_openssl_checks_it_as_the_documents_say(file: Path) -> None:
    """The commands of docs/checkpoints.md, on a file."""
    signed = made().signed(private_pem(KEY))
    signed.write(file)
    (file.parent / "seal.pub").write_bytes(public_pem(KEY))
    commands = """
set -e
head -n 1 checkpoint.jsonl | tr -d '\\n' > header
sed -n 2p checkpoint.jsonl | sed 's/.*"signature":"//; s/"}//' | xxd -r -p > signature
openssl pkeyutl -verify -pubin -inkey seal.pub -rawin -in header -sigfile signature
"""
    if shutil.which("xxd") is None:
        assert signed.signature is not None
        (file.parent / "signature").write_bytes(bytes.fromhex(signed.signature.signature))
        commands = "\n".join(line for line in commands.splitlines() if "xxd" not in line)
    ran = subprocess.run(
        ["bash", "-c", commands], cwd=file.parent, capture_output=True, text=True, check=False
    )
    assert (0, True) == (ran.returncode, "Verified Successfully" in ran.stdout), ran.stderr


FORGERIES: list[tuple[Callable[[], Checkpoint], str]] = [
    (lambda: made(), "not signed"),
    (lambda: made().signed(private_pem(OTHER_KEY)), "is signed with key"),
    (
        lambda: Checkpoint(
            made().header, tuple(ANCHORS), made([]).signed(private_pem(KEY)).signature
        ),
        "does not fit",
    ),
]


@pytest.mark.parametrize(("forge", "problem"), FORGERIES)
def test_a_forged_or_unsigned_file_is_refused(
    forge: Callable[[], Checkpoint], problem: str, file: Path
) -> None:
    """A root made anew, the signature left out, another's, or that of another checkpoint."""
    forge().write(file)
    read_checkpoint(file)
    with pytest.raises(CheckpointError, match=problem):
        read_checkpoint(file, signed_by=FINGERPRINT)


def test_a_key_that_is_no_point_of_the_curve_signs_nothing() -> None:
    assert not Signature("ff" * 32, "00" * 64).fits(b"")
    assert not Signature("00", "00" * 64).fits(b"")


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "no private key"),
        (public_pem(KEY), "no private key"),
        (private_pem(CURVE_KEY), "not an Ed25519 key"),
        (private_pem(KEY, b"secret"), "encrypted"),
    ],
)
def test_what_cannot_sign_is_said_so(pem: bytes, problem: str) -> None:
    with pytest.raises(SigningKeyError, match=problem):
        sign(b"", pem)


@pytest.mark.parametrize(
    ("pem", "problem"),
    [
        (b"", "no public key"),
        (private_pem(KEY), "no public key"),
        (public_pem(CURVE_KEY), "not an Ed25519 key"),
    ],
)
def test_what_is_no_public_key_is_said_so(pem: bytes, problem: str) -> None:
    with pytest.raises(SigningKeyError, match=problem):
        fingerprint_of(pem)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingExtra, match=r"rectify\[seal\]"):
        sign(b"", b"")
    with pytest.raises(MissingExtra, match=r"rectify\[seal\]"):
        fingerprint_of(b"")
    with pytest.raises(MissingExtra, match=r"rectify\[seal\]"):
        Signature("00" * 32, "00" * 64).fits(b"")


def test_without_signatures_the_extra_is_not_needed() -> None:
    """Sealing and auditing load nothing of it."""
    code = (
        "import sys; from rectify import Ledger, load_campaign;"
        "ledger = Ledger(load_campaign('hubei-2018')); ledger.audit(against=ledger.seal());"
        "print('cryptography' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert "False\n" == ran.stdout
