"""Offering resources, asking for them, answering, using and giving back."""

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
    request_resource,
)

__all__ = [
    "LONGEST_WAIT",
    "State",
    "answer_after_silence",
    "decline_request",
    "end_use",
    "give_back",
    "give_back_after_silence",
    "give_resource",
    "keep_using",
    "let_wish_lapse",
    "load_resources",
    "name_steward",
    "note_translation",
    "request_resource",
]
