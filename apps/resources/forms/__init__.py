"""What people fill in about resources."""

from apps.resources.forms.requests import GiveForm, HandForm, ReasonForm, RequestForm, hours_words

__all__ = ["GiveForm", "HandForm", "ReasonForm", "RequestForm", "hours_words"]
