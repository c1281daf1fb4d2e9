"""Both type checkers accept what is legal and refuse, line by line, what is not."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rectify.lifecycle import STANDARD
from rectify.move import sources

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests" / "typing").glob("*.py"))
IGNORES = re.compile(r"  # type: ignore\[.*\]  # pyright: ignore\[.*\]$")

Place: TypeAlias = tuple[str, int]
Check: TypeAlias = Callable[[Path], set[tuple[Place, str]]]


def run(*command: str) -> str:
    environment = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "MYPYPATH": "src"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def mypy(folder: Path) -> set[tuple[Place, str]]:
    cache = f"--cache-dir={folder / 'cache'}"
    out = run("mypy", "--config-file", "pyproject.toml", cache, *map(str, folder.glob("*.py")))
    return {
        ((Path(path).name, int(line)), text)
        for path, line, text in re.findall(r"^(.+?):(\d+): error: (.*)$", out, re.MULTILINE)
        if Path(path).name in {checked.name for checked in FILES}
    }


def pyright(folder: Path) -> set[tuple[Place, str]]:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    project = settings["pyright"] | {"include": ["."], "extraPaths": [str(ROOT / "src")]}
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps(project), "utf-8")
    out = json.loads(
        run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(config))
    )
    assert out["summary"]["filesAnalyzed"] == len(FILES)
    return {
        ((Path(found["file"]).name, found["range"]["start"]["line"] + 1), found["message"])
        for found in out["generalDiagnostics"]
    }


CHECKERS = pytest.mark.parametrize("check", [mypy, pyright])


def ignored_lines() -> Iterator[Place]:
    for path in FILES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if IGNORES.search(line):
                yield path.name, number


def copied(folder: Path, change: Callable[[str], str]) -> Path:
    for path in FILES:
        lines = path.read_text("utf-8").splitlines()
        (folder / path.name).write_text("\n".join(map(change, lines)) + "\n", "utf-8")
    return folder


@CHECKERS
def test_the_files_pass_and_need_each_of_their_ignores(check: Check, tmp_path: Path) -> None:
    assert check(copied(tmp_path, str)) == set()


@CHECKERS
def test_without_the_ignores_exactly_their_lines_are_errors(check: Check, tmp_path: Path) -> None:
    bare = copied(tmp_path, lambda line: IGNORES.sub("", line))
    assert {place for place, _ in check(bare)} == set(ignored_lines())


def test_every_ignore_names_its_error_to_both_checkers() -> None:
    half_marked = [
        (path.name, number)
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#.*ignore", line) and not IGNORES.search(line)
    ]
    assert half_marked == []


def test_every_move_is_tried_on_every_state_it_does_not_start_from() -> None:
    states = {state.__name__ for state in STANDARD.states}
    expected = {
        (move.__name__, state.__name__)
        for move in STANDARD.moves
        for state in STANDARD.states
        if state not in sources(move)
    }
    assert set(_moves_in("illegal.py", states)) & expected == expected


def test_every_move_is_made_on_every_state_it_starts_from() -> None:
    states = {state.__name__ for state in STANDARD.states}
    expected = {
        (move.__name__, state.__name__) for move in STANDARD.moves for state in sources(move)
    }
    assert set(_moves_in("legal.py", states)) & expected == expected


def _moves_in(file: str, states: set[str]) -> Iterator[tuple[str, str]]:
    """The (move, state) pairs of calls such as ``Fix(found, …)``, by the parameters' types."""
    tree = ast.parse((ROOT / "tests" / "typing" / file).read_text("utf-8"))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        types = {
            one.arg: one.annotation.id
            for one in function.args.args
            if isinstance(one.annotation, ast.Name)
        }
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            match call:
                case ast.Call(func=ast.Name(id=move), args=[ast.Name(id=issue), *_]):
                    if types.get(issue) in states:
                        yield move, types[issue]
                case _:
                    pass
