"""Logging, confirming, doubting and correcting entries; handing in and reviewing steps; moving to newer guidelines."""

from apps.engagement.actions.confirming import confirm_entry, leave_unconfirmed, take_back_confirmation
from apps.engagement.actions.correcting import correct_entry, withdraw_entry
from apps.engagement.actions.doubts import (
    answer_doubt,
    dismiss_doubt,
    doubt_entry,
    let_doubt_fall,
    strike_unanswered,
    take_back_doubt,
    uphold_doubt,
)
from apps.engagement.actions.entries import log_entry, measure_again, name_neighbours
from apps.engagement.actions.meetings import log_meeting
from apps.engagement.actions.moving import move_to_guidelines, tell_leads_of_new_guidelines
from apps.engagement.actions.pasting import MOST_LINES, log_entries
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
from apps.engagement.actions.rounds import log_round
from apps.engagement.actions.second_thoughts import pass_on, take_back

__all__ = [
    "MOST_LINES",
    "accept_steps",
    "answer_doubt",
    "ask_for_more",
    "change_reply",
    "confirm_entry",
    "correct_entry",
    "dismiss_doubt",
    "doubt_entry",
    "hand_in_again",
    "hand_in_early",
    "hand_in_measured",
    "leave_unconfirmed",
    "let_doubt_fall",
    "log_entries",
    "log_entry",
    "log_meeting",
    "log_round",
    "measure_again",
    "move_to_guidelines",
    "name_neighbours",
    "pass_on",
    "refuse_steps",
    "remove_reply",
    "save_reply",
    "settle_by_silence",
    "strike_unanswered",
    "take_back",
    "take_back_confirmation",
    "take_back_doubt",
    "tell_leads_of_new_guidelines",
    "uphold_doubt",
    "waive_steps",
    "withdraw_entry",
]
