"""Trials: processes use a ledger, are killed at a random instant, and the ledger is examined."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Final

import attrs

from faults import working
from faults.checking import Said, problems
from faults.walking import Flowing
from faults.working import Job, Log, opened
from rectify.hooks import LEASE

TRIALS_OF_A_LEDGER: Final = 20
"""After so many trials another ledger is begun, so that its creation is killed as well."""

KILLED_OPENING_ONE_IN: Final = 5
"""How often processes are killed though they may still be opening the ledger, or making it."""
READY_SECONDS_MAX: Final = 60
ALIVE_SECONDS_MAX: Final = 0.6
AHEAD_SECONDS: Final = LEASE.total_seconds() + 3600
"""Once leases have run out and hooks that failed are due again."""


@attrs.define
class Tally:
    """What trials came to."""

    trials: int = 0
    servers_killed: int = 0
    steps: int = 0
    hooks: int = 0
    repeats: int = 0
    errors: int = 0
    problems: list[str] = attrs.field(factory=list[str])


@attrs.frozen
class Ground:
    """One ledger that is tried several times, and the files of what was said of it."""

    url: str
    folder: Path
    clock: Flowing

    @property
    def log(self) -> Path:
        """What every process says, in the order it is said."""
        return self.folder / "said"

    def job(self, name: str, seed: int, *, ahead_seconds: float = 0) -> Job:
        """A job of this ledger."""
        clock = attrs.evolve(self.clock, ahead_seconds=ahead_seconds)
        return Job(self.url, self.log, name, seed, clock)


def trials(
    new_url: Callable[[Path], str],
    folder: Path,
    count: int,
    seed: int,
    *,
    kill_server: Callable[[], None] | None = None,
) -> Tally:
    """Try a ledger so many times; with ``kill_server``, half of the time that is killed first."""
    chance = Random(seed)
    tally = Tally()
    for number, ground in zip(range(count), _grounds(new_url, folder), strict=False):
        kills_server = kill_server if chance.random() < 0.5 else None
        _try(ground, number, chance, kills_server)
        tally.trials += 1
        tally.servers_killed += kills_server is not None
        found = examine(ground, number)
        tally.problems += (f"trial {number}: {problem}" for problem in found)
        if number % TRIALS_OF_A_LEDGER == TRIALS_OF_A_LEDGER - 1 or number == count - 1:
            _count(tally, ground)
    return tally


def _grounds(new_url: Callable[[Path], str], folder: Path) -> Iterator[Ground]:
    clock = Flowing(time.time())
    while True:
        own = folder / f"{time.monotonic_ns()}"
        own.mkdir()
        ground = Ground(new_url(own), own, clock)
        for _ in range(TRIALS_OF_A_LEDGER):
            yield ground


def _try(
    ground: Ground, number: int, chance: Random, kill_server: Callable[[], None] | None
) -> None:
    """Let two writers and two deliverers run, and kill them at instants of their own."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["rectify.stores.sql", "rectify.todo", "psycopg"])
    processes: list[BaseProcess] = []
    for work in (working.write, working.write, working.deliver, working.deliver):
        name = f"t{number}p{len(processes)}"
        job = ground.job(name, chance.randrange(10**9))
        processes.append(context.Process(target=work, args=(job,)))
    for process in processes:
        process.start()
    if chance.randrange(KILLED_OPENING_ONE_IN) != 0:
        _await(ground, number, len(processes))
    if kill_server is not None:
        time.sleep(chance.uniform(0.05, ALIVE_SECONDS_MAX))
        kill_server()
    chance.shuffle(processes)
    for process in processes:
        time.sleep(chance.uniform(0, ALIVE_SECONDS_MAX) * chance.random())
        process.kill()
    for process in processes:
        process.join()
        process.close()


def _await(ground: Ground, number: int, count: int) -> None:
    """Wait until so many processes of a trial have the ledger open."""
    ready: set[str] = set()
    until = time.monotonic() + READY_SECONDS_MAX
    while len(ready) < count and time.monotonic() < until:
        time.sleep(0.01)
        said = Said.read([ground.log]).of("ready")
        ready = {name for (name,) in said if name.startswith(f"t{number}p")}


def examine(ground: Ground, number: int) -> list[str]:
    """Open the ledger as its next user does, deliver what is owed, look at all it keeps."""
    job = ground.job(f"r{number}", number, ahead_seconds=AHEAD_SECONDS)
    with opened(job, Log(job.log)) as ledger:
        ledger.deliver()
        return problems(ledger, ground.url, Said.read([ground.log]))


def _count(tally: Tally, ground: Ground) -> None:
    said = Said.read([ground.log])
    ran = [key for (key,) in said.of("hook")]
    tally.steps += len({token for token, *_ in said.of("done")})
    tally.hooks += len(set(ran))
    tally.repeats += len(ran) - len(set(ran))
    tally.errors += len(said.of("error"))
