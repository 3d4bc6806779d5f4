from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import LanguagesChoice, LanguagesForm, OtherLanguages, RegionChoice, languages_initial
from apps.core.languages import language, language_choices

CONTINENTS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


@cache
def time_zone_choices() -> list[Any]:
    """UTC, then the zones that are named after a place, by continent."""
    places = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in CONTINENTS)
    groups = groupby(places, key=lambda zone: zone.partition("/")[0])
    return [
        ("UTC", "UTC"),
        *(
            (continent, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones])
            for continent, zones in groups
        ),
    ]


def interface_language_choices() -> list[tuple[str, str]]:
    """The languages of the interface, then the others that are offered, each in its own words."""
    spoken = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
    codes = {code for code, _name in spoken}
    return [*spoken, *((code, name) for code, name in language_choices() if code not in codes)]


class SettingsForm(LanguagesForm):
    field_order = ("language", "fallbacks", "languages", "more_languages", "region", "time_zone", "theme")

    language = forms.ChoiceField(
        label=_("Language of this site"),
        help_text=_("Pages and letters come in this language where the site speaks it."),
        choices=interface_language_choices,
    )
    fallbacks = OtherLanguages(
        label=_("Where the site does not speak it, in"),
        help_text=_("The first of these that it speaks, by code or own name, with commas between; else English."),
    )
    languages = LanguagesChoice(
        label=_("Languages you can work in"),
        help_text=_("We offer you what needs people who read these languages."),
        required=False,
    )
    region = RegionChoice(
        label=_("Region you feel at home in"),
        required=False,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Dates and meeting times are shown in it."), choices=time_zone_choices
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=User.Theme.choices, widget=forms.RadioSelect, required=False)


def settings_initial(user: User) -> dict[str, Any]:
    """The settings as they are now."""
    names = ("language", "region", "time_zone", "theme")
    fallbacks = {"fallbacks": ", ".join(language(code).autonym for code in user.fallbacks)}
    return {name: getattr(user, name) for name in names} | fallbacks | languages_initial(user.languages)
