"""Drawn lifecycles are read by the tools they are drawn for, and mean there what they mean here."""

from __future__ import annotations

import html
import json
import types
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import node_tools
from hosts import HOST, FileXMLAway, Note, Suspend, 恢复
from rectify.exchange import diagrams
from rectify.i18n import Language
from rectify.issue import Found, Issue
from rectify.labels import label
from rectify.lifecycle import STANDARD, Lifecycle
from rectify.move import Move
from rectify.moves import Register, Schedule
from rectify.testing.walks import BUILDERS, TIMETABLE, Builder, Walk, walks

HOST_BUILDERS: Final[Mapping[str, Builder]] = {
    **BUILDERS,
    "Suspend": lambda issue, _: Suspend(issue, why="等待上级答复"),
    "恢复": lambda issue, _: 恢复(issue, timetable=TIMETABLE),
    "FileXMLAway": lambda issue, _: FileXMLAway(issue),
    "Note": lambda issue, _: Note(issue),
}


@attrs.frozen
class Drawn:
    """A lifecycle, the walks taken in it, and what node's tools made of its drawings."""

    lifecycle: Lifecycle[Any]
    walks: tuple[Walk, ...]
    xstate: list[list[str]]
    mermaid: Mapping[Language, dict[str, Any]]
    dot: Mapping[Language, dict[str, Any]]


@pytest.fixture(scope="module")
def drawings() -> dict[str, Drawn]:
    """Both lifecycles in every tool of node; one process reads and walks them all."""
    taken = {
        "standard": (STANDARD, walks()),
        "host": (HOST, walks(HOST, HOST_BUILDERS)),
    }
    languages: tuple[Language, ...] = ("zh", "en")
    node_tools.install()
    answer = node_tools.run(
        {
            "xstate": [
                {
                    "config": json.loads(diagrams.xstate(lifecycle)),
                    "walks": [walk.moves for walk in walked],
                }
                for lifecycle, walked in taken.values()
            ],
            "mermaid": [
                diagrams.mermaid(lc, each) for lc, _ in taken.values() for each in languages
            ],
            "dot": [diagrams.dot(lc, each) for lc, _ in taken.values() for each in languages],
        }
    )
    return {
        name: Drawn(
            lifecycle,
            walked,
            answer["xstate"][number],
            dict(zip(languages, answer["mermaid"][2 * number :], strict=False)),
            dict(zip(languages, answer["dot"][2 * number :], strict=False)),
        )
        for number, (name, (lifecycle, walked)) in enumerate(taken.items())
    }


@pytest.fixture(params=["standard", "host"])
def drawn(request: pytest.FixtureRequest, drawings: dict[str, Drawn]) -> Drawn:
    """One of the two lifecycles."""
    return drawings[request.param]


def _replayed(edges: Iterable[tuple[str, str, str]], walked: Iterable[Walk]) -> list[list[str]]:
    """The states after each move of each walk, by a table of (source, move, target)."""
    table = {(source, move): target for source, move, target in edges}
    replayed: list[list[str]] = []
    for walk in walked:
        state, states = "Found", list[str]()
        for move in walk.moves:
            state = table.get((state, move), state)
            states.append(state)
        replayed.append(states)
    return replayed


def _taken(drawn: Drawn) -> list[list[str]]:
    return [list(walk.states) for walk in drawn.walks]


def test_the_walks_take_every_edge_and_try_every_state_illegally(drawn: Drawn) -> None:
    """A hundred walks take each edge of the table, and from each state also what is illegal."""
    legal = {(e.source.__name__, e.move.__name__, e.target.__name__) for e in drawn.lifecycle.table}
    steps = {
        step
        for walk in drawn.walks
        for step in zip(("Found", *walk.states), walk.moves, walk.states, strict=False)
    }
    illegal = {step for step in steps if step[:2] not in {edge[:2] for edge in legal}}
    assert len(drawn.walks) == 100
    assert max(len(walk.moves) for walk in drawn.walks) == 12
    assert legal == steps - illegal
    assert {state.__name__ for state in drawn.lifecycle.states} == {step[0] for step in illegal}
    assert set() == {step for step in illegal if step[0] != step[2]}


