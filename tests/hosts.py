"""A lifecycle extended as a host platform might, with names and labels hard on other tools."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from rectify.evidence import Timetable
from rectify.issue import AnyIssue, Issue, Scheduled, Verified
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move


@attrs.frozen(slots=False)
class 挂起(Issue):  # noqa: N801
    """挂"起" <b>&amp; #35; {[(direction TB)]} \\N --> 上级答复%%, and more words: paused."""

    why: str


@attrs.frozen(slots=False)
class State(Issue):
    """归档</b>;`'"""


@attrs.frozen(slots=False)
class Suspend(Move[挂起]):
    """暂停 / "a" | b\\: until the level above has answered."""

    issue: Scheduled
    why: str

    def enter(self) -> 挂起:
        return 挂起(*self.issue.onward(), self.why)


@attrs.frozen(slots=False)
class 恢复(Move[Scheduled]):  # noqa: N801
    issue: 挂起
    timetable: Timetable

    def enter(self) -> Scheduled:
        return Scheduled(*self.issue.onward(), self.timetable)


@attrs.frozen(slots=False)
class FileXMLAway(Move[State]):
    """
    归档: nothing is left to do (the label is on the second line).
    """

    issue: Verified | 挂起

    def enter(self) -> State:
        return State(*self.issue.onward())


@attrs.frozen(slots=False)
class Note(Move[State]):
    issue: State

    def enter(self) -> State:
        return State(*self.issue.onward())


HostIssue: TypeAlias = AnyIssue | 挂起 | State

HOST: Lifecycle[HostIssue] = STANDARD.extended(
    states=(挂起, State),
    moves=(Suspend, 恢复, FileXMLAway, Note),
    finals=(State,),
)
