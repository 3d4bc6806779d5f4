from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.accounts.models import User
from apps.resources import actions
from apps.resources.models import Resource


class Command(BaseCommand):
    help = "Make somebody a steward of a resource: steward mailing-list 'Alice (WMF)'"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("resource")
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        resource = Resource.objects.filter(slug=options["resource"]).first()
        person = User.objects.filter(username=options["username"]).first()
        if resource is None:
            known = ", ".join(Resource.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no resource {options['resource']!r}. There are: {known}.")
        if person is None:
            raise CommandError(f"Nobody called {options['username']!r} has signed in here yet.")
        actions.name_steward(resource, person=person, now=timezone.now())
        self.stdout.write(f"{person} is a steward of {resource}.")
