"""Runs the tests on every mutant of the modules that decide; prints who survives.

``python tests/mutation.py`` asks all of them, with names of modules only those. It exits 1
where more than one in twenty is alive. Each mutant is tried in a process of its own, which
loads the changed module in place of the file, and stops at the first test that fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Final

import attrs
import pytest

from mutants import Mutant, mutants_of

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ROOT / "src" / "rectify"
MODULES: Final = ("rules", "lifecycle", "lifecycle_check", "moves", "move", "record")
TESTS: Final = (
    "test_lifecycle_extended",
    "test_evidence",
    "test_record",
    "test_objections",
    "test_rules",
    "test_states_and_moves",
    "test_audit",
    "test_ledger",
    "test_labels",
    "test_bad_input",
    "test_oracle",
)
"""The tests of the modules, those that take long last; on a ledger in memory alone."""
PRELOADED: Final = ("hypothesis", "pendulum", "cattrs", "transitions", "sqlalchemy", "sybil")
"""What the tests import besides the library, loaded once for all processes."""

ALIVE_MAX: Final = 0.05
TIMES_LONGER: Final = 5

FATES: Final = {0: "alive", 1: "killed", 2: "unloadable", 4: "unloadable", -1: "timeless"}
"""What becomes of a mutant, by pytest's exit code; what never ends is stopped, and -1.

``unloadable`` is one that fails as the library or the tests are imported.
"""


@attrs.define
class Trial:
    """A mutant on trial: its process, the file of its output, and when its time is up."""

    mutant: Mutant | None
    process: int
    output: Path
    until: float


class Substitute(SourceFileLoader):
    """Loads a module from other code than its file's."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.substitute = code

    def get_code(self, fullname: str) -> CodeType:
        return self.substitute


@attrs.frozen
class Finder:
    """Finds the mutant where its module is imported."""

    mutant: Mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != f"rectify.{self.mutant.module}":
            return None
        file = str(SOURCES / f"{self.mutant.module}.py")
        loader = Substitute(name, file, self.mutant.code)
        return importlib.util.spec_from_file_location(name, file, loader=loader)


def start(mutant: Mutant | None, folder: Path, seconds: float) -> Trial:
    """Run the tests on a mutant, or on what is there, in a process of its own."""
    handle, name = tempfile.mkstemp(dir=folder)
    process = os.fork()
    if process == 0:
        code = 3
        try:
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            if mutant is not None:
                sys.meta_path.insert(0, Finder(mutant))
            code = pytest.main(_arguments(folder / f"{os.getpid()}"))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(handle)
    return Trial(mutant, process, Path(name), time.monotonic() + seconds)


def _arguments(folder: Path) -> list[str]:
    options = ["-x", "-q", "--no-header", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"]
    stores = ["-k", "not sqlite and not postgresql", f"--basetemp={folder}"]
    tests = [str(ROOT / "tests" / f"{name}.py") for name in TESTS]
    return [*options, *stores, "--hypothesis-seed=0", *tests]


def end(trials: list[Trial]) -> tuple[Trial, int]:
    """Wait until a trial ends and take it off the list; with its exit code, -1 if stopped."""
    while True:
        for trial in trials:
            late = time.monotonic() > trial.until
            if late:
                os.kill(trial.process, signal.SIGKILL)
            process, status = os.waitpid(trial.process, 0 if late else os.WNOHANG)
            if process:
                trials.remove(trial)
                return trial, -1 if late else os.waitstatus_to_exitcode(status)
        time.sleep(0.01)


def tried(mutants: list[Mutant], folder: Path, jobs: int) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with its fate, as they end; `SystemExit` if the tests fail without any."""
    began = time.monotonic()
    trial, code = end([start(None, folder, seconds=600)])
    if code:
        sys.exit(f"{trial.output.read_text()}\nthe tests fail before anything is changed")
    seconds = 10 + TIMES_LONGER * (time.monotonic() - began)
    running: list[Trial] = []
    waiting = list(reversed(mutants))
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(start(waiting.pop(), folder, seconds))
        trial, code = end(running)
        if trial.mutant is not None:
            yield trial.mutant, FATES.get(code, "killed")
        trial.output.unlink()


def main() -> None:
    parser = argparse.ArgumentParser("mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module", help=", ".join(MODULES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    for name in PRELOADED:
        importlib.import_module(name)
    asked: list[str] = arguments.modules or list(MODULES)
    mutants = [mutant for name in asked for mutant in mutants_of(SOURCES / f"{name}.py")]
    counted: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for mutant, fate in tried(mutants, Path(folder), arguments.jobs):
            counted[mutant.module, fate] += 1
            if fate == "alive":
                _say(f"{mutant.module}.py:{mutant.line}: {mutant.change}")
    for name in asked:
        _tell(name, {fate: counted[name, fate] for fate in FATES.values()})
    total = {fate: sum(counted[name, fate] for name in asked) for fate in FATES.values()}
    _tell("all", total)
    sys.exit(total["alive"] > ALIVE_MAX * len(mutants))


def _tell(name: str, counted: dict[str, int]) -> None:
    total = sum(counted.values())
    fates = "  ".join(f"{fate} {number:4}" for fate, number in counted.items())
    _say(f"{name:16} {total:5} mutants  {fates}  {counted['alive'] / total:6.1%} alive")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
