"""Working groups and their members. Only groups lead."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Group(models.Model):
    class Kind(models.TextChoices):
        VOLUNTEERS = "volunteers", _("Volunteers")
        AFFILIATE = "affiliate", _("Affiliate")
        FOUNDATION = "foundation", _("Wikimedia Foundation")

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.VOLUNTEERS)
    affiliate = models.ForeignKey("people.Affiliate", on_delete=models.PROTECT, null=True, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    region = models.CharField(max_length=10, blank=True)
    seeks_members = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    formed_at = models.DateTimeField()
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="affiliate", affiliate__isnull=False) | (~Q(kind="affiliate") & Q(affiliate=None)),
                name="affiliate_groups_name_their_affiliate",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="confirmed_at_with_confirmed_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home:group", args=[self.slug])


# At most so many people are invited with one click.
INVITE_AT_ONCE = 20


class Membership(models.Model):
    """One person in one group, from asking or being invited to leaving."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked to join")
        INVITED = "invited", _("Invited")
        ACTIVE = "active", _("Member")
        LEFT = "left", _("Left")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    state = models.CharField(max_length=10, choices=State.choices)
    is_coordinator = models.BooleanField(default=False)
    message = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                condition=Q(state__in=["asked", "invited", "active"]),
                name="one_running_membership_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(joined_at__isnull=False, ended_at=None),
                name="active_member_has_joined",
            ),
            models.CheckConstraint(
                condition=Q(is_coordinator=False) | Q(state="active"), name="coordinators_are_active_members"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["left", "declined", "lapsed"]) | Q(ended_at__isnull=False),
                name="ended_membership_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["user", "state"], name="membership_of_person")]

    def __str__(self) -> str:
        return f"{self.user}, {self.group}"

    def get_absolute_url(self) -> str:
        return self.group.get_absolute_url()


class Facilitation(models.Model):
    """A facilitator whom a group accepts: while they hold the role, they ask for resources in its name."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="facilitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="facilitations")
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"], condition=Q(ended_at=None), name="facilitator_accepted_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.group}"
