"""Forming groups, joining and leaving them; their meetings."""

from apps.groups.actions.meetings import (
    cancel_meeting,
    change_meeting,
    correct_notes,
    plan_meeting,
    publish_notes,
    take_back_coming,
    want_to_come,
    when_notes_are_published,
)
from apps.groups.actions.members import (
    answer_invitation,
    answer_join,
    ask_to_join,
    change_group,
    confirm_group,
    form_group,
    invite,
    leave_group,
    make_coordinator,
    take_back_request,
)

__all__ = [
    "answer_invitation",
    "answer_join",
    "ask_to_join",
    "cancel_meeting",
    "change_group",
    "change_meeting",
    "confirm_group",
    "correct_notes",
    "form_group",
    "invite",
    "leave_group",
    "make_coordinator",
    "plan_meeting",
    "publish_notes",
    "take_back_coming",
    "take_back_request",
    "want_to_come",
    "when_notes_are_published",
]
