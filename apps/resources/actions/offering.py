"""What is offered, and by whom."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.languages import in_each_language
from apps.record.actions import write
from apps.resources import words
from apps.resources.actions.using import State, _ask_stewards
from apps.resources.kinds import RESOURCE
from apps.resources.models import Resource
from apps.translations.actions import take_in
from apps.translations.kinds import with_language


@transaction.atomic
def load_resources(rows: list[dict[str, Any]]) -> int:
    """Bring the catalogue of resources up to date with its file; returns how many. Stewards stay as they are."""
    for position, row in enumerate(rows):
        Resource.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "position": position,
                "names": in_each_language(row, "name"),
                "lines": in_each_language(row, "line"),
                "descriptions": in_each_language(row, "description"),
                "data_places": in_each_language(row, "data") if "data" in row else {},
                "good_to_know": [
                    {"labels": in_each_language(fact, "label"), "texts": in_each_language(fact, "text")}
                    for fact in row["good_to_know"]
                ],
                **{
                    name: row[name]
                    for name in (
                        "kind",
                        "policy",
                        "provider",
                        "server",
                        "icon",
                        "capacity",
                        "max_hours",
                        "max_per_month",
                        "lasts_days",
                    )
                },
            },
        )
    take_in(RESOURCE, Resource.objects.all())
    return len(rows)


@RESOURCE.when_translated
def note_translation(resource: Resource, *, language: str, texts: dict[str, str], now: datetime | None = None) -> None:
    """Write what was translated where the pages read it."""
    resource.names = with_language(resource.names, language, texts["name"])
    resource.lines = with_language(resource.lines, language, texts["line"])
    resource.descriptions = with_language(resource.descriptions, language, texts["description"])
    resource.good_to_know = [
        {
            "labels": with_language(fact["labels"], language, texts[f"label:{place}"]),
            "texts": with_language(fact["texts"], language, texts[f"text:{place}"]),
        }
        for place, fact in enumerate(resource.good_to_know)
    ]
    resource.save(update_fields=["names", "lines", "descriptions", "good_to_know"])


@transaction.atomic
def name_steward(resource: Resource, *, person: User, now: datetime) -> None:
    """Make somebody a steward; wishes for this resource that nobody answered are put before them."""
    resource = Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    resource.stewards.add(person)
    write(words.STEWARD_NAMED, by=person, now=now, resource=resource)
    for request in resource.requests.filter(state=State.WANTED).select_related("resource", "group"):
        request.state, request.silent = State.ASKED, []
        request.save()
        _ask_stewards(request, now=now)
