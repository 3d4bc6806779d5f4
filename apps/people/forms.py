from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import Day, LanguagesForm, Line, RegionChoice, RegionsChoice, Text, offer
from apps.core.languages import Language, all_languages
from apps.people.models import Affiliate, RoleTerm
from apps.people.queries import recommendations


class RecommendationsChoice(forms.TypedMultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(
            coerce=int,
            choices=lambda: [(number, f"{number} {title}") for number, title in recommendations().items()],
            **kwargs,
        )


class CoversForm(LanguagesForm):
    """What a role covers: languages, regions and, for facilitators, recommendations."""

    regions = RegionsChoice(required=False, label=_("Which regions?"))
    recommendations = RecommendationsChoice(
        required=False, label=_("Which recommendations?"), help_text=_("For facilitators only.")
    )


class AskForm(CoversForm):
    field_order = ("affiliate", "why", "recommendations", "languages", "more_languages", "regions")

    affiliate = forms.ChoiceField(
        required=False,
        label=_("In whose name?"),
        help_text=_("An affiliate whose contact you are can take something under its wing, through you."),
    )

    why = Text(
        most=600,
        label=_("Why you, and what would you do first?"),
        help_text=_("Two or three sentences. Those who can confirm you read them, nobody else."),
        error_messages={"required": _("Write at least one sentence.")},
    )

    def __init__(self, *args: Any, role: str, affiliates: Iterable[Affiliate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.affiliates = {str(affiliate.pk): affiliate for affiliate in affiliates}
        if role == RoleTerm.Role.FACILITATOR:
            self.fields["recommendations"].help_text = ""
            offer(self, "affiliate", [("", _("My own")), *self.affiliates.items()])
        else:
            del self.fields["recommendations"]
        if role != RoleTerm.Role.FACILITATOR or not self.affiliates:
            del self.fields["affiliate"]

    @property
    def asked(self) -> dict[str, Any]:
        """What the action takes."""
        typed = {"recommendations": [], **self.cleaned_data}
        return typed | {"affiliate": self.affiliates.get(typed.get("affiliate", ""))}


class ReasonForm(forms.Form):
    reason = Text(most=600, rows=3, label=_("Why"), error_messages={"required": _("Say why. The person reads it.")})


class GrantForm(CoversForm):
    field_order = ("username", "role", "until")

    username = Line(most=255, label=_("Wikimedia user name"), help_text=_("The person has signed in here once."))
    role = forms.ChoiceField(
        choices=[(role, role.label) for role in (*RoleTerm.ASKED_FOR, RoleTerm.Role.REVIEWER)], label=_("Role")
    )
    until = Day(years=3, label=_("Until"), help_text=_("At most three years. Twelve months is usual."))

    def clean_username(self) -> str:
        self.person = User.objects.filter(username=self.cleaned_data["username"]).first()
        if self.person is None:
            raise forms.ValidationError(_("Nobody with this name has signed in here yet. Is it spelled exactly so?"))
        return self.person.username

    def clean_until(self) -> Any:
        return datetime.combine(self.cleaned_data["until"], time(23, 59, 59), UTC)

    @property
    def granted(self) -> dict[str, Any]:
        """What the action takes beside the person."""
        return {name: value for name, value in self.cleaned_data.items() if name != "username"}


class FilterForm(forms.Form):
    """The filters of the page of people; a value that is not known leaves nothing out."""

    role = forms.ChoiceField(
        required=False, label=_("Role"), choices=[("", "—"), *((role, role.label) for role in RoleTerm.ASKED_FOR)]
    )
    region = RegionChoice(required=False, label=_("Region"))
    language = forms.ChoiceField(
        required=False,
        label=_("Language"),
        choices=lambda: [("", "—"), *((one.code, one.autonym) for one in all_languages().values())],
    )

    def offer(self, languages: list[Language]) -> None:
        """Offer these languages; any other one can stand in the address."""
        offer(self, "language", [("", "—"), *((one.code, one.autonym) for one in languages)])

    @property
    def known(self) -> dict[str, str]:
        self.is_valid()
        return dict(self.cleaned_data)
