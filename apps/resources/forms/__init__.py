"""What people fill in about resources."""

from apps.resources.forms.requests import (
    ChangeForm,
    GiveForm,
    ReasonForm,
    RequestForm,
    answer_forms,
    hours_words,
)

__all__ = ["ChangeForm", "GiveForm", "ReasonForm", "RequestForm", "answer_forms", "hours_words"]
