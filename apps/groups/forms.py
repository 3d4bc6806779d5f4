from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Line, RegionChoice, Text
from apps.core.text import listed
from apps.groups.models import INVITE_AT_ONCE, Group
from apps.people.models import Affiliate


class FormGroupForm(forms.Form):
    name = Line(
        most=80,
        label=_("Name"),
        help_text=_("In any language. Do not use the name of an affiliate unless you act for it."),
        error_messages={"required": _("Give the group a name.")},
    )
    purpose = Line(most=300, required=False, label=_("What for?"), help_text=_("One sentence that others can read."))
    kind = forms.ChoiceField(
        choices=Group.Kind.choices,
        initial=Group.Kind.VOLUNTEERS,
        widget=forms.RadioSelect,
        label=_("Kind"),
        help_text=_(
            "Affiliate and foundation groups read “unconfirmed” until an administrator confirms them, or, for the "
            "Foundation, until a coordinator has a linked staff sign-in."
        ),
    )
    affiliate = forms.ModelChoiceField(Affiliate.objects.all(), required=False, label=_("Affiliate"))
    region = RegionChoice(
        required=False,
        label=_("Region"),
        help_text=_("If the group is of one. Left empty, a group of an affiliate takes the region of its affiliate."),
    )
    seeks_members = forms.BooleanField(required=False, label=_("Looks for members"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        is_affiliate = typed.get("kind") == Group.Kind.AFFILIATE
        if is_affiliate and not typed.get("affiliate"):
            self.add_error("affiliate", _("Choose the affiliate that the group acts for."))
        if not is_affiliate:
            typed["affiliate"] = None
        return typed


class ChangeGroupForm(forms.Form):
    purpose = Line(most=300, required=False, label=_("What for?"), help_text=_("One sentence that others can read."))
    region = RegionChoice(required=False, label=_("Region"), help_text=_("If the group is of one."))
    seeks_members = forms.BooleanField(required=False, label=_("Looks for members"))


class JoinForm(forms.Form):
    message = Line(
        most=300,
        required=False,
        label=_("A word to the group"),
        help_text=_("What you would like to do. Only coordinators read it."),
    )


class InviteForm(forms.Form):
    names = Text(
        most=2000,
        rows=3,
        label=_("Wikimedia user names, one a line"),
        help_text=_("Each of them can accept or decline. Names are shown once they have accepted."),
        error_messages={"required": _("Name at least one person.")},
    )

    def clean_names(self) -> str:
        self.people = people_named(self.cleaned_data["names"])
        return self.cleaned_data["names"]


def people_named(text: str) -> list[User]:
    """The people of a list of user names, one a line; refuses too many, and names that nobody has here."""
    names = list(dict.fromkeys(name.strip() for name in text.splitlines() if name.strip()))
    if len(names) > INVITE_AT_ONCE:
        raise forms.ValidationError(_("Name at most 20 people."))
    people = list(User.objects.filter(username__in=names))
    unknown = [name for name in names if name not in {person.username for person in people}]
    if unknown:
        raise forms.ValidationError(
            _(
                "Nobody with this name has signed in here yet: %(names)s. Send them the address of this site, and "
                "leave the name out for now."
            )
            % {"names": listed(unknown)}
        )
    return people
