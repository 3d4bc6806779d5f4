from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Text
from apps.engagement.models import ChecklistStep


class EarlyForm(forms.Form):
    reason = Text(
        most=1000,
        rows=3,
        label=_("Why now, and why it is enough"),
        error_messages={"required": _("Give a reason: a reviewer has to judge it.")},
    )


class ChosenSteps(forms.ModelMultipleChoiceField):
    """Steps by their numbers; what no number of a row can be is refused before the database is asked."""

    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": pk[:40]})
        return super().clean(value)


class DecisionForm(forms.Form):
    DECISIONS = (
        ("accept", _("Accept")),
        ("more", _("Ask for more")),
        ("waive", _("Waive")),
        ("refuse", _("Refuse")),
    )
    decision = forms.ChoiceField(choices=DECISIONS, error_messages={"required": _("Choose a decision.")})
    steps = ChosenSteps(ChecklistStep.objects.all(), required=False)
    note = Text(most=1000, rows=3, required=False, label=_("Note"))

    @property
    def chosen_steps(self) -> list[int] | None:
        """The steps that were chosen, or None for all."""
        chosen = [step.pk for step in self.cleaned_data["steps"]]
        return chosen or None
