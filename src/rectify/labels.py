"""What a state or a move is called in documents, tables and drawings.

A class says it: its name is the English, and its docstring opens with the Chinese, as in
``\"""立行立改: a minor issue, put right at once.\"""``. ``term: ClassVar[str] = "立行立改"`` says
it for an interpreter that drops docstrings (``python -OO``); those that ship have both.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Final

from rectify.i18n import Language, Message, message

LABEL_CHARACTERS_MAX: Final = 40
"""A longer label is cut, and ends in ``…``."""

RULES: Final[Mapping[str, Message]] = {
    code.template: code
    for code in (
        message("area-unknown"),
        message("channel-unknown"),
        message("unit-out-of-scope"),
        message("found-in-future"),
        message("time-runs-backwards"),
        message("time-in-future"),
        message("lead-must-be-transferred"),
        message("defiant-conduct"),
        message("timetable-empty"),
        message("milestones-out-of-order"),
        message("beyond-campaign"),
        message("milestone-unknown"),
        message("milestones-open"),
        message("extension-late"),
        message("same-person"),
        message("commission-only"),
        message("conclusion-mismatch"),
        message("merge-target"),
        message("reporter-unanswered"),
        message("not-substantiated"),
        message("reporter-named"),
        message("person-named"),
        message("confidential-role"),
    )
}
"""What the library's rules are called: in English by their codes."""

_COLON: Final = re.compile("[:：]")
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD_START: Final = re.compile("_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def rule_label(code: str) -> Message:
    """What a rule is called; one of a platform's own by its code."""
    return RULES.get(code) or Message("{code}", {"code": code})


def label(kind: type[object], language: Language) -> str:
    """The label of a state or move class: one line of 1 to 40 characters.

    In Chinese, its own ``term``, or the words of its docstring's first line before a colon
    (``:`` or ``：``); where it has none in Chinese characters, and in English, its name split
    into words.
    """
    text = (_term(kind) if language == "zh" else None) or _words(kind.__name__)
    if len(text) > LABEL_CHARACTERS_MAX:
        return text[: LABEL_CHARACTERS_MAX - 1] + "…"
    return text


def named(kind: type[object]) -> Message:
    """A class in a sentence: its label in Chinese, in English its name, as in the code."""
    zh = label(kind, "zh").replace("{", "{{").replace("}", "}}")
    return Message(kind.__name__, {}, zh)


def _term(kind: type[object]) -> str | None:
    own: object = vars(kind).get("term")
    if isinstance(own, str) and own:
        return own
    first_line = inspect.cleandoc(kind.__doc__ or "").split("\n")[0]
    before, *after = _COLON.split(first_line, maxsplit=1)
    term = " ".join(_UNPRINTABLE.sub(" ", before).split())
    return term if after and _IDEOGRAPH.search(term) else None


def _words(name: str) -> str:
    first, *rest = [word for word in _WORD_START.sub(" ", name).split(" ") if word] or [name]
    # An acronym keeps its capitals: SMSSent reads “SMS sent”.
    return " ".join([first, *(word if word[1:2].isupper() else word.lower() for word in rest)])
