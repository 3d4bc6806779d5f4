import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from apps.guidelines.actions import publish_version, take_in_translations
from apps.guidelines.models import Version
from apps.initiatives.actions import load_catalogue
from apps.people.actions import load_affiliates
from apps.resources.actions import load_resources


def read(app: str, name: str) -> Any:
    return json.loads((Path(apps.get_app_config(app).path) / "data" / name).read_text())


class Command(BaseCommand):
    help = "Load the movement's catalogue, the guidelines, the affiliates and the resources. Can be run again."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        initiatives = load_catalogue(read("initiatives", "catalogue.json"))
        guidelines = read("guidelines", "1.0.json")
        if not Version.objects.filter(number=guidelines["number"]).exists():
            publish_version(guidelines)
        take_in_translations()
        affiliates = load_affiliates(read("people", "affiliates.json"))
        resources = load_resources(read("resources", "resources.json"), now=timezone.now())
        self.stdout.write(f"{initiatives} initiatives, {affiliates} affiliates, {resources} resources.")
