from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Day


class AbsenceForm(forms.Form):
    """Two days, both of them days of absence; they become times in the person's own zone."""

    first_on = Day(label=_("First day away"), help_text=_("In your time zone."), years=2)
    last_on = Day(label=_("Last day away"), help_text=_("You are back on the day after."), years=2)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "first_on" in typed and "last_on" in typed:
            typed["begins_at"] = _beginning_of(typed["first_on"])
            typed["ends_at"] = _beginning_of(typed["last_on"] + timedelta(days=1))
        return typed


def _beginning_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
