from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.forms import Day, offer
from apps.core.languages import region_choices
from apps.core.text import Words
from apps.deadlines.board import Chosen, named_owner
from apps.deadlines.owners import KINDS, PARTS
from apps.deadlines.rules import RULES


class WaitsForm(forms.Form):
    """The filters of the waiting board; what is not known is left out, and named."""

    owner = forms.ChoiceField(required=False, label=_("Owed by"))
    kind = forms.ChoiceField(required=False, label=_("Kind"))
    region = forms.ChoiceField(required=False, label=_("Region"))
    late = forms.BooleanField(required=False, label=_("Only what is late"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(rule.name, rule.title) for rule in RULES.values() if rule.public]
        self._offer("owner", _("Everybody"), [*self._owners(), *named_owner(self.data.get("owner", "")).items()])
        self._offer("kind", _("All kinds"), kinds)
        self._offer("region", _("All regions"), region_choices())

    def _offer(self, name: str, everything: Words, choices: Iterable[tuple[str, Words]]) -> None:
        offer(self, name, [("", everything), *choices])

    def _owners(self) -> list[tuple[str, Words]]:
        return [(name, found.title) for known in (KINDS, PARTS) for name, found in known.items()]

    @property
    def chosen(self) -> Chosen:
        self.is_valid()
        return Chosen(**self.cleaned_data)

    @property
    def left_out(self) -> list[Words]:
        """The names of the filters that could not be read."""
        return [self.fields[name].label or name for name in self.errors]


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
