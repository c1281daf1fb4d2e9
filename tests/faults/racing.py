"""Many writers contend for the same issues; each says what it was told; the histories are checked.

A writer takes the word of the ledger for each step and keeps a list of its own. Put together,
the lists must be the records: no step that one was told of is missing, none is there twice, none
is there that nobody was told of.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

import attrs

from faults.checking import Kept, Said, illegal_paths, wrong_deadlines
from faults.walking import Flowing, actor, step
from faults.working import Job, Log
from rectify import Ledger, load_campaign
from rectify.errors import StoreError
from support import finding

WRITERS: Final = 16
ISSUES: Final = 64
"""Few enough that two writers are often at one issue."""


@attrs.frozen
class Race:
    """What a race came to: steps that won, steps that lost to another, waits given up."""

    won: int
    lost: int
    given_up: int
    seconds: int
    problems: list[str]


def race(url: str, folder: Path, moves: int) -> Race:
    """Have writers take so many steps in all, and check the histories."""
    clock = Flowing(time.time())
    log = folder / "said"
    campaign = load_campaign("hubei-2018")
    with Ledger.open(url, campaign, clock=clock) as ledger:
        for number in range(ISSUES):
            ledger.register(finding(), by=actor("first"), issue_id=f"issue-{number}")
    begun = time.monotonic()
    jobs = [(Job(url, log, f"w{n}", n, clock), moves // WRITERS) for n in range(WRITERS)]
    context = get_context("forkserver")
    processes = [context.Process(target=contend, args=job) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = round(time.monotonic() - begun)
    said = Said.read([log])
    with Ledger.open(url, campaign, create=False, clock=clock) as ledger:
        kept = Kept.read(ledger)
        problems = [
            *(f"crash: {process.exitcode}" for process in processes if process.exitcode != 0),
            *(f"audit: {problem}" for problem in ledger.audit().problems),
            *illegal_paths(kept, ledger),
            *wrong_deadlines(kept, ledger, url),
            *_differences(kept, said),
        ]
    won, lost, given_up = (len(said.of(kind)) for kind in ("done", "lost", "error"))
    return Race(won, lost, given_up, seconds, problems)


def contend(job: Job, moves: int) -> None:
    """Take so many steps on issues that others are at, too."""
    log, chance = Log(job.log), Random(job.seed)
    campaign = load_campaign("hubei-2018")
    with Ledger.open(job.url, campaign, create=False, clock=job.clock) as ledger:
        number = won = 0
        while won < moves:
            number += 1
            token = f"{job.name}.{number}"
            try:
                issue = ledger.get(f"issue-{chance.randrange(ISSUES)}")
                after, lost = step(ledger, issue, chance, token, ends=False)
            except StoreError as error:
                log.say(("error", token, error.message.en))
                continue
            if lost:
                log.say(("lost", token))
            elif after is not None:
                won += 1
                log.say(("done", token, after.id, after.version))


def _differences(kept: Kept, said: Said) -> Iterator[str]:
    """What was said and is not recorded, what is recorded and was not said, by whom."""
    told = Counter((issue, int(version), token) for token, issue, version in said.of("done"))
    there = Counter(
        (record.issue_id, record.version, record.by.id)
        for history in kept.histories.values()
        for record in history
        if record.version > 1
    )
    yield from (f"told and not recorded: {one}" for one in (told - there))
    yield from (f"recorded and not told: {one}" for one in (there - told))
    winners = Counter((issue, version) for issue, version, _ in told.elements())
    yield from (f"won twice: {one}" for one, count in winners.items() if count > 1)
