from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.forms import Line, Moment, Text, offer
from apps.groups.models import Group
from apps.groups.queries import groups_to_ask_for
from apps.resources.models import Job, Resource


class RequestForm(forms.Form):
    """For what, for which group and, for rooms, when."""

    starts_at = Moment(years=2, label=_("Starts"), error_messages={"required": _("Say when it begins.")})
    hours = forms.TypedChoiceField(coerce=float, label=_("How long"), choices=[])
    group = forms.ChoiceField(label=_("For which group"))
    purpose = Line(
        most=200,
        label=_("What for"),
        help_text=_("One line, public."),
        error_messages={"required": _("Say in one line what it is for.")},
    )
    details = Text(
        most=2000,
        required=False,
        label=_("What the stewards have to know"),
        help_text=_("Links, languages, days. The stewards and your group read it."),
    )

    def __init__(self, *args: Any, resource: Resource, person: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resource = resource
        self.groups = {str(group.pk): group for group in groups_to_ask_for(person, now)}
        offer(self, "group", ((pk, group.name) for pk, group in self.groups.items()))
        if resource.is_booked_by_time:
            halves = range(1, (resource.max_hours or 1) * 2 + 1)
            offer(self, "hours", ((str(n / 2), hours_words(n / 2)) for n in halves))
            self.fields["hours"].initial = "1.0"
            if self.initial.get("starts_at"):
                self.fields["starts_at"].widget.attrs["data-chosen"] = ""
        else:
            del self.fields["starts_at"], self.fields["hours"]
        if resource.policy == Resource.Policy.SELF_SERVICE:
            del self.fields["details"]

    @property
    def wish(self) -> dict[str, Any]:
        """What the action takes."""
        typed = self.cleaned_data
        wish = {"group": self.chosen_group, "purpose": typed["purpose"], "details": typed.get("details", "")}
        if self.resource.is_booked_by_time:
            wish["starts_at"] = typed["starts_at"]
            wish["ends_at"] = typed["starts_at"] + timedelta(hours=typed["hours"])
        return wish

    @property
    def chosen_group(self) -> Group:
        return self.groups[self.cleaned_data["group"]]


def hours_words(hours: float) -> str:
    minutes = round(hours * 60)
    whole, rest = divmod(minutes, 60)
    parts = []
    if whole:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", whole) % {"n": whole})
    if rest:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
    return " ".join(parts)


class GiveForm(forms.Form):
    address = Line(
        most=1000, required=False, label=_("Where it is"), help_text=_("An address. Only the group sees it.")
    )
    answer = Text(most=1000, rows=3, required=False, label=_("A word to the group"))


class HandForm(forms.Form):
    """What a steward did in a machine's stead; only what was made has an address."""

    address = Line(
        most=1000,
        label=_("Where it is"),
        help_text=_("The address of what you made. Only the group sees it."),
        error_messages={"required": _("Say where it is.")},
    )

    def __init__(self, *args: Any, job: Job, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if job.act != Job.Act.MAKE:
            del self.fields["address"]


class ReasonForm(forms.Form):
    answer = Text(
        most=1000, rows=3, label=_("Why"), error_messages={"required": _("Say why, and what else could help.")}
    )
