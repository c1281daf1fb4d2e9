"""What the acts of the story are called and what is said of them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import attrs

from rectify.cli.demo.platform import PLATFORM_SCOPE
from rectify.cli.demo.story import REGISTER, SPLIT, Act
from rectify.evidence import Conclusion
from rectify.i18n import Language, Message, message
from rectify.labels import label, rule_label
from rectify.lifecycle import STANDARD
from rectify.reason import ASSUMPTION, Reason

_CONCLUSIONS: Final = {
    Conclusion.RECTIFIED: message("rectified"),
    Conclusion.SUBSTANTIATED: message("substantiated"),
    Conclusion.UNSUBSTANTIATED: message("unsubstantiated"),
    Conclusion.MERGED: message("merged"),
}


@attrs.frozen
class Say:
    """Speaks one language."""

    language: Language

    def __call__(self, said: Message | str) -> str:
        return said.text(self.language) if isinstance(said, Message) else said


def deed(act: Act, say: Say) -> str:
    """What an act is called."""
    if act.do == SPLIT:
        return say(message("split off a lead"))
    return label(STANDARD.step(act.do), say.language)


def basis(reason: Reason) -> Message | str:
    """What a reason rests on."""
    if reason.code == PLATFORM_SCOPE:
        return message("a rule of the platform")
    return message("assumption") if reason.clause == ASSUMPTION else reason.clause


def line(reason: Reason) -> Message:
    """A reason with its code and what it rests on."""
    return message(
        "[{code}] {text} ({basis})",
        code=rule_label(reason.code),
        text=reason.text,
        basis=basis(reason),
    )


def detail(act: Act) -> Message | str:
    """What is said of an act: the gist of its evidence."""
    evidence = act.evidence
    if act.do == REGISTER:
        return act.title
    if act.do == "Schedule":
        return _timetable(evidence["timetable"])
    if act.do == "Complete":
        return f"{evidence['milestone']}：{evidence['evidence']}"
    if act.do in ("Transfer", SPLIT):
        return f"{evidence['organ']}：{evidence['lead']}"
    if act.do == "Verify":
        concluded = _CONCLUSIONS[Conclusion(evidence["conclusion"])]
        return message(
            "{conclusion}: {evidence}", conclusion=concluded, evidence=evidence["evidence"]
        )
    if act.do == "Expose":
        return str(evidence["bulletin"]["title"])
    return str(
        next(evidence[name] for name in ("measure", "receipt", "reason") if name in evidence)
    )


def _timetable(timetable: dict[str, Any]) -> Message:
    days = [date.fromisoformat(each["due"]) for each in timetable["milestones"]]
    responsible = timetable["responsible"]
    if not days:
        return message("no milestone; responsible: {responsible}", responsible=responsible)
    return message(
        "{count} milestones, to {ends_on}; responsible: {responsible}",
        count=len(days),
        ends_on=max(days),
        responsible=responsible,
    )
