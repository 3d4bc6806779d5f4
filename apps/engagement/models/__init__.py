"""Engagement: what was done towards the community, the checklist it fills, and what reviewers answered."""

from apps.engagement.models.entries import (
    Confirmation,
    Doubt,
    EarlierText,
    Entry,
    telling,
)
from apps.engagement.models.review import (
    ChecklistStep,
    Decision,
    Pass,
    Reply,
    Submission,
)

__all__ = [
    "ChecklistStep",
    "Confirmation",
    "Decision",
    "Doubt",
    "EarlierText",
    "Entry",
    "Pass",
    "Reply",
    "Submission",
    "telling",
]
