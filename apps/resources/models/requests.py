"""What groups ask for: their wishes, which become uses and end, and who lets a mailing list have their address."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.sealed import unseal
from apps.resources.models.offers import PoolLink, Resource

# How long people say whether a booking took place.
SAID_AFTERWARDS = timedelta(days=7)


class ResourceRequest(models.Model):
    """A group's wish for a resource; then its use, its end, its return."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        WAITING = "waiting", _("On the waiting list")
        IN_USE = "in_use", _("In use")
        GIVEN = "given", _("Given")
        DECLINED = "declined", _("Declined")
        WANTED = "wanted", _("Wanted: nobody offers it yet")
        RETURNED = "returned", _("Given back")
        ENDED = "ended", _("Ended by a steward")
        TAKEN_BACK = "taken_back", _("Taken back")
        LAPSED = "lapsed", _("No place came free")
        UNMET = "unmet", _("Taken off “wanted”: nobody said that it is still needed")

    HELD = (State.IN_USE, State.GIVEN)

    class Word(models.TextChoices):
        """Who has said, or seen, whether anybody came."""

        MACHINE = "machine", _("The machine")
        GROUP = "group", _("The group")
        STEWARDS = "stewards", _("The stewards")

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="requests")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="resource_requests")
    key = models.CharField(max_length=40, unique=True)
    # What the bookings of one series share.
    series = models.CharField(max_length=40, blank=True)
    # On whose clock the series stays at the same time: the name of a time zone.
    zone = models.CharField(max_length=60, default="UTC")
    meeting = models.ForeignKey("groups.Meeting", on_delete=models.SET_NULL, null=True, related_name="bookings")
    # How many of its places it is for, all at the same time.
    quantity = models.PositiveSmallIntegerField(default=1)
    purpose = models.CharField(max_length=200)
    details = models.TextField(blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State.choices)
    address = models.CharField(max_length=1000, blank=True)
    # Of a pool: the link that is its own while it is in use.
    link = models.ForeignKey(PoolLink, on_delete=models.PROTECT, null=True, related_name="uses")
    # The server on which its machine made it, by its name in the settings: the resource may move on to another.
    server = models.CharField(max_length=40, blank=True)
    # What its machine needs to find it again, sealed.
    reference = models.TextField(blank=True)
    # What was written there, kept with the group when it ended.
    kept_text = models.TextField(blank=True)
    # Whether anybody came; None where nobody can tell.
    was_used = models.BooleanField(null=True)
    whose_word = models.CharField(max_length=10, choices=Word.choices, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # When it got another time.
    changed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    # Since when it stands on the board of what is wanted.
    wanted_at = models.DateTimeField(null=True)
    # Resources of the same kind whose stewards stayed silent.
    silent = models.JSONField(default=list)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="use_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~Q(state="in_use") | Q(ends_at__isnull=False), name="what_is_in_use_ends"),
            models.CheckConstraint(
                condition=~Q(state__in=["declined", "ended"]) | (~Q(answer="") & Q(answered_by__isnull=False)),
                name="a_no_has_a_reason_and_a_person",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="asked_for_one_at_least"),
        ]
        indexes = [
            models.Index(fields=["resource", "state", "starts_at"], name="request_of_resource"),
            models.Index(fields=["series"], condition=~Q(series=""), name="requests_of_a_series"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.group}"

    def get_absolute_url(self) -> str:
        return reverse("resources:request", args=[self.pk])

    @property
    def is_held(self) -> bool:
        """The group has it, or is about to: a machine may still be making it."""
        return self.state in self.HELD

    @property
    def is_booking(self) -> bool:
        """It has a time of its own, which somebody chose; everything else lasts from its yes on."""
        return self.resource.is_booked_by_time and self.starts_at is not None

    @property
    def how_many(self) -> str:
        """How many it is for, in words; "" for one."""
        return f"{self.resource.how_many}: {self.quantity}" if self.quantity > 1 else ""

    @property
    def asked_for(self) -> str:
        """The name of the resource, with how many of it."""
        return f"{self.resource.name} ({self.how_many})" if self.quantity > 1 else self.resource.name

    @property
    def stewards_have_said(self) -> bool:
        """Whether anybody came is settled by a steward; what a machine saw or the group said, the group corrects."""
        return self.was_used is not None and self.whose_word not in {self.Word.MACHINE, self.Word.GROUP}

    @property
    def noted_until(self) -> datetime | None:
        """Until when people say whether anybody came."""
        return self.ends_at and self.ends_at + SAID_AFTERWARDS

    @property
    def is_made(self) -> bool:
        return bool(self.place or self.reference)

    @property
    def place(self) -> str:
        """Where it is, for those who may see it, while it is theirs; a link of a pool is unsealed only then."""
        if self.link and self.state == self.State.IN_USE:
            return unseal(self.link.sealed)
        return self.address if self.is_held else ""


class OnTheList(models.Model):
    """A member lets a mailing list have their address. It goes with the membership."""

    request = models.ForeignKey(ResourceRequest, on_delete=models.CASCADE, related_name="on_the_list")
    membership = models.ForeignKey("groups.Membership", on_delete=models.CASCADE, related_name="+")
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "membership"], name="once_on_a_list")]
