"""What operators do: bring forward what failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db.models import BigIntegerField

from apps.accounts.models import User
from apps.deadlines.sweep import retry_deadlines
from apps.notifications.delivery import retry_letters
from apps.operations import words
from apps.operations.queries import DEADLINE, JOB, LETTER
from apps.resources.actions import retry_jobs

log = structlog.get_logger("apps.operations")

RETRIES = {DEADLINE: retry_deadlines, LETTER: retry_letters, JOB: retry_jobs}


@dataclass(frozen=True)
class Retried:
    """How many deadlines, letters and jobs of machines were brought forward."""

    deadlines: int = 0
    letters: int = 0
    jobs: int = 0

    @property
    def words(self) -> str:
        counts = [
            (self.deadlines, words.RETRIED_DEADLINES),
            (self.letters, words.RETRIED_LETTERS),
            (self.jobs, words.RETRIED_JOBS),
        ]
        sentences = [str(sentence % {"count": count}) for count, sentence in counts if count]
        return " ".join(sentences) or str(words.RETRIED_NOTHING)


def retry(
    what: Iterable[str] = (DEADLINE, LETTER, JOB), *, ids: Iterable[int] | None = None, by: User | None, now: datetime
) -> Retried:
    """Bring what was put off or given up forward to now, so that the next round tries it; all of it, or these.

    Refuses nothing: what is done meanwhile, or in a worker's hands, is left as it is, and a second click finds nothing.
    It is no act of the movement, so the log tells of it and not the record.
    """
    if ids is not None:
        ids = [pk for pk in ids if pk <= BigIntegerField.MAX_BIGINT]
    retried = Retried(**{name: RETRIES[name](ids, now=now) for name in what})
    about = {"deadlines": retried.deadlines, "letters": retried.letters, "jobs": retried.jobs}
    log.info("operations.retried", by=by.pk if by else None, **about)
    return retried
