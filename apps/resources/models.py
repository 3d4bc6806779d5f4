"""Resources: something useful that is not money, its stewards, and the requests for it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language, shown_in
from apps.core.sealed import unseal

# How long people say whether a booking took place.
SAID_AFTERWARDS = timedelta(days=7)


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
        SURVEY = "survey", _("Survey tool")
        NEWS_SLOT = "news_slot", _("Slot in Strategy News")
        OTHER = "other", _("Something else")

    class Policy(models.TextChoices):
        SELF_SERVICE = "self_service", _("At once")
        STEWARDS_DECIDE = "stewards_decide", _("Answer in 5 working days")
        COSTED = "costed", _("Needs a yes")

    class Provider(models.TextChoices):
        JITSI = "jitsi", "Jitsi"
        BIGBLUEBUTTON = "bigbluebutton", "BigBlueButton"
        ETHERPAD = "etherpad", "Etherpad"
        DISCOURSE = "discourse", "Discourse"
        MAILMAN = "mailman", "Mailman 3"
        POOL = "pool", _("ready links")
        BY_HAND = "by_hand", _("by hand")

    # What a machine at a server makes; the others come from a pool of links, or from the hands of their stewards.
    MACHINES = (Provider.JITSI, Provider.BIGBLUEBUTTON, Provider.ETHERPAD, Provider.DISCOURSE, Provider.MAILMAN)

    slug = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    policy = models.CharField(max_length=20, choices=Policy.choices)
    provider = models.CharField(max_length=20, choices=Provider.choices)
    # Its server, by the name that it has in the settings.
    server = models.CharField(max_length=40, blank=True)
    icon = models.CharField(max_length=30)
    names = models.JSONField()
    lines = models.JSONField()
    descriptions = models.JSONField()
    good_to_know = models.JSONField(default=list)
    # Where the data lies.
    data_places = models.JSONField(default=dict)
    capacity = models.PositiveSmallIntegerField(null=True)
    max_hours = models.PositiveSmallIntegerField(null=True)
    max_per_month = models.PositiveSmallIntegerField(null=True)
    # How many a group has at once of what is not booked by time.
    max_at_once = models.PositiveSmallIntegerField(null=True)
    lasts_days = models.PositiveSmallIntegerField(null=True)
    # Between which full hours of the day, in UTC, it can be booked; None: at all times.
    opens_hour = models.PositiveSmallIntegerField(null=True)
    closes_hour = models.PositiveSmallIntegerField(null=True)
    # Whom it is for: groups of these regions, with a coordinator who reads one of these languages, that exist as long.
    for_regions = models.JSONField(default=list)
    for_languages = models.JSONField(default=list)
    for_groups_older_than_days = models.PositiveSmallIntegerField(null=True)
    # In which languages its stewards answer.
    languages = models.JSONField(default=list)
    # The stewards agreed beforehand that after ten working days silence gives it, where that costs nothing.
    silence_gives = models.BooleanField(default=False)
    affiliate = models.ForeignKey("people.Affiliate", on_delete=models.PROTECT, null=True, related_name="resources")
    offered_at = models.DateTimeField(null=True)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The language that it was offered in, while nobody has written its texts in English: they stand in for them.
    written_in = models.CharField(max_length=20, default="en")
    # Once its stewards have changed it here, the file of the catalogue changes it no more.
    changed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.CharField(max_length=600, blank=True)
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
            models.CheckConstraint(
                condition=Q(silence_gives=False) | (Q(policy="stewards_decide") & ~Q(provider="by_hand")),
                name="silence_gives_only_what_a_machine_makes",
            ),
            models.CheckConstraint(
                condition=Q(opens_hour=None, closes_hour=None)
                | Q(opens_hour__isnull=False, closes_hour__gt=F("opens_hour"), closes_hour__lte=24),
                name="it_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(offered_at=None, offered_by=None) | Q(offered_at__isnull=False, offered_by__isnull=False),
                name="offered_at_with_a_person",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_offer_has_a_person_and_a_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_why=""), name="withdrawn_offer_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(provider="pool") | Q(capacity__isnull=False), name="a_pool_counts_its_links"
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
    def name_in(self) -> str:
        """The language of the name that a reader gets."""
        return self._language_of(self.names)

    @property
    def line_in(self) -> str:
        return self._language_of(self.lines)

    @property
    def description_in(self) -> str:
        return self._language_of(self.descriptions)

    def _language_of(self, words: dict[str, str]) -> str:
        """Where nobody has written English yet, what stands there is in another language."""
        code = shown_in(words)
        return self.written_in if code == "en" else code

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [(in_reader_language(fact["labels"]), in_reader_language(fact["texts"])) for fact in self.good_to_know]

    @property
    def data_place(self) -> str:
        return in_reader_language(self.data_places) if self.data_places else ""

    @property
    def is_pool(self) -> bool:
        return self.provider == self.Provider.POOL

    @property
    def is_made_by_a_machine(self) -> bool:
        return self.provider in self.MACHINES

    @property
    def is_booked_by_time(self) -> bool:
        return self.kind == self.Kind.ROOM


class PoolLink(models.Model):
    """One ready link of a pool, written once: sealed, and shown to nobody but the group whose turn it is."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="links")
    sealed = models.TextField()
    # Tells the same link twice apart from two links, and says nothing about it to anybody without the site's key.
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "digest"], name="a_link_stands_in_its_pool_once"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None) | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="retired_link_has_a_person_and_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}, {self.pk}"


