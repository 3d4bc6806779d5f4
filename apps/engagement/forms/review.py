import re
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Line, Text
from apps.core.languages import all_languages
from apps.engagement.models import ChecklistStep, Reply
from apps.engagement.words import REPLIES


class EarlyForm(forms.Form):
    reason = Text(
        most=1000,
        rows=3,
        label=_("Why now, and why it is enough"),
        error_messages={"required": _("Give a reason: a reviewer has to judge it.")},
    )


class AnswerForm(forms.Form):
    answer = Text(
        most=1000,
        rows=3,
        label=_("Your answer"),
        help_text=_("Public, and shown to the reviewer beside your entries."),
        error_messages={"required": _("Say what you added or changed, or why it is enough.")},
    )


class ChosenSteps(forms.ModelMultipleChoiceField):
    """Steps by their numbers; what no number of a row can be is refused before the database is asked."""

    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": pk[:40]})
        return super().clean(value)


class ReplyChoice(forms.ChoiceField):
    """A reply of the site, or one that a reviewer keeps, by its number; one that is gone says nothing."""

    def valid_value(self, value: str) -> bool:
        return value in REPLIES or re.fullmatch(r"own-[0-9]{1,18}", value) is not None


class DecisionForm(forms.Form):
    """What a reviewer sends from one line: an answer, or to pass it on, or to begin the note with a saved reply."""

    PASS, BEGIN = "pass", "begin"
    DECISIONS = (
        ("accept", _("Accept")),
        ("more", _("Ask for more")),
        ("waive", _("Waive")),
        ("refuse", _("Refuse")),
        (PASS, _("Pass it on")),
        (BEGIN, _("Begin the note with a reply")),
    )
    decision = forms.ChoiceField(choices=DECISIONS, error_messages={"required": _("Choose a decision.")})
    steps = ChosenSteps(ChecklistStep.objects.all(), required=False)
    note = Text(most=1000, rows=3, required=False, label=_("Note"))
    language = forms.ChoiceField(
        choices=lambda: [(code, code) for code in all_languages()],
        required=False,
        label=_("Language"),
        error_messages={"invalid_choice": _("Choose the language that one has to read.")},
    )
    reply = ReplyChoice(required=False, label=_("Reply"))

    def clean_language(self) -> str:
        code: str = self.cleaned_data["language"]
        if self.data.get("decision") == self.PASS and not code:
            raise forms.ValidationError(_("Choose the language that one has to read."))
        return code

    @property
    def chosen_steps(self) -> list[int] | None:
        """The steps that were chosen, or None for all."""
        chosen = [step.pk for step in self.cleaned_data["steps"]]
        return chosen or None

    def begun_with(self, text: str) -> "DecisionForm":
        """The same form with this text after what is typed in the note."""
        data = cast(QueryDict, self.data).copy()
        typed = data.get("note", "").strip()
        data["note"] = f"{typed}\n{text}" if typed else text
        return DecisionForm(data)


class ReplyForm(forms.Form):
    title = Line(
        most=60,
        label=_("Short title"),
        help_text=_("By which you choose it."),
        error_messages={"required": _("Give it a title.")},
    )
    answer = forms.ChoiceField(choices=Reply.Answer.choices, label=_("You use it"))
    text = Text(
        most=1000,
        label=_("Text"),
        help_text=_("The note begins with it; you can change it there each time."),
        error_messages={"required": _("Write the text.")},
    )
