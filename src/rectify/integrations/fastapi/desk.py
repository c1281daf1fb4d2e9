"""What an actor does through the interface, on one request's ledger: reads and writes.

An issue that the actor may not see is not there: it is answered as one that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar, cast

import attrs

from rectify.actor import Actor
from rectify.duty import DutyEvent, DutyStanding, Submission
from rectify.errors import InvalidValue, Refused, StaleIssue, UnknownIssue
from rectify.finding import Finding
from rectify.i18n import message
from rectify.integrations.fastapi import paging
from rectify.integrations.fastapi.building import Misfit, build
from rectify.integrations.fastapi.policy import Owes, Visible
from rectify.integrations.fastapi.problems import Problem
from rectify.integrations.fastapi.versions import issue_at, repeated
from rectify.issue import LEAD, Found, Issue, Link, Transferred
from rectify.ledger import Ledger
from rectify.move import Move
from rectify.moves import Register, Tie, Transfer
from rectify.reason import Decision, Option
from rectify.record import Record, replay
from rectify.todo import Entry, agenda, horizon_of

S = TypeVar("S", bound=Issue)


class Done(NamedTuple):
    """An issue after a write, and whether the write was a repeat of one done before."""

    issue: Issue
    repeat: bool


@attrs.frozen
class Desk:
    """One actor at one ledger, with the host's word on what the actor may see."""

    ledger: Ledger[Any]
    actor: Actor
    visible: Visible
    owes: Owes

    # Reading.

    def issue(self, issue_id: str) -> Issue:
        """An issue; `UnknownIssue` also for one that the actor may not see."""
        issue: Issue = self.ledger.get(issue_id)
        if not self.visible(self.actor, issue):
            raise UnknownIssue(issue_id)
        return issue

    def issues(
        self, state: str | None, unit: str | None, area: str | None, cursor: str | None, limit: int
    ) -> tuple[list[Issue], str | None]:
        """A page of the issues that fit, and the cursor of the next."""
        found = self.ledger.issues(state, unit, area, after=paging.last_of(cursor))
        return paging.page(found, lambda issue: issue.id, self._sees, limit)

    def _sees(self, issue: Issue) -> bool:
        return self.visible(self.actor, issue)

    def history(self, issue_id: str) -> tuple[Record, ...]:
        """An issue's records."""
        self.issue(issue_id)
        return self.ledger.history(issue_id)

    def options(self, issue_id: str) -> tuple[Issue, tuple[Option, ...]]:
        """What the actor may do with an issue now, and if not, why."""
        issue = self.issue(issue_id)
        return issue, self.ledger.options(issue, by=self.actor)

    def duties(self, on: date | None) -> list[DutyStanding]:
        """Where all that the actor answers for stands."""
        return [one for one in self.ledger.duties(on) if self.owes(self.actor, one.owed)]

    def due(
        self, on: date | None, until: date | None, cursor: str | None, limit: int
    ) -> tuple[list[Entry], str | None]:
        """A page of what is due, by when: of the actor's issues and duties."""
        ledger = self.ledger
        day = on or ledger.now().astimezone(ledger.campaign.zone).date()
        own = {f"duty/{one.owed.key}" for one in self.duties(day)}
        issues = (issue for issue in ledger.issues() if self._sees(issue))
        until = until or horizon_of(ledger, day)
        entries = agenda(
            ledger.campaign, ledger.units, issues, on=day, until=until, events=ledger.filed()
        )
        shown = [one for one in entries if one.kind != "duty" or one.key in own]
        after = None if cursor is None else _place_of(paging.last_of(cursor))
        left = (one for one in shown if after is None or _place(one) > after)
        return paging.page(left, lambda one: _written(_place(one)), lambda _: True, limit)

    # Writing.

    def register(self, finding: Finding, issue_id: str) -> Done:
        """Register a finding under the id that its Idempotency-Key gives it."""
        preview = Register(issue_id, finding.with_confidential({})).enter()
        if not self._sees(preview):
            detail = message("unit {unit} is not one that you register for", unit=finding.unit)
            raise Problem(403, "not-your-unit", detail)
        done = self._registered(finding, issue_id)
        if done is None:
            try:
                return Done(
                    self.ledger.register(finding, by=self.actor, issue_id=issue_id), repeat=False
                )
            except (InvalidValue, StaleIssue):
                done = self._registered(finding, issue_id)
                if done is None:
                    raise
        return Done(done, repeat=True)

    def _registered(self, finding: Finding, issue_id: str) -> Found | None:
        """What was registered under an id before; a `Problem` where that was something else."""
        try:
            same = self.ledger.is_registered_as(issue_id, finding)
        except UnknownIssue:
            return None
        if not same:
            detail = message("this Idempotency-Key was used to register something else")
            raise Problem(422, "key-reused", detail)
        return cast("Found", issue_at(self.ledger, issue_id, 1))

    def apply(
        self, kind: type[Move[S]], evidence: Mapping[str, Any], at: str, version: int
    ) -> Done:
        """Carry out a move on an issue, of which the caller has seen that version."""

        def make(issue: Issue) -> Move[S]:
            return build(kind, evidence, issue=issue)

        return self._write(at, version, make, lambda move: self.ledger.apply(move, by=self.actor))

    def _write(
        self,
        issue_id: str,
        version: int,
        make: Callable[[Issue], Move[S]],
        write: Callable[[Move[S]], S],
    ) -> Done:
        current = self.issue(issue_id)
        if current.version == version:
            try:
                return Done(write(make(current)), repeat=False)
            except StaleIssue:  # somebody came between, or the same request did
                current = self.issue(issue_id)
        after = repeated(self.ledger, current, version, self.actor, make)
        if after is None:
            raise StaleIssue(issue_id, version, current.version)
        return Done(after, repeat=True)

    def check(self, kind: type[Move[Any]], evidence: Mapping[str, Any], issue_id: str) -> Decision:
        """What the rules say of a move now; writes nothing."""
        move = build(kind, evidence, issue=self.issue(issue_id))
        return self.ledger.check(move, by=self.actor)

    def split_lead(self, issue_id: str, version: int, organ: str, lead: str) -> tuple[Done, Issue]:
        """Split off a lead: the issue after it, and the lead."""
        current = self.issue(issue_id)
        if current.version == version:
            try:
                issue, split = self.ledger.split_lead(
                    current, organ=organ, lead=lead, by=self.actor
                )
                return Done(issue, repeat=False), split
            except StaleIssue:
                current = self.issue(issue_id)
        done = self._split_before(current, version, organ, lead)
        if done is None:
            raise StaleIssue(issue_id, version, current.version)
        return done

    def _split_before(
        self, current: Issue, version: int, organ: str, lead: str
    ) -> tuple[Done, Issue] | None:
        """The same, where this very lead was split off that version before."""
        if version >= current.version:
            return None
        after = issue_at(self.ledger, current.id, version + 1)
        *_, link = after.links or (Link("-", "-"),)
        same = repeated(self.ledger, current, version, self.actor, lambda was: Tie(was, link))
        if same is None or link.kind != LEAD:
            return None
        steps = replay(self.ledger.history(link.issue_id), self.ledger.lifecycle.step)
        sent = next(each for _, step, each, _ in steps if isinstance(step, Transfer))
        assert isinstance(sent, Transferred)
        if (sent.organ, sent.lead) != (organ, lead):
            return None
        return Done(after, repeat=True), sent

    def submit(self, key: str, document_hash: str, note: str) -> tuple[Submission, bool]:
        """Hand in what is owed, and tell whether it was a repeat.

        The same document handed in again by the same actor is one submission, until it is
        sent back.
        """
        for standing in self.ledger.duties():
            if standing.owed.key == key and not self.owes(self.actor, standing.owed):
                raise Problem(
                    403, "not-your-duty", message("{key} is not yours to hand in", key=key)
                )
        try:
            with self.ledger.batch():
                made = self.ledger.submit(
                    key, by=self.actor, document_hash=document_hash, note=note
                )
                # The ledger is locked now, so that what was filed is all that came before.
                *_, before, _ = (None, None, *self._filed(key))
                if _is_same(before, made):
                    raise _Repeated
        except _Repeated:
            return cast("Submission", self._filed(key)[-1]), True
        except Refused:  # it may be dated before the same one, which came in meanwhile
            *_, last = (None, *self._filed(key))
            made = Submission(key, None, self.actor.id, self.ledger.now(), document_hash, note)
            if not _is_same(last, made):
                raise
            return cast("Submission", last), True
        return made, False

    def _filed(self, key: str) -> list[DutyEvent]:
        return [event for event in self.ledger.filed() if event.key == key]


_Place: TypeAlias = tuple[bool, int, str]
_PLACE: Final = re.compile(r"(?:(?P<at>[0-9]{1,18})|-) (?P<key>.+)")


def _place(entry: Entry) -> _Place:
    """Where an entry comes in its list, which another's being done does not change."""
    if entry.due is None:
        return True, 0, entry.key
    return False, round(entry.due.ends_at.timestamp() * 1_000_000), entry.key


def _written(place: _Place) -> str:
    is_last, at, key = place
    return f"{'-' if is_last else at} {key}"


def _place_of(written: str) -> _Place:
    match = _PLACE.fullmatch(written)
    if match is None:
        raise Misfit("cursor", paging.UNKNOWN)
    at = match["at"]
    return at is None, int(at or 0), match["key"]


class _Repeated(Exception):
    """What is being handed in was handed in before."""


def _is_same(before: DutyEvent | None, made: Submission) -> bool:
    return isinstance(before, Submission) and (before.by, before.document_hash, before.note) == (
        made.by,
        made.document_hash,
        made.note,
    )
