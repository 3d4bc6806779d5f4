from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.forms import offer
from apps.core.languages import all_languages, in_reader_language, language_choices, region_choices
from apps.core.text import Words
from apps.engagement.queries.coverage import Where
from apps.groups.models import Group
from apps.initiatives.models import Initiative, Recommendation

YEARS = 10


class CoverageForm(forms.Form):
    """The filters of the map; what is not known is left out, and named."""

    recommendation = forms.ChoiceField(required=False, label=_("Recommendation"))
    initiative = forms.ChoiceField(required=False, label=_("Initiative"))
    region = forms.ChoiceField(required=False, label=_("Region"))
    language = forms.ChoiceField(required=False, label=_("Language"))
    year = forms.ChoiceField(required=False, label=_("Year"))
    group = forms.ChoiceField(required=False, label=_("Group"), widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered: dict[str, dict[str, Words]] = {}
        this_year = timezone.localdate().year
        self._offer("recommendation", _("All"), _numbered(Recommendation.objects.all()))
        self._offer("initiative", _("All"), _numbered(Initiative.objects.all()))
        self._offer("region", _("All regions"), region_choices())
        self._offer("language", _("All languages"), self._languages())
        self._offer("year", _("All years"), ((str(this_year - n), str(this_year - n)) for n in range(YEARS)))
        self._offer("group", "", self._groups())

    def _offer(self, name: str, everything: Words, choices: Iterable[tuple[str, Words]]) -> None:
        self.offered[name] = dict(choices)
        offer(self, name, [("", everything), *self.offered[name].items()])

    def _languages(self) -> list[tuple[str, Words]]:
        """Those that are offered everywhere, and the one that is asked for."""
        asked = all_languages().get(self.data.get("language", ""))
        offered: dict[str, Words] = dict(language_choices())
        return list((offered | ({asked.code: asked.autonym} if asked else {})).items())

    def _groups(self) -> list[tuple[str, Words]]:
        slug = self.data.get("group", "")
        found = Group.objects.filter(slug=slug).values_list("slug", "name") if slug and "\0" not in slug else []
        return [(slug, name) for slug, name in found]

    @property
    def chosen(self) -> Where:
        self.is_valid()
        return Where(**{name: self.cleaned_data.get(name, "") for name in self.fields})

    @property
    def left_out(self) -> list[Words]:
        """The names of the filters that could not be read."""
        return [self.fields[name].label or name for name in self.errors]

    @property
    def about(self) -> str:
        """What was chosen to be heard of, by name: a group, an initiative, a recommendation; "" for the movement."""
        chosen = self.chosen
        for name in ("group", "initiative", "recommendation"):
            if value := getattr(chosen, name):
                return str(self.offered[name][value])
        return ""


def _numbered(rows: QuerySet[Any]) -> list[tuple[str, Words]]:
    """Numbers and titles in their order, without a model for each: there are hundreds of initiatives."""
    return [
        (str(number), f"{number} {in_reader_language(titles)}")
        for number, titles in rows.values_list("number", "titles")
    ]
