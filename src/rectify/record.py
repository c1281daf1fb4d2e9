"""Records (记录): applied steps, chained by digest, and the issue that they fold to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, Protocol, TypeAlias, cast

import attrs

from rectify.actor import Actor
from rectify.canonical import decode, encode, in_utc, is_canonical, object_encoder
from rectify.case import NOTHING_YET, Facts
from rectify.digests import Algorithm, hash_function
from rectify.errors import InvalidValue
from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.move import Step
from rectify.sealed import ESCAPED
from rectify.structure import read_object, restore, restore_step

FORMAT: Final = 1
"""The layout of a record's canonical JSON."""

OTHER_CONTENT: Final = message("its content is not that of a record at this place")

StepOf: TypeAlias = Callable[[str], type[Step[Issue]]]


@attrs.frozen(slots=False)
class Record:
    """One applied step: what, by whom, when, from where to where, on which evidence.

    A record is its canonical JSON, ``body``, and its hash in hex, ``digest``, by the ledger's
    algorithm; all else is read from the body, so that nothing can say otherwise.
    """

    issue_id: str
    version: int
    body: str
    digest: str

    @cached_property
    def _data(self) -> dict[str, Any]:
        data = read_object(self.body)
        if not data.keys() >= _KEYS:
            raise InvalidValue("record", OTHER_CONTENT)
        return data

    @property
    def move(self) -> str:
        """The name of the step's class, which the record outlives."""
        return str(self._data["move"])

    @property
    def source(self) -> str | None:
        """The name of the state it left; None for a registration."""
        source: str | None = self._data["source"]
        return source

    @property
    def target(self) -> str:
        """The name of the state it entered."""
        return str(self._data["target"])

    @cached_property
    def by(self) -> Actor:
        """Who took the step."""
        return _actor(encode(self._data["by"]))

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        try:
            return datetime.fromisoformat(self._data["at"])
        except (ValueError, TypeError):
            raise InvalidValue("record", OTHER_CONTENT) from None

    @property
    def evidence(self) -> Mapping[str, Any]:
        """The evidence as plain data: instants and money as texts, sealed values committed."""
        evidence: dict[str, Any] = self._data["evidence"]
        return evidence

    @property
    def campaign(self) -> str:
        """The fingerprint of the campaign it was judged under."""
        return str(self._data["campaign"])

    @property
    def previous(self) -> str | None:
        """The digest of the issue's record before; None for the first."""
        previous: str | None = self._data["previous"]
        return previous

    def __repr__(self) -> str:
        return (
            f"<Record {self.issue_id} v{self.version} {self.move}:"
            f" {self.source or '–'} → {self.target} {self.at.isoformat()} {self.digest[:12]}>"
        )


@lru_cache(maxsize=4096)
def _actor(canonical: str) -> Actor:
    """Who took a step, from canonical JSON; few people take many steps."""
    return restore(Actor, decode(canonical))


class Writer(Protocol):
    """Writes the record of one step; see `writer`."""

    def __call__(
        self,
        step: Step[Issue],
        source: str | None,
        entered: Issue,
        by: Actor,
        at: datetime,
        previous: str,
    ) -> tuple[bytes, str]:
        """The body, in UTF-8, and its digest.

        They are made of the step, the states left and entered, who, when and after what. ``at`` is
        in UTC; ``previous`` is the digest of the record before, read only where there is a source.
        """
        ...


def writer(kind: type[Step[Issue]], campaign: str, digest: Algorithm = "sha256") -> Writer:
    """What writes the records of one step class under a campaign, chained to those before.

    Raises `InvalidValue` for a hash that this Python lacks.
    """
    hash_of = hash_function(digest)
    encode_evidence = evidence_encoder(kind)
    # The keys stand in canonical order; what does not change between records is joined here.
    # Names of classes and digests need no escaping.
    to_evidence = f',"campaign":"{campaign}","evidence":'
    to_issue = f',"format":{FORMAT},"issue":'
    to_previous = f',"move":"{kind.__name__}","previous":'

    def write(
        step: Step[Issue],
        source: str | None,
        entered: Issue,
        by: Actor,
        at: datetime,
        previous: str,
    ) -> tuple[bytes, str]:
        came = f'"{previous}","source":"{source}","target":"' if source else _FROM_NOWHERE
        # Two halves, so that only the one with the evidence may be of wide characters.
        evidence = f'{{"at":"{in_utc(at)}","by":{by.canonical}{to_evidence}{encode_evidence(step)}'
        place = (
            f"{to_issue}{encode_basestring(entered.id)}{to_previous}{came}"
            f'{type(entered).__name__}","version":{entered.version}}}'
        )
        body = evidence.encode() + place.encode()
        return body, hash_of(body).hexdigest()

    return write


