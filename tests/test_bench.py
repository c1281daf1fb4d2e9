"""The benchmark compares like with like: same path, same end, same records. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from bench import work
from bench.contenders import Contender, load
from bench.story import PATHS, STATES, instants

from rectify import load_campaign
from rectify.lifecycle import STANDARD

CONTENDERS, MISSING = load()
ISSUES = 2
LANES = [
    pytest.param(contender, mode, id=f"{contender.name}-{mode}")
    for contender in CONTENDERS
    for mode in ("bare", "work", "built")
    if getattr(contender, mode) is not None
]


def _run(contender: Contender, mode: str, path: str) -> tuple[list[str], list[str]]:
    clock = iter(instants((len(PATHS[path]) + 1) * ISSUES)).__next__
    runner = getattr(contender, mode)(ISSUES, clock)
    for step in PATHS[path]:
        run, items = runner.ready(step)
        run(items)
    return list(runner.states()), list(runner.digests())


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_every_contender_is_there() -> None:
    assert len(CONTENDERS) == 8


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("contender", "mode"), LANES)
def test_every_contender_ends_where_the_ledger_does(
    contender: Contender, mode: str, path: str
) -> None:
    ledger = next(one for one in CONTENDERS if one.name == "rectify")
    states, digests = _run(ledger, "work", path)
    assert len(set(digests)) == ISSUES
    expected = (states, [] if mode == "bare" else digests)
    assert _run(contender, mode, path) == expected


def test_the_story_has_every_move_and_state() -> None:
    told = {step.kind for path in PATHS.values() for step in path}
    assert told == set(STANDARD.moves)
    entered = {edge.target.__name__ for edge in STANDARD.table if edge.move in told}
    assert {"Found", *entered} == set(STATES)


def test_the_peers_ask_as_many_rules_as_the_ledger() -> None:
    asked = {move.__name__: len(STANDARD.rules_for(move)) for move in STANDARD.moves}
    assert {move: len(rules) for move, rules in work.RULES.items()} == asked
    disabled = [rule for rule in load_campaign("hubei-2018").rules.values() if not rule.enabled]
    assert disabled == []


def test_the_peers_refuse_what_a_rule_refuses() -> None:
    row: Any = work.Plain()
    work.begin(row, 1, iter(instants(9)).__next__)
    for step in PATHS["by a timetable"][:1]:
        work.require(row, step)
        work.commit(row, step)
    too_early = PATHS["by a timetable"][2]
    with pytest.raises(work.Refused, match="milestones are open"):
        work.require(row, too_early)


def test_a_short_run_prints_json() -> None:
    command = [sys.executable, "-m", "bench", "--rounds=1", "--issues=2", "--imports=1", "--json"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    report = json.loads(ran.stdout)
    assert report["steps"] == sum(map(len, PATHS.values()))
    assert {one["does"] for one in report["moves"]} == {"bare", "work", "built"}
    assert "rectify / transitions, bare" in report["ratios"]
    assert "import rectify" in report["import_milliseconds"]


@pytest.mark.parametrize("options", [(), ("--sqlite",)])
def test_a_short_run_of_the_audit_prints_json(options: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "bench.audit", "--records=30", "--rounds=1", "--json"]
    ran = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    report = json.loads(ran.stdout)
    assert (30, 4) == (report["records"], report["issues"])
    assert {"audit()", "audit(replay=False)", "seal()"} <= report["ratios"].keys()
