"""The movement's catalogue, and what anybody may leave on an initiative: interest, places, hints."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language

META = "https://meta.wikimedia.org/wiki/"


class Recommendation(models.Model):
    number = models.PositiveSmallIntegerField(unique=True)
    titles = models.JSONField()
    meta_page = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("home:recommendation", args=[self.number])

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def meta_url(self) -> str:
        return META + self.meta_page.replace(" ", "_")


class Initiative(models.Model):
    """Titles are official in English; translations and summaries are ours, and every page says so."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="initiatives")
    number = models.PositiveSmallIntegerField(unique=True)
    titles = models.JSONField()
    summaries = models.JSONField()
    title_verified = models.BooleanField()
    meta_page = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return _address(self.number, self.titles["en"])

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def summary(self) -> str:
        return in_reader_language(self.summaries)

    @property
    def words(self) -> str:
        """The English title as it stands in the address."""
        return _words(self.titles["en"])

    @property
    def meta_url(self) -> str:
        return META + (self.meta_page or "Movement Strategy/Initiatives").replace(" ", "_")


@lru_cache(maxsize=2_000)
def _address(number: int, title: str) -> str:
    """Remembered, since a list of all initiatives asks for hundreds and each takes Django as long as a row."""
    return reverse("home:initiative", args=[number, _words(title)])


def _words(title: str) -> str:
    return slugify(title)[:60].strip("-") or "initiative"


class Interest(models.Model):
    """A person says: I would join, lead, translate or review, in these languages and this region."""

    WAYS = ("would_join", "would_lead", "would_translate", "would_review")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interests")
    would_join = models.BooleanField(default=False)
    would_lead = models.BooleanField(default=False)
    would_translate = models.BooleanField(default=False)
    would_review = models.BooleanField(default=False)
    languages = models.JSONField(default=list)
    region = models.CharField(max_length=10, blank=True)
    is_named = models.BooleanField(default=False)
    wants_news = models.BooleanField(default=False)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiative", "user"], name="one_interest_per_person"),
            models.CheckConstraint(
                condition=Q(would_join=True) | Q(would_lead=True) | Q(would_translate=True) | Q(would_review=True),
                name="interest_in_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.initiative}"

    @property
    def ways(self) -> list[str]:
        words = {
            "would_lead": _("would lead"),
            "would_join": _("would join"),
            "would_translate": _("would translate"),
            "would_review": _("would review"),
        }
        return [str(word) for name, word in words.items() if getattr(self, name)]


class Place(models.Model):
    """Where an initiative is discussed."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="places")
    url = models.CharField(max_length=1000)
    title = models.CharField(max_length=120)
    language = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-added_at"]
        constraints = [models.UniqueConstraint(fields=["initiative", "url"], name="a_place_once")]

    def __str__(self) -> str:
        return self.title


class Hint(models.Model):
    """Somebody knows who leads an initiative that nobody leads here: a public hint with a link."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="hints")
    text = models.CharField(max_length=200)
    url = models.CharField(max_length=1000)
    left_at = models.DateTimeField()
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-left_at"]
        constraints = [models.UniqueConstraint(fields=["initiative", "url"], name="a_hint_once")]

    def __str__(self) -> str:
        return self.text
