"""Signed webhooks (Standard Webhooks): an after hook that tells another system over HTTPS.

Needs ``rectify[webhooks]``. The receiver verifies the signature with the library of its own
language, and drops a repeat by ``webhook-id``, which is the same on every attempt.
"""

from __future__ import annotations

import binascii
import socket
import ssl
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Event, Timer
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from rectify.canonical import encode
from rectify.errors import InvalidValue, MissingExtra
from rectify.hooks import TIME_MAX, GiveUp, Policy
from rectify.i18n import message
from rectify.integrations.notice import Envelope, Notice, Seen, notice_of

try:
    from standardwebhooks import Webhook as Signer
except ModuleNotFoundError as error:
    raise MissingExtra(error.name or "standardwebhooks", "webhooks") from None

TIMEOUT: Final = timedelta(seconds=15)
"""How long connecting may take, and then the answer, however slowly it comes."""
PATIENT: Final = Policy(attempts=18, wait=timedelta(seconds=5), wait_max=timedelta(hours=12))
"""A policy for receivers that may be away for two days."""
SECRET_BYTES_MIN: Final = 24
_GONE: Final = 410


class Rejected(Exception):
    """The receiver did not take a webhook: its status is no 2xx. Says nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(GiveUp):
    """The receiver wants no more webhooks (410): the delivery is dead at once."""


class Webhook:
    """Posts what a hook sees to an address, signed; give it to ``ledger.after(…)(webhook)``.

    ``secret`` is ``whsec_`` and base64 of 24 bytes or more, or several while one replaces
    another: each signs. Only ``https`` is spoken, but for an address of this very machine;
    redirects and proxies are not followed. Anything but a 2xx in ``timeout`` is a failed
    attempt, and 410 gives up at once. ``envelope`` writes the body, by default as Standard
    Webhooks recommend. No secret and no part of the address but its host is ever shown.
    Raises `InvalidValue` for an address or secret that won't do.
    """

    def __init__(
        self,
        url: str,
        secret: str | Sequence[str],
        *,
        envelope: Envelope | None = None,
        timeout: timedelta = TIMEOUT,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = _checked(url)
        self._signers = [_signer(one) for one in ([secret] if isinstance(secret, str) else secret)]
        if not self._signers:
            raise InvalidValue("secret", message("at least one is needed"))
        if not timedelta(0) < timeout <= TIME_MAX:
            problem = message("expected a time above nothing, at most {most}", most=TIME_MAX)
            raise InvalidValue("timeout", problem)
        self._envelope: Envelope = Plain() if envelope is None else envelope
        self._seconds = timeout.total_seconds()
        self._context = ssl.create_default_context() if context is None else context
        self._clock = clock

    def __repr__(self) -> str:
        return f"<Webhook {self._url.scheme}://{self._url.hostname}/…>"

    def __call__(self, seen: Seen) -> None:
        """Post it; raises `Rejected`, `Gone`, or what the connection failed with."""
        notice = notice_of(seen)
        body = self._envelope.write(notice)
        status = self._post(body.encode(), self._headers(notice, body))
        if status == _GONE:
            raise Gone
        if not 200 <= status < 300:
            raise Rejected(status)

    def _headers(self, notice: Notice, body: str) -> dict[str, str]:
        now = self._clock().astimezone(UTC)
        message_id = webhook_id(notice.key)
        signatures = [one.sign(message_id, now, body) for one in self._signers]
        return {
            "content-type": self._envelope.content_type,
            "user-agent": "rectify",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        connection = self._connection()
        # Each wait of a socket is bounded by itself; this bounds them all together.
        late = Event()
        deadline = Timer(self._seconds, _cut, (connection, late))
        deadline.daemon = True
        try:
            connection.connect()
            deadline.start()
            connection.request("POST", _target(self._url), body, headers)
            status = connection.getresponse().status
        except (OSError, HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        else:
            if late.is_set():
                raise TimeoutError  # what was cut short may look like an answer
            return status
        finally:
            deadline.cancel()
            connection.close()

    def _connection(self) -> HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "http":
            return HTTPConnection(host, port, timeout=self._seconds)
        return HTTPSConnection(host, port, timeout=self._seconds, context=self._context)


class Plain:
    """The body that Standard Webhooks recommend: type, timestamp, data."""

    content_type = "application/json; charset=utf-8"

    def write(self, notice: Notice) -> str:
        """See `Envelope.write`."""
        return encode(
            {
                "type": f"rectify.{notice.kind}",
                "timestamp": notice.at,
                "data": {**notice.data, "subject": notice.subject},
            }
        )


def webhook_id(key: str) -> str:
    """A delivery's key as ``webhook-id`` holds it: percent-encoded, also the full stop.

    The full stop is what the signature joins its parts with; a header holds ASCII alone.
    """
    return quote(key, safe="").replace(".", "%2E")


def _cut(connection: HTTPConnection, late: Event) -> None:
    late.set()  # before the line goes dead, for who then looks why
    # It may have been closed just now.
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _target(url: SplitResult) -> str:
    path = url.path or "/"
    return f"{path}?{url.query}" if url.query else path


def _signer(secret: str) -> Signer:
    """What signs with a secret; the error of a bad one never shows it."""
    encoded = secret.removeprefix("whsec_")
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SECRET_BYTES_MIN:
        problem = message(
            "expected whsec_ and the base64 of at least {bytes} random bytes",
            bytes=SECRET_BYTES_MIN,
        )
        raise InvalidValue("secret", problem)
    return Signer(key)


def _checked(url: str) -> SplitResult:
    """An address that may be posted to; the error of a bad one does not show it."""
    try:
        split = urlsplit(url)
        host, _ = split.hostname, split.port
    except ValueError:
        raise InvalidValue("url", message("the address can't be read")) from None
    if not url.isascii() or any(character.isspace() or character < "!" for character in url):
        raise InvalidValue("url", message("an address holds ASCII without spaces alone"))
    if split.username is not None or split.password is not None or split.fragment:
        raise InvalidValue("url", message("expected an address without user, password or #"))
    if not host or split.scheme not in ("http", "https"):
        raise InvalidValue("url", message("expected an address that begins with https://"))
    if split.scheme == "http" and not _is_this_machine(host):
        raise InvalidValue("url", message("only https is spoken, but with this very machine"))
    return split


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
