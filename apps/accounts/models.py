"""People: a Wikimedia account, and a staff sign-in that may be linked to it."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.languages import first_spoken

STAFF_SIGN_IN_LASTS = timedelta(days=30)


class User(AbstractBaseUser):
    """A person, known by the id of their central Wikimedia account; the name may change, the id never."""

    class Theme(models.TextChoices):
        AUTO = "", _("As my device")
        LIGHT = "theme-light", _("Light")
        DARK = "theme-dark", _("Dark")

    class Mail(models.TextChoices):
        AT_ONCE = "at_once", _("By mail, each by itself")
        DAILY = "daily", _("By mail, once a day")
        WEEKLY = "weekly", _("By mail, once a week")
        SITE = "site", _("On the site only")

    # Null, not "", for example people: several of them have none.
    wikimedia_id = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001
    username = models.CharField(max_length=255, unique=True)
    email = models.EmailField(blank=True)
    mail = models.CharField(max_length=10, choices=Mail.choices, default=Mail.AT_ONCE)
    # What differs from `mail`, by the name of the kind of letter.
    mail_by_kind = models.JSONField(default=dict, blank=True)
    # Letters came back: until the person tries again, or has another address, they wait on the site only.
    mail_paused_at = models.DateTimeField(null=True)
    mail_paused_why = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=20, default="en")
    # Where the site does not speak `language`: these, in this order, then `languages`.
    fallbacks = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    region = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    theme = models.CharField(max_length=12, choices=Theme.choices, default=Theme.AUTO, blank=True)
    # The secret in the address of the person's calendar feed. Null, not "", for everybody without one.
    calendar_key = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    blocked_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(default=timezone.now)
    is_example = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_active = True

    objects = BaseUserManager()

    def __str__(self) -> str:
        return self.username

    def mail_for(self, kind: str) -> str:
        """How letters of this kind reach the person."""
        chosen: str = self.mail_by_kind.get(kind, self.mail)
        return chosen if self.email and not self.mail_paused_at else self.Mail.SITE

    @property
    def spoken_language(self) -> str:
        """The first of the person's languages that the site speaks; "" if it speaks none."""
        return first_spoken((self.language, *self.fallbacks, *self.languages))

    @property
    def reads(self) -> set[str]:
        """The languages in which the person can be written to and judge what others wrote."""
        return {self.language, *self.fallbacks, *self.languages}

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None


class StaffIdentity(models.Model):
    """A staff sign-in, matched on issuer and subject and linked once to a Wikimedia account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="staff_identity")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    is_reviewer = models.BooleanField(default=False)
    linked_at = models.DateTimeField()
    last_signed_in_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="staff_identity_linked_once")]

    def __str__(self) -> str:
        return f"{self.subject} @ {self.issuer}"


def valid_staff_reviewers(now: datetime) -> Q:
    """Staff identities that make a reviewer: in the directory group, signed in within 30 days."""
    return Q(is_reviewer=True, last_signed_in_at__gt=now - STAFF_SIGN_IN_LASTS)
