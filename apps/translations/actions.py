"""Translating paragraphs, and keeping translations when their source moves on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.paragraphs import paragraphs
from apps.core.refused import Refused
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.translations import queries, words
from apps.translations.kinds import SOURCE, ContentKind, Part, Typed, target_languages
from apps.translations.models import Translation
from apps.translations.queries import Paragraph, Unit, digest_of


@dataclass
class Saved:
    """How many paragraphs were saved, and the sentences about those that were not, by their place in what was typed."""

    count: int = 0
    clashes: dict[int, str] = field(default_factory=dict)
    lost_links: list[str] = field(default_factory=list)


@transaction.atomic
def translate(
    kind: ContentKind, subject: Any, *, language: str, typed: Iterable[Typed], by: User, now: datetime
) -> Saved:
    """Save what was translated of a thing: what changed of it, as much or as little as it is.

    A paragraph that somebody else translated meanwhile, or whose source changed, is not written over: the answer says
    so, with the other text, and everything else is saved. A lost link is told, and no reason to refuse. Refuses
    languages that the site does not speak, and English: official titles and sources are not changed here.
    """
    if language not in target_languages():
        raise Refused(_("Texts are translated here into the languages of this site; the original stays as it is."))
    # The row that is contended for: two who save the same thing come one after the other.
    subject = type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)
    unit = queries.unit_of(kind, subject, language)
    found = {(p.part, p.digest): p for p in unit.paragraphs}
    saved = Saved()
    for place, text in enumerate(typed):
        key = (text.part, text.version.partition(":")[0])
        if key in found:
            # Taken out, since the same words may stand twice in a text.
            _save_one(saved, place, text, found.pop(key), unit, by=by, now=now)
        elif text.text and not any(p.text == text.text for p in unit.paragraphs):
            saved.clashes[place] = _("The original changed while you translated. Look at it again, then save.")
    if saved.count:
        write(words.TRANSLATED, by=by, now=now, thing=subject)
        store(kind, subject, language, now=now)
    return saved


def _save_one(
    saved: Saved, place: int, typed: Typed, paragraph: Paragraph, unit: Unit, *, by: User, now: datetime
) -> None:
    confirmed = typed.is_still_right and paragraph.state == "outdated"
    if typed.text == paragraph.text and not confirmed:
        return
    if typed.version != paragraph.version:
        saved.clashes[place] = _clash(paragraph)
        return
    if paragraph.translation:
        Translation.objects.filter(pk=paragraph.translation.pk).update(replaced_at=now)
    if typed.text:
        position, source = paragraph.position, paragraph.source
        row = _row(unit.kind, unit.subject, unit.language.code, paragraph.part, position, source, typed.text)
        row.translated_at, row.translated_by = now, by
        row.save()
        saved.lost_links += queries.lost_links(source, typed.text)
    saved.count += 1


def _clash(paragraph: Paragraph) -> str:
    if not paragraph.text:
        return _("Somebody removed this translation meanwhile. Save again to put yours here.")
    sentence = _(
        "Somebody translated this meanwhile: “%(text)s” Yours is still here. Take the best of both, then save again."
    )
    return sentence % {"text": paragraph.text}


def _row(
    kind: ContentKind, subject: Any, language: str, part: str, position: int, source: str, text: str
) -> Translation:
    return Translation(
        kind=kind.name,
        object_id=subject.pk,
        part=part,
        language=language,
        position=position,
        digest=digest_of(source),
        source=source,
        text=text,
    )


def store(kind: ContentKind, subject: Any, language: str, *, now: datetime | None = None) -> None:
    """Let the owner of the texts write them as they are now."""
    _store(queries.unit_of(kind, subject, language), now=now)


def _store(unit: Unit, *, now: datetime | None) -> None:
    if unit.kind.store is None:
        raise ValueError(f"Nothing writes the texts of {unit.kind.name}.")
    unit.kind.store(unit.subject, language=unit.language.code, texts=unit.texts(), now=now)


# --- When the source moves on ---------------------------------------------------------------------


@transaction.atomic
def take_in(kind: ContentKind, subjects: Iterable[Any], *, only_new: bool = False) -> None:
    """Take in the translations that stand in the rows of some things, as a file of the catalogue has brought them.

    What people translated here stays, and comes back into the rows where the file wrote over it; what came from an
    earlier file is replaced, or outdated where the file changed the original alone. `only_new` leaves things alone
    that have translations here already.
    """
    rows: dict[int, list[Translation]] = defaultdict(list)
    for row in queries.current_translations().filter(kind=kind.name):
        rows[row.object_id].append(row)
    for subject in subjects:
        if only_new and rows[subject.pk]:
            continue
        for language in target_languages():
            _take_in_one(kind, subject, language, [row for row in rows[subject.pk] if row.language == language])


def _take_in_one(kind: ContentKind, subject: Any, language: str, rows: list[Translation]) -> None:
    new = []
    for part in kind.parts(subject):
        mine = [row for row in rows if row.part == part.name]
        beside = {row.digest: row for row in mine}
        from_files = [row for row in mine if row.translated_by_id is None]
        pairs = _pairs(part, language)
        for position, source, text in pairs:
            row = beside.get(digest_of(source))
            # The same words as before beside another original are outdated, not new.
            if row is None and text not in {row.text for row in from_files}:
                new.append(_row(kind, subject, language, part.name, position, source, text))
            elif row in from_files and row.text != text:
                Translation.objects.filter(pk=row.pk).update(text=text)
        digests, texts = {digest_of(source) for _, source, _ in pairs}, {text for _, _, text in pairs}
        gone = [row.pk for row in from_files if row.digest not in digests and row.text not in texts]
        Translation.objects.filter(pk__in=gone).delete()
    Translation.objects.bulk_create(new, ignore_conflicts=True)
    if rows:  # Of a thing that is new here, its rows have the texts already.
        store(kind, subject, language)


def _pairs(part: Part, language: str) -> list[tuple[int, str, str]]:
    """Paragraphs of the source with those of a file's translation; what it has more of stands with the last one."""
    sources, texts = paragraphs(part.texts[SOURCE]), paragraphs(part.texts.get(language, ""))
    if len(texts) > len(sources):
        texts = [*texts[: len(sources) - 1], "\n\n".join(texts[len(sources) - 1 :])]
    both = enumerate(zip(sources, texts, strict=False))
    return [(position, source, text) for position, (source, text) in both if text != source]


@transaction.atomic
def carry_over(kind: ContentKind, old: Any, new: Any) -> None:
    """Give a new version the translations of the one before: what stayed is done, what changed is outdated."""
    names = {part.name for part in kind.parts(new)}
    rows = list(queries.current_translations().filter(kind=kind.name, object_id=old.pk, part__in=names))
    for row in rows:
        row.pk, row.object_id = None, new.pk
        row._state.adding = True
    # What a file brought for the new version itself stays.
    Translation.objects.bulk_create(rows, ignore_conflicts=True)
    for language in target_languages():
        store(kind, new, language)


def tell_of_new_text(kind: ContentKind, subject: Any, *, by: User | None, now: datetime) -> None:
    """Tell those who translated texts of this kind that there is a new one; `by` published it."""
    write_letters(
        words.NEW_TEXT,
        to=kind.told(subject),
        key=f"{kind.name}:{subject.pk}",
        link=reverse("translations:index"),
        now=now,
        by=by,
        sort=kind.title,
        what=lambda: str(subject),
    )
