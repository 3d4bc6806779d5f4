"""Translations of what stands on the site, paragraph by paragraph, with the words that each was made from.

Pages read their texts from their own rows, by language; what is kept here says how they came about.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Translation(models.Model):
    """One paragraph in one language. A better one replaces it, and it stays as history.

    `digest` is that of the source it was made from: where the source of today has another one, it is outdated.
    """

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    part = models.CharField(max_length=60)
    language = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    source = models.TextField()
    text = models.TextField()
    # Both are empty for what came with a file of the catalogue.
    translated_at = models.DateTimeField(null=True)
    translated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "part", "language", "digest"],
                condition=Q(replaced_at=None),
                name="one_translation_of_each_paragraph",
            ),
            models.CheckConstraint(
                condition=Q(translated_at=None, translated_by=None)
                | Q(translated_at__isnull=False, translated_by__isnull=False),
                name="translated_at_with_translated_by",
            ),
        ]
        indexes = [
            models.Index(fields=["language", "kind"], condition=Q(replaced_at=None), name="translation_of_today")
        ]

    def __str__(self) -> str:
        return self.text[:60]
