"""The texts of the resources that are translated."""

from django.utils.translation import gettext_lazy as _

from apps.resources.models import Resource
from apps.translations.kinds import ContentKind, Part


def parts_of(resource: Resource) -> list[Part]:
    facts = list(enumerate(resource.good_to_know))
    return [
        Part("name", _("Name"), resource.names),
        Part("line", _("In one line"), resource.lines),
        Part("description", _("Description"), resource.descriptions),
        *(Part(f"label:{place}", _("Good to know"), fact["labels"]) for place, fact in facts),
        *(Part(f"text:{place}", _("Good to know"), fact["texts"]) for place, fact in facts),
    ]


RESOURCE = ContentKind("resource", title=_("Resource"), subjects=Resource.objects.all, parts=parts_of)
