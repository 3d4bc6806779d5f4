"""Offering a resource, its stewards, its ready links, and the filters of the catalogue."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.forms import Line, OtherLanguages, RegionChoice, RegionsChoice, Text, offer
from apps.core.languages import language
from apps.core.text import Words, listed
from apps.groups.models import Group
from apps.people.models import Affiliate
from apps.resources.forms.links import LONGEST_LINK, MOST_LINKS, links_in
from apps.resources.models import Resource
from apps.translations.kinds import SOURCE

Provider = Resource.Provider
# What is asked of what is booked by time alone.
OF_BOOKINGS = ("max_hours", "opens_hour", "closes_hour")
MADE_BY = [
    (Provider.BY_HAND.value, gettext_lazy("By hand: stewards do it")),
    (Provider.POOL.value, gettext_lazy("Ready links: each group gets one, alone")),
]
POLICIES = [
    (Resource.Policy.STEWARDS_DECIDE.value, gettext_lazy("Stewards answer, in 5 working days")),
    (Resource.Policy.SELF_SERVICE.value, gettext_lazy("At once, without a question (ready links only)")),
    (Resource.Policy.COSTED.value, gettext_lazy("It costs somebody money: stewards have to say yes")),
]


def _number(most: int, *, least: int = 1, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=least, max_value=most, **options)


def _hour(hours: range, label: Any) -> forms.TypedChoiceField:
    choices = [("", "—"), *((str(hour), f"{hour:02}:00") for hour in hours)]
    return forms.TypedChoiceField(required=False, choices=choices, coerce=int, empty_value=None, label=label)


class TermsForm(forms.Form):
    """What an offer says; of the fields some belong together and are shown so."""

    name = Line(
        most=80,
        label=gettext_lazy("What is it called?"),
        error_messages={"required": gettext_lazy("Give it a name that says what one gets.")},
    )
    line = Line(
        most=120,
        label=gettext_lazy("In one line"),
        help_text=gettext_lazy("What stands under the name: up to 500 words, recording off, 30 people."),
        error_messages={"required": gettext_lazy("Say in one line what it is.")},
    )
    description = Text(
        most=2000,
        label=gettext_lazy("Description"),
        help_text=gettext_lazy("What a group gets, what it should tell you, and what you cannot do."),
        error_messages={"required": gettext_lazy("Describe what a group gets, in two or three sentences.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("The language you write this in"))
    policy = forms.ChoiceField(
        choices=POLICIES, widget=forms.RadioSelect, label=gettext_lazy("Who says yes?"), initial="stewards_decide"
    )
    silence_gives = forms.BooleanField(
        required=False,
        label=gettext_lazy("If no steward answers in 10 working days, it is given all the same"),
        help_text=gettext_lazy(
            "Only for ready links that stewards answer for, where a place is free. Silence never spends money."
        ),
    )
    capacity = _number(
        1000,
        label=gettext_lazy("How many places at once?"),
        help_text=gettext_lazy(
            "Empty: no limit. With ready links leave this empty: there are as many places as links."
        ),
    )
    max_hours = _number(
        24,
        label=gettext_lazy("Longest time, in hours"),
        help_text=gettext_lazy("What is booked needs this: rooms, interpretation, facilitators."),
    )
    max_quantity = _number(
        1000,
        label=gettext_lazy("How many can one wish be for?"),
        help_text=gettext_lazy("Pages, languages, hours, seats: each takes one place. Empty: one."),
    )
    # No less than two days, so that there is one to ask whether it is still needed.
    lasts_days = _number(
        730,
        least=2,
        label=gettext_lazy("How many days may a group keep it?"),
        help_text=gettext_lazy(
            "Ready links that are no rooms need this. Before the end the group is asked whether it still needs it. By "
            "hand, empty means: given once, for good."
        ),
    )
    max_at_once = _number(100, label=gettext_lazy("At most at the same time, for one group"))
    max_per_month = _number(100, label=gettext_lazy("At most in 30 days, for one group"))
    opens_hour = _hour(range(24), gettext_lazy("Can be booked from, in UTC"))
    closes_hour = _hour(range(1, 25), gettext_lazy("Can be booked until, in UTC"))
    languages = OtherLanguages(label=gettext_lazy("In which languages do stewards answer?"))
    for_regions = RegionsChoice(required=False, label=gettext_lazy("Only for groups of these regions"))
    for_languages = OtherLanguages(label=gettext_lazy("Only for groups with a coordinator who reads"))
    for_groups_older_than_days = _number(730, label=gettext_lazy("Only for groups at least this many days old"))
    data_place = Line(
        most=200,
        required=False,
        label=gettext_lazy("Where does its data lie?"),
        help_text=gettext_lazy("Country and who runs the server, if it has any."),
    )
    affiliate = forms.ModelChoiceField(
        required=False,
        queryset=Affiliate.objects.none(),
        label=gettext_lazy("In the name of an affiliate"),
        empty_label="—",
    )

    # What is shown together: a headline, the fields, and whether most people leave them as they are.
    PARTS: tuple[tuple[Words, tuple[str, ...], bool], ...] = (
        (gettext_lazy("What it is"), ("kind", "name", "line", "description", "language"), False),
        (
            gettext_lazy("How a group gets it"),
            ("provider", "links", "max_hours", "lasts_days", "policy", "silence_gives"),
            False,
        ),
        (
            gettext_lazy("Limits"),
            ("capacity", "max_quantity", "max_at_once", "max_per_month", "opens_hour", "closes_hour"),
            True,
        ),
        (gettext_lazy("Whom it is for"), ("for_regions", "for_languages", "for_groups_older_than_days"), True),
        (
            gettext_lazy("Who stands behind it"),
            ("languages", "affiliate", "data_place", "reads_on_site"),
            False,
        ),
    )

    def __init__(self, *args: Any, person: User, affiliates: Iterable[Affiliate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_languages([SOURCE, person.language, *person.languages])
        field = self.fields["affiliate"]
        pks = [affiliate.pk for affiliate in affiliates]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Affiliate.objects.filter(pk__in=pks)
        if not pks:
            del self.fields["affiliate"]

    def _offer_languages(self, codes: Iterable[str]) -> None:
        """One language is no choice."""
        offered = [(code, language(code).autonym) for code in dict.fromkeys(codes)]
        offer(self, "language", offered)
        if len(offered) == 1:
            del self.fields["language"]

    @property
    def parts(self) -> list[tuple[Words, list[BoundField], bool]]:
        """The fields by what they are about; what most people leave alone is folded, unless something stands there."""
        found = []
        for headline, names, is_folded in self.PARTS:
            fields = [self[name] for name in names if name in self.fields]
            filled = any(field.errors or field.value() not in (None, "", []) for field in fields)
            if fields:
                found.append((headline, fields, is_folded and not filled))
        return found

    # What says something else than the terms of the offer.
    BESIDE: tuple[str, ...] = ("kind", "provider", "links", "reads_on_site")

    @property
    def terms(self) -> dict[str, Any]:
        """The terms, as the actions take them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.BESIDE}


