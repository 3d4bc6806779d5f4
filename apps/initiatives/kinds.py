"""The texts of the catalogue that are translated."""

from django.utils.translation import gettext_lazy as _

from apps.initiatives.models import Initiative
from apps.translations.kinds import ContentKind, Part

INITIATIVE = ContentKind(
    "initiative",
    title=_("Initiative"),
    subjects=Initiative.objects.all,
    parts=lambda initiative: [
        Part("title", _("Title"), initiative.titles),
        Part("summary", _("Summary"), initiative.summaries),
    ],
)
