"""The texts of the guidelines that are translated."""

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.guidelines.models import Step, Version
from apps.translations.kinds import ContentKind, Part
from apps.translations.queries import translators_of


def versions_to_translate() -> QuerySet[Version]:
    """The one in force, and those that are to come into force."""
    current = Version.objects.filter(in_force_at__isnull=False).order_by("-published_on", "-pk").values("pk")[:1]
    steps = Prefetch("steps", queryset=Step.objects.order_by("position"))
    return Version.objects.filter(Q(in_force_at=None) | Q(pk__in=current)).prefetch_related(steps)


def parts_of(version: Version) -> list[Part]:
    steps = version.steps.all()
    return [
        Part("title", _("Title"), version.titles),
        Part("body", _("Text"), version.bodies),
        *(Part(f"title:{step.code}", _("Title of a step"), step.titles) for step in steps),
        *(Part(f"expectation:{step.code}", _("What a step expects"), step.expectations) for step in steps),
    ]


GUIDELINES = ContentKind(
    "guidelines",
    title=_("Guidelines"),
    subjects=versions_to_translate,
    parts=parts_of,
    told=lambda version: translators_of("guidelines"),
)
