"""The Arabic catalogue is whole and well-formed, and pages come in Arabic from beginning to end."""

import functools
import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polib
import pytest
from django.urls import reverse

from tests.conftest import NOW, adopt

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.po"
SIX_FORMS = "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;"
# Arabic says none, one and two in words, so these forms may leave the number out.
SAID_IN_WORDS = {0, 1, 2}

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
TAG = re.compile(r"</?[a-z][^<>]*>")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
ARABIC_LETTER = re.compile("[\u0621-\u064a]")
# Names, licences, addresses and examples that stay as they are.
KEPT_LATIN = {"Aymar", "BY", "CC", "DEMO", "MergeAccount", "SA", "Special", "UTC", "aru", "ca", "https"}
KEPT_LATIN |= {"Kiswahili", "address", "catalogue", "manage", "py", "sw"}
# What a keyboard slips in: Latin commas and question marks, straight quotes, other digits, stretched letters.
WRONG_SIGNS = re.compile('[\u0621-\u0652]\\s?[,;?]|[“”„"]|[\u0660-\u0669\u06f0-\u06f9]|\u0640(?=[\u0621-\u064a])|  ')
DATE_FORMAT = "in Django's letters"


def entries() -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


def forms(entry: polib.POEntry) -> dict[int, str]:
    return entry.msgstr_plural if entry.msgid_plural else {-1: entry.msgstr}


def is_date_format(entry: polib.POEntry) -> bool:
    return DATE_FORMAT in (entry.msgctxt or "")


def wrong(check: Any, *, may_be_empty: bool = False) -> list[str]:
    """The entries (and forms) that fail a check, to read in the test's output."""
    return [
        f"{entry.msgid!r}[{number}]: {text!r}"
        for entry in entries()
        for number, text in forms(entry).items()
        if (text or may_be_empty) and check(entry, number, text)
    ]


# --- The catalogue ---------------------------------------------------------------------------


def test_every_sentence_is_translated_and_none_is_a_guess():
    assert not wrong(lambda entry, number, text: not text.strip(), may_be_empty=True)
    assert not [entry.msgid for entry in entries() if entry.fuzzy]
    assert not [entry.msgid for entry in polib.pofile(str(CATALOGUE)) if entry.obsolete]


def test_plurals_have_all_six_forms_of_arabic():
    assert polib.pofile(str(CATALOGUE)).metadata["Plural-Forms"] == SIX_FORMS
    counted = [entry for entry in entries() if entry.msgid_plural]
    assert counted
    assert not [entry.msgid for entry in counted if sorted(entry.msgstr_plural) != list(range(6))]


def test_the_header_names_the_language_and_no_person():
    header = polib.pofile(str(CATALOGUE)).metadata
    assert header["Language"] == "ar"
    assert "@" not in " ".join(header.values())
    assert "Last-Translator" not in header


def test_placeholders_are_those_of_the_sentence():
    def differs(entry: polib.POEntry, number: int, text: str) -> bool:
        needed = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        found = set(PLACEHOLDER.findall(text))
        return not found <= needed if number in SAID_IN_WORDS else found != needed

    assert not wrong(differs)


def test_a_form_in_words_leaves_out_at_most_the_number():
    def loses_more(entry: polib.POEntry, number: int, text: str) -> bool:
        needed = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        return number in SAID_IN_WORDS and len(needed - set(PLACEHOLDER.findall(text))) > 1

    assert not wrong(loses_more)


def test_a_percent_sign_is_never_half_a_placeholder():
    assert not wrong(lambda entry, number, text: "%" in PLACEHOLDER.sub("", text) and "%" not in entry.msgid)


def test_html_is_that_of_the_sentence():
    assert not wrong(lambda entry, number, text: sorted(TAG.findall(text)) != sorted(TAG.findall(entry.msgid)))


def test_nothing_is_left_in_english():
    def is_english(entry: polib.POEntry, number: int, text: str) -> bool:
        words = TAG.sub(" ", PLACEHOLDER.sub(" ", text))
        if is_date_format(entry):
            return False
        has_words = LATIN_WORD.search(TAG.sub(" ", PLACEHOLDER.sub(" ", entry.msgid)))
        if has_words and not ARABIC_LETTER.search(words):
            return True
        return bool(set(LATIN_WORD.findall(words)) - KEPT_LATIN)

    assert not wrong(is_english)


def test_signs_are_those_of_arabic_and_digits_those_of_the_site():
    assert not wrong(
        lambda entry, number, text: (
            not is_date_format(entry) and WRONG_SIGNS.search(PLACEHOLDER.sub("x", TAG.sub("", text)))
        )
    )


def test_a_sentence_ends_as_the_english_one_does():
    """Else two sentences in a row run together, or a label gets a full stop."""

    def differs(entry: polib.POEntry, number: int, text: str) -> bool:
        ends = {"?": "؟"}.get(entry.msgid[-1], entry.msgid[-1])
        return (ends in ".؟:" or text[-1] in ".؟:") and text[-1] != ends

    assert not wrong(differs)


