"""Questions on an initiative: asked in public, owed an answer by whoever leads, or else by the reviewers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Question(models.Model):
    """`owner` is the leading group that owes the answer; None while nobody leads, then the reviewers owe it."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        UNANSWERED = "unanswered", _("Not answered")
        SPLIT = "split", _("Split into several")

    NAMED_BY = ("initiative",)

    initiative = models.ForeignKey("initiatives.Initiative", on_delete=models.PROTECT, related_name="questions")
    title = models.CharField(max_length=200)
    details = models.TextField(blank=True)
    part_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="parts")
    owner = models.ForeignKey("groups.Group", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_for = models.ForeignKey("groups.Group", on_delete=models.PROTECT, null=True, related_name="+")
    is_late = models.BooleanField(default=False)
    split_at = models.DateTimeField(null=True)
    split_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "asked_by", "title"],
                condition=Q(state="open"),
                name="a_question_is_asked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(state="answered", answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""))
                | (~Q(state="answered") & Q(answered_at=None, answered_by=None, answer="", is_late=False)),
                name="an_answered_question_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="split", split_at__isnull=False, split_by__isnull=False)
                | (~Q(state="split") & Q(split_at=None, split_by=None)),
                name="a_split_question_says_when",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "-asked_at"], name="questions_of_initiative")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("questions:page", args=[self.pk])
