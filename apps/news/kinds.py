"""The texts of Strategy News that are translated."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.news.models import Item
from apps.translations.kinds import ContentKind, Part
from apps.translations.queries import translators_of


def published_items() -> QuerySet[Item]:
    """The newest first; nothing else is read by everybody, or translated."""
    return Item.objects.filter(state=Item.State.PUBLISHED).order_by("-decided_at", "-pk")


NEWS = ContentKind(
    "news",
    title=_("News"),
    subjects=published_items,
    parts=lambda item: [Part("text", _("Text"), item.texts)],
    told=lambda item: translators_of("news"),
)
