"""What is due (待办事项), from duties, issues and visits: derived, never kept.

`agenda` puts it together from what is given, `of_issue` for one issue;
``entry`` is one line of it, ``visits`` what inspections (明察暗访) add.
"""

from rectify.todo.agenda import agenda, of_issue
from rectify.todo.entry import Entry, EntryStanding
from rectify.todo.visits import Visit

__all__ = ["Entry", "EntryStanding", "Visit", "agenda", "of_issue"]