def test_xstate_walks_as_the_ledger_does(drawn: Drawn) -> None:
    """XState runs the configuration and is in the ledger's state after every move tried."""
    assert _taken(drawn) == drawn.xstate


def test_scxml_walks_as_the_ledger_does(drawn: Drawn) -> None:
    """python-statemachine runs the SCXML and is in the ledger's state after every move tried."""
    # Asked for by name: the library's own types are partly unknown.
    load = import_module("statemachine.io").load
    machine = load(diagrams.scxml(drawn.lifecycle), format="scxml")
    walked: list[list[str]] = []
    for walk in drawn.walks:
        running, states = machine(), list[str]()
        for move in walk.moves:
            running.send(move)
            states += running.configuration_values
        walked.append(states)
    assert _taken(drawn) == walked


def test_json_walks_as_the_ledger_does(drawn: Drawn) -> None:
    """The table in the JSON leads where the ledger goes."""
    described = json.loads(diagrams.as_json(drawn.lifecycle))
    edges = [
        (source, move["name"], move["target"])
        for move in described["moves"]
        for source in move["sources"]
    ]
    assert _taken(drawn) == _replayed(edges, drawn.walks)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_mermaid_walks_as_the_ledger_does(drawn: Drawn, language: Language) -> None:
    """Mermaid parses the diagram; its arrows, by their labels, lead where the ledger goes."""
    lifecycle, read = drawn.lifecycle, drawn.mermaid[language]
    labelled = {html.unescape("".join(texts)): name for name, texts in read["nodes"]}
    names = {labelled[label(state, language)]: state.__name__ for state in lifecycle.states}
    moves = {label(move, language): move.__name__ for move in lifecycle.moves}
    edges = [
        (names[source], moves[html.unescape(text)], names[target])
        for source, target, texts in read["edges"]
        if source in names and target in names
        for text in texts.split(" / ")
    ]
    assert read["type"] == "stateDiagram"
    assert len(lifecycle.table) == len(edges)
    assert _taken(drawn) == _replayed(edges, drawn.walks)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_mermaid_shows_where_issues_enter_and_end(drawn: Drawn, language: Language) -> None:
    """The diagram starts with registration and ends in the final states."""
    lifecycle, read = drawn.lifecycle, drawn.mermaid[language]
    names = {html.unescape("".join(texts)): name for name, texts in read["nodes"]}
    starts = [edge for edge in read["edges"] if edge[0] == "root_start"]
    ends = [edge[:2] for edge in read["edges"] if edge[1] == "root_end"]
    finals = [state for state in lifecycle.states if state in lifecycle.finals]
    assert [["root_start", "Found", label(Register, language)]] == starts
    assert [[names[label(state, language)], "root_end"] for state in finals] == ends


@pytest.mark.parametrize("language", ["zh", "en"])
def test_graphviz_walks_as_the_ledger_does(drawn: Drawn, language: Language) -> None:
    """Graphviz draws every state, finals with two borders, and the ledger's edges between."""
    lifecycle, read = drawn.lifecycle, drawn.dot[language]
    states = {state.__name__: state for state in lifecycle.states}
    shown = {name: label(state, language) for name, state in states.items()}
    moves = {label(move, language): move.__name__ for move in lifecycle.moves}
    ends = [edge["name"].split("->") for edge in read["edges"]]
    texts = [edge["label"] for edge in read["edges"]]
    edges = [
        (source, moves[text], target)
        for (source, target), text in zip(ends, texts, strict=True)
        if source
    ]
    assert {"": "", **shown} == {node["name"]: node["label"] for node in read["nodes"]}
    assert {name for name, state in states.items() if state in lifecycle.finals} == {
        node["name"] for node in read["nodes"] if node["borders"] == 2
    }
    assert (["", "Found"], label(Register, language)) in zip(ends, texts, strict=True)
    assert len(lifecycle.table) == len(edges)
    assert _taken(drawn) == _replayed(edges, drawn.walks)


