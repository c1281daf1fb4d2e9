"""CloudEvents 1.0, in structured JSON: for brokers and receivers that speak them.

It needs no package. ``events(applied)`` is what to send; with `Webhook` it goes over HTTP.
"""

from __future__ import annotations

from typing import Final

import attrs

from rectify.canonical import encode
from rectify.errors import InvalidValue
from rectify.fields import is_line
from rectify.i18n import message
from rectify.integrations.notice import Notice, Seen, notice_of

SPECVERSION: Final = "1.0"


@attrs.frozen
class CloudEvents:
    """Writes what a hook sees as a CloudEvent.

    ``source`` is a URI that names the ledger, such as ``https://platform.example/ledgers/2018``;
    with the id, which is the delivery's key, it tells a repeat. The type is the step's or
    event's name after ``prefix`` and a dot; the subject the issue's id, or what an event
    happened to. Raises `InvalidValue` for a source or prefix that is no word.
    """

    source: str
    prefix: str = "rectify"
    content_type: str = attrs.field(
        default="application/cloudevents+json; charset=utf-8", init=False
    )

    def __attrs_post_init__(self) -> None:
        for name in ("source", "prefix"):
            value: object = getattr(self, name)
            if not is_line(value) or any(character.isspace() for character in str(value)):
                raise InvalidValue(f"CloudEvents.{name}", message("expected a word without spaces"))

    def __call__(self, seen: Seen) -> bytes:
        """The event in JSON, in UTF-8."""
        return self.write(notice_of(seen)).encode()

    def write(self, notice: Notice) -> str:
        """See `Envelope.write`."""
        return encode(
            {
                "specversion": SPECVERSION,
                "id": notice.key,
                "source": self.source,
                "type": f"{self.prefix}.{notice.kind}",
                "subject": notice.subject,
                "time": notice.at,
                "datacontenttype": "application/json",
                "data": notice.data,
            }
        )
