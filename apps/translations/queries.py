"""Reads of what is translated, outdated and missing."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.languages import Language, language
from apps.core.paragraphs import marked, paragraphs
from apps.core.text import Words
from apps.translations.kinds import KINDS, SOURCE, ContentKind, Part, target_languages
from apps.translations.models import Translation

HISTORY_LINES = 30
_LINKS = re.compile(r"https?://[^\s)>\]]+")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a source beside its translation, if it has one."""

    part: str
    label: Words
    position: int
    source: str
    translation: Translation | None

    @property
    def digest(self) -> str:
        return digest_of(self.source)

    @property
    def text(self) -> str:
        return self.translation.text if self.translation else ""

    @property
    def state(self) -> str:
        """done, outdated or missing."""
        if self.translation is None:
            return "missing"
        return "done" if self.translation.digest == self.digest else "outdated"

    @property
    def version(self) -> str:
        """What somebody who translates it has before them."""
        return f"{self.digest}:{self.translation.pk if self.translation else 0}"

    @property
    def source_changes(self) -> SafeString:
        return marked(self.translation.source if self.translation else "", self.source)

    @property
    def lost_links(self) -> list[str]:
        """Addresses of the source that its translation lacks."""
        return lost_links(self.source, self.text) if self.translation else []

    @property
    def is_first(self) -> bool:
        return self.position == 0


@dataclass(frozen=True)
class Unit:
    """A thing with its texts, and how far they are translated into a language."""

    kind: ContentKind
    subject: Any
    language: Language
    paragraphs: list[Paragraph]

    @property
    def total(self) -> int:
        return len(self.paragraphs)

    @property
    def done(self) -> int:
        return self._count("done")

    @property
    def outdated(self) -> int:
        return self._count("outdated")

    @property
    def missing(self) -> int:
        return self._count("missing")

    @property
    def left(self) -> int:
        return self.total - self.done

    def _count(self, state: str) -> int:
        return sum(paragraph.state == state for paragraph in self.paragraphs)

    def get_absolute_url(self) -> str:
        return reverse("translations:unit", args=[self.kind.name, self.subject.pk, self.language.code])

    def texts(self) -> dict[str, str]:
        """Each part as its page shows it: what is not translated stands in the source; "" where nothing is.

        A part whose source is empty has no paragraphs, and is "" as well.
        """
        found: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in self.paragraphs:
            found[paragraph.part].append(paragraph)
        return {part.name: "" for part in self.kind.parts(self.subject)} | {
            name: "\n\n".join(p.text or p.source for p in part) if any(p.translation for p in part) else ""
            for name, part in found.items()
        }


def digest_of(source: str) -> str:
    return sha256(source.encode()).hexdigest()


def lost_links(source: str, text: str) -> list[str]:
    return [link for link in _LINKS.findall(source) if link not in text]


def current_translations() -> QuerySet[Translation]:
    return Translation.objects.filter(replaced_at=None)


def unit_of(kind: ContentKind, subject: Any, code: str) -> Unit:
    """One thing in one language; one query beside those of the thing."""
    return _unit(
        kind, subject, code, current_translations().filter(kind=kind.name, object_id=subject.pk, language=code)
    )


def units_in(code: str) -> list[Unit]:
    """Everything that is to be translated into a language: what is outdated first, then what has most to do."""
    rows: dict[tuple[str, int], list[Translation]] = defaultdict(list)
    for row in current_translations().filter(language=code).defer("source"):
        rows[row.kind, row.object_id].append(row)
    units = [
        _unit(kind, subject, code, rows[kind.name, subject.pk])
        for kind in KINDS.values()
        for subject in kind.subjects()
    ]
    return sorted(units, key=lambda unit: (-unit.outdated, -unit.missing))


def is_translated_everywhere(kind: ContentKind, subject: Any) -> bool:
    """Whether nothing of a thing is missing or outdated, in any language of the site."""
    return not any(unit_of(kind, subject, code).left for code in target_languages())


def _unit(kind: ContentKind, subject: Any, code: str, rows: Iterable[Translation]) -> Unit:
    by_part: dict[str, list[Translation]] = defaultdict(list)
    for row in rows:
        by_part[row.part].append(row)
    found = [paragraph for part in kind.parts(subject) for paragraph in _aligned(part, by_part[part.name])]
    return Unit(kind, subject, language(code), found)


def _aligned(part: Part, rows: list[Translation]) -> list[Paragraph]:
    """The paragraphs of a part, each with the translation of its words, or else of those that stood in its place."""
    sources = paragraphs(part.texts[SOURCE])
    digests = [digest_of(source) for source in sources]
    before = sorted(rows, key=lambda row: (row.position, row.pk))
    beside = {row.digest: row for row in before}
    found = [beside.get(digest) for digest in digests]
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, [row.digest for row in before], digests, False).get_opcodes():
        stale = [row for row in before[i1:i2] if row.digest not in digests]
        free = [j for j in range(j1, j2) if found[j] is None]
        if kind == "replace":
            for j, row in zip(free, stale, strict=False):
                found[j] = row
    return [
        Paragraph(part.name, part.label, position, source, row)
        for position, (source, row) in enumerate(zip(sources, found, strict=True))
    ]


def history_of(unit: Unit) -> QuerySet[Translation]:
    """Who translated what, the newest first."""
    made = Translation.objects.filter(
        kind=unit.kind.name, object_id=unit.subject.pk, language=unit.language.code, translated_by__isnull=False
    )
    return made.select_related("translated_by").order_by("-translated_at", "-pk")[:HISTORY_LINES]


def translators_of(kind: str) -> QuerySet[User]:
    """Everybody who translated something of a kind."""
    made = Translation.objects.filter(kind=kind, translated_by__isnull=False)
    return User.objects.filter(pk__in=made.values("translated_by"))


@personal_data("translations")
def _translated_by(person: User) -> list[Any]:
    what = ("kind", "object_id", "part", "language", "source", "text", "translated_at", "replaced_at")
    return list(Translation.objects.filter(translated_by=person).order_by("pk").values(*what))
