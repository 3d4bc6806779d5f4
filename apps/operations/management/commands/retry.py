from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.operations import actions, queries, words

ALL = "all"


class Command(BaseCommand):
    help = "Bring forward to now what failed and was put off or given up: retry [deadlines|letters|jobs|all] [--id N …]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=[*actions.RETRIES, ALL], default=ALL)
        parser.add_argument("--id", type=int, nargs="+", dest="ids", help="these alone, by their numbers")

    def handle(self, *args: Any, **options: Any) -> None:
        what, ids, now = options["what"], options["ids"], timezone.now()
        if ids and what == ALL:
            raise CommandError("Each of these has numbers of its own. Say which: retry deadlines --id 12")
        retried = actions.retry(actions.RETRIES if what == ALL else [what], ids=ids, by=None, now=now)
        self.stdout.write(retried.words)
        if retried.deadlines or retried.letters or retried.jobs:
            self.stdout.write(str(words.TRIED_SOON if queries.is_alive(now) else words.NOBODY_TRIES))
