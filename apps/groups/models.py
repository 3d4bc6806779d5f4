"""Working groups, their members, meetings and proposals. Only groups lead."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
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
    # Since when this member would coordinate, while the coordinators seem to be gone.
    willing_at = models.DateTimeField(null=True)
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


class Succession(models.Model):
    """Members say that the coordinators of their group are gone, and that they would coordinate."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the coordinators")
        ANSWERED = "answered", _("The coordinators are there")
        FILLED = "filled", _("Nobody answered: a member coordinates")
        VOID = "void", _("Nobody offers any more")

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="successions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=Q(state="open"), name="one_succession_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="closed_succession_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.group)

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


class Meeting(models.Model):
    """A meeting of a group, from its planning to its notes.

    `initiative_number` is the number that an initiative has in the catalogue: groups knows no table above it.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Notes are owed")
        NOTED = "noted", _("With notes")
        NO_NOTES = "no_notes", _("No notes")
        CANCELLED = "cancelled", _("Cancelled")

    NAMED_BY = ("group",)

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="meetings")
    title = models.CharField(max_length=120)
    agenda = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    languages = models.JSONField(default=list)
    place = models.CharField(max_length=1000)
    is_open = models.BooleanField()
    initiative_number = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "title", "starts_at"], condition=Q(state="planned"), name="a_meeting_is_planned_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_starts"),
            models.CheckConstraint(
                condition=(Q(state="cancelled", cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(reason=""))
                | (~Q(state="cancelled") & Q(cancelled_at=None, cancelled_by=None, reason="")),
                name="cancelled_meeting_says_why",
            ),
        ]
        indexes = [models.Index(fields=["group", "-starts_at"], name="meetings_of_group")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("groups:meeting", args=[self.group.slug, self.pk])

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Coming(models.Model):
    """A person wants to come to a meeting and be told of changes; shown as a count, never by name."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="coming")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coming")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="a_person_comes_once")]


class Notes(models.Model):
    """What came of a meeting. A correction is a new row; the newest is shown, the others stay readable."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(blank=True)
    link = models.CharField(max_length=1000, blank=True)
    attendance = models.PositiveSmallIntegerField()
    languages = models.JSONField(default=list)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text="", link=""), name="notes_are_a_text_or_a_link"),
            models.CheckConstraint(condition=Q(attendance__gt=0), name="somebody_was_at_the_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, {self.published_at:%Y-%m-%d}"


class Proposal(models.Model):
    """A group's concrete text to be decided on. Silence until its end date adopts it; an open objection stops that."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        OWED = "owed", _("The group owes answers to objections")
        SETTLING = "settling", _("Answered; silence settles the objections")
        ADOPTED = "adopted", _("Adopted")
        FALLEN = "fallen", _("Fallen")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    UNDECIDED = (State.OPEN, State.OWED, State.SETTLING)
    NAMED_BY = ("group",)

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="proposals")
    title = models.CharField(max_length=120)
    initiative_number = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "title"],
                condition=Q(state__in=["open", "owed", "settling"]),
                name="a_proposal_is_made_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gte=F("opened_at") + timedelta(days=14)), name="a_proposal_is_open_for_14_days"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "owed", "settling"], decided_at=None)
                | (~Q(state__in=["open", "owed", "settling"]) & Q(decided_at__isnull=False)),
                name="a_decided_proposal_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("groups:proposal", args=[self.group.slug, self.pk])


class Version(models.Model):
    """One wording of a proposal; it never changes, the next one has the next number."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    why = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="a_version_has_its_own_number")]

    def __str__(self) -> str:
        return f"{self.proposal} {self.number}"


class Position(models.Model):
    """What a person says about a proposal, and about which version. Only members from before its opening count."""

    class Stance(models.TextChoices):
        SUPPORT = "support", _("Support")
        STAND_ASIDE = "stand_aside", _("Stand aside")
        OBJECT = "object", _("Object")

    class State(models.TextChoices):
        SAID = "said", _("Said")
        OBJECTS = "objects", _("Open objection")
        ANSWERED = "answered", _("Answered objection")
        SETTLED = "settled", _("Settled objection")
        CLOSED = "closed", _("The proposal ended before")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="positions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="positions")
    version = models.PositiveSmallIntegerField()
    stance = models.CharField(max_length=12, choices=Stance.choices)
    reason = models.TextField(blank=True)
    counts = models.BooleanField()
    state = models.CharField(max_length=10, choices=State.choices)
    said_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["said_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="one_position_for_each_person"),
            models.CheckConstraint(condition=~Q(stance="object") | ~Q(reason=""), name="an_objection_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="said") | Q(stance="object", counts=True), name="only_what_counts_stops_a_proposal"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="an_answer_has_a_time_and_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}, {self.get_stance_display()}"

    def get_absolute_url(self) -> str:
        return self.proposal.get_absolute_url()
