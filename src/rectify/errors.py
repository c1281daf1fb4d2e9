"""What can go wrong, as a tree.

::

    RectifyError
    ├── InvalidValue (ValueError)          a value no record may hold
    │   └── NaiveInstant                   a datetime without a zone
    ├── PhraseError (ValueError)           official wording that can't be read
    ├── HorizonError (LookupError)         a date past the last published calendar
    ├── CampaignError (ValueError)         a campaign file, with every problem in it
    │   ├── UnitsError                     a table of units, with every problem in it
    │   ├── MappingError                   a mapping of an existing table, with every problem
    │   └── UnknownCampaign (LookupError)  no campaign of that name
    ├── MissingExtra (ImportError)         a part of the library whose packages aren't there
    ├── LifecycleError (TypeError)         states, moves and rules that don't fit together
    ├── IllegalMove (TypeError)            a move built on an issue in another state
    ├── Refused (Exception)                a legal move that rules refuse, with every reason
    ├── StaleIssue (RuntimeError)          the issue has moved on since it was read
    ├── UnknownIssue (KeyError)            no issue with that id
    ├── UnknownMove (LookupError)          no move of that name
    ├── UnknownState (LookupError)         no state of that name
    ├── UnknownDuty (LookupError)          nothing is owed under that key
    ├── UnknownHook (LookupError)          no after hook of that name
    ├── UnknownDelivery (LookupError)      no delivery with that id
    ├── NotIntact (RuntimeError)           a ledger that can't be sealed, with every problem in it
    ├── CheckpointError (ValueError)       a checkpoint that is damaged, forged or another ledger's
    ├── SigningKeyError (ValueError)       a key that can't sign or can't be compared
    ├── SecretKeyError (ValueError)        confidential texts whose key is not the one given
    ├── Erased (LookupError)               a confidential text that was erased, and when
    └── StoreError (OSError)               a store that can't be opened or written
        ├── StoreUnreadable                not a ledger, or damaged
        ├── CampaignMismatch               the ledger belongs to another campaign
        └── DigestMismatch                 the ledger's digests are made with another hash

Every text is built from the error's fields, names what was asked, and says what
would be possible. ``str(error)`` is in Chinese and English; ``error.message.text("zh")``
is one of them. No text ever holds a confidential value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rectify.i18n import Message, message

if TYPE_CHECKING:
    from rectify.reason import Reason
    from rectify.record import Problem


class RectifyError(Exception):
    """The root: catch it to catch all that this library raises on purpose."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class InvalidValue(RectifyError, ValueError):
    """A value that no record may hold: what it was meant for, and what is wrong with it."""

    def __init__(self, field: str, problem: Message) -> None:
        super().__init__(message("{field}: {problem}", field=field, problem=problem))
        self.field = field
        self.problem = problem

    def __reduce__(self) -> tuple[type[InvalidValue], tuple[str, Message]]:
        return type(self), (self.field, self.problem)


class NaiveInstant(InvalidValue):
    """A datetime without a time zone, where an instant is meant."""

    def __init__(self, field: str, problem: Message | None = None) -> None:
        super().__init__(
            field,
            problem
            or message(
                "a datetime needs a time zone, for example"
                " datetime(2018, 3, 5, 9, 0, tzinfo=ZoneInfo('Asia/Shanghai'))"
            ),
        )


class PhraseError(RectifyError, ValueError):
    """Official wording that can't be read; ``position`` counts characters from 0."""

    def __init__(self, words: str, position: int, problem: Message) -> None:
        super().__init__(
            message(
                "can't read “{words}” at character {position}: {problem}",
                words=words if len(words) <= 80 else words[:80] + "…",
                position=position + 1,
                problem=problem,
            )
        )
        self.words = words
        self.position = position
        self.problem = problem

    def __reduce__(self) -> tuple[type[PhraseError], tuple[str, int, Message]]:
        return type(self), (self.words, self.position, self.problem)