class OfferForm(TermsForm):
    kind = forms.ChoiceField(
        choices=[("", "—"), *Resource.Kind.choices],
        label=gettext_lazy("What do you offer?"),
        error_messages={"required": gettext_lazy("Choose what it is; “something else” is an answer, too.")},
    )
    provider = forms.ChoiceField(
        choices=MADE_BY, widget=forms.RadioSelect, label=gettext_lazy("How is it made?"), initial=Provider.BY_HAND
    )
    links = Text(
        most=MOST_LINKS * LONGEST_LINK,
        required=False,
        label=gettext_lazy("Ready links, one a line"),
        help_text=gettext_lazy(
            "Written once: they are stored encrypted and shown to nobody but the group that has one, in its time "
            "alone. Guests of its open meetings are led there while the meeting lasts. You can add links later, too."
        ),
    )
    reads_on_site = forms.BooleanField(
        required=False,
        label=gettext_lazy("I have no confirmed address: I read my notices on this site"),
        help_text=gettext_lazy("Groups wait for your answer, so something has to reach you."),
    )

    field_order = ("kind",)

    def __init__(self, *args: Any, is_reachable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_reachable:
            del self.fields["reads_on_site"]

    def clean_links(self) -> list[str]:
        return links_in(self.cleaned_data["links"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("links") and typed.get("provider") != Provider.POOL:
            self.add_error("provider", _("You wrote ready links: choose “Ready links”, or leave them out."))
        return typed

    @property
    def offered(self) -> dict[str, Any]:
        """What the action takes beside the terms."""
        typed = self.cleaned_data
        return {
            "kind": typed["kind"],
            "provider": typed["provider"],
            "links": typed["links"],
            "reads_on_site": typed.get("reads_on_site", False),
        }


class ChangeOfferForm(TermsForm):
    """The same without what cannot change any more: the kind, and how it is made."""

    def __init__(self, *args: Any, resource: Resource, affiliates: Iterable[Affiliate], **kwargs: Any) -> None:
        mine = list(affiliates)
        if resource.affiliate and resource.affiliate not in mine:
            mine.append(resource.affiliate)
        super().__init__(*args, affiliates=mine, initial=terms_of(resource), **kwargs)
        if "language" in self.fields and resource.written_in == SOURCE:
            del self.fields["language"]
        elif resource.written_in != SOURCE:
            self.fields.setdefault("language", forms.ChoiceField(label=_("The language you write this in")))
            offer(self, "language", [(code, language(code).autonym) for code in (resource.written_in, SOURCE)])
        if not resource.is_pool and not resource.is_made_by_a_machine:
            del self.fields["silence_gives"]
        if resource.is_pool:
            del self.fields["capacity"]
        if resource.provider != Provider.BY_HAND:
            del self.fields["max_quantity"]
        of_the_other_sort = ("lasts_days", "max_at_once") if resource.is_booked_by_time else OF_BOOKINGS
        for name in of_the_other_sort:
            del self.fields[name]


def terms_of(resource: Resource) -> dict[str, Any]:
    """What an offer says now, as its form takes it."""
    same = (
        "policy", "silence_gives", "capacity", "max_hours", "lasts_days", "max_quantity", "max_at_once",
        "max_per_month", "opens_hour", "closes_hour", "for_regions", "for_groups_older_than_days", "affiliate",
    )  # fmt: skip
    written_in = resource.written_in
    return {name: getattr(resource, name) for name in same} | {
        "name": resource.names.get(written_in, ""),
        "line": resource.lines.get(written_in, ""),
        "description": resource.descriptions.get(written_in, ""),
        "data_place": resource.data_places.get(written_in, ""),
        "language": written_in,
        "languages": names_of(resource.languages),
        "for_languages": names_of(resource.for_languages),
    }


def names_of(codes: Iterable[str]) -> str:
    """Languages as one writes them into a field."""
    return listed(language(code).autonym for code in codes)


class InviteStewardForm(forms.Form):
    name = Line(
        most=255,
        label=gettext_lazy("Wikimedia user name"),
        help_text=gettext_lazy("They have signed in here once. Their name is shown only if they accept."),
        error_messages={"required": gettext_lazy("Name somebody.")},
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        self.person = User.objects.filter(username=name).first()
        if self.person is None:
            raise forms.ValidationError(_("Nobody with this name has signed in here yet. Is it spelled exactly so?"))
        return name


class AcceptForm(forms.Form):
    reads_on_site = forms.BooleanField(
        required=False,
        label=gettext_lazy("I have no confirmed address: I read my notices on this site"),
        help_text=gettext_lazy("Groups wait for your answer, so something has to reach you."),
    )


class WithdrawForm(forms.Form):
    reason = Text(
        most=600,
        rows=3,
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Groups that use it or asked for it read this."),
        error_messages={"required": gettext_lazy("Say why, and what else could help.")},
    )


class CatalogueForm(forms.Form):
    """The filters of the catalogue; a value that is not known leaves nothing out."""

    kind = forms.ChoiceField(required=False, label=gettext_lazy("Kind"))
    group = forms.ChoiceField(required=False, label=gettext_lazy("For my group"))
    region = RegionChoice(required=False, label=gettext_lazy("Region"))
    language = forms.ChoiceField(required=False, label=gettext_lazy("Language"))
    free = forms.BooleanField(required=False, label=gettext_lazy("Free now"))

    def __init__(
        self, *args: Any, kinds: Iterable[str], languages: Iterable[str], groups: Iterable[Group], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(group.pk): group for group in groups}
        known = set(kinds)
        offer(self, "kind", [("", "—"), *(one for one in Resource.Kind.choices if one[0] in known)])
        offer(self, "language", [("", "—"), *((code, language(code).autonym) for code in languages)])
        offer(self, "group", [("", "—"), *((pk, group.name) for pk, group in self.groups.items())])
        if not self.groups:
            del self.fields["group"]

    @property
    def known(self) -> dict[str, Any]:
        """What is chosen, as the query takes it."""
        self.is_valid()
        typed = self.cleaned_data
        return {
            "kind": typed.get("kind", ""),
            "region": typed.get("region", ""),
            "language": typed.get("language", ""),
            "group": self.groups.get(typed.get("group", "")),
            "is_free": typed.get("free", False),
        }
