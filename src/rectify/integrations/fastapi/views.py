"""What goes out: issues, records, options and due dates as plain JSON, nothing confidential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import attrs
from pydantic import BaseModel, Field

from rectify.actor import Actor
from rectify.canonical import instant
from rectify.duty import DutyStanding, Owed, Submission
from rectify.i18n import Language
from rectify.integrations.fastapi.schemas import is_sealed
from rectify.issue import Issue
from rectify.labels import label
from rectify.move import field_types
from rectify.reason import Option, Reason
from rectify.record import Record
from rectify.todo import Entry


class ReasonView(BaseModel):
    """Why something is refused: a stable code, the sentence, the clause it rests on."""

    code: str
    message: str
    clause: str = Field(description="The clause of the document, or “assumption”.")
    until: str | None = Field(description="The instant from which it is possible.")
    since: str | None = Field(description="The instant from which it no longer was.")


class OptionView(BaseModel):
    """A move that the issue's state allows, and what stands against it so far."""

    move: str
    label: str
    target: str
    allowed: bool
    reasons: list[ReasonView]


class ActorView(BaseModel):
    """Who took a step."""

    id: str
    unit: str
    roles: list[str]


class RecordView(BaseModel):
    """One applied step; ``evidence`` is as it was recorded, without confidential values."""

    version: int
    move: str
    by: ActorView
    at: str = Field(json_schema_extra={"format": "date-time"})
    source: str | None
    target: str
    evidence: dict[str, Any]
    digest: str


class SubmissionView(BaseModel):
    """What a unit handed in for what it owes."""

    duty: str
    unit: str | None
    by: str
    at: str = Field(json_schema_extra={"format": "date-time"})
    document_hash: str
    note: str


class DutyView(BaseModel):
    """Something owed, and where it stands."""

    key: str
    duty: str
    name: str
    unit: str | None
    level: str | None
    to: str | None
    clause: str | None
    due_on: str = Field(json_schema_extra={"format": "date"})
    ends_at: str = Field(json_schema_extra={"format": "date-time"})
    words: str
    status: str
    submissions: list[SubmissionView]


class DueView(BaseModel):
    """One thing that is due, with how its date was reached."""

    key: str
    kind: str
    title: str
    who: str
    unit: str | None
    standing: str
    due_on: str | None
    ends_at: str | None
    days_late: int | None
    explanation: str


def plain(value: object) -> Any:
    """A value of a record or an issue as JSON has it; of confidential fields whether they are."""
    if attrs.has(_kind(value)):
        return _fields(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list):
        return [plain(item) for item in cast("Sequence[object]", value)]
    return value


def _fields(value: Any) -> dict[str, Any]:
    hints = field_types(_kind(value))
    shown: dict[str, Any] = {}
    for field in attrs.fields(_kind(value)):
        item = getattr(value, field.name)
        if is_sealed(hints[field.name]):
            shown[f"has_{field.name}"] = item is not None
        else:
            shown[field.name] = plain(item)
    return shown


def _kind(value: object) -> type[Any]:
    return type(value)


def issue_view(issue: Issue) -> dict[str, Any]:
    """An issue as it stands; ``state`` is the name of its class."""
    return {"state": type(issue).__name__, **_fields(issue)}


def record_view(record: Record) -> dict[str, Any]:
    """A record."""
    return {
        "version": record.version,
        "move": record.move,
        "by": _actor(record.by),
        "at": instant(record.at),
        "source": record.source,
        "target": record.target,
        "evidence": _unsealed(record.evidence),
        "digest": record.digest,
    }


def _actor(actor: Actor) -> dict[str, Any]:
    return {"id": actor.id, "unit": actor.unit, "roles": sorted(actor.roles)}


def _unsealed(data: Any) -> Any:
    """Recorded evidence without the commitments that stand for confidential values."""
    if isinstance(data, Mapping):
        found = cast("Mapping[str, Any]", data)
        return {key: _unsealed(each) for key, each in found.items() if not _is_commitment(each)}
    if isinstance(data, list):
        return [_unsealed(item) for item in cast("Sequence[Any]", data)]
    return data


def _is_commitment(data: Any) -> bool:
    return isinstance(data, Mapping) and list(cast("Mapping[str, Any]", data)) == ["commitment"]


def reason_view(reason: Reason, language: Language) -> dict[str, Any]:
    """A reason, in the caller's language."""
    return {
        "code": reason.code,
        "message": reason.text.text(language),
        "clause": reason.clause,
        "until": _instant(reason.until),
        "since": _instant(reason.since),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def option_view(option: Option, language: Language) -> dict[str, Any]:
    """An option, in the caller's language."""
    return {
        "move": option.move.__name__,
        "label": label(option.move, language),
        "target": option.target.__name__,
        "allowed": option.allowed,
        "reasons": [reason_view(reason, language) for reason in option.reasons],
    }


def submission_view(made: Submission) -> dict[str, Any]:
    """A submission."""
    return {
        "duty": made.key,
        "unit": made.unit,
        "by": made.by,
        "at": instant(made.at),
        "document_hash": made.document_hash,
        "note": made.note,
    }


def duty_view(standing: DutyStanding) -> dict[str, Any]:
    """Where something owed stands."""
    owed: Owed = standing.owed
    return {
        "key": owed.key,
        "duty": owed.duty,
        "name": owed.name,
        "unit": owed.unit,
        "level": owed.level,
        "to": owed.to,
        "clause": owed.clause,
        "due_on": owed.due.effective.isoformat(),
        "ends_at": instant(owed.due.ends_at),
        "words": owed.due.words,
        "status": standing.status,
        "submissions": [submission_view(each) for each in standing.submissions],
    }


def due_view(entry: Entry, language: Language) -> dict[str, Any]:
    """A line of the due list, in the caller's language."""
    who = entry.who
    return {
        "key": entry.key,
        "kind": entry.kind,
        "title": entry.title.text(language),
        "who": who if isinstance(who, str) else who.text(language),
        "unit": entry.unit,
        "standing": entry.standing,
        "due_on": None if entry.due is None else entry.due.effective.isoformat(),
        "ends_at": None if entry.due is None else instant(entry.due.ends_at),
        "days_late": entry.days_late,
        "explanation": entry.explain(language),
    }
