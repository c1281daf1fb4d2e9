"""Processes that use a ledger and say outside of it what it acknowledged, until they are killed.

What they say is appended to a file, a line at a time, by a single write each: a process that is
killed takes nothing of that with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

from faults.walking import Flowing, actor, step
from rectify import AnyIssue, Found, Issue, Ledger, Move, Scheduled, load_campaign
from rectify.errors import StaleIssue, StoreError
from rectify.event import Overdue
from rectify.hooks import Applied, Occurred
from rectify.moves import Register
from support import finding

HOOKS: Final[dict[str, type[Any]]] = {"moved": Move, "registered": Register, "urge": Overdue}
"""The names of the hooks, and what each is on."""

HOOK_FAILS_ONE_IN: Final = 25
ISSUES_AT_ONCE: Final = 12
"""How many issues the writers of a ledger contend for; a few more are registered now and then."""


@attrs.frozen
class Job:
    """One process: its ledger, the file it appends to, its name, the seed of what it does."""

    url: str
    log: Path
    name: str
    seed: int
    clock: Flowing


class Log:
    """A file that lines are appended to, by any number of processes."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(self, *lines: tuple[object, ...]) -> None:
        """Append lines, in one write."""
        text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
        os.write(self._file, text.encode())


def opened(job: Job, log: Log, *, hooks_fail: bool = False) -> Ledger[AnyIssue]:
    """The ledger, with the hooks that are on it in every process."""
    ledger = Ledger.open(job.url, load_campaign("hubei-2018"), clock=job.clock)
    chance = Random(job.seed)

    def run(key: str) -> None:
        if hooks_fail and chance.randrange(HOOK_FAILS_ONE_IN) == 0:
            raise RuntimeError(key)
        log.say(("hook", key))

    @ledger.after(Move, name="moved")
    def moved(applied: Applied[Any]) -> None:
        run(applied.key)

    @ledger.after(Register, name="registered")
    def registered(applied: Applied[Register]) -> None:
        run(applied.key)

    @ledger.after(Overdue, name="urge")
    def urge(occurred: Occurred[Overdue]) -> None:
        run(occurred.key)

    return ledger


def write(job: Job) -> None:
    """Take random steps, and say each once it is acknowledged, until killed."""
    _run(job, _write_on)


def deliver(job: Job) -> None:
    """Run what hooks are owed, over and over, until killed."""
    _run(job, _deliver_on)


def _run(job: Job, work: Callable[[Job, Log], None]) -> None:
    log = Log(job.log)
    while True:
        try:
            work(job, log)
        except StoreError as error:
            log.say(("error", job.name, type(error).__name__, error.message.en))
            time.sleep(0.05)
        except BaseException as error:
            log.say(("crash", job.name, repr(error)))
            raise
        else:
            return


def _deliver_on(job: Job, log: Log) -> None:
    with opened(job, log, hooks_fail=True) as ledger:
        log.say(("ready", job.name))
        while True:
            ledger.deliver()
            time.sleep(0.002)


def _write_on(job: Job, log: Log) -> None:
    # Opened again after an error, it goes on with other tokens.
    chance = Random(f"{job.seed}/{time.monotonic_ns()}")
    with opened(job, log) as ledger:
        writer = Writer(ledger, chance, log, job.clock)
        log.say(("ready", job.name))
        while True:
            token = f"{job.name}.{time.monotonic_ns()}"
            try:
                writer.act(token)
            except StaleIssue:
                log.say(("lost", token))
            except StoreError:
                # It may have been committed, and the word of it lost.
                log.say(("unsure", token))
                raise


@attrs.define
class Writer:
    """Takes random steps, of all kinds that write."""

    ledger: Ledger[AnyIssue]
    chance: Random
    log: Log
    clock: Flowing
    known: list[str] = attrs.field(factory=list[str])

    def act(self, token: str) -> None:
        """Take one step of some kind, and say so once it is acknowledged."""
        wish = self.chance.random()
        if not self.known:
            self.known = [issue.id for issue in self.ledger.issues()]
        if len(self.known) < ISSUES_AT_ONCE or wish < 0.04:
            self._register(token)
            return
        issue = self.ledger.get(self.chance.choice(self.known[-ISSUES_AT_ONCE:]))
        if wish < 0.07:
            other = self.chance.choice(self.known)
            if other != issue.id:
                link = self.ledger.link(issue, other, kind="same-project", by=actor(token))
                self._say(token, link)
        elif wish < 0.10:
            days = self.chance.randrange(150)
            found = self.ledger.sweep(self.clock() + timedelta(days=days))
            self.log.say(*(("event", event.key) for event in found.events))
        elif wish < 0.16 and isinstance(issue, Found | Scheduled):
            self._split(issue, token)
        elif wish < 0.24:
            self._batch(token)
        else:
            after, lost = step(self.ledger, issue, self.chance, token)
            if lost:
                raise StaleIssue(issue.id, issue.version, None)
            if after is not None:
                self._say(token, after)

    def _register(self, token: str) -> None:
        reporter = f"举报人{token}" if self.chance.random() < 0.3 else None
        found = self.ledger.register(finding(reporter=reporter), by=actor(token))
        self.known.append(found.id)
        self._say(token, found)

    def _split(self, issue: Found | Scheduled, token: str) -> None:
        both = self.ledger.split_lead(
            issue, organ="县纪委监委", lead="涉嫌截留资金", by=actor(token)
        )
        self._say(token, *both)

    def _batch(self, token: str) -> None:
        """Some issues, and some steps on them, in one commit."""
        taken: list[Issue] = []
        with self.ledger.batch():
            for _ in range(self.chance.randrange(1, 4)):
                issue: Issue | None = self.ledger.register(finding(), by=actor(token))
                while issue is not None and self.chance.random() < 0.7:
                    taken.append(issue)
                    issue, _lost = step(self.ledger, issue, self.chance, token)
                taken += [issue] if issue is not None else []
            self.log.say(("about", token, len(taken)))
        self.known += sorted({issue.id for issue in taken})
        self._say(token, *taken)

    def _say(self, token: str, *issues: Issue) -> None:
        self.log.say(*(("done", token, issue.id, issue.version) for issue in issues))
