"""Deliverers in processes of their own; a module of its own, for what they import."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from rectify import AnyIssue, Ledger, Move, load_campaign
from rectify.delivery import Delivered
from rectify.hooks import Applied, Policy
from support import NOON

POISON = "poison"
"""The id of the issue whose delivery goes wrong."""

Ill: TypeAlias = Callable[[], None]


def hang() -> None:
    """Never come back."""
    while True:
        time.sleep(60)


def exit_at_once() -> None:
    """Take the process along, without a word."""
    os._exit(3)


def nothing() -> None:
    """Be well."""


@attrs.frozen
class Job:
    """What a deliverer is told: where, when it believes it is, what the poison does to it."""

    url: str
    log: Path
    later: timedelta = timedelta(0)
    ill: Ill = nothing
    policy: Policy = attrs.field(factory=Policy)

    @property
    def now(self) -> datetime:
        return NOON + self.later


def opened(job: Job) -> Ledger[AnyIssue]:
    """The ledger with its hook, which notes each delivery in one write."""
    ledger = Ledger.open(job.url, load_campaign("hubei-2018"), create=False, clock=lambda: job.now)

    @ledger.after(Move, name="tell", policy=job.policy)
    def tell(applied: Applied[Move[Any]]) -> None:
        if applied.issue.id == POISON:
            note(job.log, f"{POISON} begun {applied.attempt}")
            job.ill()
        note(job.log, f"{applied.issue.id} {applied.record.version}")

    return ledger


def note(log: Path, line: str) -> None:
    """Add a line; no other process comes between."""
    with log.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def deliver(job: Job) -> Delivered:
    """Deliver in this process until nothing is due."""
    with opened(job) as ledger:
        return ledger.deliver()


def work_off(job: Job, ids: Sequence[int]) -> None:
    """Be the worker of a queue: ask for each delivery by its id."""
    with opened(job) as ledger:
        for one in ids:
            ledger.deliver_one(one)
