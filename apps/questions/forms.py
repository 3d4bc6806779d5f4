from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Line, Text


class AskForm(forms.Form):
    title = Line(
        most=200,
        label=_("Your question"),
        help_text=_("One question, in one sentence, in any language. It is public."),
        error_messages={"required": _("Write your question.")},
    )
    details = Text(most=2000, required=False, label=_("More about it"), help_text=_("What one has to know to answer."))


class AnswerForm(forms.Form):
    answer = Text(
        most=10_000,
        rows=8,
        label=_("The answer"),
        help_text=_("Public. It stands for your group."),
        error_messages={"required": _("Write the answer.")},
    )


class SplitForm(forms.Form):
    parts = Text(
        most=2000,
        label=_("The questions, one a line"),
        help_text=_("Two to ten. Each keeps the date of the whole, and everybody who said “me too” comes along."),
        error_messages={"required": _("Write the questions, one a line.")},
    )

    def clean_parts(self) -> list[str]:
        parts = [" ".join(line.split()) for line in self.cleaned_data["parts"].splitlines() if line.strip()]
        if any(len(part) > 200 for part in parts):
            raise forms.ValidationError(_("One of the questions is longer than 200 characters."))
        return parts
