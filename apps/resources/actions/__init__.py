"""Offering resources, asking for them, answering, using and giving back."""

from apps.resources.actions.booking import request_dates, request_resource
from apps.resources.actions.changing import (
    CHANGEABLE,
    Changed,
    change_booking,
    change_series,
    extend_use,
    give_back_series,
    note_use,
)
from apps.resources.actions.meetings import book_room_for, follow_meeting
from apps.resources.actions.offering import (
    load_resources,
    name_steward,
    note_translation,
)
from apps.resources.actions.using import (
    LONGEST_WAIT,
    State,
    answer_after_silence,
    decline_request,
    end_use,
    give_back,
    give_back_after_silence,
    give_resource,
    keep_using,
    let_wish_lapse,
)

__all__ = [
    "CHANGEABLE",
    "LONGEST_WAIT",
    "Changed",
    "State",
    "answer_after_silence",
    "book_room_for",
    "change_booking",
    "change_series",
    "decline_request",
    "end_use",
    "extend_use",
    "follow_meeting",
    "give_back",
    "give_back_after_silence",
    "give_back_series",
    "give_resource",
    "keep_using",
    "let_wish_lapse",
    "load_resources",
    "name_steward",
    "note_translation",
    "note_use",
    "request_dates",
    "request_resource",
]
