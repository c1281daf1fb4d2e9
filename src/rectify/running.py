"""What runs for an issue beside its milestones: the time of its class, the wait for a receipt.

A class (问题类别) runs until the issue is verified or transferred. A transferred lead without
a receipt is told of after a while and never overdue, since the document only says 及时.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rectify.issue import FixedOnTheSpot, Found, Issue, Scheduled, Transferred
from rectify.store import Timeline
from rectify.timeline import of_receipt

if TYPE_CHECKING:
    from rectify.campaign import Campaign


def is_being_put_right(issue: Issue) -> bool:
    """Whether an issue is still to be put right: found, fixed and not verified, or scheduled."""
    return isinstance(issue, (Found, FixedOnTheSpot, Scheduled))


def lacks_receipt(issue: Issue) -> bool:
    """Whether an issue was transferred and its receipt is not there."""
    return isinstance(issue, Transferred) and issue.receipt is None


def follow(
    timeline: Timeline, campaign: Campaign, left: Issue, entered: Issue, at: datetime
) -> None:
    """Set and close what runs for an issue as it goes from one state to another, at an instant."""
    over: set[str] = set()
    if is_being_put_right(left) and not is_being_put_right(entered) and campaign.issue_classes:
        over.add("class")
    if campaign.receipt_within is not None and lacks_receipt(left) != lacks_receipt(entered):
        if lacks_receipt(entered):
            timeline.put([of_receipt(entered, campaign.receipt_within, at).pending()])
        else:
            over.add("receipt")
    if over:
        rows = [row for row in timeline.of_campaign(left.id) if row.kind in over]
        timeline.put(row.closed(at) for row in rows if row.closed_at is None)
