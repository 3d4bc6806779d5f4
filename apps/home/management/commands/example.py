from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.core.refused import Refused
from apps.home.example import load_example, remove_example
from apps.home.management.commands.catalogue import read


class Command(BaseCommand):
    help = "Load the example people, groups and acts; with --remove, take them away again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove the example and all that hangs on it")
        parser.add_argument("--if-missing", action="store_true", help="do nothing when it is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"{remove_example()} example people removed, with all they did.")
            return
        if not settings.DEMO:
            raise CommandError("The example is loaded where DEMO=1 alone.")
        try:
            count = load_example(read("home", "example.json"), now=timezone.now())
        except Refused as refusal:
            if not options["if_missing"]:
                raise CommandError(refusal.sentence) from refusal
            return
        self.stdout.write(f"The example is there: {count} acts.")
