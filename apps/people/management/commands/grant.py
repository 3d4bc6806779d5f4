from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from apps.accounts.models import User
from apps.core.languages import all_languages, regions
from apps.core.refused import Refused
from apps.people import actions
from apps.people.models import RoleTerm
from apps.people.queries import recommendations


class Command(BaseCommand):
    help = (
        "Grant a role to somebody who has signed in once: grant reviewer 'Alice (WMF)' --until 2027-06-30, "
        "grant liaison Amina --language sw --region ssa"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=RoleTerm.Role.values)
        parser.add_argument("username")
        parser.add_argument("--until", help="the last day of the term; twelve months from now by default")
        parser.add_argument("--language", action="append", default=[], help="a language that it covers, by its code")
        parser.add_argument("--region", action="append", default=[], choices=list(regions()), help="a region")
        parser.add_argument("--recommendation", action="append", default=[], type=int, help="for facilitators")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"Nobody called {options['username']!r} has signed in here yet.")
        day = parse_date(options["until"]) if options["until"] else (now + timedelta(days=365)).date()
        if day is None:
            raise CommandError(f"--until {options['until']} is not a day. Write 2027-06-30.")
        until = datetime.combine(day, time(23, 59, 59), UTC)
        try:
            actions.grant_role(person, role=options["role"], until=until, by=None, now=now, **covers(options))
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{person} is {options['role']} until {day}.")


def covers(options: dict[str, Any]) -> dict[str, Any]:
    """What the role covers; a code that is no language, or a number that is no recommendation, is refused."""
    for code in options["language"]:
        if code not in all_languages():
            raise CommandError(f"--language {code} is not the code of a language.")
    for number in options["recommendation"]:
        if number not in recommendations():
            raise CommandError(f"There is no recommendation {number}.")
    return {
        "languages": options["language"],
        "regions": options["region"],
        "recommendations": options["recommendation"],
    }
