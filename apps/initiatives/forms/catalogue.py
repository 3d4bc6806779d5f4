"""Forms of everybody: interest, places, hints, the search."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import LanguageChoice, LanguagesForm, Line, Link, RegionChoice, languages_initial, offer
from apps.initiatives.badge import State
from apps.initiatives.models import Interest, Recommendation


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


class PlaceForm(forms.Form):
    url = Link(label=_("Address"), error_messages={"required": _("Give the address of the discussion.")})
    title = Line(most=120, label=_("Title"), error_messages={"required": _("Give it a title.")})
    language = LanguageChoice(label=_("Language"), error_messages={"required": _("Choose the language.")})


class HintForm(forms.Form):
    text = Line(
        most=200,
        label=_("Who leads it?"),
        help_text=_("A group, an affiliate or a team; do not name private persons. It is public."),
        error_messages={"required": _("Say who leads it.")},
    )
    url = Link(
        label=_("A link that shows it"), error_messages={"required": _("Give a link, so that others can check it.")}
    )


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
        offer(self, "state", [("", _("Any state")), *State.choices])
        choices = [
            ("", _("Any recommendation")),
            *((str(r.number), f"{r.number} {r.title}") for r in Recommendation.objects.all()),
        ]
        offer(self, "recommendation", choices)

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
