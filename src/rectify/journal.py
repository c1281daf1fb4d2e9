"""Entries: records of what is no issue, chained like an issue's records.

There is one chain for the events of the whole ledger, one for each duty, with what was
submitted, one for each thing that happened and starts something, and one for the campaigns
that the ledger was kept under.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any, Final, Protocol

import attrs

from rectify.actor import Actor
from rectify.canonical import encode, in_utc
from rectify.digests import Algorithm, hash_function
from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.record import Problem, digest_of
from rectify.structure import restore

FORMAT: Final = 1
"""The layout of an entry's canonical JSON."""

EVENT_CHAIN: Final = "events"
"""The chain of what sweeps recorded."""
CAMPAIGN_CHAIN: Final = "campaign"
"""The chain of the campaigns that were adopted."""
_DUTY: Final = "duty:"


OTHER_CONTENT: Final = message("its content is not that of a record at this place")


def occasion_chain(kind: str, *parts: str) -> str:
    """The chain of what happened: its kind, and what tells it from others of that kind."""
    return ":".join((kind.lower(), "/".join(parts)))


def duty_chain(key: str) -> str:
    """The chain of what was submitted for a duty, by the key of what is owed."""
    return f"{_DUTY}{key}"


@attrs.frozen(slots=False, repr=False)
class Entry:
    """One thing recorded: its canonical JSON, ``body``, and its hash in hex.

    ``number`` counts from 1 along the chain. All else is read from the body, so that nothing
    can say otherwise.
    """

    chain: str
    number: int
    body: str
    digest: str

    @cached_property
    def _read(self) -> dict[str, Any]:
        read: dict[str, Any] = {}
        try:
            read = json.loads(self.body)
            datetime.fromisoformat(read["at"])
            if read.keys() == _KEYS and isinstance(read["data"], dict):
                return read
        except (ValueError, KeyError, TypeError):
            pass
        raise InvalidValue("entry", OTHER_CONTENT)

    @property
    def kind(self) -> str:
        """What was recorded: ``Overdue``, ``Submission`` and so on."""
        return str(self._read["kind"])

    @property
    def at(self) -> datetime:
        """When it happened, in UTC."""
        return datetime.fromisoformat(self._read["at"])

    @property
    def by(self) -> Actor | None:
        """Who did it; None for an event."""
        by = self._read["by"]
        return None if by is None else restore(Actor, by)

    @property
    def campaign(self) -> str:
        """The fingerprint of the campaign it was recorded under."""
        return str(self._read["campaign"])

    @property
    def previous(self) -> str | None:
        """The digest of the chain's entry before; None for the first."""
        previous: str | None = self._read["previous"]
        return previous

    @property
    def data(self) -> dict[str, Any]:
        """What was recorded, as plain data."""
        data: dict[str, Any] = self._read["data"]
        return data

    def __repr__(self) -> str:
        return f"<Entry {self.chain} {self.number} {self.kind} {self.at.isoformat()}>"


class Writer(Protocol):
    """Writes the next entry of a chain; see `writer`."""

    def __call__(self, kind: str, at: datetime, data: str, by: Actor | None = None) -> Entry:
        """The entry, from its kind, the instant in UTC, the data as canonical JSON, by whom."""
        ...


def writer(
    chain: str, campaign: str, number: int, previous: str, digest: Algorithm = "sha256"
) -> Writer:
    """What writes the next entries of a chain after one, whose number and digest are given."""
    hash_of = hash_function(digest)
    # The keys stand in canonical order; what does not change between entries is joined here.
    to_data = f',"campaign":"{campaign}","chain":{encode_basestring(chain)},"data":'

    def write(kind: str, at: datetime, data: str, by: Actor | None = None) -> Entry:
        nonlocal number, previous
        number += 1
        chained_to = f'"{previous}"' if previous else "null"
        body = (
            f'{{"at":"{in_utc(at)}","by":{by.canonical if by else "null"}{to_data}{data},'
            f'"format":{FORMAT},"kind":"{kind}","number":{number},"previous":{chained_to}}}'
        )
        previous = hash_of(body.encode()).hexdigest()
        return Entry(chain, number, body, previous)

    return write


SUBMISSION: Final = "Submission"
SENT_BACK: Final = "SentBack"
ADOPTION: Final = "Adoption"
HAPPENING: Final = "Happening"
VISIT: Final = "Visit"
CLASSIFIED: Final = "Classified"
WITHDRAWN: Final = "Withdrawn"


def met_at(entries: Iterable[Entry]) -> datetime | None:
    """When a duty was met, by the entries of its chain: the first submission not sent back."""
    met: datetime | None = None
    for entry in entries:
        if entry.kind == SENT_BACK:
            met = None
        elif met is None:
            met = entry.at
    return met


_KEYS: Final = frozenset(
    {"at", "by", "campaign", "chain", "data", "format", "kind", "number", "previous"}
)


def parse(entry: Entry) -> Entry:
    """The entry itself; `InvalidValue` for what is none at its place."""
    try:
        read = json.loads(entry.body)
        fits = (
            read.keys() == _KEYS
            and encode(read) == entry.body
            and (read["format"], read["chain"], read["number"])
            == (FORMAT, entry.chain, entry.number)
            and isinstance(read["data"], dict)
            and entry.at.tzinfo is not None
            and (entry.by is None or bool(entry.by.id))
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidValue):
        fits = False
    if not fits:
        raise InvalidValue("entry", OTHER_CONTENT)
    return entry


def problems_of(entries: Iterable[Entry], digest_by: Algorithm = "sha256") -> Iterator[Problem]:
    """What is wrong with a chain: a gap, a changed byte, a wrong link."""
    number, digest = 0, ""
    for entry in entries:
        wrong: list[Message] = []
        if entry.number != number + 1:
            wrong.append(message("the versions have a gap before this record"))
        if entry.digest != digest_of(entry.body, digest_by):
            wrong.append(message("its digest does not fit its content"))
        try:
            if (parse(entry).previous or "") != digest:
                wrong.append(message("it does not continue the record before it"))
        except InvalidValue as error:
            wrong.append(error.problem)
        yield from (Problem(entry.chain, entry.number, text) for text in wrong)
        number, digest = entry.number, entry.digest
