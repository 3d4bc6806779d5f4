"""Resources: something useful that is not money, its stewards, and the requests for it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language


class Resource(models.Model):
    class Kind(models.TextChoices):
        ROOM = "room", _("Video meeting room")
        PAD = "pad", _("Notes pad")
        MAILING_LIST = "mailing_list", _("Mailing list")
        FORUM_CATEGORY = "forum_category", _("Forum category")
        TRANSLATION = "translation", _("Translation of a page")
        INTERPRETATION = "interpretation", _("Live interpretation")
        LIAISON_HOURS = "liaison_hours", _("Liaison hours")
        FACILITATOR = "facilitator", _("Facilitator for a meeting")

    class Policy(models.TextChoices):
        SELF_SERVICE = "self_service", _("At once")
        STEWARDS_DECIDE = "stewards_decide", _("Answer in 5 working days")
        COSTED = "costed", _("Needs a yes")

    class Provider(models.TextChoices):
        JITSI = "jitsi", "Jitsi"
        ETHERPAD = "etherpad", "Etherpad"
        BY_HAND = "by_hand", _("by hand")

    slug = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    policy = models.CharField(max_length=20, choices=Policy.choices)
    provider = models.CharField(max_length=20, choices=Provider.choices)
    icon = models.CharField(max_length=30)
    names = models.JSONField()
    lines = models.JSONField()
    descriptions = models.JSONField()
    good_to_know = models.JSONField(default=list)
    capacity = models.PositiveSmallIntegerField(null=True)
    max_hours = models.PositiveSmallIntegerField(null=True)
    max_per_month = models.PositiveSmallIntegerField(null=True)
    lasts_days = models.PositiveSmallIntegerField(null=True)
    stewards = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="stewarded", blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(policy="self_service") | ~Q(provider="by_hand"), name="self_service_is_made_by_a_machine"
            ),
            models.CheckConstraint(
                condition=~Q(kind="room") | Q(max_hours__isnull=False), name="rooms_have_a_longest_meeting"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("resources:resource", args=[self.slug])

    @property
    def name(self) -> str:
        return in_reader_language(self.names)

    @property
    def line(self) -> str:
        return in_reader_language(self.lines)

    @property
    def description(self) -> str:
        return in_reader_language(self.descriptions)

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [(in_reader_language(fact["labels"]), in_reader_language(fact["texts"])) for fact in self.good_to_know]

    @property
    def is_booked_by_time(self) -> bool:
        return self.kind == self.Kind.ROOM


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

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="requests")
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, related_name="resource_requests")
    key = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=200)
    details = models.TextField(blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State.choices)
    address = models.CharField(max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
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
        ]
        indexes = [models.Index(fields=["resource", "state", "starts_at"], name="request_of_resource")]

    def __str__(self) -> str:
        return f"{self.resource}: {self.group}"

    def get_absolute_url(self) -> str:
        return reverse("resources:request", args=[self.pk])
