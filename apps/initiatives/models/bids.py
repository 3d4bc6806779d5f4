"""Who would lead, too, and who objects."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.initiatives.models.leading import Adoption, Lead


class Bid(models.Model):
    """A group would lead beside or instead of another one: it asks to join, adopts a quiet one, or is offered it."""

    class Kind(models.TextChoices):
        JOIN = "join", _("asks to join the lead")
        QUIET = "quiet", _("adopts it, since it is quiet")
        HANDOVER = "handover", _("is offered the lead")

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        SHARED = "shared", _("They lead together")
        HANDED_OVER = "handed_over", _("Handed over")
        DECLINED = "declined", _("Declined")
        CONTINUED = "continued", _("The lead goes on alone")
        JOINED_BY_SILENCE = "joined_by_silence", _("Nobody answered: they lead together")
        LAPSED = "lapsed", _("Nobody answered: nothing changed")
        WITHDRAWN = "withdrawn", _("Taken back")
        VOID = "void", _("Not needed any more")

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="bids")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="bids")
    # The lead that offers its place, of an offer.
    offered_by = models.ForeignKey(Lead, on_delete=models.CASCADE, null=True, related_name="+")
    # The group that owes the answer: the first one that leads, or the one that is offered the lead.
    answered_by_group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="+")
    plan = models.TextField(blank=True)
    first_steps = models.JSONField(default=list)
    evidence = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "group"], condition=Q(state="open"), name="one_open_bid_of_a_group"
            ),
            models.UniqueConstraint(
                fields=["adoption"], condition=Q(state="open", kind="handover"), name="offered_to_one_group_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="closed_bid_has_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(answer=""), name="declined_bid_says_why"),
            models.CheckConstraint(
                condition=Q(offered_by=None) | Q(kind="handover"), name="only_the_lead_is_offered_by_a_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.adoption}"

    def get_absolute_url(self) -> str:
        return reverse("initiatives:bid", args=[self.pk])


class Objection(models.Model):
    """Somebody says, while the notice runs, why this group should not lead it, and perhaps how they would."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a reviewer")
        DISMISSED = "dismissed", _("The adoption stands")
        SHARED = "shared", _("They lead together")
        UPHELD = "upheld", _("The adoption was ended")
        STANDS_BY_SILENCE = "stands_by_silence", _("Nobody decided: the adoption stands")
        WITHDRAWN = "withdrawn", _("Taken back")
        VOID = "void", _("Not needed any more")

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="objections")
    reason = models.TextField()
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, null=True, related_name="objections")
    plan = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "made_by"], condition=Q(state="open"), name="one_open_objection_of_a_person"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="closed_objection_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["dismissed", "shared", "upheld"])
                | (Q(closed_by__isnull=False) & ~Q(answer="")),
                name="decided_objection_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(group=None, plan="") | (Q(group__isnull=False) & ~Q(plan="")),
                name="objecting_group_has_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return str(self.adoption)

    def get_absolute_url(self) -> str:
        return reverse("initiatives:objection", args=[self.pk])
