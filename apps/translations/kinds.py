"""Kinds of texts that are translated in the room. Features declare theirs in `kinds.py` and hang on it, in their
actions, what writes a translation into their own rows; so this app knows no feature.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.core.text import Words

KINDS: dict[str, "ContentKind"] = {}
# What is translated is written in it.
SOURCE = "en"


@dataclass(frozen=True)
class Part:
    """A text of a thing by language: its title, a description."""

    name: str
    label: Words
    texts: dict[str, str]


@dataclass
class ContentKind:
    """One kind of things with texts.

    name      as in the address of the room: "initiative"
    title     the kind in words, of one thing: "Initiative"
    subjects  the things whose texts are to be translated now
    parts     the texts of one of them
    told      who is told when a new text is there to be translated
    store     writes the texts of a language into the thing: `store(subject, *, language, texts, now)`; a text that is
              "" has no translation
    """

    name: str
    title: Words
    subjects: Callable[[], QuerySet[Any]]
    parts: Callable[[Any], list[Part]]
    told: Callable[[Any], Iterable[User]] = lambda subject: ()
    store: Callable[..., None] | None = None

    def __post_init__(self) -> None:
        if self.name in KINDS:
            raise ValueError(f"The kind of texts {self.name} is declared twice.")
        KINDS[self.name] = self

    def when_translated(self, store: Callable[..., None]) -> Callable[..., None]:
        """Hang the action on this kind that writes its texts."""
        self.store = store
        return store


@dataclass(frozen=True)
class Typed:
    """What somebody wrote for a paragraph, and which one they had before them (`Paragraph.version`)."""

    part: str
    version: str
    text: str
    is_still_right: bool = False


def target_languages() -> list[str]:
    """The languages that texts are translated into: those that the site speaks, since a page has no other reader."""
    return [code for code, _name in settings.LANGUAGES if code != SOURCE]


def with_language(texts: dict[str, str], language: str, text: str) -> dict[str, str]:
    """The texts of a part with that of one language; the source stays, whatever comes."""
    if language == SOURCE:
        raise ValueError("The source is not a translation.")
    others = {code: words for code, words in texts.items() if code != language}
    return others | ({language: text} if text else {})
