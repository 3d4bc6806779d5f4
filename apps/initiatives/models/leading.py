"""Who leads what for which term, what they say of it, and when they pause."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.initiatives.models.catalogue import Initiative


class Ending(models.TextChoices):
    """How a group's lead ended, and with the last of them the term."""

    STEPPED_DOWN = "stepped_down", _("stepped down")
    LAPSED = "lapsed", _("lapsed after 90 days without a counted act")
    EXPIRED = "expired", _("the term ended and was not renewed")
    HANDED_OVER = "handed_over", _("handed over")
    OBJECTED = "objected", _("ended by a reviewer after an objection")
    CONCLUDED = "concluded", _("concluded")


class Adoption(models.Model):
    """A term of leading one initiative, under one version of the guidelines.

    The badge is computed from this row alone; features above tell it of acts and progress.
    """

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
    musts_settled = models.BooleanField(default=False)
    early_steps_met_at = models.DateTimeField(null=True)
    # When other groups took the whole lead over: the 90 days of the first must-steps begin with them.
    taken_over_at = models.DateTimeField(null=True)
    # The review date of the hold that runs and what it waits for; and since when a hold is forgotten, which no
    # act has followed yet.
    hold_review_at = models.DateTimeField(null=True)
    on_hold_for = models.CharField(max_length=200, blank=True)
    forgotten_at = models.DateTimeField(null=True)
    # Since when every leading group seeks a successor.
    handing_over_at = models.DateTimeField(null=True)
    # When silence gives a part in the lead to whoever asked for it first; and when a group that was silent for 90 days
    # leaves, since somebody had asked for its place by then.
    shared_at = models.DateTimeField(null=True)
    leaves_at = models.DateTimeField(null=True)
    # When the notice of its conclusion ends, and what was reached.
    concludes_at = models.DateTimeField(null=True)
    summary = models.TextField(blank=True)
    # A link that shows that the group led it before this site existed.
    evidence = models.CharField(max_length=1000, blank=True)
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
            models.CheckConstraint(
                condition=Q(concludes_at=None) | ~Q(summary=""), name="concluding_adoption_has_a_summary"
            ),
            models.CheckConstraint(
                condition=Q(hold_review_at=None) | Q(concludes_at=None), name="on_hold_or_concluding_not_both"
            ),
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
    last_act_at = models.DateTimeField()
    # What a group that came later wants; the plan of the first one stands in the adoption.
    plan = models.TextField(blank=True)
    first_steps = models.JSONField(default=list)
    seeks_successor_at = models.DateTimeField(null=True)
    # When it woke up and went on alone: once in a term.
    continued_at = models.DateTimeField(null=True)
    # A silent group that leaves later than on its day 90, since another one has just joined.
    leaves_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "group"], condition=Q(ended_at=None), name="a_group_leads_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="ended_lead_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.adoption}"

    def get_absolute_url(self) -> str:
        return self.adoption.get_absolute_url()

    @property
    def has_gone_on(self) -> bool:
        """Whether it woke up and went on alone in this term already."""
        return self.continued_at is not None and self.continued_at >= self.adoption.term_began_at


class Update(models.Model):
    """Short and dated: what happened, what is next."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="updates")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    next_step = models.TextField(blank=True)
    link = models.CharField(max_length=1000, blank=True)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-posted_at", "-pk"]
        indexes = [models.Index(fields=["-posted_at"], name="update_newest_first")]

    def __str__(self) -> str:
        return self.text[:60]


class Obstacle(models.Model):
    """What is in the way, and whom it waits for: a role or a group in public; a person is asked first."""

    class State(models.TextChoices):
        ASKED = "asked", _("A person is asked whether it waits for them")
        WAITING = "waiting", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        UNANSWERED = "unanswered", _("Nobody answered")
        NOBODYS = "nobodys", _("It waits for nobody")
        GONE = "gone", _("Out of the way")

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="obstacles")
    update = models.OneToOneField(Update, on_delete=models.CASCADE, related_name="obstacle")
    text = models.CharField(max_length=300)
    # At most one of them: a role as owners of deadlines are called, "reviewer"; a group; or a person.
    role = models.CharField(max_length=40, blank=True)
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices)
    named_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-named_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role="", group=None, person=None, state__in=["nobodys", "gone"])
                | (~Q(role="") & Q(group=None, person=None))
                | Q(role="", group__isnull=False, person=None)
                | Q(role="", group=None, person__isnull=False),
                name="obstacle_waits_for_one_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state="asked") | Q(person__isnull=False), name="a_person_is_asked_first"
            ),
            models.CheckConstraint(condition=~Q(state="answered") | ~Q(answer=""), name="answered_obstacle_has_words"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("initiatives:obstacle", args=[self.pk])

    @property
    def owner(self) -> str:
        """Whom it waits for, as deadlines know owners."""
        if self.role:
            return f"role:{self.role}"
        return f"group:{self.group_id}" if self.group_id else f"person:{self.person_id}"


class Hold(models.Model):
    """The lead pauses, in public: why, for what, and when it will look again."""

    class State(models.TextChoices):
        RUNNING = "running", _("On hold")
        RESUMED = "resumed", _("Resumed")
        FORGOTTEN = "forgotten", _("Forgotten: it turned quiet")
        ENDED = "ended", _("Ended with the term")

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="holds")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    waits_for = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    review_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["adoption"], condition=Q(state="running"), name="one_hold_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None) | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="ended_hold_has_a_time",
            ),
            models.CheckConstraint(condition=Q(review_at__gt=F("began_at")), name="hold_is_reviewed_later"),
        ]

    def __str__(self) -> str:
        return str(self.adoption)

    def get_absolute_url(self) -> str:
        return self.adoption.get_absolute_url()
