"""What was done towards the community, with its evidence, witnesses and doubts."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing done towards the community, with its evidence: a link, or a note that somebody outside confirms."""

    class State(models.TextChoices):
        COUNTS = "counts", _("Counts")
        AWAITING = "awaiting", _("Waits for somebody who was there")
        UNCONFIRMED = "unconfirmed", _("Nobody who was there confirmed it")
        DOUBTED = "doubted", _("Counts, and is doubted")
        STRUCK = "struck", _("Does not count after a doubt")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    COUNTING = (State.COUNTS, State.DOUBTED)
    # What a group says of an entry and can correct.
    SAID = (
        "title", "url", "note", "happened_on", "languages", "regions", "community", "told", "starts_at", "closed_on",
        "people",
    )  # fmt: skip

    adoption = models.ForeignKey("initiatives.Adoption", on_delete=models.CASCADE, related_name="entries")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey("guidelines.Step", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.COUNTS)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=1000, blank=True)
    note = models.TextField(blank=True)
    happened_on = models.DateField()
    languages = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    community = models.CharField(max_length=120, blank=True)
    told = models.CharField(max_length=120, blank=True)
    starts_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    people = models.PositiveIntegerField(null=True)
    # The first text is number 1; each correction writes the next.
    text_number = models.PositiveSmallIntegerField(default=1)
    # What members corrected, by the names of SAID: a round that goes on leaves that as it is.
    corrected = models.JSONField(default=list)
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["happened_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_at_with_withdrawn_by",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="withdrawn_entry_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=models.F("happened_on")), name="closed_after_it_opened"
            ),
            models.CheckConstraint(condition=~Q(url="") | ~Q(note=""), name="entry_has_evidence"),
            models.CheckConstraint(
                condition=Q(url="") | ~Q(state__in=["awaiting", "unconfirmed"]), name="a_link_needs_no_witness"
            ),
        ]
        indexes = [
            models.Index(fields=["adoption", "step"], condition=Q(withdrawn_at=None), name="entry_of_adoption"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("engagement:entry", args=[self.pk])

    @property
    def counts(self) -> bool:
        return self.state in self.COUNTING

    @property
    def evidence(self) -> str:
        """What makes it another entry than one with the same words: its link, or itself."""
        return self.url or f"note {self.pk}"

    @property
    def telling(self) -> tuple[Any, ...]:
        return telling(self.said)

    @property
    def said(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.SAID}


def telling(what: dict[str, Any]) -> tuple[Any, ...]:
    """What tells one entry of a step from another: the same thing at the same time with the same evidence is one."""
    texts = tuple(what.get(name) or "" for name in ("title", "url", "note", "told"))
    return texts + tuple(what.get(name) for name in ("happened_on", "starts_at", "closed_on"))


class Confirmation(models.Model):
    """Somebody outside the group was there, and says so of one text of a note."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="confirmations")
    text_number = models.PositiveSmallIntegerField()
    is_named = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["confirmed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "confirmed_by", "text_number"], name="a_witness_counts_once"),
        ]

    def __str__(self) -> str:
        return str(self.entry)


class EarlierText(models.Model):
    """What an entry said before it was corrected; it stays readable. `what` holds the fields of `Entry.SAID`."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="earlier_texts")
    number = models.PositiveSmallIntegerField()
    what = models.JSONField(encoder=DjangoJSONEncoder)
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="an_earlier_text_once")]

    def __str__(self) -> str:
        return str(self.entry)


class Doubt(models.Model):
    """Somebody doubts an entry with a reason; the group answers, and a reviewer may judge."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the group's answer")
        ANSWERED = "answered", _("Answered")
        UNANSWERED = "unanswered", _("Not answered in time")
        UPHELD = "upheld", _("Upheld by a reviewer")
        DISMISSED = "dismissed", _("Dismissed by a reviewer")
        FALLEN = "fallen", _("Answered, and fallen")
        TAKEN_BACK = "taken_back", _("Taken back")
        POINTLESS = "pointless", _("Ended with the entry or its term")

    RUNNING = (State.OPEN, State.ANSWERED)
    STRIKING = (State.UNANSWERED, State.UPHELD)

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="doubts")
    # Whose answer is owed, and then who gave it: the group of the entry while it leads, or one that leads after it.
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    text_number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    reason = models.TextField()
    doubted_at = models.DateTimeField()
    doubted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Empty if the group answered by correcting the entry.
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # When it ended, however it did.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-doubted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=["open", "answered"]), name="one_running_doubt_per_entry"
            ),
            models.UniqueConstraint(
                fields=["entry", "doubted_by", "text_number"],
                condition=~Q(state="taken_back"),
                name="a_person_doubts_a_text_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="doubt_has_a_reason"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="answered_at_with_answered_by",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "upheld", "dismissed", "fallen"]) | Q(answered_at__isnull=False),
                name="answered_doubt_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(judged_at=None, judged_by=None) | Q(judged_at__isnull=False, judged_by__isnull=False),
                name="judged_at_with_judged_by",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["upheld", "dismissed"], judged_at__isnull=False)
                | (~Q(state__in=["upheld", "dismissed"]) & Q(judged_at=None)),
                name="judged_doubt_has_a_judge",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered"], ended_at=None)
                | (~Q(state__in=["open", "answered"]) & Q(ended_at__isnull=False)),
                name="ended_doubt_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry)

    def get_absolute_url(self) -> str:
        return reverse("engagement:entry", args=[self.entry_id]) + f"#doubt-{self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING
