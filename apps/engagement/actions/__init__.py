"""Logging entries, handing in steps, reviewing them, and moving to newer guidelines."""

from apps.engagement.actions.entries import log_entry, measure_again, name_neighbours, withdraw_entry
from apps.engagement.actions.moving import move_to_guidelines, tell_leads_of_new_guidelines
from apps.engagement.actions.review import (
    accept_steps,
    ask_for_more,
    hand_in_early,
    hand_in_measured,
    refuse_steps,
    settle_by_silence,
    waive_steps,
)

__all__ = [
    "accept_steps",
    "ask_for_more",
    "hand_in_early",
    "hand_in_measured",
    "log_entry",
    "measure_again",
    "move_to_guidelines",
    "name_neighbours",
    "refuse_steps",
    "settle_by_silence",
    "tell_leads_of_new_guidelines",
    "waive_steps",
    "withdraw_entry",
]
