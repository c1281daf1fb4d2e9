"""``{% load rectify %}``: states, units, areas, deadlines and histories on a project's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import template
from django.contrib.admin.utils import quote

from rectify.i18n import Message, message
from rectify.integrations.django import dossier
from rectify.integrations.django.desk import now
from rectify.integrations.django.forms import reason_text
from rectify.integrations.django.ledgers import get_ledger
from rectify.integrations.django.words import said
from rectify.issue import Issue
from rectify.reason import Reason
from rectify.sealed import Sealed

register = template.Library()

PHRASES: Final[dict[str, Message]] = {
    "moves": message("moves open to it"),
    "history": message("history"),
    "deadlines": message("deadlines"),
    "facts": message("what was found"),
    "no deadlines": message("nothing is due"),
    "not permitted": message("you may not do this"),
    "refused": message("not possible now"),
    "no moves": message("no move starts from this state"),
    "submit": message("submit"),
    "why": message("how this date was reached"),
    "confidential": message("confidential"),
    "what to show": message("what to show"),
    "reveal": message("show"),
    "reveal reason": message("reason; it is recorded with your name"),
    "revealed": message("shown this once; it is recorded"),
    "version": message("version"),
    "round": message("round"),
    "register": message("register a finding"),
    "not done": message("nothing was done yet: see what is marked below"),
    "digest": message("digest"),
}


@register.simple_tag
def say(phrase: str) -> str:
    """One of the pages' phrases, in the active language."""
    return said(PHRASES[phrase])


@register.filter
def state_label(state: str | Issue) -> str:
    """What a state is called: ``{{ issue|state_label }}`` or of its name."""
    name = type(state).__name__ if isinstance(state, Issue) else state
    return dossier.state_of(name, get_ledger())


@register.filter
def state_class(state: str | Issue) -> str:
    """The name of a state for a style sheet."""
    return (type(state).__name__ if isinstance(state, Issue) else state).lower()


@register.filter
def unit_name(code: str) -> str:
    """What a unit is called."""
    return dossier.unit_of(code, get_ledger())


@register.filter
def area_name(area_id: str) -> str:
    """What an area is called."""
    return dossier.area_of(area_id, get_ledger())


@register.filter
def last_day(ends_at: datetime | None) -> str:
    """The last day in time of what ends at an instant; empty for none."""
    return dossier.last_day(ends_at, get_ledger()) or ""


@register.filter
def is_past(ends_at: datetime | None) -> bool:
    """Whether an instant is behind."""
    return ends_at is not None and ends_at <= now()


@register.filter
def reason(one: Reason) -> str:
    """A reason with the clause it rests on."""
    return reason_text(one)


@register.filter
def opened(revealed: Sealed) -> str:
    """The text of what was revealed."""
    return revealed.open() or ""


@register.filter
def admin_quote(issue_id: str) -> str:
    """An id as the admin writes it in addresses."""
    return str(quote(issue_id))


@register.inclusion_tag("rectify/issue_history.html")
def issue_history(issue: Issue) -> dict[str, Any]:
    """The history of an issue, as a list."""
    return {"history": dossier.history_of(issue.id, get_ledger())}


@register.inclusion_tag("rectify/issue_deadlines.html")
def issue_deadlines(issue: Issue) -> dict[str, Any]:
    """What is due of an issue, each with its reasons."""
    return {"deadlines": dossier.deadlines_of(issue, get_ledger(), now())}


@register.inclusion_tag("rectify/issue_facts.html")
def issue_facts(issue: Issue) -> dict[str, Any]:
    """What was found, and what is true in the issue's state."""
    ledger = get_ledger()
    state = dossier.state_of(type(issue).__name__, ledger)
    return {"issue": issue, "facts": dossier.facts_of(issue, ledger), "state": state}
