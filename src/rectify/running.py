"""What runs for an issue beside its milestones: the time of its class, the wait for a receipt.

A class (问题类别) runs until the issue is verified or transferred. A transferred lead without
a receipt is told of after a while and never overdue, since the document only says 及时.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rectify.issue import FixedOnTheSpot, Found, Issue, Scheduled
from rectify.store import Timeline
from rectify.timeline import lacks_receipt, of_receipt

if TYPE_CHECKING:
    from rectify.campaign import Campaign


def is_being_put_right(issue: Issue) -> bool:
    """Whether an issue is still to be put right: found, fixed and not verified, or scheduled."""
    return isinstance(issue, (Found, FixedOnTheSpot, Scheduled))


def follow(
    timeline: Timeline, campaign: Campaign, left: Issue, entered: Issue, at: datetime
) -> None:
    """Set what runs for an issue from a move on, and close its class, at an instant in UTC.

    The wait for a receipt is closed with the milestones.
    """
    within = campaign.receipt_within
    if within is not None and lacks_receipt(entered) and not lacks_receipt(left):
        timeline.put([of_receipt(entered, within, at).pending()])
    if campaign.issue_classes and is_being_put_right(left) and not is_being_put_right(entered):
        rows = [row for row in timeline.of_campaign(left.id) if row.kind == "class"]
        timeline.put(row.closed(at) for row in rows if row.closed_at is None)
