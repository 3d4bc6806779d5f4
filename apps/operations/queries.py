"""Does the site work? Its processes, its clock, what waits to be done, and what failed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db.models import BigIntegerField, CharField, F, QuerySet, Value

from apps.core.dates import near_time
from apps.core.heartbeats import PROCESSES, Report, read
from apps.core.text import Words
from apps.deadlines.queries import DeadlineBacklog, deadline_backlog, oldest_due_deadline, put_off_deadlines
from apps.notifications.queries import (
    MAILINGS,
    LetterBacklog,
    given_up_letters,
    letter_backlogs,
    oldest_due_letter,
    put_off_letters,
)
from apps.operations import words
from apps.resources.queries import JobBacklog, job_backlog, oldest_due_job, put_off_jobs

log = structlog.get_logger("apps.operations")

# The clock comes round every ten seconds. A mailing of 100,000 takes its time.
LATE_AFTER = timedelta(minutes=1)
MAILING_LATE_AFTER = timedelta(hours=6)
JOBS_LATE_AFTER = timedelta(minutes=10)

ROUNDS = ("sweep", "deliver", "deliver_mailings", "deliver_digests", "provision", "reconcile")


@dataclass(frozen=True)
class News:
    """The newest report of one part, as far as the cache could be read; None when it never reported."""

    name: str
    report: Report | None
    now: datetime

    @property
    def at(self) -> datetime | None:
        return datetime.fromtimestamp(self.report.at, UTC) if self.report else None

    @property
    def age(self) -> float | None:
        return self.report.age(self.now.timestamp()) if self.report else None

    @property
    def is_alive(self) -> bool:
        return self.report is not None and self.report.is_alive(self.now.timestamp())

    @property
    def facts(self) -> dict[str, Any]:
        return self.report.facts if self.report else {}

    @property
    def words(self) -> Words:
        return words.PARTS[self.name]


def news(now: datetime) -> dict[str, News] | None:
    """What every process and round last reported; None when the cache does not answer."""
    try:
        seen = read((*PROCESSES, *ROUNDS))
    except Exception as error:
        log.warning("operations.no_cache", error=str(error))
        return None
    return {name: News(name, seen.get(name), now) for name in (*PROCESSES, *ROUNDS)}


@dataclass(frozen=True)
class Strays:
    """Things at one server with a name as this site gives them, that this site does not know."""

    server: str
    count: int
    keys: list[str]


def strays() -> list[Strays]:
    """What the last daily comparison left alone; none when the cache does not answer."""
    try:
        report = read(["strays"]).get("strays")
    except Exception as error:
        log.warning("operations.no_cache", error=str(error))
        return []
    found = report.facts["servers"] if report else {}
    return [Strays(server, about["count"], about["keys"]) for server, about in sorted(found.items())]


def is_alive(now: datetime) -> bool:
    """Whether every process is known to run."""
    found = news(now)
    return found is not None and all(found[name].is_alive for name in PROCESSES)


@dataclass(frozen=True)
class Backlog:
    """What waits to be done, at one moment; four queries."""

    now: datetime
    deadlines: DeadlineBacklog
    letters: dict[str, LetterBacklog]
    jobs: JobBacklog

    @property
    def letters_put_off(self) -> int:
        return sum(letters.put_off for letters in self.letters.values())

    @property
    def given_up(self) -> int:
        return sum(letters.given_up for letters in self.letters.values())

    @property
    def failures(self) -> int:
        return self.deadlines.put_off + self.letters_put_off + self.given_up + self.jobs.put_off

    @property
    def next_try_at(self) -> datetime | None:
        parts: list[DeadlineBacklog | LetterBacklog | JobBacklog] = [self.deadlines, *self.letters.values(), self.jobs]
        tries = [part.next_try_at for part in parts]
        return min((at for at in tries if at), default=None)

    @property
    def clock_is_late(self) -> bool:
        return self._is_late(self.deadlines.oldest_due_at, LATE_AFTER)

    @property
    def letters_are_late(self) -> bool:
        return any(
            self._is_late(letters.oldest_due_at, MAILING_LATE_AFTER if sort == MAILINGS else LATE_AFTER)
            for sort, letters in self.letters.items()
        )

    @property
    def machines_are_late(self) -> bool:
        """Put off, they are not due; a round that hangs at some machines takes a minute."""
        return self._is_late(self.jobs.oldest_due_at, JOBS_LATE_AFTER)

    def _is_late(self, oldest_due_at: datetime | None, after: timedelta) -> bool:
        return oldest_due_at is not None and self.now - oldest_due_at > after


def backlog(now: datetime) -> Backlog:
    return Backlog(now, deadline_backlog(now), letter_backlogs(now), job_backlog(now))


@dataclass(frozen=True)
class Oldest:
    """The row that waits longest of those whose time has come, by kind and id."""

    kind: str
    pk: int
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """A row of the table of what waits to be done."""

    words: Words
    total: int
    due: int
    put_off: int
    given_up: int | None
    oldest: Oldest | None


@dataclass(frozen=True)
class Operations:
    """All that the page says."""

    now: datetime
    news: dict[str, News] | None
    backlog: Backlog

    @property
    def processes(self) -> list[News]:
        return [self.news[name] for name in PROCESSES] if self.news else []

    @property
    def rounds(self) -> list[News]:
        return [self.news[name] for name in ROUNDS] if self.news else []

    @property
    def dead(self) -> list[News]:
        return [process for process in self.processes if not process.is_alive]

    @property
    def headline(self) -> str:
        """What does not run, what could not be done and what is late, or that all is well."""
        sentences = [*self._what_is_dead(), *self._what_failed(), *self._what_is_late()]
        return " ".join(sentences) or str(words.ALL_WELL)

    def _what_is_dead(self) -> list[str]:
        if self.news is None:
            return [str(words.NOBODY_KNOWS)]
        return _counted((len(self.dead), words.DEAD))

    def _what_failed(self) -> list[str]:
        failed = _counted(
            (self.backlog.deadlines.put_off, words.DEADLINES_PUT_OFF),
            (self.backlog.letters_put_off, words.LETTERS_PUT_OFF),
            (self.backlog.given_up, words.GIVEN_UP),
            (self.backlog.jobs.put_off, words.JOBS_PUT_OFF),
        )
        at = self.backlog.next_try_at
        if at is None:
            return failed
        if at <= self.now:
            return [*failed, str(words.NEXT_TRY_SOON)]
        return [*failed, str(words.NEXT_TRY) % {"time": near_time(at, self.now)}]

    def _what_is_late(self) -> list[str]:
        late = [
            (self.backlog.clock_is_late, words.CLOCK_LATE),
            (self.backlog.letters_are_late, words.DELIVERY_LATE),
            (self.backlog.machines_are_late, words.MACHINES_LATE),
        ]
        return [str(sentence) for is_late, sentence in late if is_late]


def _counted(*counts: tuple[int, Any]) -> list[str]:
    return [str(sentence % {"count": count}) for count, sentence in counts if count]


def operations(now: datetime) -> Operations:
    return Operations(now, news(now), backlog(now))


def waiting_rows(found: Backlog) -> list[Waiting]:
    """One row a sort: open deadlines, then letters, then what machines have to do."""
    row, deadline = found.deadlines, oldest_due_deadline(found.now)
    oldest = Oldest(deadline.rule, deadline.subject_id, deadline.wake_at) if deadline else None
    deadlines = Waiting(words.SORTS["deadlines"], row.open, row.due, row.put_off, None, oldest)
    letters = [_letters_waiting(letters, found.now) for letters in found.letters.values()]
    return [deadlines, *letters, _jobs_waiting(found.jobs, found.now)]


def _jobs_waiting(row: JobBacklog, now: datetime) -> Waiting:
    job = oldest_due_job(now)
    oldest = Oldest(f"resources.{job.act}", job.pk, job.wake_at) if job else None
    return Waiting(words.SORTS["jobs"], row.open, row.due, row.put_off, None, oldest)


def _letters_waiting(row: LetterBacklog, now: datetime) -> Waiting:
    letter = oldest_due_letter(now, sort=row.sort)
    oldest = Oldest(letter.notice.kind, letter.pk, letter.wake_at) if letter and letter.wake_at else None
    return Waiting(words.SORTS[row.sort], row.queued, row.due, row.put_off, row.given_up, oldest)


# What failed

DEADLINE, LETTER, JOB = "deadlines", "letters", "jobs"


@dataclass(frozen=True)
class Failure:
    """Something that was tried and failed: a rung of a deadline, a letter, or what a machine has to do; never whose."""

    what: str
    pk: int
    name: str
    subject_id: int
    attempts: int
    error: str
    wake_at: datetime | None

    @property
    def reason(self) -> str:
        """As the mail server or the code said it, without the addresses that mail servers like to repeat."""
        return ADDRESS.sub("…", self.error)


ADDRESS = re.compile(r"[^\s'\"<>(){}\[\],;:]+@[^\s'\"<>(){}\[\],;:]+")
COLUMNS = ("what", "pk", "name", "subject_id", "attempts", "error", "wake_at")


def failures() -> QuerySet[Any, tuple[Any, ...]]:
    """Deadlines, letters and jobs that failed, as rows for `failures_of`; what is tried next comes first."""
    rows = _deadline_rows().union(_letter_rows(), _job_rows(), all=True)
    return rows.order_by(F("wake_at").asc(nulls_last=True), "what", "pk")


def _deadline_rows() -> QuerySet[Any, Any]:
    what, name = Value(DEADLINE, CharField()), F("rule")
    return put_off_deadlines().order_by().annotate(what=what, name=name, error=F("last_error")).values_list(*COLUMNS)


def _letter_rows() -> QuerySet[Any, Any]:
    letters = put_off_letters().order_by() | given_up_letters().order_by()
    about = {"what": Value(LETTER, CharField()), "name": F("notice__kind"), "subject_id": Value(0, BigIntegerField())}
    return letters.annotate(**about, error=F("last_error")).values_list(*COLUMNS)


def _job_rows() -> QuerySet[Any, Any]:
    about = {"what": Value(JOB, CharField()), "name": F("act"), "subject_id": F("request_id")}
    return put_off_jobs().order_by().annotate(**about, error=F("last_error")).values_list(*COLUMNS)


def failures_of(rows: Iterable[tuple[Any, ...]]) -> list[Failure]:
    return [Failure(*row) for row in rows]
