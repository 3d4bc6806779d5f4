"""What is offered: resources, the ready links of pools, and who is invited to become a steward."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language, shown_in


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

    # What is wanted at a certain time, from when to when; everything else begins with the yes.
    BOOKED_BY_TIME = (Kind.ROOM, Kind.INTERPRETATION, Kind.FACILITATOR)
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
    # How many places one wish can be for, such as pages, languages or hours; None is one.
    max_quantity = models.PositiveSmallIntegerField(null=True)
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
                condition=~Q(kind__in=["room", "interpretation", "facilitator"]) | Q(max_hours__isnull=False),
                name="what_is_booked_has_a_longest_time",
            ),
            # What is made, or is a link, is one.
            models.CheckConstraint(
                condition=Q(max_quantity=None) | Q(max_quantity__gt=1, provider="by_hand"),
                name="several_of_what_people_give",
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
        return self.kind in self.BOOKED_BY_TIME

    @property
    def most_at_once(self) -> int:
        """How many one wish can be for."""
        return self.max_quantity or 1

    @property
    def how_many(self) -> str:
        """What is counted, in words."""
        words = {
            self.Kind.TRANSLATION: _("How many pages"),
            self.Kind.INTERPRETATION: _("Into how many languages"),
            self.Kind.LIAISON_HOURS: _("How many hours"),
        }
        return str(words.get(self.Kind(self.kind), _("How many")))


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
