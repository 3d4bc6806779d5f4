"""Texts of the data files in every language of the interface, without a line of code for a new one."""

from django.utils.translation import override

from apps.core.languages import in_each_language, in_reader_language
from apps.initiatives.actions import load_catalogue
from apps.initiatives.models import Initiative

ROW = {"title": "Newcomers", "title_ar": "الوافدون", "title_pt-br": "Novatos", "title_fr": "Nouveaux"}


def test_a_new_language_of_the_interface_needs_nothing_but_its_texts(settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic"), ("pt-br", "Portuguese"), ("sw", "Swahili")]
    assert in_each_language(ROW, "title") == {"en": "Newcomers", "ar": "الوافدون", "pt-br": "Novatos"}


def test_words_come_in_the_language_else_in_its_parent_else_in_english(settings):
    words = {"en": "Newcomers", "pt": "Novatos", "pt-br": "Novatas"}
    for code, expected in (("pt-br", "Novatas"), ("pt", "Novatos"), ("ar", "Newcomers"), ("ar-eg", "Newcomers")):
        with override(code):
            assert in_reader_language(words) == expected


def test_the_catalogue_takes_a_new_language(catalogue, settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("sw", "Swahili")]
    recommendation = {"number": 1, "title": "One", "title_sw": "Moja", "meta_page": "M"}
    row = {"number": 1, "recommendation": 1, "title": "A", "title_sw": "Jina", "summary": "S", "title_verified": True}
    load_catalogue({"recommendations": [recommendation], "initiatives": [row | {"meta_page": None}]})
    assert Initiative.objects.get(number=1).titles == {"en": "A", "sw": "Jina"}
    assert Initiative.objects.get(number=1).recommendation.titles == {"en": "One", "sw": "Moja"}