class HorizonError(RectifyError, LookupError):
    """A date outside the years for which working days have been published."""

    def __init__(self, asked: object, first: object, last: object) -> None:
        super().__init__(
            message(
                "working days are known from {first} to {last}, not for {asked};"
                " load a calendar that covers it",
                asked=asked,
                first=first,
                last=last,
            )
        )
        self.asked = asked
        self.first = first
        self.last = last

    def __reduce__(self) -> tuple[type[HorizonError], tuple[object, object, object]]:
        return type(self), (self.asked, self.first, self.last)


class CampaignError(RectifyError, ValueError):
    """A campaign that does not load: every problem, each with its path in the file."""

    def __init__(self, source: str, problems: Sequence[tuple[str, Message]]) -> None:
        self.source = source
        self.problems = tuple(problems)
        values: dict[str, object] = {
            f"p{number}": message("{path}: {problem}", path=path or source, problem=problem)
            for number, (path, problem) in enumerate(problems)
        }
        lines = "".join(f"\n  {{p{number}}}" for number in range(len(problems)))
        head = self._head(source, len(self.problems))
        super().__init__(Message("{head}" + lines, {"head": head, **values}))

    def _head(self, source: str, count: int) -> Message:
        return message("campaign {source} has {count} problem(s):", source=source, count=count)

    def __reduce__(self) -> tuple[type[CampaignError], tuple[object, ...]]:
        return type(self), (self.source, self.problems)


class UnitsError(CampaignError):
    """A table of units that does not load: every problem, each with its line and column."""

    def _head(self, source: str, count: int) -> Message:
        return message(
            "the table of units {source} has {count} problem(s):", source=source, count=count
        )


class MappingError(CampaignError):
    """A mapping of an existing table that does not load: every problem, each with its key."""

    def _head(self, source: str, count: int) -> Message:
        return message("the mapping {source} has {count} problem(s):", source=source, count=count)


class UnknownCampaign(CampaignError, LookupError):
    """No campaign of that name ships, and no file is at that path."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        RectifyError.__init__(
            self,
            message(
                "no campaign or file “{name}”; shipped campaigns: {known}",
                name=name,
                known=tuple(known),
            ),
        )
        self.source = name
        self.problems = (("", self.message),)
        self.name = name
        self.known = tuple(known)

    def __reduce__(self) -> tuple[type[UnknownCampaign], tuple[object, ...]]:
        return type(self), (self.name, self.known)


class MissingExtra(RectifyError, ImportError):
    """A part of the library that needs packages which aren't installed, and what brings them."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            message(
                "{package} is not installed; install {extra}",
                package=package,
                extra=f"rectify[{extra}]",
            )
        )
        self.package = package
        self.extra = extra

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        return type(self), (self.package, self.extra)


class LifecycleError(RectifyError, TypeError):
    """States, moves, rules and hooks that do not fit together: every problem."""

    def __init__(self, problems: Sequence[Message]) -> None:
        self.problems = tuple(problems)
        values: dict[str, object] = {f"p{n}": problem for n, problem in enumerate(problems)}
        lines = "".join(f"\n  {{p{n}}}" for n in range(len(problems)))
        head = message("the lifecycle has {count} problem(s):", count=len(problems))
        super().__init__(Message("{head}" + lines, {"head": head, **values}))

    def __reduce__(self) -> tuple[type[LifecycleError], tuple[object, ...]]:
        return type(self), (self.problems,)


class IllegalMove(RectifyError, TypeError):
    """A move built on an issue in a state it can't start from.

    All but ``issue_id`` are the names of classes; ``labels`` are what they are called in
    sentences, by the names.
    """

    def __init__(
        self,
        move: str,
        issue_id: str,
        state: str,
        sources: Sequence[str],
        legal: Sequence[str],
        labels: Mapping[str, Message] | None = None,
    ) -> None:
        called: Mapping[str, object] = labels or {}
        super().__init__(
            message(
                "{move} can't be made on issue {issue_id}, which is {state};"
                " {move} starts from: {sources}; from {state}: {legal}",
                move=called.get(move, move),
                issue_id=issue_id,
                state=called.get(state, state),
                sources=tuple(called.get(name, name) for name in sources),
                legal=tuple(called.get(name, name) for name in legal),
            )
        )
        self.labels = labels
        self.move = move
        self.issue_id = issue_id
        self.state = state
        self.sources = tuple(sources)
        self.legal = tuple(legal)

    def __reduce__(self) -> tuple[type[IllegalMove], tuple[object, ...]]:
        fields = (self.move, self.issue_id, self.state, self.sources, self.legal, self.labels)
        return type(self), fields