class Stewardship(models.Model):
    """Somebody is invited to become a steward, and what they answered."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed: no answer came")
        TAKEN_BACK = "taken_back", _("Taken back")

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stewardships")
    state = models.CharField(max_length=12, choices=State.choices, default=State.INVITED)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "person"], condition=Q(state="invited"), name="invited_as_a_steward_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.person}"

    def get_absolute_url(self) -> str:
        return reverse("resources:invitation", args=[self.pk])


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


class Job(models.Model):
    """Something that a machine has to do for a request, tried until it is done; `wake_at` is when it is tried next.

    The request keeps its state meanwhile. A job has all that it needs to be done when the request has gone on to
    another resource, or the resource to another server: which server, under which key, and where what was made is.
    """

    class Act(models.TextChoices):
        MAKE = "make", _("make it")
        KEEP_IN_STEP = "keep_in_step", _("bring its people up to date")
        LOOK = "look", _("see whether it is used")
        END = "end", _("end it")

    class State(models.TextChoices):
        DUE = "due", _("The machine is asked")
        STUCK = "stuck", _("The stewards are asked")
        DONE = "done", _("Done")
        VOID = "void", _("Not needed any more")
        GIVEN_UP = "given_up", _("Given up")

    OPEN = (State.DUE, State.STUCK)

    request = models.ForeignKey(ResourceRequest, on_delete=models.CASCADE, related_name="jobs")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="jobs")
    key = models.CharField(max_length=40)
    # The server that is asked. An end without one is for people from the start.
    server = models.CharField(max_length=40, blank=True)
    # Where what has to be ended is, sealed.
    place = models.TextField(blank=True)
    act = models.CharField(max_length=12, choices=Act.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    opened_at = models.DateTimeField()
    wake_at = models.DateTimeField()
    # While a worker has it in its hands; whoever finds it long ago finds a dead worker's job.
    claimed_at = models.DateTimeField(null=True)
    # Tries that were begun: what was tried may have been made, whatever came back.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    # Whoever did by hand what the machine did not do.
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "act", "server"],
                condition=Q(state__in=["due", "stuck"]),
                name="one_open_job_per_key_act_and_server",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "stuck"], closed_at=None)
                | (~Q(state__in=["due", "stuck"]) & Q(closed_at__isnull=False)),
                name="closed_job_has_a_time",
            ),
            models.CheckConstraint(condition=Q(done_by=None) | Q(state="done"), name="done_by_hand_is_done"),
        ]
        indexes = [
            models.Index(fields=["attempts", "wake_at"], condition=Q(state__in=["due", "stuck"]), name="job_to_wake"),
            models.Index(fields=["resource", "-opened_at"], name="jobs_of_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.request}"

    def get_absolute_url(self) -> str:
        return self.request.get_absolute_url()

    @property
    def group_id(self) -> int:
        return self.request.group_id

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_for_people(self) -> bool:
        """What no machine ends, since people have made it."""
        return self.act == self.Act.END and not self.server


class OnTheList(models.Model):
    """A member lets a mailing list have their address. It goes with the membership."""

    request = models.ForeignKey(ResourceRequest, on_delete=models.CASCADE, related_name="on_the_list")
    membership = models.ForeignKey("groups.Membership", on_delete=models.CASCADE, related_name="+")
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "membership"], name="once_on_a_list")]
