from itertools import groupby
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.text import Words
from apps.notifications.kinds import KINDS, TOPICS


class ChoicesForm(forms.Form):
    """How letters come by and large, and for which kinds it is different; a kind is a field of its name."""

    mail = forms.ChoiceField(
        label=_("Letters come"),
        help_text=_("A letter tells you what you are asked, or what became of what you asked for."),
        choices=User.Mail.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"mail": person.mail} | person.mail_by_kind
        super().__init__(*args, **kwargs)
        choices = [("", _("As above")), *User.Mail.choices]
        for kind in KINDS.values():
            self.fields[kind.name] = forms.ChoiceField(label=str(kind.title), choices=choices, required=False)

    @property
    def topics(self) -> list[tuple[Words, list[BoundField]]]:
        """The kinds of letters under the headings of what they are about."""
        kinds = sorted(KINDS.values(), key=lambda kind: list(TOPICS).index(kind.app))
        by_app = groupby(kinds, key=lambda kind: kind.app)
        return [(TOPICS[app], [self[kind.name] for kind in found]) for app, found in by_app]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        by_kind = {kind: typed.pop(kind) for kind in KINDS if kind in typed}
        return typed | {"mail_by_kind": {kind: chosen for kind, chosen in by_kind.items() if chosen}}
