"""Records (记录): applied steps, chained by digest, and the issue that they fold to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias

import attrs

from rectify.actor import Actor
from rectify.canonical import encode, object_encoder
from rectify.case import NOTHING_YET, Facts
from rectify.errors import InvalidValue, RectifyError
from rectify.i18n import Message, message
from rectify.issue import Issue
from rectify.move import Step
from rectify.structure import restore, restore_step

FORMAT: Final = 1
"""The layout of a record's canonical JSON."""

StepOf: TypeAlias = Callable[[str], type[Step[Issue]]]


@attrs.frozen(slots=False)
class Record:
    """One applied step: what, by whom, when, from where to where, on which evidence.

    ``move``, ``source`` and ``target`` are class names (``source`` is None for a
    registration), so that a record outlives its classes. ``at`` is in UTC. ``digest`` is
    the SHA-256, in hex, of ``body``, the record's canonical JSON, which holds the digest of
    the issue's record before it in ``previous`` (None for the first).
    """

    issue_id: str
    version: int
    move: str
    by: Actor
    at: datetime
    source: str | None
    target: str
    evidence_json: str = attrs.field(repr=False)
    campaign: str = attrs.field(repr=False)
    previous: str | None = attrs.field(repr=False)
    digest: str

    @property
    def evidence(self) -> Mapping[str, Any]:
        """The evidence as plain data: instants and money as texts, sealed values committed."""
        evidence: dict[str, Any] = json.loads(self.evidence_json)
        return evidence

    @property
    def body(self) -> str:
        """The canonical JSON that the digest covers."""
        return body(
            self.issue_id,
            self.version,
            self.move,
            self.by,
            self.at,
            self.source,
            self.target,
            self.evidence_json,
            self.campaign,
            self.previous,
        )


def body(
    issue_id: str,
    version: int,
    move: str,
    by: Actor,
    at: datetime,
    source: str | None,
    target: str,
    evidence_json: str,
    campaign: str,
    previous: str | None,
) -> str:
    """The canonical JSON of a record; ``at`` is in UTC, names and digests are ASCII."""
    came_from = f'"{source}"' if source is not None else "null"
    chained_to = f'"{previous}"' if previous is not None else "null"
    return (
        f'{{"at":"{datetime.isoformat(at)}","by":{by.canonical},"campaign":"{campaign}",'
        f'"evidence":{evidence_json},"format":{FORMAT},"issue":{encode_basestring(issue_id)},'
        f'"move":"{move}","previous":{chained_to},"source":{came_from},"target":"{target}",'
        f'"version":{version}}}'
    )


def digest_of(text: str) -> str:
    """The SHA-256 of a record's canonical JSON, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def write(
    move: str,
    source: str | None,
    entered: Issue,
    evidence_json: str,
    by: Actor,
    at: datetime,
    campaign: str,
    previous: str | None,
) -> Record:
    """The record of a step that entered a state, chained to the one before it; ``at`` in UTC."""
    issue_id, version, target = entered.id, entered.version, type(entered).__name__
    text = body(
        issue_id, version, move, by, at, source, target, evidence_json, campaign, previous
    )
    digest = digest_of(text)
    return Record(
        issue_id,
        version,
        move,
        by,
        at,
        source,
        target,
        evidence_json,
        campaign,
        previous,
        digest,
    )


def evidence_encoder(kind: type[Step[Issue]]) -> Callable[[Step[Issue]], str]:
    """The canonical JSON of a step's evidence: all its fields but the issue."""
    return object_encoder(kind, without="issue")


def parse(text: str, digest: str) -> Record:
    """The record whose canonical JSON this is; anything else raises `InvalidValue`."""
    try:
        data = json.loads(text)
        record = Record(
            data["issue"],
            data["version"],
            data["move"],
            restore(Actor, data["by"]),
            datetime.fromisoformat(data["at"]).astimezone(UTC),
            data["source"],
            data["target"],
            encode(data["evidence"]),
            data["campaign"],
            data["previous"],
            digest,
        )
    except (ValueError, KeyError, TypeError, RectifyError) as error:
        raise InvalidValue("record", message("it is not the canonical JSON of a record")) from error
    if record.body != text:
        raise InvalidValue("record", message("it is not the canonical JSON of a record"))
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
        facts = facts.after(step, issue, record.by, record.at)
        yield record, step, issue, facts


def chain_problems(records: Iterable[Record]) -> Iterator[Problem]:
    """What breaks the chain of one issue's records: a gap, a changed byte, a wrong link."""
    previous: Record | None = None
    for record in records:
        wrong = [
            (
                record.version != (previous.version if previous else 0) + 1,
                message("the versions have a gap before this record"),
            ),
            (
                record.digest != digest_of(record.body),
                message("its digest does not fit its content"),
            ),
            (
                record.previous != (previous.digest if previous else None),
                message("it does not continue the record before it"),
            ),
            (
                record.source != (previous.target if previous else None),
                message("it starts from another state than the record before it entered"),
            ),
        ]
        yield from (Problem(record.issue_id, record.version, text) for bad, text in wrong if bad)
        previous = record
