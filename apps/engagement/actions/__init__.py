"""Logging entries, handing in steps, and reviewing them."""

from apps.engagement.actions.entries import log_entry, measure_again, name_neighbours, withdraw_entry
from apps.engagement.actions.replies import change_reply, remove_reply, save_reply
from apps.engagement.actions.review import (
    accept_steps,
    ask_for_more,
    hand_in_again,
    hand_in_early,
    hand_in_measured,
    refuse_steps,
    settle_by_silence,
    waive_steps,
)
from apps.engagement.actions.second_thoughts import pass_on, take_back

__all__ = [
    "accept_steps",
    "ask_for_more",
    "change_reply",
    "hand_in_again",
    "hand_in_early",
    "hand_in_measured",
    "log_entry",
    "measure_again",
    "name_neighbours",
    "pass_on",
    "refuse_steps",
    "remove_reply",
    "save_reply",
    "settle_by_silence",
    "take_back",
    "waive_steps",
    "withdraw_entry",
]