def _row(names: Iterable[str]) -> Lifecycle[Any]:
    """A lifecycle of states with the given names, in a row after Found and back to it."""
    states: list[type[Any]] = [Found]
    for name in names:
        states.append(attrs.make_class(name, {}, (Issue,), frozen=True))
    moves = [_move(*ends) for ends in zip(states, [*states[1:], Found], strict=True)]
    return Lifecycle(tuple(states), tuple(moves), rules=(), finals=frozenset())


def _move(source: type[Any], target: type[Any]) -> type[Any]:
    def enter(move: Any) -> Any:
        return target(*move.issue.onward())

    def body(space: dict[str, Any]) -> None:
        space["__annotations__"] = {"issue": source}
        space["enter"] = enter

    base: Any = Move
    kind = types.new_class(f"To{target.__name__}", (base[target],), exec_body=body)
    return attrs.frozen(slots=False)(kind)


def test_mermaid_takes_any_class_name() -> None:
    """Names that Mermaid or JavaScript has a use for, and Chinese ones, are only names."""
    mermaid = """AccDescr AccTitle As Choice Class ClassDef Click Default Direction End Fork Hide
        Href Join Left Note Right Scale State StateDiagram Style TB Width note"""
    others = "root_start root_end constructor toString hasOwnProperty s1 s2 挂起 État _ B2"
    lifecycle = _row([*mermaid.split(), *others.split()])
    node_tools.install()
    text = diagrams.mermaid(lifecycle, "en")
    read = node_tools.run({"xstate": [], "mermaid": [text], "dot": []})["mermaid"][0]
    names = {name: html.unescape("".join(texts)) for name, texts in read["nodes"]}
    path = [names[source] for source, _, _ in read["edges"]]
    assert ["", *(label(state, "en") for state in lifecycle.states)] == path
    assert set() == {name for name in names if not name.isascii()}


def test_json_says_what_each_move_asks_for() -> None:
    """A front end finds each move's evidence, with its types, and the rules over it."""
    described = json.loads(diagrams.as_json(STANDARD))
    moves = {move["name"]: move for move in described["moves"]}
    assert {
        "name": "Schedule",
        "labels": {"zh": "列入时间表", "en": "Schedule"},
        "evidence": [
            {"name": "timetable", "type": "Timetable", "required": True},
            {"name": "carry_over", "type": "str | None", "required": False},
        ],
        "rules": [
            {"code": rule.code, "needs_evidence": rule.needs_evidence}
            for rule in STANDARD.rules_for(Schedule)
        ],
        "sources": ["Found"],
        "target": "Scheduled",
    } == moves["Schedule"]
    written = [field["type"] for field in moves["Verify"]["evidence"]]
    assert ["Conclusion", "str", "tuple[Outcome, ...]", "datetime | None"] == written[:4]
    assert ["finding"] == [field["name"] for field in described["registration"]["evidence"]]
    assert "Found" == described["initial"] == described["registration"]["target"]
    assert ["Exposed"] == [state["name"] for state in described["states"] if state["final"]]


def test_xstate_enters_a_state_again_and_names_the_rules() -> None:
    """A move that stays in its state re-enters it; each transition names its rules once."""
    states = json.loads(diagrams.xstate(STANDARD))["states"]
    complete, transfer = (states["Scheduled"]["on"][name] for name in ("Complete", "Transfer"))
    codes = ["time-in-future", "time-runs-backwards", "milestone-unknown"]
    assert ("Scheduled", True) == (complete["target"], complete["reenter"])
    assert {"target", "meta"} == transfer.keys()
    assert codes == complete["meta"]["rules"]
    assert {"zh": "移送", "en": "Transfer"} == transfer["meta"]["labels"]


def test_the_diagram_in_the_docs_is_current() -> None:
    """docs/lifecycle.md shows the lifecycle as it is, and names every state and move."""
    text = (Path(__file__).parents[1] / "docs" / "lifecycle.md").read_text("utf-8")
    drawn = text.split("```mermaid\n")[1].split("```")[0]
    kinds: list[type[object]] = [*STANDARD.states, *STANDARD.moves]
    rows = {f"| `{kind.__name__}` | {label(kind, 'zh')} |" for kind in kinds}
    assert diagrams.mermaid(STANDARD) == drawn
    assert set() == {row for row in rows if row not in text}
