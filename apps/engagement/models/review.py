"""The checklist of an adoption, what was handed in, and what reviewers answered."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Submission(models.Model):
    """What a group handed in: a bundle of measured steps, or one step early, with a reason."""

    class Kind(models.TextChoices):
        BUNDLE = "bundle", _("Measured steps")
        EARLY = "early", _("One step, early, with a reason")

    class State(models.TextChoices):
        OPEN = "open", _("In review")
        SETTLED = "settled", _("Settled")

    adoption = models.ForeignKey("initiatives.Adoption", on_delete=models.CASCADE, related_name="submissions")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.TextField(blank=True)
    step_count = models.PositiveSmallIntegerField()
    handed_in_at = models.DateTimeField()
    handed_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | Q(state="settled", settled_at__isnull=False),
                name="settled_submission_has_a_time",
            ),
            models.CheckConstraint(condition=~Q(kind="early") | ~Q(reason=""), name="early_submission_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.adoption}"

    def get_absolute_url(self) -> str:
        return reverse("engagement:review") + f"?line={self.pk}#line-{self.pk}"


class ChecklistStep(models.Model):
    """One line of the checklist of one adoption: what the site measured, and what reviewers decided."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        IN_REVIEW = "in_review", _("In review")
        MORE_ASKED = "more_asked", _("A reviewer asked for more")
        ACCEPTED = "accepted", _("Accepted")
        WAIVED = "waived", _("Waived")
        REFUSED = "refused", _("Refused")
        CONFIRMED_BY_SILENCE = "confirmed_by_silence", _("Confirmed by silence")
        NOT_REVIEWED = "not_reviewed", _("Not reviewed")

    adoption = models.ForeignKey("initiatives.Adoption", on_delete=models.CASCADE, related_name="checklist")
    step = models.ForeignKey("guidelines.Step", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=24, choices=State.choices, default=State.OPEN)
    # Former leads and neighbouring groups that the group named; None until it said whether there are any. Whoever led
    # the initiative before is told also if they are not among them.
    named = models.JSONField(null=True)
    measured = models.JSONField(default=dict)
    is_met = models.BooleanField(default=False)
    submission = models.ForeignKey(Submission, on_delete=models.SET_NULL, null=True, related_name="steps")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    # Staff answered on a group of the Foundation, since nobody else could.
    by_staff_alone = models.BooleanField(default=False)
    more_asked_at = models.DateTimeField(null=True)
    more_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    more_asked_note = models.TextField(blank=True)

    class Meta:
        ordering = ["step__position"]
        constraints = [
            models.UniqueConstraint(fields=["adoption", "step"], name="one_line_per_step"),
            models.CheckConstraint(
                condition=~Q(state="in_review") | Q(submission__isnull=False), name="step_in_review_is_handed_in"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "waived", "refused", "more_asked"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_at_with_decided_by",
            ),
            models.CheckConstraint(
                condition=Q(more_asked_at=None, more_asked_by=None)
                | Q(more_asked_at__isnull=False, more_asked_by__isnull=False),
                name="more_asked_at_with_more_asked_by",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waived", "refused", "more_asked"]) | ~Q(note=""),
                name="these_answers_have_a_note",
            ),
        ]

    def __str__(self) -> str:
        return str(self.step)


class Decision(models.Model):
    """One answer on steps of a submission, by a reviewer or by silence. The lines of the checklist show the latest.

    For ten minutes whoever gave it can take it back; then it counts no more, and stays in the history as such.
    """

    TAKE_BACK_LASTS = timedelta(minutes=10)

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="decisions")
    steps = models.ManyToManyField(ChecklistStep, related_name="decisions")
    answer = models.CharField(max_length=24, choices=ChecklistStep.State.choices)
    note = models.TextField(blank=True)
    by_staff_alone = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None, answer__in=["confirmed_by_silence", "not_reviewed"])
                | Q(decided_by__isnull=False, answer__in=["accepted", "more_asked", "waived", "refused"]),
                name="silence_or_a_reviewer_decides",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=["more_asked", "waived", "refused"]) | ~Q(note=""),
                name="these_decisions_have_a_note",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None)
                | Q(decided_by__isnull=False, taken_back_at__gte=models.F("decided_at")),
                name="a_reviewer_takes_back_what_was_decided",
            ),
        ]
        indexes = [models.Index(fields=["decided_by", "-decided_at"], name="decision_of_reviewer")]

    def __str__(self) -> str:
        return str(self.get_answer_display())

    @property
    def told_at(self) -> datetime:
        """When the group is told, and it cannot be taken back any more."""
        return self.decided_at + self.TAKE_BACK_LASTS


class Pass(models.Model):
    """A reviewer left a submission to reviewers who read a language; they are not asked for it again."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="passes")
    language = models.CharField(max_length=20)
    # Somebody who reads it was asked; otherwise it stayed with everybody.
    found_reader = models.BooleanField()
    passed_at = models.DateTimeField()
    passed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "passed_by"], name="passed_once_by_each_reviewer")]

    def __str__(self) -> str:
        return f"{self.submission}: {self.language}"


class Reply(models.Model):
    """A text that a reviewer keeps to begin notes with; nobody else sees it."""

    class Answer(models.TextChoices):
        MORE = "more", _("to ask for more")
        WAIVE = "waive", _("to waive")
        REFUSE = "refuse", _("to refuse")
        ACCEPT = "accept", _("to accept")

    title = models.CharField(max_length=60)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_replies")

    class Meta:
        ordering = ["answer", "title", "pk"]
        constraints = [models.UniqueConstraint(fields=["written_by", "title"], name="one_reply_of_a_title")]

    def __str__(self) -> str:
        return self.title
