"""What came of asking a machine, written down: in one short transaction, and only while it is still wanted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.deadlines.actions import cancel_deadline
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making
from apps.resources.actions.stuck import ask_stewards_for_hands
from apps.resources.deadlines import MAKE
from apps.resources.models import Job, ResourceRequest
from apps.resources.providers.protocol import Condition, Order, Place, ProviderError

Act, State = Job.Act, Job.State

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Outcome:
    """What came of asking a machine: what it was asked for, and its answer, or an error."""

    order: Order
    place: Place | None = None
    condition: Condition | None = None
    error: ProviderError | None = None


@transaction.atomic
def settle_job(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """Write down what a machine answered, if it is still wanted and nobody else has tried meanwhile.

    What was made and is not wanted any more is ended.
    """
    claimed_at, act = job.claimed_at, job.act
    job = making.held_job(job)
    is_mine = job.is_open and job.claimed_at == claimed_at
    if is_mine and outcome.error:
        _put_off(job, outcome.error, now=now)
    elif is_mine:
        DONE[Act(act)](job, outcome, now=now)
    elif outcome.place and not job.is_open and not _is_done_by_machine(job):
        _end_at_once(job, now=now)


def _is_done_by_machine(job: Job) -> bool:
    return job.state == State.DONE and job.done_by_id is None


@transaction.atomic
def keep_text(job: Job, text: str) -> None:
    """What was written there stays with the group. Noted before it is deleted there, so that no death loses it."""
    ResourceRequest.objects.filter(pk=job.request_id).update(kept_text=text)


def _put_off(job: Job, error: ProviderError, *, now: datetime) -> None:
    """Try again with growing delay, or after the wait that the machine itself named; what is final goes to people."""
    delay = min(FIRST_DELAY * 2 ** min(job.attempts - 1, 10), LONGEST_DELAY)
    if job.act == Act.LOOK:
        delay = making.LOOKS_EVERY
    job.wake_at, job.last_error, job.claimed_at = now + (error.retry_in or delay), str(error)[:300], None
    job.save()
    if error.is_final and job.state == State.DUE and job.act != Act.LOOK:
        cancel_deadline(MAKE, job, now=now)
        ask_stewards_for_hands(job, now=now)


def _made(job: Job, outcome: Outcome, *, now: datetime) -> None:
    request, was_stuck = job.request, job.state == State.STUCK
    assert outcome.place is not None
    making.close_job(job, State.DONE, now=now)
    # What a network made has a reference, by which it is told from what people made.
    making.keep_place(request, outcome.place, outcome.place.reference or {"key": job.key}, server=job.server)
    write(words.MADE, by=None, now=now, group=request.group, resource=request.resource)
    if was_stuck:
        making.tell_group(words.MADE_AFTER_ALL, job, now=now)
    if not queries.open_job(request, Act.LOOK):
        making.look_after(request, now=now)
    _tell_of_changes(request, outcome.order, now=now)


def _in_step(job: Job, outcome: Outcome, *, now: datetime) -> None:
    making.close_job(job, State.DONE, now=now)
    _tell_of_changes(job.request, outcome.order, now=now)


def _tell_of_changes(request: ResourceRequest, told: Order, *, now: datetime) -> None:
    """Who takes part may have changed while the machine was told."""
    if queries.order_for(request).participants != told.participants:
        making.keep_in_step(request, now=now)


def _looked(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """Somebody was there: noted. What is gone is made again. The last look tells whether nobody came at all."""
    request = job.request
    last_at = request.ends_at - making.LAST_LOOK if request.ends_at else now
    is_last = now >= last_at
    if outcome.condition == Condition.RUNNING:
        _note_seen(request, was_used=True, now=now)
    elif outcome.condition == Condition.MISSING:
        making.make_again(request, now=now)
    elif is_last and queries.was_ready_in_time(job, late_by=making.LOOKS_EVERY):
        _note_seen(request, was_used=False, now=now)
    if is_last:
        making.close_job(job, State.DONE, now=now)
        return
    # Not counted as tries: each of them came to its end.
    job.wake_at, job.claimed_at, job.attempts, job.last_error = min(now + making.LOOKS_EVERY, last_at), None, 0, ""
    job.save()


def _ended(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """It is over at the machine, too."""
    making.close_job(job, State.DONE, now=now)


DONE = {Act.MAKE: _made, Act.KEEP_IN_STEP: _in_step, Act.LOOK: _looked, Act.END: _ended}


def _end_at_once(job: Job, *, now: datetime) -> None:
    """The try is over that the end of it waited for; an end that came before it is repeated."""
    waiting = queries.open_jobs().filter(key=job.key, act=Act.END, server=job.server)
    if not waiting.filter(claimed_at=None).update(wake_at=now):
        making.end_what_is_left(job.request, resource=job.resource, key=job.key, server=job.server, now=now)


def _note_seen(request: ResourceRequest, *, was_used: bool, now: datetime) -> None:
    """Note whether anybody came, where a machine can tell; it overrules nobody who has said so.

    What counts twice from now on is told to the group, who can correct it.
    """
    if request.was_used is not None:
        return
    request.was_used, request.whose_word = was_used, ResourceRequest.Word.MACHINE
    request.save(update_fields=["was_used", "whose_word"])
    verb = words.TOOK_PLACE if was_used else words.NOBODY_CAME
    write(verb, by=None, now=now, group=request.group, resource=request.resource)
    if not was_used:
        write_letters(
            words.NOBODY_SEEN,
            to=coordinators_of(request.group),
            key=f"{request.pk}:seen",
            link=request.get_absolute_url(),
            now=now,
            group=request.group,
            resource=lambda: request.resource.name,
            purpose=request.purpose,
            starts_at=request.starts_at,
            until=request.noted_until,
        )
