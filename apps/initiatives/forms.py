from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import LanguageChoice, LanguagesForm, Line, Link, RegionChoice, Text, languages_initial
from apps.groups.forms import people_named
from apps.groups.models import Group
from apps.groups.queries import coordinated_groups
from apps.guidelines.models import Version
from apps.initiatives.badge import State
from apps.initiatives.models import Interest, Recommendation

NEW_GROUP = "new"


class AdoptForm(forms.Form):
    """One form: accept the guidelines, say which group, what will be different, the first three steps."""

    accept = forms.BooleanField(error_messages={"required": _("Accept the guidelines to lead under them.")})
    version = forms.CharField(widget=forms.HiddenInput, max_length=10)
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

    def __init__(self, *args: Any, person: User, version: Version, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"version": version.number, "group": NEW_GROUP})
        super().__init__(*args, **kwargs)
        self.groups = {str(group.pk): group for group in coordinated_groups(person)}
        self.fields["accept"].label = _("I accept guidelines %(version)s") % {"version": version.number}
        self.fields["group"].choices = [  # type: ignore[attr-defined]
            (NEW_GROUP, _("A new group")),
            *((pk, group.name) for pk, group in self.groups.items()),
        ]

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


class InterestForm(LanguagesForm):
    field_order = ("ways", "languages", "more_languages", "region", "is_named", "wants_news")

    ways = forms.MultipleChoiceField(
        choices=[
            ("would_join", _("Join")),
            ("would_lead", _("Lead")),
            ("would_translate", _("Translate")),
            ("would_review", _("Review texts")),
        ],
        widget=forms.CheckboxSelectMultiple,
        label=_("What would you do?"),
        error_messages={"required": _("Choose at least one.")},
    )
    region = RegionChoice(required=False, label=_("From which region?"))
    is_named = forms.BooleanField(
        required=False,
        label=_("Show my name"),
        help_text=_("Without it you are only counted. A count under 5 reads “<5”."),
    )
    wants_news = forms.BooleanField(
        required=False, initial=True, label=_("Tell me when others are interested, or when somebody leads")
    )


class UpdateForm(forms.Form):
    text = Text(
        most=600,
        label=_("What happened, and what is next?"),
        help_text=_("Two or three sentences. At most 600 characters."),
        error_messages={"required": _("Write at least one sentence.")},
    )
    link = Link(required=False, label=_("Link"), help_text=_("Where to read more."))


class StepDownForm(forms.Form):
    notes = Text(
        most=2000,
        required=False,
        label=_("Notes for whoever comes next"),
        help_text=_("What you did, what you would do next, whom to ask. Public."),
    )


class RenewForm(forms.Form):
    summary = Text(
        most=600,
        label=_("What did these twelve months bring, and what is next?"),
        error_messages={"required": _("A short summary renews the term.")},
    )


class PlaceForm(forms.Form):
    url = Link(label=_("Address"), error_messages={"required": _("Give the address of the discussion.")})
    title = Line(most=120, label=_("Title"), error_messages={"required": _("Give it a title.")})
    language = LanguageChoice(label=_("Language"), error_messages={"required": _("Choose the language.")})


class FilterForm(forms.Form):
    """Search and filters of the list; whatever cannot be read is left out."""

    q = Line(most=200, required=False, label=_("Search"))
    state = forms.ChoiceField(required=False, label=_("State"))
    recommendation = forms.ChoiceField(required=False, label=_("Recommendation"))
    interest = forms.ChoiceField(
        required=False,
        label=_("Interest"),
        choices=[("", _("Any")), ("some", _("Somebody is interested")), ("none", _("Nobody yet"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("Any state")), *State.choices]  # type: ignore[attr-defined]
        self.fields["recommendation"].choices = [  # type: ignore[attr-defined]
            ("", _("Any recommendation")),
            *((str(r.number), f"{r.number} {r.title}") for r in Recommendation.objects.all()),
        ]

    @property
    def readable(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


def interest_initial(interest: Interest | None, person: User) -> dict[str, Any]:
    """What the form shows first: what was said before, or what the person's settings say."""
    if interest is None:
        return {**languages_initial(person.languages), "region": person.region, "wants_news": True}
    return {
        "ways": [way for way in Interest.WAYS if getattr(interest, way)],
        **languages_initial(interest.languages),
        "region": interest.region,
        "is_named": interest.is_named,
        "wants_news": interest.wants_news,
    }
