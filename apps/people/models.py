"""Affiliates, and roles that people ask for, or are granted, and hold for a term."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

TERM_LASTS = timedelta(days=365)
UNCONFIRMED_TERM_LASTS = timedelta(days=90)
RENEWED_IN_THE_LAST = timedelta(days=30)


class Affiliate(models.Model):
    name = models.CharField(max_length=200, unique=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("people:affiliate", args=[self.pk])


class Contact(models.Model):
    """A person who says that they are a contact of an affiliate; they agreed by saying so."""

    class State(models.TextChoices):
        SAID = "said", _("Not confirmed yet")
        UNCONFIRMED = "unconfirmed", _("Unconfirmed: nobody answered")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Taken off")
        TAKEN_BACK = "taken_back", _("Taken back")

    SHOWN = (State.SAID, State.UNCONFIRMED, State.CONFIRMED)

    affiliate = models.ForeignKey(Affiliate, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contacts")
    state = models.CharField(max_length=12, choices=State.choices, default=State.SAID)
    said_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Why the name was taken off.
    answer = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["affiliate", "user"],
                condition=Q(state__in=["said", "unconfirmed", "confirmed"]),
                name="contact_of_an_affiliate_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "refused"])
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="answered_contact_has_a_person_and_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(answer=""), name="refused_contact_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.affiliate}"

    def get_absolute_url(self) -> str:
        return self.affiliate.get_absolute_url()

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED


class RoleTerm(models.Model):
    """A role of a person: asked for or granted, held for a term, and over by itself or earlier.

    Who holds a role now is told by the times alone (`queries.running_terms`): a term that was only asked for has none.
    """

    NAMED_BY = ("user", "affiliate")

    class Role(models.TextChoices):
        LIAISON = "liaison", _("Liaison")
        FACILITATOR = "facilitator", _("Facilitator")
        TRANSLATOR = "translator", _("Translator")
        EDITOR = "editor", _("Editor of Strategy News")
        MODERATOR = "moderator", _("Moderator")
        REVIEWER = "reviewer", _("Reviewer")
        ADMINISTRATOR = "administrator", _("Administrator")

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        HELD = "held", _("Held")
        ENDED = "ended", _("Ended")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed: nobody answered")
        TAKEN_BACK = "taken_back", _("Taken back")

    # Any signed-in person asks for these; the two others are granted only.
    ASKED_FOR = (Role.LIAISON, Role.FACILITATOR, Role.TRANSLATOR, Role.EDITOR, Role.MODERATOR)
    GRANTED_BY_SILENCE = (Role.LIAISON, Role.FACILITATOR, Role.TRANSLATOR)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_terms")
    role = models.CharField(max_length=20, choices=Role.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    why = models.CharField(max_length=600, blank=True)
    # A facilitator's: the affiliate whose contact they are, and which takes it under its wing through them.
    affiliate = models.ForeignKey(Affiliate, on_delete=models.PROTECT, null=True, related_name="role_terms")
    # What it covers: codes of languages and regions, numbers of recommendations.
    languages = models.JSONField(default=list, blank=True)
    regions = models.JSONField(default=list, blank=True)
    recommendations = models.JSONField(default=list, blank=True)
    asked_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Granted by silence, and nobody has confirmed it since.
    is_unconfirmed = models.BooleanField(default=False)
    # Why it was declined, or ended by an administrator.
    answer = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="role_term_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "ended"], starts_at__isnull=False, ends_at__isnull=False)
                | Q(~Q(state__in=["held", "ended"]), starts_at=None, ends_at=None, asked_at__isnull=False),
                name="role_that_was_held_has_a_term",
            ),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(state="asked"), name="role_asked_for_once_at_a_time"
            ),
            # The two others end by their time alone, which no index knows.
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(state="held") & ~Q(role__in=["reviewer", "administrator"]),
                name="role_held_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(answer=""), name="declined_role_has_a_reason"),
            models.CheckConstraint(
                condition=Q(affiliate=None) | Q(role="facilitator"), name="affiliates_take_part_as_facilitators"
            ),
        ]
        indexes = [models.Index(fields=["role", "state"], name="role_terms_of_role")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display()}"

    def get_absolute_url(self) -> str:
        return reverse("people:role", args=[self.pk])

    @property
    def name(self) -> str:
        """Who holds it, by name: the affiliate, where it is one that does through its contact."""
        return str(self.affiliate or self.user)

    @property
    def is_confirmed(self) -> bool:
        return not self.is_unconfirmed

    @property
    def is_asked_for(self) -> bool:
        """Whether it is a role that any signed-in person asks for and, once confirmed, renews."""
        return self.role in self.ASKED_FOR

    def is_running(self, now: datetime) -> bool:
        return self.starts_at is not None and self.ends_at is not None and self.starts_at <= now < self.ends_at

    def covers_any(self, *, languages: Iterable[str] = (), regions: Iterable[str] = ()) -> bool:
        """Whether it covers one of these languages, or one of these regions."""
        return not set(self.languages).isdisjoint(languages) or not set(self.regions).isdisjoint(regions)
