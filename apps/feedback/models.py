"""Feedback: rounds that a group opens, their translations, what people answer, and the summary that is owed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MOST_QUESTIONS = 5
OPEN_AT_LEAST = timedelta(days=21)
CORRECTIONS_LAST = timedelta(days=14)
REPORTS_LAST = timedelta(days=7)
# A liaison carries at most so many rounds at a time.
CARRY_AT_MOST = 2


class Round(models.Model):
    """A group's call for feedback on an initiative, with a closing date."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed, the summary is owed")
        SUMMARISED = "summarised", _("Closed, with a summary")
        UNSUMMARISED = "unsummarised", _("Closed, no summary")
        CANCELLED = "cancelled", _("Cancelled")
        DISCARDED = "discarded", _("Never opened")

    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="rounds")
    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="rounds")
    state = models.CharField(max_length=14, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=120)
    text = models.TextField()
    questions = models.JSONField(default=list)
    language = models.CharField(max_length=20)
    # Grows with each change of title, text or questions after the opening; translations remember theirs.
    version = models.PositiveSmallIntegerField(default=1)
    languages = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    closes_at = models.DateTimeField()
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    summary_language = models.CharField(max_length=20, blank=True)
    summarised_at = models.DateTimeField(null=True)
    summarised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], opened_at=None, opened_by=None)
                | (~Q(state__in=["draft", "discarded"]) & Q(opened_at__isnull=False, opened_by__isnull=False)),
                name="opened_round_has_opened_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None) | Q(closes_at__gte=F("opened_at") + OPEN_AT_LEAST),
                name="round_is_open_for_21_days",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "open"], closed_at=None)
                | (~Q(state__in=["draft", "open"]) & Q(closed_at__isnull=False)),
                name="round_that_is_over_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_by__isnull=False) & ~Q(reason="")
                | (~Q(state="cancelled") & Q(cancelled_by=None, reason="")),
                name="cancelled_round_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="summarised", summarised_at__isnull=False, summarised_by__isnull=False)
                & ~Q(summary="")
                | (~Q(state="summarised") & Q(summarised_at=None, summarised_by=None, summary="")),
                name="summarised_round_has_its_summary",
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"], name="round_closing_soonest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("feedback:round", args=[self.pk])

    @property
    def corrections_end_at(self) -> datetime | None:
        return self.summarised_at and self.summarised_at + CORRECTIONS_LAST


class Translation(models.Model):
    """The text of a round in another language, there as soon as somebody has written it."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    text = models.TextField()
    questions = models.JSONField(default=list)
    # The version of the source that it says; an older one is outdated.
    version = models.PositiveSmallIntegerField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField(null=True)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "language"], name="one_translation_per_language"),
            models.CheckConstraint(
                condition=Q(corrected_at=None, corrected_by=None)
                | Q(corrected_at__isnull=False, corrected_by__isnull=False),
                name="corrected_at_with_corrected_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Answer(models.Model):
    """What one person answers, in any language: to the questions, in their own words, or both."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="answers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feedback_answers")
    language = models.CharField(max_length=20)
    # One for each question of the round, "" where none was given.
    replies = models.JSONField(default=list)
    text = models.TextField(blank=True)
    is_named = models.BooleanField(default=False)
    wants_news = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="one_answer_per_person")]

    def __str__(self) -> str:
        return str(self.round)


class Correction(models.Model):
    """What somebody who answered would say differently in the summary; shown beside it."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="corrections")
    text = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["noted_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "noted_by"], name="one_correction_per_person")]

    def __str__(self) -> str:
        return str(self.round)


class Report(models.Model):
    """What a liaison heard: their own words, or what people said, relayed without names or links."""

    text = models.TextField()
    language = models.CharField(max_length=20)
    people = models.PositiveIntegerField()
    is_relayed = models.BooleanField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]


class Carry(models.Model):
    """One liaison and one round: asked, accepted, reported, or not. A report can cover several."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Carried")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Nobody answered")
        REPORTED = "reported", _("Reported")
        UNREPORTED = "unreported", _("No report came")
        CANCELLED = "cancelled", _("Not needed any more")

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="carries")
    liaison = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="carries")
    state = models.CharField(max_length=10, choices=State.choices)
    # Those of the wanted ones that the liaison covers.
    languages = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    # Which of the liaison's places it takes while it is carried, so that the database keeps the cap.
    place = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="carries")

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "liaison"], name="a_liaison_carries_a_round_once"),
            models.UniqueConstraint(
                fields=["liaison", "place"], condition=Q(state="accepted"), name="a_place_of_a_liaison_once"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", place__isnull=False, place__gte=1, place__lte=CARRY_AT_MOST)
                | (~Q(state="accepted") & Q(place=None)),
                name="carried_round_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state="reported", report__isnull=False) | (~Q(state="reported") & Q(report=None)),
                name="reported_round_has_its_report",
            ),
        ]

    def __str__(self) -> str:
        return str(self.round)

    def get_absolute_url(self) -> str:
        return self.round.get_absolute_url()