class Refused(RectifyError):
    """A move that is legal in its state but that rules refuse; ``reasons`` holds them all.

    ``move`` is the name of its class, ``label`` what that is called in sentences, and
    ``head`` the first line, where it is no move that is refused.
    """

    def __init__(
        self,
        reasons: Sequence[Reason],
        move: str = "",
        issue_id: str = "",
        label: Message | None = None,
        head: Message | None = None,
    ) -> None:
        self.reasons = tuple(reasons)
        self.head = head
        self.label = label
        self.move = move
        self.issue_id = issue_id
        values: dict[str, object] = {f"r{n}": reason.line for n, reason in enumerate(reasons)}
        lines = "".join(f"\n  {{r{n}}}" for n in range(len(reasons)))
        called = label or move
        own = message("{move} on issue {issue_id} is refused:", move=called, issue_id=issue_id)
        super().__init__(Message("{head}" + lines, {"head": head or own, **values}))

    def __reduce__(self) -> tuple[type[Refused], tuple[object, ...]]:
        return type(self), (self.reasons, self.move, self.issue_id, self.label, self.head)


class StaleIssue(RectifyError, RuntimeError):
    """The issue has moved on since it was read: get it again and decide anew."""

    def __init__(self, issue_id: str, version: int, current: int | None) -> None:
        super().__init__(
            message(
                "issue {issue_id} was read at version {version} and is now at {current};"
                " get it again and decide anew",
                issue_id=issue_id,
                version=version,
                current="?" if current is None else current,
            )
        )
        self.issue_id = issue_id
        self.version = version
        self.current = current

    def __reduce__(self) -> tuple[type[StaleIssue], tuple[object, ...]]:
        return type(self), (self.issue_id, self.version, self.current)


class UnknownIssue(RectifyError, KeyError):
    """No issue with that id in this ledger."""

    def __init__(self, issue_id: str) -> None:
        super().__init__(message("no issue {issue_id} in this ledger", issue_id=issue_id))
        self.issue_id = issue_id

    def __reduce__(self) -> tuple[type[UnknownIssue], tuple[str]]:
        return type(self), (self.issue_id,)


class UnknownMove(RectifyError, LookupError):
    """No move of that name in this lifecycle."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            message("no move {name}; this lifecycle has: {known}", name=name, known=tuple(known))
        )
        self.name = name
        self.known = tuple(known)

    def __reduce__(self) -> tuple[type[UnknownMove], tuple[object, ...]]:
        return type(self), (self.name, self.known)


class UnknownState(RectifyError, LookupError):
    """No state of that name in this lifecycle."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            message("no state {name}; this lifecycle has: {known}", name=name, known=tuple(known))
        )
        self.name = name
        self.known = tuple(known)

    def __reduce__(self) -> tuple[type[UnknownState], tuple[object, ...]]:
        return type(self), (self.name, self.known)


