"""Letters: one row for each act and person, read on the site and, where the person likes, sent by mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class Letter(models.Model):
    class Mail(models.TextChoices):
        NONE = "none"
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    language = models.CharField(max_length=20)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    link = models.CharField(max_length=500)
    link_words = models.CharField(max_length=100)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    mail = models.CharField(max_length=10, choices=Mail.choices)
    wake_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="letter_once_per_act_and_person"),
            models.CheckConstraint(
                condition=~Q(mail="queued") | Q(wake_at__isnull=False), name="queued_letter_has_a_time"
            ),
            models.CheckConstraint(condition=~Q(mail="sent") | Q(sent_at__isnull=False), name="sent_letter_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-written_at"], name="letter_of_person"),
            models.Index(fields=["wake_at"], condition=Q(mail="queued"), name="letter_to_send"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("notifications:letter", args=[self.pk])

    @property
    def paragraphs(self) -> list[str]:
        return self.body.split("\n\n")
