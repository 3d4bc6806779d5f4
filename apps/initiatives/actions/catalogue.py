"""The catalogue as its file has it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core.languages import in_each_language
from apps.initiatives.kinds import INITIATIVE
from apps.initiatives.models import Initiative, Recommendation
from apps.translations.actions import take_in
from apps.translations.kinds import with_language


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
    take_in(INITIATIVE, Initiative.objects.all())
    return len(data["initiatives"])


@INITIATIVE.when_translated
def note_translation(
    initiative: Initiative, *, language: str, texts: dict[str, str], now: datetime | None = None
) -> None:
    """Write what was translated where the pages read it."""
    initiative.titles = with_language(initiative.titles, language, texts["title"])
    initiative.summaries = with_language(initiative.summaries, language, texts["summary"])
    initiative.save(update_fields=["titles", "summaries"])
