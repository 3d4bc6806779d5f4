from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.forms import LanguagesChoice, LanguagesForm, RegionChoice, languages_initial

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
    """The languages of the interface, each in its own words."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


class SettingsForm(LanguagesForm):
    field_order = ("language", "languages", "more_languages", "region", "time_zone", "theme", "mail")

    language = forms.ChoiceField(
        label=_("Language of this site"),
        help_text=_("Pages and letters come in this language."),
        choices=interface_language_choices,
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
    mail = forms.ChoiceField(
        label=_("Letters"),
        help_text=_("A letter tells you what you are asked, or what became of what you asked for."),
        choices=User.Mail.choices,
        widget=forms.RadioSelect,
    )


def settings_initial(user: User) -> dict[str, Any]:
    """The settings as they are now."""
    names = ("language", "region", "time_zone", "theme", "mail")
    return {name: getattr(user, name) for name in names} | languages_initial(user.languages)
