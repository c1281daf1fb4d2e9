"""What is due (待办事项), from duties, issues and visits: derived, never kept.

`agenda` puts it together from what is given, `agenda_of` from a ledger, `of_issue` for one
issue; ``entry`` is one line of it, ``steps`` makes those of what is owed, ``visits`` what
inspections (明察暗访) add.
"""

from rectify.happening import Visit
from rectify.todo.agenda import agenda, of_issue
from rectify.todo.entry import Entry, EntryStanding
from rectify.todo.of_ledger import agenda_of, horizon_of

__all__ = ["Entry", "EntryStanding", "Visit", "agenda", "agenda_of", "horizon_of", "of_issue"]
