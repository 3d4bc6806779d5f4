"""The catalogue as its file has it."""

from typing import Any

from django.db import transaction

from apps.core.languages import in_each_language
from apps.initiatives.models import Initiative, Recommendation


@transaction.atomic
def load_catalogue(data: dict[str, Any]) -> int:
    """Bring the catalogue of recommendations and initiatives up to date with its file; returns how many."""
    by_number = {}
    for row in data["recommendations"]:
        by_number[row["number"]], _new = Recommendation.objects.update_or_create(
            number=row["number"],
            defaults={"titles": in_each_language(row, "title"), "meta_page": row["meta_page"]},
        )
    for row in data["initiatives"]:
        Initiative.objects.update_or_create(
            number=row["number"],
            defaults={
                "recommendation": by_number[row["recommendation"]],
                "titles": in_each_language(row, "title"),
                "summaries": in_each_language(row, "summary"),
                "title_verified": row["title_verified"],
                "meta_page": row["meta_page"] or "",
            },
        )
    return len(data["initiatives"])
