"""Affiliates, and roles that people hold for a term."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Affiliate(models.Model):
    name = models.CharField(max_length=200, unique=True)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoleTerm(models.Model):
    """A role of a person for a term; it ends by itself, or earlier."""

    NAMED_BY = ("user",)

    class Role(models.TextChoices):
        REVIEWER = "reviewer", _("Reviewer")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_terms")
    role = models.CharField(max_length=20, choices=Role.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="role_term_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"
