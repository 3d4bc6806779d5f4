"""What people fill in about resources."""

from apps.resources.forms.requests import GiveForm, ReasonForm, RequestForm, hours_words

__all__ = ["GiveForm", "ReasonForm", "RequestForm", "hours_words"]