@pytest.mark.slow
def test_every_sentence_of_the_code_is_in_the_catalogue(tmp_path):
    """Collects all sentences anew, in a copy and as `make messages` does."""
    if not shutil.which("xgettext"):
        pytest.fail("This test needs GNU gettext, which is missing here. On Debian: apt-get install gettext")
    for folder in ("apps", "msplatform", "templates", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "data"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "locale" / "ar" / "LC_MESSAGES").mkdir(parents=True)
    line = re.search(r"manage\.py (makemessages .*)", (ROOT / "Makefile").read_text())
    assert line, "the Makefile has no makemessages"
    environment = os.environ | {"DEMO": "1", "DATA_DIR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, "manage.py", *shlex.split(line[1])],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    fresh = polib.pofile(str(tmp_path / "locale" / "ar" / "LC_MESSAGES" / "django.po"))
    wanted = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in fresh if not entry.obsolete}
    held = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in entries()}
    new, unused = wanted - held, held - wanted
    assert not new, "run `make messages` and translate what is new"
    assert not unused, "run `make messages`, and take out what no page says any more"


# --- The data --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("core/data/regions_languages.json", {"name", "short"}),
        ("guidelines/data/1.0.json", {"title", "body", "expectation"}),
        ("initiatives/data/catalogue.json", {"title", "summary"}),
        ("resources/data/resources.json", {"name", "line", "description", "label", "text", "data"}),
    ],
)
def test_data_has_arabic_beside_every_english_text(path, texts):
    found = list(objects_in(json.loads((ROOT / "apps" / path).read_text())))
    assert texts <= {key for thing in found for key in thing}
    # Languages name themselves: their objects hold an autonym and no text of ours.
    missing = [
        (key, thing[key])
        for thing in found
        for key in texts & thing.keys()
        if isinstance(thing[key], str) and thing[key] and not ARABIC_LETTER.search(thing.get(f"{key}_ar") or "")
    ]
    assert not missing


def objects_in(data: Any) -> Any:
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for thing in data:
            yield from objects_in(thing)


# --- Pages -----------------------------------------------------------------------------------

PAGES = [
    ("home:town_square", []),
    ("initiatives:index", []),
    ("home:recommendation", [3]),
    ("groups:index", []),
    ("guidelines:version", ["1.0"]),
    ("resources:index", []),
    ("deadlines:waiting", []),
    ("people:index", []),
    ("record:index", []),
    ("accounts:sign_in", []),
]


@pytest.fixture
def arabic(client):
    client.cookies["django_language"] = "ar"
    return client


@functools.cache
def english_sentences() -> list[tuple[str, re.Pattern[str]]]:
    """The sentences of the catalogue that nobody can write by chance: at least three words of their own."""
    found = []
    for entry in entries():
        for sentence in filter(None, (entry.msgid, entry.msgid_plural)):
            own = TAG.sub(" ", PLACEHOLDER.sub(" ", sentence))
            if len(LATIN_WORD.findall(own)) >= 3:
                parts = [re.escape(part) for part in PLACEHOLDER.split(TAG.sub("", sentence))]
                found.append((sentence, re.compile("(?<![A-Za-z])" + "[^.<>]{1,60}".join(parts) + "(?![A-Za-z])")))
    return found


def assert_is_arabic(page: str) -> None:
    assert re.search(r'<html[^>]* lang="ar"[^>]* dir="rtl"', page)
    words = re.sub(r"\s+", " ", html.unescape(TAG.sub("", re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S))))
    assert ARABIC_LETTER.search(words)
    assert not [sentence for sentence, pattern in english_sentences() if pattern.search(words)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), PAGES)
def test_pages_are_arabic(arabic, catalogue, name, arguments):
    response = arabic.get(reverse(name, args=arguments))
    assert response.status_code == 200
    assert_is_arabic(response.content.decode())


@pytest.mark.slow
@pytest.mark.parametrize("is_led", [False, True])
def test_an_initiative_is_arabic(arabic, initiative, group, coordinator, is_led):
    if is_led:
        adopt(initiative, group=group, by=coordinator, now=NOW)
    page = arabic.get(initiative.get_absolute_url()).content.decode()
    assert_is_arabic(page)
    assert initiative.titles["ar"] in html.unescape(page)


@pytest.mark.slow
def test_the_adopt_form_is_arabic_and_so_is_the_way_to_it(arabic, initiative, volunteer):
    url = reverse("initiatives:adopt", args=[initiative.number, initiative.words])
    sign_in = arabic.get(url, follow=True)
    assert sign_in.redirect_chain
    assert_is_arabic(sign_in.content.decode())
    volunteer.language = "ar"
    volunteer.save()
    arabic.force_login(volunteer, backend="django.contrib.auth.backends.ModelBackend")
    assert_is_arabic(arabic.get(url).content.decode())
    assert_is_arabic(arabic.post(url, {}).content.decode())


def test_numbers_take_their_form_and_dates_their_months(arabic, catalogue):
    page = html.unescape(arabic.get(reverse("home:town_square")).content.decode())
    assert "اتفقت الحركة على 47 مبادرة." in page
    assert "1 نوفمبر 2026" in html.unescape(arabic.get(reverse("guidelines:index"), follow=True).content.decode())
