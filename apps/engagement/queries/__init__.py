"""Reads of the checklist, the review queue and the map."""

from apps.engagement.queries.checklist import (
    CAN_BE_HANDED_IN,
    SETTLED_WELL,
    Checklist,
    StepShown,
    checklist_of,
    counting_entries,
    entries_of,
    logged_already,
    steps_in_review,
)
from apps.engagement.queries.coverage import CoverageMap, coverage_of
from apps.engagement.queries.doubts import judge_to_ask, judges_of_each
from apps.engagement.queries.personal import data_of
from apps.engagement.queries.review import (
    QueueLine,
    is_staff,
    last_decisions_of,
    open_submissions,
    queue_lines,
    reviewer_to_ask,
    reviewers_for,
    reviewers_for_each,
    reviewers_of,
    submissions_for,
)

__all__ = [
    "CAN_BE_HANDED_IN",
    "SETTLED_WELL",
    "Checklist",
    "CoverageMap",
    "QueueLine",
    "StepShown",
    "checklist_of",
    "counting_entries",
    "coverage_of",
    "data_of",
    "entries_of",
    "is_staff",
    "judge_to_ask",
    "judges_of_each",
    "last_decisions_of",
    "logged_already",
    "open_submissions",
    "queue_lines",
    "reviewer_to_ask",
    "reviewers_for",
    "reviewers_for_each",
    "reviewers_of",
    "steps_in_review",
    "submissions_for",
]
