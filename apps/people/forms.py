from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Day, Line
from apps.people.models import RoleTerm


class GrantForm(forms.Form):
    username = Line(most=255, label=_("Wikimedia user name"), help_text=_("The person has signed in here once."))
    role = forms.ChoiceField(choices=RoleTerm.Role.choices, label=_("Role"))
    until = Day(years=3, label=_("Until"), help_text=_("At most three years. Twelve months is usual."))

    def clean_username(self) -> str:
        self.person = User.objects.filter(username=self.cleaned_data["username"]).first()
        if self.person is None:
            raise forms.ValidationError(_("Nobody with this name has signed in here yet. Is it spelled exactly so?"))
        return self.person.username

    def clean_until(self) -> Any:
        return datetime.combine(self.cleaned_data["until"], time(23, 59, 59), UTC)
