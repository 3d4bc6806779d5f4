from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Text


class ConfirmForm(forms.Form):
    is_named = forms.BooleanField(required=False, label=_("Show my name. Otherwise I am only counted."))


class DoubtForm(forms.Form):
    reason = Text(
        most=1000,
        label=_("Why do you doubt it?"),
        help_text=_("Public, without your name. Say what the group could show or correct."),
        error_messages={"required": _("Say why you doubt it, so that the group can answer.")},
    )


class AnswerDoubtForm(forms.Form):
    answer = Text(
        most=1000,
        label=_("Your group's answer"),
        help_text=_("Public, under the name of your group."),
        error_messages={"required": _("Write an answer, or correct the entry instead.")},
    )


class JudgeForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("What do you think?"),
        widget=forms.RadioSelect,
        choices=[
            ("dismiss", _("The answer is good: the entry counts")),
            ("uphold", _("The doubt is right: the entry does not count")),
        ],
        error_messages={"required": _("Choose one of the two.")},
    )
    note = Text(
        most=1000,
        label=_("Why?"),
        help_text=_("Public. The group and whoever doubted read it."),
        error_messages={"required": _("Say why: the group and whoever doubted read it.")},
    )
