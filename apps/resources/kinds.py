"""The texts of the resources that are translated."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.resources.models import Resource
from apps.translations.kinds import SOURCE, ContentKind, Part


def parts_of(resource: Resource) -> list[Part]:
    facts = list(enumerate(resource.good_to_know))
    return [
        Part("name", _("Name"), resource.names),
        Part("line", _("In one line"), resource.lines),
        Part("description", _("Description"), resource.descriptions),
        *([Part("data", _("Where the data lies"), resource.data_places)] if resource.data_places else []),
        *(Part(f"label:{place}", _("Good to know"), fact["labels"]) for place, fact in facts),
        *(Part(f"text:{place}", _("Good to know"), fact["texts"]) for place, fact in facts),
    ]


def offered_in_english() -> QuerySet[Resource]:
    """Texts are translated from English; what was offered in another language waits until somebody writes it so."""
    return Resource.objects.filter(withdrawn_at=None, written_in=SOURCE)


RESOURCE = ContentKind("resource", title=_("Resource"), subjects=offered_in_english, parts=parts_of)
