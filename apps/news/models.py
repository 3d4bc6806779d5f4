"""Strategy News: items that anybody submits, and an editor publishes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language


class Item(models.Model):
    """A few short sentences and one link. Until somebody publishes it, only its submitter and the editors read it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for an editor")
        PUBLISHED = "published", _("Published")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed: nobody answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # By language; written in English.
    texts = models.JSONField()
    # Short enough for an index, whatever letters it has.
    link = models.CharField(max_length=500)
    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, null=True, related_name="news")
    regions = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Why it was declined.
    reason = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["link"], condition=Q(state="waiting"), name="a_link_waits_once"),
            models.CheckConstraint(
                condition=Q(state__in=["published", "declined"], decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=["published", "declined"]) & Q(decided_at=None, decided_by=None)),
                name="a_decided_item_has_a_person_and_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(state="declined") & ~Q(reason="")) | (~Q(state="declined") & Q(reason="")),
                name="a_declined_item_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["-decided_at", "-id"], condition=Q(state="published"), name="news_newest_first"),
        ]

    def __str__(self) -> str:
        return Truncator(self.text).chars(80)

    def get_absolute_url(self) -> str:
        return reverse("news:page", args=[self.pk])

    @property
    def text(self) -> str:
        return in_reader_language(self.texts)

    @property
    def link_words(self) -> str:
        """The address as people read it."""
        return Truncator(self.link.removeprefix("https://")).chars(60)


class Correction(models.Model):
    """An editor has changed what was published, and says why."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="corrections")
    why = models.CharField(max_length=300)
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-corrected_at", "-pk"]

    def __str__(self) -> str:
        return self.why
