from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.core.refused import Refused
from apps.deadlines import sweep


class Command(BaseCommand):
    help = (
        "Show what the clock would do by a time, without doing it; with --commit, do it. What is shown is done and "
        "taken back, so its rows are locked meanwhile (on SQLite everything is): rehearse far ahead on a restored copy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="a day (2027-03-01) or a time in UTC; today's by default")
        parser.add_argument("--commit", action="store_true", help="do it; with a future time only where DEMO is on")

    def handle(self, *args: Any, **options: Any) -> None:
        real_now = timezone.now()
        now = read_time(options["now"]) if options["now"] else real_now
        if not options["commit"]:
            self.show(now)
            return
        if now > real_now:
            try:
                sweep.refuse_future_commit(demo=settings.DEMO)
            except Refused as refusal:
                raise CommandError(refusal.sentence) from refusal
        self.stdout.write(f"{sweep.sweep(now=now)} acts done.")

    def show(self, until: datetime) -> None:
        steps = rehearse(until)
        for step in steps:
            means = f": {step.rule.silence_words(step.subject)}" if step.kind == "silence" else ""
            self.stdout.write(f"{step.at:%Y-%m-%d %H:%M}  {step.kind:8}  {step.rule.what(step.subject)}{means}")
        self.stdout.write(f"{len(steps)} acts by {until:%Y-%m-%d %H:%M} UTC. Nothing was done.")


def rehearse(until: datetime) -> list[sweep.Step]:
    """Rather leave out what the site is at work on than make it wait behind a wait of ours."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '300ms'; SET LOCAL statement_timeout = '30s'")
        return sweep.rehearse_sweep(until=until)


def read_time(text: str) -> datetime:
    """A time in UTC from a day or a time; a day means its end."""
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError:
        day = moment = None
    if day:
        return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    if moment:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise CommandError(f"--now {text} is not a day or time. Write 2027-03-01 or 2027-03-01T12:00.")
