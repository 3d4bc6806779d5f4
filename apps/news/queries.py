"""Reads of Strategy News: what is published, in which language a reader gets it, and who can answer what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.languages import Language, Region, language, regions, shown_in
from apps.news.kinds import NEWS
from apps.news.models import Correction, Item
from apps.people.models import RoleTerm
from apps.people.queries import holders_of
from apps.translations.kinds import SOURCE, target_languages
from apps.translations.queries import current_translations, digest_of

SAME_LINK_AGAIN_AFTER = timedelta(days=30)


def editors(now: datetime) -> QuerySet[User]:
    return holders_of(RoleTerm.Role.EDITOR, now)


def items_waiting_of(person: User) -> QuerySet[Item]:
    return Item.objects.filter(submitted_by=person, state=Item.State.WAITING)


def items_in_the_way_of(link: str, now: datetime) -> QuerySet[Item]:
    """Those with the same link, letter by letter, that wait or were published in the last 30 days."""
    is_new = Q(state=Item.State.PUBLISHED, decided_at__gt=now - SAME_LINK_AGAIN_AFTER)
    return Item.objects.filter(Q(state=Item.State.WAITING) | is_new, link=link)


def over_and_mine(person: User | AnonymousUser, number: str) -> Item | None:
    """An item of this person that was not published, to submit it again."""
    if not (person.pk and number.isascii() and number.isdigit() and len(number) < 19):
        return None
    over = [Item.State.DECLINED, Item.State.LAPSED, Item.State.WITHDRAWN]
    return Item.objects.filter(pk=number, submitted_by=person.pk, state__in=over).first()


def corrections_of(item: Item) -> QuerySet[Correction]:
    return item.corrections.all()


@dataclass(frozen=True)
class ItemShown:
    """An item as a reader gets it. `is_missing` and `is_outdated` are about the language that they read."""

    item: Item
    language: Language
    reader: str
    is_missing: bool
    is_outdated: bool

    @property
    def regions(self) -> list[Region]:
        known = regions()
        return [known[code] for code in self.item.regions if code in known]

    @property
    def translate_at(self) -> str:
        """Where the reader can translate it into their language."""
        return reverse("translations:unit", args=[NEWS.name, self.item.pk, self.reader])


def shown(items: Iterable[Item]) -> list[ItemShown]:
    """Items in the language of the page, else in English; one query, none where that is English itself."""
    items, reader = list(items), _reader_language()
    made_from = {}
    if reader != SOURCE:
        rows = current_translations().filter(kind=NEWS.name, language=reader, object_id__in=[i.pk for i in items])
        made_from = dict(rows.values_list("object_id", "digest"))
    return [_shown(item, reader, made_from.get(item.pk)) for item in items]


def _reader_language() -> str:
    """The language of the page, if texts are translated into it."""
    code = get_language() or SOURCE
    return next((one for one in (code, code.partition("-")[0]) if one in target_languages()), SOURCE)


def _shown(item: Item, reader: str, digest: str | None) -> ItemShown:
    code = shown_in(item.texts)
    return ItemShown(
        item,
        language(code),
        reader,
        is_missing=code != reader and item.state == Item.State.PUBLISHED,
        is_outdated=code == reader != SOURCE and digest != digest_of(item.texts[SOURCE]),
    )


@personal_data("news")
def _news_of(person: User) -> dict[str, Any]:
    what = ("texts", "link", "initiative__number", "regions", "state", "submitted_at", "decided_at", "reason")
    return {
        "submitted": list(Item.objects.filter(submitted_by=person).values(*what)),
        "answered": list(Item.objects.filter(decided_by=person).values("state", "decided_at", "reason")),
        "corrected": list(Correction.objects.filter(corrected_by=person).values("item", "why", "corrected_at")),
    }
