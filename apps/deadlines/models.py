"""Deadlines: who owes what by when, and what silence means."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.core.text import Words

# The titles of the rules by their names, which rules.py knows.
TITLES: dict[str, Words] = {}


class Deadline(models.Model):
    """One wait. `wake_at` is when the sweep looks at it next: its next rung, or a later try."""

    class State(models.TextChoices):
        OPEN = "open"
        MET = "met"
        LAPSED = "lapsed"
        CANCELLED = "cancelled"

    rule = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    owner = models.CharField(max_length=60)
    region = models.CharField(max_length=10, blank=True)
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Who was asked before they went away; it comes back to them.
    asked_first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, blank=True)
    # Whoever asked: once a week.
    asked_again_at = models.DateTimeField(null=True)

    rung = models.PositiveSmallIntegerField()
    wake_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_id"], condition=Q(state="open"), name="one_open_deadline_per_rule_and_subject"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="closed_deadline_has_a_time",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="deadline_due_after_opening"),
        ]
        indexes = [
            models.Index(fields=["wake_at"], condition=Q(state="open"), name="deadline_to_wake"),
            models.Index(fields=["owner", "due_at"], condition=Q(state="open"), name="deadline_owed_by"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="deadline_oldest_first"),
            models.Index(fields=["rule", "subject_id"], name="deadline_of_subject"),
            models.Index(fields=["owner", "opened_at"], name="deadline_by_owner"),
            models.Index(fields=["-closed_at"], condition=Q(state="lapsed"), name="deadline_settled_by_silence"),
        ]

    def __str__(self) -> str:
        return str(TITLES.get(self.rule, self.rule))

    def get_absolute_url(self) -> str:
        return reverse("deadlines:wait", args=[self.pk])


class MeToo(models.Model):
    """A person waits for the same answer; shown as a count, never by name."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="me_toos")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="me_toos")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deadline", "person"], name="me_too_once_for_each_person")]


class Absence(models.Model):
    """A person is away, for no reason that anybody has to know; one at a time."""

    class State(models.TextChoices):
        DECLARED = "declared"
        AWAY = "away"
        OVER = "over"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DECLARED)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=~Q(state="over"), name="one_absence_at_a_time_for_each_person"
            ),
            models.CheckConstraint(condition=Q(ends_at__gte=F("begins_at")), name="absence_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.begins_at:%Y-%m-%d} – {self.ends_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("deadlines:absence")

    @property
    def last_at(self) -> datetime:
        """The last moment of the last day."""
        return self.ends_at - timedelta(seconds=1)
