"""Logging entries, handing in steps, and reviewing them."""

from apps.engagement.actions.entries import log_entry, measure_again, name_neighbours, withdraw_entry
from apps.engagement.actions.review import (
    accept_steps,
    ask_for_more,
    hand_in_early,
    hand_in_measured,
    refuse_steps,
    settle_by_silence,
    waive_steps,
)
from apps.engagement.actions.rounds import log_round

__all__ = [
    "accept_steps",
    "ask_for_more",
    "hand_in_early",
    "hand_in_measured",
    "log_entry",
    "log_round",
    "measure_again",
    "name_neighbours",
    "refuse_steps",
    "settle_by_silence",
    "waive_steps",
    "withdraw_entry",
]
