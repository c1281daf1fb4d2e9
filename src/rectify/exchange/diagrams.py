"""A lifecycle as text for other tools: to look at (Mermaid, Graphviz) or to run (SCXML, XState).

Each function reads the lifecycle's table and writes it in one notation; a host's own
states and moves are drawn like the rest. What a rule refuses is not in a drawing: the
ledger asks the rules, and `as_json` and `xstate` name those of each move.

State and event names are the class names. They are Python identifiers, which may be
Chinese; only Mermaid can't take these and gets ``s1``, ``s2`` … instead.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any, Final, get_args

import attrs

from rectify.i18n import Language
from rectify.issue import Found, Issue
from rectify.labels import label
from rectify.lifecycle import Edge, Lifecycle
from rectify.move import Step, field_types
from rectify.moves import Register

_SCXML: Final = "http://www.w3.org/2005/07/scxml"
_LABELS: Final = "urn:rectify:labels"

_MERMAID_ID: Final = re.compile("[A-Z][A-Za-z0-9]*")
# Mermaid reads these as its own words, whatever their case.
_MERMAID_WORDS: Final = frozenset(
    {"accdescr", "acctitle", "class", "classdef", "click", "default", "href", "note", "scale"}
    | {"state", "statediagram", "style"}
)
# Punctuation, and the one word that Mermaid looks for in the middle of a line.
_MERMAID_MARKS: Final = re.compile(r"[^\w ]|d(?=irection )", re.IGNORECASE)


def mermaid(lifecycle: Lifecycle[Issue], language: Language = "zh") -> str:
    """A Mermaid state diagram (``stateDiagram-v2``), with labels in a language."""
    ids = _mermaid_ids(lifecycle)
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{_mermaid_text(label(state, language))}" as {ids[state]}'
        for state in lifecycle.states
    ]
    lines.append(f"    [*] --> {ids[Found]}: {_mermaid_text(label(Register, language))}")
    # Moves between the same two states share an arrow: Mermaid draws parallel ones on top
    # of each other.
    arrows: dict[tuple[type[Issue], type[Issue]], list[str]] = {}
    for edge in lifecycle.table:
        text = _mermaid_text(label(edge.move, language))
        arrows.setdefault((edge.source, edge.target), []).append(text)
    lines += [
        f"    {ids[source]} --> {ids[target]}: {' / '.join(texts)}"
        for (source, target), texts in arrows.items()
    ]
    lines += [
        f"    {ids[state]} --> [*]" for state in lifecycle.states if state in lifecycle.finals
    ]
    return "\n".join(lines) + "\n"


def _mermaid_ids(lifecycle: Lifecycle[Issue]) -> dict[type[Issue], str]:
    return {
        state: (
            state.__name__
            if _MERMAID_ID.fullmatch(state.__name__)
            and state.__name__.lower() not in _MERMAID_WORDS
            else f"s{number}"
        )
        for number, state in enumerate(lifecycle.states, 1)
    }


def _mermaid_text(text: str) -> str:
    return _MERMAID_MARKS.sub(lambda mark: f"#{ord(mark.group())};", text)


def dot(lifecycle: Lifecycle[Issue], language: Language = "zh") -> str:
    """A directed graph for Graphviz: nodes are named by class, finals have a double border."""
    lines = [
        "digraph lifecycle {",
        '    graph [fontname="sans-serif"]',
        '    node [fontname="sans-serif", shape=box, style=rounded]',
        '    edge [fontname="sans-serif"]',
        '    "" [shape=point]',
    ]
    for state in lifecycle.states:
        border = ", peripheries=2" if state in lifecycle.finals else ""
        lines.append(f"    {_quoted(state.__name__)} [label={_dot_label(state, language)}{border}]")
    lines.append(f'    "" -> {_quoted(Found.__name__)} [label={_dot_label(Register, language)}]')
    lines += [
        f"    {_quoted(edge.source.__name__)} -> {_quoted(edge.target.__name__)}"
        f" [label={_dot_label(edge.move, language)}]"
        for edge in lifecycle.table
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _dot_label(kind: type[object], language: Language) -> str:
    # Graphviz reads HTML entities in a label, so an ampersand must be one.
    return _quoted(label(kind, language).replace("&", "&amp;"))


def as_json(lifecycle: Lifecycle[Issue]) -> str:
    """The lifecycle as JSON, for a front end to build its forms and buttons from.

    An object of ``initial``, ``registration``, ``states`` and ``moves``. A state has
    ``name``, ``labels`` and ``final``; a move has ``name``, ``labels``, ``sources``,
    ``target``, ``evidence`` (each ``name``, ``type`` as in Python, ``required``) and
    ``rules`` (each ``code`` and ``needs_evidence``). ``labels`` holds ``zh`` and ``en``;
    ``registration`` is a move without sources.
    """
    moves = [_step(lifecycle, move) for move in lifecycle.moves]
    for move, described in zip(lifecycle.moves, moves, strict=True):
        edges = [edge for edge in lifecycle.table if edge.move is move]
        described["sources"] = [edge.source.__name__ for edge in edges]
        described["target"] = edges[0].target.__name__
    registration = _step(lifecycle, Register)
    registration["sources"] = []
    registration["target"] = Found.__name__
    states = [
        {"name": state.__name__, "labels": _both(state), "final": state in lifecycle.finals}
        for state in lifecycle.states
    ]
    return _dumped(
        {
            "initial": Found.__name__,
            "registration": registration,
            "states": states,
            "moves": moves,
        }
    )


def _step(lifecycle: Lifecycle[Issue], kind: type[Step[Issue]]) -> dict[str, Any]:
    types = field_types(kind)
    return {
        "name": kind.__name__,
        "labels": _both(kind),
        "evidence": [
            {
                "name": field.name,
                "type": _type_text(types[field.name]),
                "required": field.default is attrs.NOTHING,
            }
            for field in attrs.fields(kind)
            if field.init and field.name not in ("issue", "issue_id")
        ],
        "rules": [
            {"code": rule.code, "needs_evidence": rule.needs_evidence}
            for rule in lifecycle.rules_for(kind)
        ],
    }


def _type_text(hint: Any) -> str:
    if isinstance(hint, type) and not get_args(hint):
        return hint.__name__
    return re.sub(r"(?:\w+\.)+(?=\w)", "", str(hint))


def _both(kind: type[object]) -> dict[str, str]:
    return {"zh": label(kind, "zh"), "en": label(kind, "en")}


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def xstate(lifecycle: Lifecycle[Issue]) -> str:
    """The JSON configuration of an XState 5 machine: ``createMachine(config)`` runs it.

    Events are the move names. A move that stays in its state enters it again, as every
    record does. Labels and rule codes are in ``meta``; the rules themselves stay here.
    """
    states: dict[str, Any] = {}
    for state in lifecycle.states:
        config: dict[str, Any] = {"meta": {"labels": _both(state)}}
        if _is_terminal(lifecycle, state):
            config["type"] = "final"
        else:
            config["on"] = {
                edge.move.__name__: _xstate_transition(lifecycle, edge)
                for edge in lifecycle.table
                if edge.source is state
            }
        states[state.__name__] = config
    return _dumped({"id": "lifecycle", "initial": Found.__name__, "states": states})


def _xstate_transition(lifecycle: Lifecycle[Issue], edge: Edge) -> dict[str, Any]:
    rules = list(dict.fromkeys(rule.code for rule in lifecycle.rules_for(edge.move)))
    transition: dict[str, Any] = {"target": edge.target.__name__}
    if edge.target is edge.source:
        transition["reenter"] = True
    return {**transition, "meta": {"labels": _both(edge.move), "rules": rules}}


def scxml(lifecycle: Lifecycle[Issue]) -> str:
    """The lifecycle as a W3C SCXML document; its events are the move names.

    Labels are attributes ``zh`` and ``en`` of the namespace ``urn:rectify:labels``.
    """
    root = ET.Element(
        "scxml",
        {
            "xmlns": _SCXML,
            "xmlns:label": _LABELS,
            "version": "1.0",
            "datamodel": "null",
            "name": "lifecycle",
            "initial": Found.__name__,
        },
    )
    for state in lifecycle.states:
        tag = "final" if _is_terminal(lifecycle, state) else "state"
        node = ET.SubElement(root, tag, {"id": state.__name__, **_label_attributes(state)})
        for edge in lifecycle.table:
            if edge.source is state:
                move, target = edge.move, edge.target.__name__
                ET.SubElement(
                    node,
                    "transition",
                    {"event": move.__name__, "target": target, **_label_attributes(move)},
                )
    ET.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + ET.tostring(root, encoding="unicode") + "\n"


def _label_attributes(kind: type[object]) -> dict[str, str]:
    return {f"label:{language}": text for language, text in _both(kind).items()}


def _is_terminal(lifecycle: Lifecycle[Issue], state: type[Issue]) -> bool:
    # A final state of these notations stops the machine, so no move may leave it.
    return state in lifecycle.finals and not lifecycle.moves_from(state)