_FROM_NOWHERE: Final = 'null,"source":null,"target":"'


def digest_of(body: str, digest: Algorithm = "sha256") -> str:
    """The hash of a record's canonical JSON, in hex."""
    return hash_function(digest)(body.encode(errors=ESCAPED)).hexdigest()


def evidence_encoder(kind: type[Step[Issue]]) -> Callable[[Step[Issue]], str]:
    """The canonical JSON of a step's evidence: all its fields but the issue."""
    return object_encoder(cast("type", kind), without="issue")


_KEYS: Final = frozenset(
    {"at", "by", "campaign", "evidence", "format"}
    | {"issue", "move", "previous", "source", "target", "version"}
)


def parse(issue_id: str, version: int, body: str, digest: str) -> Record:
    """The record kept under an id and version; `InvalidValue` for what is no record of them."""
    record = Record(issue_id, version, body, digest)
    try:
        data = vars(record)["_data"] = decode(body)
        _actor(encode(data["by"]))
        fits = (
            data.keys() == _KEYS
            and is_canonical(data, body)
            and (data["format"], data["issue"], data["version"]) == (FORMAT, issue_id, version)
            and isinstance(data["evidence"], dict)
            and record.at.tzinfo is not None
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise InvalidValue("record", OTHER_CONTENT)
    return record


@attrs.frozen
class Problem:
    """What an audit found: on which issue, at which version (None for the issue's row)."""

    issue_id: str
    version: int | None
    text: Message

    def __str__(self) -> str:
        return f"{self.issue_id}@{self.version or '-'}: {self.text}"


def replay(
    records: Iterable[Record], step_of: StepOf
) -> Iterator[tuple[Record, Step[Issue], Issue, Facts]]:
    """Take the steps of one issue's records again: each with the issue and facts after it.

    Raises `UnknownMove` for a move the program does not know and `InvalidValue` for a
    record that does not lead where it says.
    """
    issue: Issue | None = None
    facts = NOTHING_YET
    for record in records:
        step = restore_step(step_of(record.move), issue, record.evidence)
        issue = step.enter()
        if (type(issue).__name__, issue.version) != (record.target, record.version):
            raise InvalidValue(
                "record", message("it does not lead to {target}", target=record.target)
            )
        facts = facts.after(step, issue, record.by)
        yield record, step, issue, facts


def link_problems(
    issue_id: str, rows: Iterable[tuple[int, str, str]], digest_by: Algorithm = "sha256"
) -> Iterator[Problem]:
    """What breaks the chain of one issue's records, as far as it shows without reading them.

    That they are numbered without a gap, that each has its digest and names that of the one
    before it, and the first one the issue. Who trusts the last digest may trust them all, since
    no other records lead to it; what they say is not looked into.
    """
    link = f',"format":{FORMAT},"issue":{encode_basestring(issue_id)},"move":"'.encode(
        errors=ESCAPED
    )
    hash_of, expected = hash_function(digest_by), 1
    for version, body, digest in rows:
        content = body.encode(errors=ESCAPED)
        actual = hash_of(content).hexdigest()
        # No text within a record can hold the link: there, quotation marks are escaped.
        if actual != digest or version != expected or content.rfind(link) < 0:
            wrong = [
                (version != expected, message("the versions have a gap before this record")),
                (actual != digest, message("its digest does not fit its content")),
                (link not in content, message("it does not continue the record before it")),
            ]
            yield from (Problem(issue_id, version, text) for bad, text in wrong if bad)
        link = b',"previous":"%b","source":' % digest.encode(errors=ESCAPED)
        expected = version + 1


def chain_problems(records: Iterable[Record], digest_by: Algorithm = "sha256") -> Iterator[Problem]:
    """What breaks the chain of one issue's records: a gap, a changed byte, a wrong link."""
    previous: Record | None = None
    for record in records:
        version, digest, state = (
            (previous.version, previous.digest, previous.target) if previous else (0, None, None)
        )
        if record.version != version + 1:
            text = message("the versions have a gap before this record")
            yield Problem(record.issue_id, record.version, text)
        if record.digest != digest_of(record.body, digest_by):
            text = message("its digest does not fit its content")
            yield Problem(record.issue_id, record.version, text)
        if record.previous != digest:
            text = message("it does not continue the record before it")
            yield Problem(record.issue_id, record.version, text)
        if record.source != state:
            text = message("it starts from another state than the record before it entered")
            yield Problem(record.issue_id, record.version, text)
        previous = record
