"""The guidelines: numbered, dated versions that never change once published, each with its checklist."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language


class Version(models.Model):
    number = models.CharField(max_length=10, unique=True)
    published_on = models.DateField()
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
