"""Versions and repeats: ETag, If-Match, Idempotency-Key.

An issue's ETag is its version. A move names the version it is meant for; where the issue has
moved on by that very move, of the same actor, it was sent before, and is answered as it was
then (RFC 9110, 13.1.1). What was done is told by the records, so a repeat is known for as long
as they are, in every process, and whatever crashed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from rectify.actor import Actor
from rectify.errors import IllegalMove
from rectify.i18n import message
from rectify.integrations.fastapi.building import Misfit
from rectify.integrations.fastapi.problems import Problem, missing_version
from rectify.issue import Issue
from rectify.ledger import Ledger
from rectify.move import Step
from rectify.record import replay

_TAG: Final = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')
_KEY: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,199}")
_NAMES: Final = uuid.UUID("6f1c7c2e-0e0a-5f4b-9d0e-2f6f2c1f7a55")

S = TypeVar("S", bound=Issue)


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def wanted_version(if_match: str | None) -> int:
    """The version that a write is meant for.

    Raises a `Problem`: 428 where none is named (``*`` names none), 400 for what is no ETag, 412
    for one that no issue has.
    """
    if if_match is None or if_match.strip() == "*":
        raise missing_version()
    found = _TAG.fullmatch(if_match)
    detail = message("If-Match is no ETag of an issue; it looks like: {example}", example='"3"')
    if found is None:
        raise Problem(400, "version-unreadable", detail)
    if not re.fullmatch("[1-9][0-9]{0,8}", found[1]):
        raise Problem(412, "stale", detail)
    return int(found[1])


def is_current(if_none_match: str | None, version: int) -> bool:
    """Whether a reader has this version already."""
    if if_none_match is None:
        return False
    tags = if_none_match.split(",")
    return "*" in [tag.strip() for tag in tags] or any(
        found[1] == str(version) for tag in tags if (found := _TAG.fullmatch(tag))
    )


def issue_id_of(key: str | None, by: Actor) -> str:
    """The id of what an actor registers under an Idempotency-Key: one for each of the two.

    Raises a `Problem` where there is none, or none that can be kept.
    """
    if key is None:
        detail = message("send Idempotency-Key, the same with each repeat, such as a UUID")
        raise Problem(400, "key-missing", detail)
    if not _KEY.fullmatch(key):
        detail = message("Idempotency-Key is 1 to 200 printable ASCII characters")
        raise Problem(400, "key-unreadable", detail)
    return str(uuid.uuid5(_NAMES, f"{len(by.id)}:{by.id}:{key}"))


def issue_at(ledger: Ledger[Any], issue_id: str, version: int) -> Issue:
    """An issue as it stood at a version that it has had."""
    records = ledger.history(issue_id)[:version]
    *_, (_, _, issue, _) = replay(records, ledger.lifecycle.step)
    return issue


def repeated(
    ledger: Ledger[Any], current: Issue, version: int, by: Actor, again: Callable[[Issue], Step[S]]
) -> S | None:
    """The issue after the step that moved it on from a version, if that is this very step.

    ``again`` makes the step on the issue as it was then.
    """
    if version >= current.version:
        return None
    records = ledger.history(current.id)[: version + 1]
    *_, (_, _, before, _), (record, taken, after, _) = replay(records, ledger.lifecycle.step)
    if record.by.id != by.id:
        return None
    try:
        return cast("S", after) if again(before) == taken else None
    except (IllegalMove, Misfit):
        return None
