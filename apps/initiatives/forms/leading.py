"""Forms of those who lead."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Day, Line, Link, Text
from apps.core.text import Words
from apps.groups.forms import people_named
from apps.groups.models import Group
from apps.people.deadlines import HOLDERS, REVIEWER
from apps.people.models import RoleTerm

# Whom something may wait for, by the role's name.
ROLES: dict[str, Words] = {RoleTerm.Role.REVIEWER: REVIEWER.title, **HOLDERS}


class UpdateForm(forms.Form):
    """What happened, what is next, what is in the way and whom it waits for."""

    text = Text(
        most=600,
        label=_("What happened?"),
        help_text=_("Two or three sentences. At most 600 characters."),
        error_messages={"required": _("Write at least one sentence.")},
    )
    next_step = Text(most=300, rows=2, required=False, label=_("What is next?"))
    link = Link(required=False, label=_("Link"), help_text=_("Where to read more."))
    obstacle = Line(
        most=300,
        required=False,
        label=_("What is in the way?"),
        help_text=_("Leave it empty if nothing is. Whoever it waits for owes you an answer in 14 days, in public."),
    )
    waits_for = forms.ChoiceField(
        required=False,
        widget=forms.RadioSelect,
        choices=[
            ("", _("Nobody in particular")),
            *ROLES.items(),
            ("group", _("A working group")),
            ("person", _("A person, who is asked first and not named")),
        ],
        label=_("Whom does it wait for?"),
    )
    waits_for_group = forms.ModelChoiceField(
        Group.objects.order_by("name"), required=False, label=_("Which working group?")
    )
    waits_for_person = Line(most=255, required=False, label=_("Wikimedia user name of the person"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        chosen = typed.get("waits_for", "")
        typed["person"] = None
        if chosen == "group" and not typed.get("waits_for_group") and "waits_for_group" not in self.errors:
            self.add_error("waits_for_group", _("Choose the working group."))
        if chosen == "person":
            typed["person"] = self._person(typed.get("waits_for_person", ""))
        if chosen and not typed.get("obstacle") and "obstacle" not in self.errors:
            self.add_error("obstacle", _("Say what is in the way."))
        return typed

    def _person(self, name: str) -> User | None:
        try:
            people = people_named(name)
        except forms.ValidationError as error:
            self.add_error("waits_for_person", error)
            return None
        if not people:
            self.add_error("waits_for_person", _("Name the person."))
        return people[0] if people else None

    @property
    def in_the_way(self) -> dict[str, Any] | None:
        """What is in the way and whom it waits for, or None if nothing is."""
        typed = self.cleaned_data
        chosen = typed["waits_for"]
        if not typed["obstacle"]:
            return None
        return {
            "text": typed["obstacle"],
            "role": chosen if chosen in ROLES else "",
            "group": typed["waits_for_group"] if chosen == "group" else None,
            "person": typed["person"] if chosen == "person" else None,
        }


class GoOnForm(forms.Form):
    text = Text(
        most=600,
        label=_("What did your group do, and what is next?"),
        error_messages={"required": _("Write at least one sentence.")},
    )
    link = Link(
        label=_("Evidence: a link that shows it"),
        error_messages={"required": _("To go on alone takes evidence: a link that shows what you did.")},
    )


class RenewForm(forms.Form):
    summary = Text(
        most=600,
        label=_("What did these twelve months bring, and what is next?"),
        error_messages={"required": _("A short summary renews the term.")},
    )


class HoldForm(forms.Form):
    reason = Text(
        most=600, rows=3, label=_("Why does it pause?"), error_messages={"required": _("Give a reason: it is public.")}
    )
    waits_for = Line(
        most=200,
        label=_("What does it wait for?"),
        help_text=_("“The decision on hubs in March”, for example. It stands on the town square."),
        error_messages={"required": _("Say what it waits for.")},
    )
    review_on = Day(
        label=_("When do you look at it again?"), error_messages={"required": _("Choose the day of the next look.")}
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("review_on"):
            typed["review_at"] = timezone.make_aware(datetime.combine(typed.pop("review_on"), time(12)))
        return typed


class ResumeForm(forms.Form):
    text = Text(
        most=600,
        label=_("What has changed, and what is next?"),
        error_messages={"required": _("Write at least one sentence.")},
    )


class ConcludeForm(forms.Form):
    summary = Text(
        most=2000,
        label=_("What was reached, and what was not?"),
        help_text=_("For everybody who comes later. It stays on the page of the initiative."),
        error_messages={"required": _("Write the summary: it is what stays.")},
    )


class StepDownForm(forms.Form):
    notes = Text(
        most=2000,
        required=False,
        label=_("Notes for whoever comes next"),
        help_text=_("What you did, what you would do next, whom to ask. Public."),
    )


class AnswerObstacleForm(forms.Form):
    answer = Text(most=1000, label=_("Your answer"), error_messages={"required": _("Write at least one sentence.")})
