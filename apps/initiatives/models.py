"""The movement's catalogue, who would help, and who leads what for which term."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q
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


class Adoption(models.Model):
    """A term of leading one initiative, under one version of the guidelines.

    The badge is computed from this row alone; features above tell it of acts and progress.
    """

    class Ending(models.TextChoices):
        STEPPED_DOWN = "stepped_down", _("stepped down")
        LAPSED = "lapsed", _("lapsed after 90 days without a counted act")
        EXPIRED = "expired", _("the term ended and was not renewed")

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="adoptions")
    guidelines = models.ForeignKey("guidelines.Version", on_delete=models.PROTECT, related_name="+")
    plan = models.TextField()
    first_steps = models.JSONField()
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    notice_ends_at = models.DateTimeField()
    term_began_at = models.DateTimeField()
    last_act_at = models.DateTimeField()
    last_act = models.CharField(max_length=60)
    musts_met = models.PositiveSmallIntegerField(default=0)
    early_steps_met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["-adopted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(ended_at=None), name="one_running_adoption_per_initiative"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="ended_adoption_says_how",
            ),
            models.CheckConstraint(condition=Q(notice_ends_at__gte=F("adopted_at")), name="notice_after_adoption"),
        ]

    def __str__(self) -> str:
        return str(self.initiative)

    def get_absolute_url(self) -> str:
        return self.initiative.get_absolute_url()


class Lead(models.Model):
    """A group in the running adoption. Days are counted for each leading group."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="leads")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="leads")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_act_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adoption", "group"], condition=Q(ended_at=None), name="a_group_leads_once")
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.adoption}"

    def get_absolute_url(self) -> str:
        return self.adoption.get_absolute_url()


class Update(models.Model):
    """Short and dated: what happened, what is next."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="updates")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    link = models.CharField(max_length=1000, blank=True)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-posted_at", "-pk"]
        indexes = [models.Index(fields=["-posted_at"], name="update_newest_first")]

    def __str__(self) -> str:
        return self.text[:60]


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
