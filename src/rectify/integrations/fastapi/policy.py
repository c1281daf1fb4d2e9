"""Who may see what: the host's own functions, or by the tree of units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from rectify.actor import Actor
from rectify.duty import Owed
from rectify.issue import Issue
from rectify.ledger import Ledger

Visible: TypeAlias = Callable[[Actor, Issue], bool]
"""Whether an actor may see an issue, and so move it: what can't be seen is not there."""

Owes: TypeAlias = Callable[[Actor, Owed], bool]
"""Whether an actor answers for what a unit owes: sees where it stands, and may hand it in."""


def own_issues(ledger: Ledger[Any]) -> Visible:
    """An actor sees the issues of the own unit and of the units below it."""
    return lambda actor, issue: _is_within(ledger, actor.unit, issue.finding.unit)


def own_duties(ledger: Ledger[Any]) -> Owes:
    """An actor answers for what the own unit and the units below it owe.

    What is owed by a level, as it is without a table of units, is anyone's.
    """
    return lambda actor, owed: owed.unit is None or _is_within(ledger, actor.unit, owed.unit)


def _is_within(ledger: Ledger[Any], unit: str, code: str) -> bool:
    if unit == code:
        return True
    units = ledger.units
    if units is None or units.get(code) is None:
        return False
    return any(above.code == unit for above in units.ancestors(code))
