"""What features above do when the people of a group change; groups knows none of them."""

from collections.abc import Callable
from datetime import datetime

from apps.groups.models import Group

WhenMembersChange = Callable[..., None]
WHEN_MEMBERS_CHANGE: list[WhenMembersChange] = []


def when_members_change(follow: WhenMembersChange) -> WhenMembersChange:
    """Register an action, `follow(group, *, now)`, for when somebody left a group or came to coordinate it."""
    WHEN_MEMBERS_CHANGE.append(follow)
    return follow


def tell_that_members_changed(group: Group, *, now: datetime) -> None:
    for follow in WHEN_MEMBERS_CHANGE:
        follow(group, now=now)