class UnknownHook(RectifyError, LookupError):
    """No after hook of that name in this program's ledger."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(
            message(
                "no hook “{name}”; this program has: {known}", name=name, known=tuple(known) or "–"
            )
        )
        self.name = name
        self.known = tuple(known)

    def __reduce__(self) -> tuple[type[UnknownHook], tuple[object, ...]]:
        return type(self), (self.name, self.known)


class UnknownDelivery(RectifyError, LookupError):
    """No delivery with that id in this ledger."""

    def __init__(self, delivery_id: int) -> None:
        super().__init__(message("no delivery {id} in this ledger", id=delivery_id))
        self.delivery_id = delivery_id

    def __reduce__(self) -> tuple[type[UnknownDelivery], tuple[int]]:
        return type(self), (self.delivery_id,)


class NotIntact(RectifyError, RuntimeError):
    """A ledger that is not what it once wrote and so can't be sealed: every problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        values: dict[str, object] = {
            f"p{n}": message(
                "{issue}, record {version}: {problem}",
                issue=problem.issue_id,
                version="–" if problem.version is None else problem.version,
                problem=problem.text,
            )
            for n, problem in enumerate(problems)
        }
        lines = "".join(f"\n  {{p{n}}}" for n in range(len(problems)))
        head = message("the ledger is not intact; {count} problem(s):", count=len(problems))
        super().__init__(Message("{head}" + lines, {"head": head, **values}))

    def __reduce__(self) -> tuple[type[NotIntact], tuple[object, ...]]:
        return type(self), (self.problems,)


class CheckpointError(RectifyError, ValueError):
    """A checkpoint that can't be read, made or trusted."""

    def __init__(self, problem: Message) -> None:
        super().__init__(message("checkpoint: {problem}", problem=problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type[CheckpointError], tuple[Message]]:
        return type(self), (self.problem,)


class SigningKeyError(RectifyError, ValueError):
    """A key that can't sign, or can't be compared with one that did. Never shows the key."""

    def __init__(self, problem: Message) -> None:
        super().__init__(message("key: {problem}", problem=problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type[SigningKeyError], tuple[Message]]:
        return type(self), (self.problem,)


class SecretKeyError(RectifyError, ValueError):
    """Confidential texts are encrypted, and not with the key that is given. Shows neither."""

    def __init__(self, problem: Message) -> None:
        super().__init__(message("secret key: {problem}", problem=problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type[SecretKeyError], tuple[Message]]:
        return type(self), (self.problem,)


class Erased(RectifyError, LookupError):
    """A confidential text that is no more: ``erased_at`` is when it was erased (UTC)."""

    def __init__(self, issue_id: str, field: str, erased_at: datetime) -> None:
        super().__init__(
            message(
                "{field} of issue {issue_id} was erased at {at}; what is left is the commitment"
                " in its record",
                field=field,
                issue_id=issue_id,
                at=erased_at.isoformat(sep=" ", timespec="seconds"),
            )
        )
        self.issue_id = issue_id
        self.field = field
        self.erased_at = erased_at

    def __reduce__(self) -> tuple[type[Erased], tuple[str, str, datetime]]:
        return type(self), (self.issue_id, self.field, self.erased_at)


class UnknownDuty(RectifyError, LookupError):
    """Nothing is owed under that key; ``near`` are keys like it."""

    def __init__(self, key: str, near: Sequence[str]) -> None:
        shown = key if len(key) <= 80 else key[:80] + "…"
        said = message("nothing is owed under the key “{key}”, nor under one like it", key=shown)
        if near:
            said = message(
                "nothing is owed under the key “{key}”; near it are: {near}",
                key=shown,
                near=tuple(near),
            )
        super().__init__(said)
        self.key = key
        self.near = tuple(near)

    def __reduce__(self) -> tuple[type[UnknownDuty], tuple[object, ...]]:
        return type(self), (self.key, self.near)


class StoreError(RectifyError, OSError):
    """A store that can't be opened, read or written."""

    def __init__(self, url: str, problem: Message) -> None:
        super().__init__(message("ledger {url}: {problem}", url=url, problem=problem))
        self.url = url
        self.problem = problem

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, Message]]:
        return type(self), (self.url, self.problem)


class StoreUnreadable(StoreError):
    """What is there is not a ledger, or is damaged, or is of another schema version."""


class CampaignMismatch(StoreError):
    """The ledger belongs to another campaign, or to another version of it."""


class DigestMismatch(StoreError):
    """The ledger's digests are made with another hash than the one that was asked for."""
