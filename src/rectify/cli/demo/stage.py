"""Where the story is played: a ledger on the story's own clock, one act at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast

import attrs

from rectify.campaign import Campaign
from rectify.cli.demo.figures import Stock, take_stock
from rectify.cli.demo.platform import Platform
from rectify.cli.demo.story import REGISTER, SPLIT, Act, Story
from rectify.errors import IllegalMove, Refused
from rectify.i18n import Message
from rectify.issue import AnyIssue, Issue
from rectify.ledger import Ledger
from rectify.move import Move, sources
from rectify.reason import Reason
from rectify.structure import restore_step


@attrs.frozen(kw_only=True)
class Scene:
    """How an act went: the issue after it, or why not; what the platform then sent."""

    act: Act
    before: Issue | None = None
    after: Issue | None = None
    lead: Issue | None = None
    reasons: tuple[Reason, ...] = ()
    illegal: IllegalMove | None = None
    sent: tuple[tuple[str, Message], ...] = ()
    retried: int = 0


class Stage:
    """Plays the acts of a story on a ledger; the clock is the act's."""

    def __init__(self, story: Story, campaign: Campaign, file: Path) -> None:
        self._story = story
        self._now = story.acts[0].at
        self._next_id = ""
        self.ledger = Ledger.open(
            file,
            campaign,
            units=story.units,
            clock=lambda: self._now,
            new_id=lambda: self._next_id,
        )
        self._platform = Platform(self.ledger, story.units)

    def play(self) -> Iterator[Scene | Stock]:
        """Every act in order, and a stocktaking on the evening of each of the days for it."""
        looks = list(self._story.looks)
        for act in self._story.acts:
            while looks and looks[0] < act.at.date():
                yield self._look(looks.pop(0))
            yield self._perform(act)
        for day in looks:
            yield self._look(day)

    def _look(self, day: date) -> Stock:
        self._now = datetime.combine(day, time(18), self.ledger.campaign.zone)
        return take_stock(self.ledger, day)

    def _perform(self, act: Act) -> Scene:
        self._now, already = act.at, len(self._platform.sent)
        scene = self._attempt(act)
        found = tuple(reason.code for reason in scene.reasons)
        assert (found, scene.illegal is not None) == (act.refused, act.illegal), (act, found)
        delivered = self.ledger.deliver()
        sent = tuple(self._platform.sent[already:])
        return attrs.evolve(scene, sent=sent, retried=delivered.failed)

    def _attempt(self, act: Act) -> Scene:
        before = None if act.do == REGISTER else self.ledger.get(act.issue_id)
        try:
            if act.finding is not None:
                found = self.ledger.register(act.finding, by=act.by, issue_id=act.issue_id)
                return Scene(act=act, after=found)
            assert before is not None
            if act.do == SPLIT:
                return self._split(act, before)
            return Scene(act=act, before=before, after=self._move(act, before))
        except Refused as refused:
            return Scene(act=act, before=before, reasons=refused.reasons)
        except IllegalMove as illegal:
            return Scene(act=act, before=before, illegal=illegal)

    def _split(self, act: Act, issue: AnyIssue) -> Scene:
        self._next_id = act.evidence["as"]
        after, lead = self.ledger.split_lead(
            issue, organ=act.evidence["organ"], lead=act.evidence["lead"], by=act.by
        )
        return Scene(act=act, before=issue, after=after, lead=lead)

    def _move(self, act: Act, issue: AnyIssue) -> Issue:
        kind = self.ledger.lifecycle.step(act.do)
        if not isinstance(issue, sources(kind)):
            # As code that is not type-checked would: the class itself objects.
            cast("Any", kind)(issue=issue, **act.evidence)
        step = restore_step(kind, issue, act.evidence)
        move = cast("Move[Issue]", step)
        return self.ledger.apply(move, by=act.by, at=act.dated)
