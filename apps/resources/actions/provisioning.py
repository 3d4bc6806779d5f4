"""Asking the machines: job by job, outside of any transaction, safe with any number of workers at once.

A worker claims one job for five minutes, asks, and writes the answer in a short transaction. One that is killed
meanwhile loses nothing: after the claim the job is tried again, and its key makes the repeat the same thing.
"""

import traceback
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from apps.resources import queries
from apps.resources.actions.outcomes import Outcome, keep_text, settle_job
from apps.resources.models import Job
from apps.resources.providers.protocol import Order, Place, Provider, ProviderError

log = structlog.get_logger("apps.resources")

Act = Job.Act
Clock = Callable[[], datetime]
# A few machines that hang take their time, and those after them still have theirs.
ROUND_LASTS = timedelta(seconds=60)


def provision(*, now: datetime, clock: Clock) -> int:
    """Do the jobs whose time has come; returns how many were done.

    A machine that does not answer is left alone for the rest of the round, and the others go on.
    """
    done, until, silent = 0, now + ROUND_LASTS, set[str]()
    while (at := clock()) < until and (job := claim_job(now=at, besides=silent)):
        outcome = _asked(job)
        settle_job(job, outcome, now=clock())
        if outcome.error is None:
            done += 1
        elif not outcome.error.is_final:
            silent.add(job.server)
        if outcome.error and outcome.error.retry_in:
            _leave_alone(job.server, until=clock() + outcome.error.retry_in)
    return done


@transaction.atomic
def _leave_alone(server: str, *, until: datetime) -> None:
    """A server named a wait: whatever it would be asked for before that waits, too, but for what is asked just now."""
    sooner = queries.jobs_of_machines().filter(server=server, wake_at__lt=until, claimed_at=None)
    if connection.features.has_select_for_update_skip_locked:
        # Whoever holds one decides about it now; nobody waits here, so that no two can wait for each other.
        sooner = sooner.select_for_update(skip_locked=True, no_key=True, of=("self",))
    Job.objects.filter(pk__in=list(sooner.values_list("pk", flat=True))).update(wake_at=until)


@transaction.atomic
def claim_job(*, now: datetime, besides: Collection[str] = ()) -> Job | None:
    """Take one job that is due, at another server than these, for as long as a claim lasts; None when there is none.

    The try is counted before it is made, so that a killed worker's try counts, too.
    """
    due = queries.due_jobs(now).exclude(server__in=besides)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, no_key=True, of=("self",))
    job = due.select_related("resource", "request__resource", "request__group", "request__asked_by").first()
    if job:
        job.claimed_at, job.wake_at, job.attempts = now, now + queries.CLAIM_LASTS, job.attempts + 1
        job.save(update_fields=["claimed_at", "wake_at", "attempts"])
    return job


def _asked(job: Job) -> Outcome:
    """Ask the machine. Whatever it does, or our own adapter fails at, comes back as an outcome."""
    order = queries.order_for(job.request, key=job.key)
    try:
        return ASKED[Act(job.act)](queries.machine_for(job), job, order, _place(job))
    except ProviderError as error:
        log.info("job.put_off", job=job.pk, act=job.act, server=job.server, error=str(error))
        return Outcome(order, error=error)
    except Exception as error:
        # Neither what it says nor what it holds: either can be an address with a secret in it.
        where = traceback.extract_tb(error.__traceback__)[-1]
        about = {"error": type(error).__name__, "where": f"{where.filename}:{where.lineno}"}
        log.error("job.failed", job=job.pk, act=job.act, server=job.server, **about)
        reason = f"This site made a mistake with what {job.server} answered ({type(error).__name__})."
        return Outcome(order, error=ProviderError(reason))


def _place(job: Job) -> Place:
    return queries.place_to_end(job) if job.act == Act.END else queries.place_of(job.request)


def _make(machine: Provider, job: Job, order: Order, place: Place) -> Outcome:
    return Outcome(order, place=machine.create(order))


def _keep_in_step(machine: Provider, job: Job, order: Order, place: Place) -> Outcome:
    machine.keep_in_step(order, place)
    return Outcome(order)


def _look(machine: Provider, job: Job, order: Order, place: Place) -> Outcome:
    return Outcome(order, condition=machine.check(order, place))


def _end(machine: Provider, job: Job, order: Order, place: Place) -> Outcome:
    if text := machine.text_to_keep(order, place):
        keep_text(job, text)
    machine.end(order, place)
    return Outcome(order)


ASKED = {Act.MAKE: _make, Act.KEEP_IN_STEP: _keep_in_step, Act.LOOK: _look, Act.END: _end}


def retry_jobs(ids: Iterable[int] | None = None, *, now: datetime) -> int:
    """Bring jobs that failed forward to now, all or these; returns how many. What a worker has in its hands is left."""
    put_off = queries.put_off_jobs().filter(wake_at__gt=now, claimed_at=None)
    if ids is not None:
        put_off = put_off.filter(pk__in=list(ids))
    return put_off.update(wake_at=now)
