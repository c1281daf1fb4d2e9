"""What the fields of findings and moves are called on a form."""

from __future__ import annotations

from typing import Any, Final

import attrs

from rectify.errors import InvalidValue, RectifyError
from rectify.i18n import Message, message

WORDS: Final[dict[str, Message]] = {
    "Bulletin.scope": message("scope of publication"),
    "Bulletin.text": message("text of the bulletin"),
    "Bulletin.title": message("title of the bulletin"),
    "Milestone.title": message("what is to be done"),
    "Outcome.kind": message("what was done"),
    "Outcome.subject": message("unit or pseudonym"),
    "amount_yuan": message("amount (yuan)"),
    "answered_reporter_at": message("reporter answered at"),
    "area": message("area"),
    "bulletin": message("bulletin"),
    "carry_over": message("why it may outlive the campaign"),
    "channel": message("channel"),
    "clearing": message("public clearing"),
    "conclusion": message("conclusion"),
    "conduct_from": message("conduct began on"),
    "conduct_until": message("conduct ended on"),
    "decided_on": message("decided on (a day, or a month such as 2018-05)"),
    "description": message("description"),
    "discipline_lead": message("a lead for the discipline organs"),
    "Origin.table": message("table"),
    "Origin.row": message("row"),
    "Origin.status": message("status there"),
    "Origin.digest": message("digest of the row"),
    "origin": message("where it was kept before"),
    "persons": message("persons (confidential)"),
    "pseudonym": message("pseudonym"),
    "name": message("name (confidential)"),
    "field": message("what was shown"),
    "finding": message("what was found"),
    "link": message("linked issue"),
    "drafted_by": message("drafted by (user name)"),
    "due": message("due"),
    "evidence": message("evidence"),
    "found_at": message("found at"),
    "lead": message("the lead"),
    "measure": message("measure"),
    "merged_into": message("merged into issue"),
    "milestone": message("milestone"),
    "milestones": message("milestones"),
    "organ": message("organ"),
    "outcomes": message("outcomes"),
    "reason": message("reason"),
    "receipt": message("number of the receipt"),
    "reporter": message("reporter (confidential)"),
    "responsible": message("responsible person"),
    "timetable": message("timetable"),
    "title": message("what the issue is"),
    "unit": message("unit concerned"),
}
"""The fields that ship; a host's own say it as ``attrs.field(metadata={"label": …})``."""


def name_of(kind: type[Any], attribute: attrs.Attribute[Any]) -> Message | str:
    """What a field of a class is called: its own label, the library's word, or its name."""
    own: Any = attribute.metadata.get("label")
    if isinstance(own, (Message, str)):
        return own
    words = WORDS.get(f"{kind.__name__}.{attribute.name}") or WORDS.get(attribute.name)
    return words or attribute.name.replace("_", " ")


def told(error: RectifyError) -> Message:
    """What an error says, with the field's name as a page has it."""
    if not isinstance(error, InvalidValue):
        return error.message
    last = error.field.rpartition(".")[2].partition("[")[0]
    words = WORDS.get(error.field) or WORDS.get(last)
    if words is None:
        return error.message
    return message("{field}: {problem}", field=words, problem=error.problem)
