"""The movement's catalogue, who would help, and who leads what for which term."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.core.languages import in_reader_language

META = "https://meta.wikimedia.org/wiki/"


class Recommendation(models.Model):
    number = models.PositiveSmallIntegerField(unique=True)
    titles = models.JSONField()
    meta_page = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("home:recommendation", args=[self.number])

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def meta_url(self) -> str:
        return META + self.meta_page.replace(" ", "_")


class Initiative(models.Model):
    """Titles are official in English; translations and summaries are ours, and every page says so."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="initiatives")
    number = models.PositiveSmallIntegerField(unique=True)
    titles = models.JSONField()
    summaries = models.JSONField()
    title_verified = models.BooleanField()
    meta_page = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return _address(self.number, self.titles["en"])

    @property
    def title(self) -> str:
        return in_reader_language(self.titles)

    @property
    def summary(self) -> str:
        return in_reader_language(self.summaries)

    @property
    def words(self) -> str:
        """The English title as it stands in the address."""
        return _words(self.titles["en"])

    @property
    def meta_url(self) -> str:
        return META + (self.meta_page or "Movement Strategy/Initiatives").replace(" ", "_")


@lru_cache(maxsize=2_000)
def _address(number: int, title: str) -> str:
    """Remembered, since a list of all initiatives asks for hundreds and each takes Django as long as a row."""
    return reverse("home:initiative", args=[number, _words(title)])


def _words(title: str) -> str:
    return slugify(title)[:60].strip("-") or "initiative"


class Interest(models.Model):
    """A person says: I would join, lead, translate or review, in these languages and this region."""

    WAYS = ("would_join", "would_lead", "would_translate", "would_review")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interests")
    would_join = models.BooleanField(default=False)
    would_lead = models.BooleanField(default=False)
    would_translate = models.BooleanField(default=False)
    would_review = models.BooleanField(default=False)
    languages = models.JSONField(default=list)
    region = models.CharField(max_length=10, blank=True)
    is_named = models.BooleanField(default=False)
    wants_news = models.BooleanField(default=False)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiative", "user"], name="one_interest_per_person"),
            models.CheckConstraint(
                condition=Q(would_join=True) | Q(would_lead=True) | Q(would_translate=True) | Q(would_review=True),
                name="interest_in_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.initiative}"

    @property
    def ways(self) -> list[str]:
        words = {
            "would_lead": _("would lead"),
            "would_join": _("would join"),
            "would_translate": _("would translate"),
            "would_review": _("would review"),
        }
        return [str(word) for name, word in words.items() if getattr(self, name)]


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
    # The review date of the hold that runs and what it waits for; and since when a hold is forgotten, which no
    # act has followed yet.
    on_hold_until = models.DateTimeField(null=True)
    on_hold_for = models.CharField(max_length=200, blank=True)
    forgotten_at = models.DateTimeField(null=True)
    # Since when every leading group seeks a successor.
    handing_over_at = models.DateTimeField(null=True)
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
                condition=Q(on_hold_until=None) | Q(concludes_at=None), name="on_hold_or_concluding_not_both"
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


class Hint(models.Model):
    """Somebody knows who leads an initiative that nobody leads here: a public hint with a link."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="hints")
    text = models.CharField(max_length=200)
    url = models.CharField(max_length=1000)
    left_at = models.DateTimeField()
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-left_at"]
        constraints = [models.UniqueConstraint(fields=["initiative", "url"], name="a_hint_once")]

    def __str__(self) -> str:
        return self.text


class Place(models.Model):
    """Where an initiative is discussed."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="places")
    url = models.CharField(max_length=1000)
    title = models.CharField(max_length=120)
    language = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-added_at"]
        constraints = [models.UniqueConstraint(fields=["initiative", "url"], name="a_place_once")]

    def __str__(self) -> str:
        return self.title
