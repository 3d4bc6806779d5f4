"""The guidelines: numbered, dated versions that never change once published, each with its checklist; and drafts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language


class Version(models.Model):
    """A published text. New adoptions accept the newest one that is in force."""

    number = models.CharField(max_length=10, unique=True)
    published_on = models.DateField()
    in_force_at = models.DateTimeField(null=True)
    titles = models.JSONField()
    bodies = models.JSONField()

    class Meta:
        ordering = ["-published_on", "-pk"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("guidelines:version", args=[self.number])

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def body(self) -> str:
        return in_reader_language(self.bodies)


class Step(models.Model):
    """One line of the checklist: what is expected, how the site measures it, and with which numbers.

    The numbers of a measure (`needs`) stand here and not in the code, so that a new version can have others.
    """

    class Level(models.TextChoices):
        MUST = "must", _("must")
        SHOULD = "should", _("should")
        COULD = "could", _("could")

    class Measure(models.TextChoices):
        LINKS = "links"
        PAGE = "page"
        TOLD = "told"
        VENUES = "venues"
        LANGUAGES = "languages"
        OPEN_DAYS = "open_days"
        CALLS = "calls"
        REACH = "reach"
        SUMMARY = "summary"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=30)
    level = models.CharField(max_length=10, choices=Level.choices)
    if_any = models.BooleanField(default=False)
    titles = models.JSONField()
    expectations = models.JSONField()
    measure = models.CharField(max_length=20, choices=Measure.choices)
    needs = models.JSONField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["version", "code"], name="step_code_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def expectation(self) -> str:
        return in_reader_language(self.expectations)

    @property
    def as_text(self) -> dict[str, Any]:
        """The step as a draft and the files of `data/` have it: in English, from which others are translated."""
        return {
            "code": self.code,
            "level": self.level,
            "if_any": self.if_any,
            "title": self.titles["en"],
            "expectation": self.expectations["en"],
            "measure": self.measure,
            "needs": self.needs,
        }


# The numbers that each measure goes by.
NEEDS: dict[str, tuple[str, ...]] = {
    Step.Measure.LINKS: ("links",),
    Step.Measure.PAGE: ("pages",),
    Step.Measure.TOLD: ("told",),
    Step.Measure.VENUES: ("venues",),
    Step.Measure.LANGUAGES: ("languages", "not_latin"),
    Step.Measure.OPEN_DAYS: ("days",),
    Step.Measure.CALLS: ("calls", "hours_apart"),
    Step.Measure.REACH: ("regions", "communities"),
    Step.Measure.SUMMARY: ("within_days", "correction_days"),
}


class Draft(models.Model):
    """The next version while it is written, in English. One at a time; it is announced before it is published."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("In work")
        ANNOUNCED = "announced", _("Announced")
        PUBLISHED = "published", _("Published")
        DROPPED = "dropped", _("Dropped")

    OPEN = (State.DRAFTED, State.ANNOUNCED)

    base = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    body = models.TextField()
    # Rows as in the files of `data/`: code, level, if_any, title, expectation, measure, needs.
    steps = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED)
    # How often it was saved, so that of two who write at the same time the second one is told.
    revision = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    comments_url = models.CharField(max_length=1000, blank=True)
    announced_at = models.DateTimeField(null=True)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.OneToOneField(Version, on_delete=models.PROTECT, null=True, related_name="draft")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Case(When(state__in=["drafted", "announced"], then=Value(1))), name="one_draft_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="announced")
                | (Q(announced_at__isnull=False, announced_by__isnull=False) & ~Q(comments_url="")),
                name="announced_draft_says_where_to_comment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["drafted", "announced"], closed_at=None, closed_by=None)
                | Q(state__in=["published", "dropped"], closed_at__isnull=False, closed_by__isnull=False),
                name="closed_draft_has_a_time_and_a_person",
            ),
            models.CheckConstraint(
                condition=Q(state="published", version__isnull=False) | (~Q(state="published") & Q(version=None)),
                name="published_draft_has_its_version",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return self.version.get_absolute_url() if self.version else reverse("guidelines:draft")
