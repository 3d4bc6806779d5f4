import sys
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils import timezone

from apps.notifications import actions
from apps.notifications.bounces import read_bounce

log = structlog.get_logger("apps.notifications")

TRY_AGAIN_LATER = 75  # EX_TEMPFAIL, as mail servers read it


class Command(BaseCommand):
    help = "Read a mail from standard input; if it reports that a letter never arrived, write to its address no more."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever stands in the mail, the mail server gets no error that it would answer with another mail."""
        mail = sys.stdin.buffer.read()
        try:
            self.stdout.write(self.take(mail))
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}", returncode=TRY_AGAIN_LATER) from error
        except Exception as error:
            log.exception("bounce.not_understood")
            self.stdout.write(f"This mail could not be understood ({error}). Nothing was done.")

    def take(self, mail: bytes) -> str:
        bounce = read_bounce(mail)
        if bounce is None:
            return "This mail reports no permanent failure. Nothing was done."
        if actions.note_bounce(bounce, now=timezone.now()):
            return "Letters to this address wait on the site from now on."
        return "It is about no letter of this site, or an address that is not written to any more. Nothing was done."
