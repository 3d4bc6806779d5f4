"""Opening rounds, translating and answering them."""

from apps.feedback.actions.answers import give_answer, take_back_answer
from apps.feedback.actions.carrying import (
    carry_round,
    decline_to_carry,
    leave_without_report,
    let_carry_lapse,
    write_report,
)
from apps.feedback.actions.changes import when_round_changes
from apps.feedback.actions.rounds import (
    cancel_round,
    change_round,
    close_round,
    discard_draft,
    discard_forgotten_draft,
    draft_round,
    open_round,
)
from apps.feedback.actions.summary import change_summary, leave_without_summary, note_correction, publish_summary
from apps.feedback.actions.translations import write_translation

__all__ = [
    "cancel_round",
    "carry_round",
    "change_round",
    "change_summary",
    "close_round",
    "decline_to_carry",
    "discard_draft",
    "discard_forgotten_draft",
    "draft_round",
    "give_answer",
    "leave_without_report",
    "leave_without_summary",
    "let_carry_lapse",
    "note_correction",
    "open_round",
    "publish_summary",
    "take_back_answer",
    "when_round_changes",
    "write_report",
    "write_translation",
]
