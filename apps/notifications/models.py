"""Notices and letters: what is told, once for each act; and each person's copy of it.

A letter is read on the site and, as the person likes, goes by mail: at once, in the morning or in a digest.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, override

from apps.core.dates import day, day_and_time


class Notice(models.Model):
    """What is told, in the words of every language in which somebody gets it.

    `words` holds subject, body and the words of the link by language. Times in them stay open as
    `%(due_at)s`, since each reader has a zone of their own; `times` holds them. A notice that the sweep writes has
    no words, times or link until `put_into_words` gives it all three, when somebody first reads or is sent it.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=180, unique=True)
    words = models.JSONField(default=dict)
    times = models.JSONField(default=dict)
    link = models.TextField(blank=True)
    # The deadline that it asks for, by id: once that is met, the letter need not leave.
    deadline_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    # Until then it can be recalled, or the act be undone; the same time for those that leave at once.
    leaves_at = models.DateTimeField()
    recalled_at = models.DateTimeField(null=True)
    # When the first letter of those that can be recalled was taken to be sent; from then on it is too late.
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(leaves_at__gte=F("written_at")), name="notice_leaves_after_it_was_written"
            ),
            models.CheckConstraint(
                condition=Q(recalled_at=None) | Q(left_at=None), name="recalled_notice_has_not_left"
            ),
        ]
        indexes = [models.Index(fields=["by", "-written_at"], condition=Q(by__isnull=False), name="notice_by_person")]

    def __str__(self) -> str:
        return self.key

    @property
    def subject(self) -> str:
        return self.filled(get_language() or "en")[0]

    def filled(self, language: str) -> tuple[str, str, str]:
        """Subject, body and words of the link, with the times in the active zone; days in the subject."""
        if not self.words:
            raise ValueError(f"Notice {self.pk} has no words yet: put_into_words gives it some.")
        subject, body, link_words = self.words.get(language) or next(iter(self.words.values()))
        with override(language):
            return subject % Moments(self.times, day), body % Moments(self.times, day_and_time), link_words


class Moments(Mapping[str, str]):
    """Times by their names, each put into words when it is asked for."""

    def __init__(self, times: dict[str, str], in_words: Callable[[datetime], str]) -> None:
        self.times, self.in_words = times, in_words

    def __getitem__(self, name: str) -> str:
        return self.in_words(datetime.fromisoformat(self.times[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.times)

    def __len__(self) -> int:
        return len(self.times)


class Letter(models.Model):
    """One person's copy of a notice."""

    class Mail(models.TextChoices):
        NONE = "none"
        QUEUED = "queued"
        DIGEST = "digest"
        SENT = "sent"
        FAILED = "failed"

    WAITS_TO_LEAVE = (Mail.QUEUED, Mail.DIGEST)

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="letters")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    language = models.CharField(max_length=20)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    mail = models.CharField(max_length=10, choices=Mail.choices)
    is_bulk = models.BooleanField(default=False)
    wake_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "recipient"], name="letter_once_per_act_and_person"),
            models.CheckConstraint(
                condition=~Q(mail__in=["queued", "digest"]) | Q(wake_at__isnull=False),
                name="waiting_letter_has_a_time",
            ),
            models.CheckConstraint(condition=~Q(mail="sent") | Q(sent_at__isnull=False), name="sent_letter_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-written_at"], name="letter_of_person"),
            models.Index(fields=["is_bulk", "wake_at"], condition=Q(mail="queued"), name="letter_to_send"),
            models.Index(fields=["wake_at", "recipient"], condition=Q(mail="digest"), name="letter_to_bundle"),
            models.Index(fields=["is_bulk"], condition=Q(mail="failed"), name="letter_given_up"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("notifications:letter", args=[self.pk])

    @property
    def subject(self) -> str:
        return self.notice.filled(self.language)[0]

    @property
    def body(self) -> str:
        return self.notice.filled(self.language)[1]

    @property
    def paragraphs(self) -> list[str]:
        return self.body.split("\n\n")

    @property
    def link_words(self) -> str:
        return self.notice.filled(self.language)[2]
