"""Forms of those who would lead, or object."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Line, Link, Text, choose_among, offer
from apps.groups.forms import people_named
from apps.groups.models import Group
from apps.groups.queries import coordinated_groups
from apps.guidelines.models import Version

NEW_GROUP = "new"


class AdoptForm(forms.Form):
    """One form: accept the guidelines, say which group, what will be different, the first three steps."""

    accept = forms.BooleanField(error_messages={"required": _("Accept the guidelines to lead under them.")})
    version = forms.CharField(widget=forms.HiddenInput, max_length=10)
    # In which way one comes to lead it: depends on the state that the page showed.
    way = forms.CharField(widget=forms.HiddenInput, max_length=10, required=False)
    group = forms.ChoiceField(
        widget=forms.RadioSelect,
        label=_("Which group leads?"),
        help_text=_("Only groups lead. A group can begin with you alone."),
    )
    new_group = Line(
        most=80,
        required=False,
        label=_("Name of the new group"),
        help_text=_("In any language. Do not use the name of an affiliate unless you act for it."),
    )
    plan = Text(
        most=600,
        label=_("What will be different in 90 days?"),
        help_text=_(
            "Something another person could check. “Newcomers on five wikis find one shared help page” is better "
            "than “improve help”. At most 600 characters."
        ),
        error_messages={"required": _("Write at least one sentence: it is what everybody will see first.")},
    )
    step_1 = Line(most=200, label=_("First step"), error_messages={"required": _("Name the first step.")})
    step_2 = Line(most=200, label=_("Second step"), error_messages={"required": _("Name the second step.")})
    step_3 = Line(
        most=200, label=_("Third step"), error_messages={"required": _("Name a third step. A first meeting is one.")}
    )
    beside = Text(
        most=2000,
        rows=3,
        required=False,
        label=_("People beside you"),
        help_text=_("Wikimedia user names, one a line. They are invited now and shown once they have accepted."),
    )
    seeks_members = forms.BooleanField(
        required=False,
        label=_("Help us find more people"),
        help_text=_("Lists the group under “looks for members”."),
    )

    evidence = Link(
        required=False,
        label=_("We led this before: a link that shows it"),
        help_text=_("For groups that led it before this site existed. A report or a page of minutes, for example."),
    )

    def __init__(self, *args: Any, person: User, version: Version, asks_evidence: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"version": version.number, "group": NEW_GROUP})
        super().__init__(*args, **kwargs)
        if not asks_evidence:
            del self.fields["evidence"]
        self.groups = {str(group.pk): group for group in coordinated_groups(person)}
        self.fields["accept"].label = _("I accept guidelines %(version)s") % {"version": version.number}
        choices = [
            (NEW_GROUP, _("A new group")),
            *((pk, group.name) for pk, group in self.groups.items()),
        ]
        offer(self, "group", choices)

    def clean_beside(self) -> str:
        self.people = people_named(self.cleaned_data["beside"])
        return self.cleaned_data["beside"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("group") == NEW_GROUP and not typed.get("new_group") and "new_group" not in self.errors:
            self.add_error("new_group", _("Give the new group a name."))
        return typed

    @property
    def chosen_group(self) -> Group | None:
        return self.groups.get(self.cleaned_data["group"])

    def proposed(self, version: Version) -> dict[str, Any]:
        """The fields of a proposal; the version stands in it if it is the one that was read."""
        typed = self.cleaned_data
        return {
            "guidelines": version if typed["version"] == version.number else None,
            "plan": typed["plan"],
            "first_steps": [typed["step_1"], typed["step_2"], typed["step_3"]],
            "group": self.chosen_group,
            "new_group_name": typed["new_group"],
            "beside": self.people,
            "seeks_members": typed["seeks_members"],
            "evidence": typed.get("evidence", ""),
        }


class PlanForm(forms.Form):
    """The plan of a group that is offered the lead."""

    accept = forms.BooleanField(error_messages={"required": _("Accept the guidelines to lead under them.")})
    plan = Text(
        most=600,
        label=_("What will be different in 90 days?"),
        error_messages={"required": _("Write at least one sentence: it is what everybody will see first.")},
    )
    step_1 = Line(most=200, label=_("First step"), error_messages={"required": _("Name the first step.")})
    step_2 = Line(most=200, label=_("Second step"), error_messages={"required": _("Name the second step.")})
    step_3 = Line(most=200, label=_("Third step"), error_messages={"required": _("Name a third step.")})

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accept"].label = _("I accept guidelines %(version)s") % {"version": version.number}

    @property
    def first_steps(self) -> list[str]:
        return [self.cleaned_data[name] for name in ("step_1", "step_2", "step_3")]


class OfferForm(forms.Form):
    group = forms.ModelChoiceField(
        Group.objects.none(),
        label=_("Which group shall lead it?"),
        help_text=_("Its coordinators have 14 days to accept or decline. Until then nothing changes."),
        error_messages={"required": _("Choose the group.")},
    )

    def __init__(self, *args: Any, leading: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Group.objects.exclude(pk__in=list(leading)).order_by("name")
        choose_among(self, "group", others)


class DeclineForm(forms.Form):
    reason = Text(most=600, rows=3, label=_("Why not?"), error_messages={"required": _("Say why, in a sentence.")})


class ObjectForm(forms.Form):
    """An objection, and the group and plan of whoever objects, if they like."""

    reason = Text(
        most=1000,
        label=_("Why should this group not lead it?"),
        help_text=_("What would go wrong, and for whom. About the plan, not about people."),
        error_messages={"required": _("Give a reason: a reviewer has to judge it.")},
    )
    group = forms.ChoiceField(required=False, label=_("A group of yours that would lead it"))
    plan = Text(most=600, required=False, label=_("What would be different in 90 days under your plan?"))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(group.pk): group for group in coordinated_groups(person)}
        choices = [
            ("", _("None: I only object")),
            *((pk, group.name) for pk, group in self.groups.items()),
        ]
        offer(self, "group", choices)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        group = self.groups.get(typed.get("group", ""))
        if group and not typed.get("plan") and "plan" not in self.errors:
            self.add_error("plan", _("Write your plan, so that both can be compared."))
        if typed.get("plan") and not group and "group" not in self.errors:
            self.add_error("group", _("Choose the group that would carry out this plan."))
        typed["group"] = group
        return typed


class DecideObjectionForm(forms.Form):
    DISMISS, SHARE, UPHOLD = "dismiss", "share", "uphold"

    decision = forms.ChoiceField(
        widget=forms.RadioSelect, label=_("Your decision"), error_messages={"required": _("Choose a decision.")}
    )
    note = Text(
        most=1000,
        label=_("Why"),
        help_text=_("Both sides have to know, and everybody can read it."),
        error_messages={"required": _("Say why: both sides have to know, and everybody can read it.")},
    )

    def __init__(self, *args: Any, has_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(self.DISMISS, _("The adoption stands"))]
        if has_plan:
            choices.append((self.SHARE, _("Both groups lead together")))
        upheld = _("The objecting group leads instead") if has_plan else _("The adoption ends, and it is open again")
        offer(self, "decision", [*choices, (self.UPHOLD, upheld)])
