"""Languages and regions: facts read once from vendored data, never from the database.

Languages are those of MediaWiki (`@wikimedia/language-data`, GPL-2.0-or-later); the regions are the
eight in which the movement organises facilitation.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language, get_supported_language_variant

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Language:
    code: str
    autonym: str
    dir: str
    script: str

    @property
    def is_latin(self) -> bool:
        return self.script == "Latn"


@dataclass(frozen=True)
class Region:
    code: str
    names: dict[str, str]
    shorts: dict[str, str]

    @property
    def name(self) -> str:
        return in_reader_language(self.names)

    @property
    def short(self) -> str:
        return in_reader_language(self.shorts)


def in_reader_language(words: dict[str, str]) -> str:
    """The words in the active language, else in English."""
    return words[shown_in(words)]


def shown_in(words: dict[str, str]) -> str:
    """The language of these in which a reader gets them: the active one, else English."""
    language = get_language() or "en"
    return next((code for code in (language, language.partition("-")[0]) if words.get(code)), "en")


def in_each_language(row: dict[str, Any], name: str) -> dict[str, str]:
    """A text of a data file by language: `name` is English, `name_ar` and so on stand beside it if they are there."""
    others = [code for code, _words in settings.LANGUAGES if code != "en"]
    return {"en": row[name]} | {code: row[f"{name}_{code}"] for code in others if row.get(f"{name}_{code}")}


@cache
def all_languages() -> dict[str, Language]:
    """Every language of MediaWiki by its code; aliases are left out."""
    path = settings.BASE_DIR / "assets/vendor/language-data/language-data.json"
    data = json.loads(path.read_text())
    rtl = set(data["rtlscripts"])
    found = {}
    for code, row in data["languages"].items():
        if len(row) == 3:
            script, _regions, autonym = row
            found[code] = Language(code, autonym, "rtl" if script in rtl else "ltr", script)
    return found


@cache
def offered_languages() -> list[Language]:
    """The languages in which strategy work has been done; the first to offer, not the only ones."""
    data = json.loads((DATA / "regions_languages.json").read_text())
    known = all_languages()
    return [known[row["mediawiki_code"]] for row in data["languages"]]


@cache
def regions() -> dict[str, Region]:
    data = json.loads((DATA / "regions_languages.json").read_text())
    return {
        row["code"]: Region(row["code"], in_each_language(row, "name"), in_each_language(row, "short"))
        for row in data["regions"]
    }


def language(code: str) -> Language:
    """The language with this code; an unknown code stands for itself."""
    return all_languages().get(code) or Language(code, code, "ltr", "Latn")


@cache
def _codes_by_name() -> dict[str, str]:
    by_autonym = {lang.autonym.casefold(): code for code, lang in all_languages().items()}
    return by_autonym | {code: code for code in all_languages()}


@cache
def _codes_by_english_name() -> dict[str, str]:
    """Those that Django knows, and of the offered ones those that it does not."""
    known = {info["name"].casefold(): code for code, info in LANG_INFO.items() if "name" in info}
    return {name: code for name, code in known.items() if code in all_languages()} | {"chinese": "zh", "yoruba": "yo"}


def code_of(name: str) -> str | None:
    """The code of a language that somebody named by code, by its own name or, where it is known, in English."""
    key = name.strip().casefold()
    return _codes_by_name().get(key) or _codes_by_english_name().get(key)


def first_spoken(codes: tuple[str, ...]) -> str:
    """The first of some languages in which the site has its words; "" if there is none."""
    for code in codes:
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return ""


def language_choices() -> list[tuple[str, str]]:
    return [(lang.code, lang.autonym) for lang in offered_languages()]


def region_choices() -> list[tuple[str, str]]:
    return [(region.code, region.name) for region in regions().values()]
