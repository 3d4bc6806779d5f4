"""The public, append-only list of acts: verb and ids, no names and no free text.

Words are made when the record is read, in the reader's language, so a vanished person and a hidden
text stay vanished and hidden. A trigger in the database refuses every UPDATE of an act.
"""

from django.conf import settings
from django.db import models


class Act(models.Model):
    verb = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="record_newest_first")]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class Mention(models.Model):
    """One thing that an act is about, under the name that the verb's words use for it."""

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="mentions")
    name = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "name"], name="mention_once_per_name")]
        indexes = [models.Index(fields=["model", "object_id", "-act"], name="mention_by_subject")]

    def __str__(self) -> str:
        return f"{self.name}={self.model}:{self.object_id}"
