"""What machines have to do for requests: opened here, noted here when it is done, and handed to people when it is not.

No machine is asked here but those that need no network; asking the others is in provisioning.py.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.core.sealed import seal, unseal
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups.models import Group
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.deadlines import MAKE, MAKE_BY_HAND
from apps.resources.models import Job, Resource, ResourceRequest
from apps.resources.providers.protocol import Condition, Order, Place, Provider, ProviderError

Act, State = Job.Act, Job.State

# For this long the machine is asked; then people are.
ASKED_FOR = timedelta(hours=1)
# What is made shortly before its start is handed to people at the start, unless that leaves the machine less than this.
ASKED_AT_LEAST = timedelta(minutes=10)
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
# While a booking runs, this often somebody looks whether anybody is there.
LOOKS_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """What came of asking a machine: what it was asked for, and its answer, or an error."""

    order: Order
    place: Place | None = None
    text: str = ""
    condition: Condition | None = None
    error: ProviderError | None = None


# --- Opening ----------------------------------------------------------------------------------


def begin(request: ResourceRequest, *, now: datetime) -> None:
    """Have it made, for a request that was just given: at once where an address alone makes it, or else by a job.

    What is booked is made shortly before its start, where its machine says so. Does nothing for what people make.
    """
    if not request.resource.is_made_by_a_machine or request.address:
        return
    machine = _known_machine(request.resource)
    if machine and not machine.needs_network:
        _keep_place(request, machine.create(queries.order_for(request)), {})
    else:
        _open_job(request, Act.MAKE, wake_at=_making_at(request, machine, now), now=now)


def finish(request: ResourceRequest, *, now: datetime) -> None:
    """The use is over, or its wish goes on: end what was made, also what may have been made, and void what is undone.

    Forgets the address, so that nobody finds the next group in it.
    """
    undone, place = _undone_jobs(request), _sealed_place(request)
    make = undone.get(Act.MAKE)
    request.address = request.reference = ""
    end_at = _end_at(make, now) if make else now
    for job in undone.values():
        _void(job, request, now=now)
    if place or (make and make.attempts):
        end_what_is_left(request, resource=request.resource, key=request.key, place=place, now=now, wake_at=end_at)


def _undone_jobs(request: ResourceRequest) -> dict[str, Job]:
    """Its open jobs but the one that ends it, by their act; held, so that no worker begins one meanwhile."""
    jobs = queries.open_jobs().filter(key=request.key).exclude(act=Act.END).select_for_update(no_key=True, of=("self",))
    return {job.act: job for job in jobs.select_related("resource")}


def _end_at(make: Job, now: datetime) -> datetime:
    """A try that is under way would make it after its end; so the end waits until nobody can be at it any more."""
    return max(now, make.claimed_at + queries.CLAIM_LASTS) if make.claimed_at else now


def follow_times(request: ResourceRequest, *, now: datetime) -> None:
    """A booking got other times: what is not made yet is made in time for them."""
    job = queries.open_job(request, Act.MAKE)
    if job is None or job.attempts:
        return
    _void(job, request, now=now)
    begin(request, now=now)


def follow_members(group: Group, *, now: datetime) -> None:
    """Somebody of the group came, left, or coordinates: its mailing lists are brought in step."""
    lists = group.resource_requests.filter(
        resource__provider=Resource.Provider.MAILMAN, state__in=ResourceRequest.HELD
    ).exclude(reference="")
    for request in lists.select_related("resource", "group"):
        keep_in_step(request, now=now)


def keep_in_step(request: ResourceRequest, *, now: datetime) -> bool:
    """Have the machine told who takes part, as it is when it is told; False when it is to be told already."""
    return _open_once(request, Act.KEEP_IN_STEP, now=now)


def make_again(request: ResourceRequest, *, now: datetime) -> bool:
    """It is gone from its machine though the group has it: make it again, under the same key."""
    return _open_once(request, Act.MAKE, now=now)


def _open_once(request: ResourceRequest, act: Job.Act, *, now: datetime) -> bool:
    if queries.open_job(request, act):
        return False
    _open_job(request, act, wake_at=now, now=now)
    return True


def end_what_is_left(
    request: ResourceRequest,
    *,
    resource: Resource,
    key: str,
    now: datetime,
    place: str = "",
    wake_at: datetime | None = None,
) -> bool:
    """Something stands, or may stand, at a machine that nobody has any more: end it; False when that is under way."""
    if queries.open_jobs().filter(key=key, act=Act.END).exists():
        return False
    about = {"resource": resource, "key": key, "place": place}
    _open_job(request, Act.END, wake_at=wake_at or now, now=now, **about)
    return True


def _known_machine(resource: Resource) -> Provider | None:
    """None when the settings name no such server: then a job says so, to its stewards."""
    try:
        return queries.machine_of(resource)
    except ProviderError:
        return None


def _making_at(request: ResourceRequest, machine: Provider | None, now: datetime) -> datetime:
    lead_time = machine.lead_time if machine else None
    if lead_time is None or request.starts_at is None or not request.resource.is_booked_by_time:
        return now
    return max(now, request.starts_at - lead_time)


def _open_job(request: ResourceRequest, act: Job.Act, *, wake_at: datetime, now: datetime, **about: Any) -> Job:
    job = Job.objects.create(
        **{"request": request, "resource": request.resource, "key": request.key, **about},
        act=act,
        opened_at=now,
        wake_at=wake_at,
    )
    open_deadline(MAKE, job, now=now, ends_at=_asked_until(job))
    return job


def _asked_until(job: Job) -> datetime:
    until, starts_at = job.wake_at + ASKED_FOR, job.request.starts_at
    if job.act == Act.LOOK and job.request.ends_at:
        return max(job.request.ends_at, until)
    is_booked = job.act == Act.MAKE and job.request.resource.is_booked_by_time
    if is_booked and starts_at and job.wake_at + ASKED_AT_LEAST <= starts_at < until:
        return starts_at
    return until


def _void(job: Job, request: ResourceRequest, *, now: datetime) -> None:
    was_stuck = job.state == State.STUCK
    close_job(job, State.VOID, now=now)
    if job.act == Act.MAKE and was_stuck and request.state == ResourceRequest.State.RETURNED:
        tell_group(words.NEVER_MADE, job, now=now)


def close_job(job: Job, state: Job.State, *, now: datetime) -> None:
    """Close it with its waits: answered when it is done, without a point when it is not."""
    job.state, job.closed_at, job.claimed_at = state, now, None
    job.save()
    for rule in (MAKE, MAKE_BY_HAND):
        if state == State.DONE:
            meet_deadline(rule, job, now=now, outcome="by hand" if job.done_by_id else "done")
        else:
            cancel_deadline(rule, job, now=now)


def _sealed_place(request: ResourceRequest) -> str:
    return seal(json.dumps({"address": request.address, "reference": request.reference})) if request.reference else ""


def place_in(job: Job) -> Place:
    """Where what has to be ended is; empty when nobody knows, and the key alone has to do."""
    found = json.loads(unseal(job.place) or "{}")
    return Place(found.get("address", ""), queries.opened(found.get("reference", "")))


# --- Noting what came of it -------------------------------------------------------------------


@transaction.atomic
def settle_job(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """Write down what a machine answered, if it is still wanted and nobody else has tried meanwhile.

    What was made and is not wanted any more is ended.
    """
    claimed_at, act = job.claimed_at, job.act
    job = held_job(job)
    is_mine = job.is_open and job.claimed_at == claimed_at
    if is_mine and outcome.error:
        _put_off(job, outcome.error, now=now)
    elif is_mine:
        DONE[Act(act)](job, outcome, now=now)
    elif outcome.place and not job.is_open and not _is_done_by_machine(job):
        _end_at_once(job, now=now)


def _is_done_by_machine(job: Job) -> bool:
    return job.state == State.DONE and job.done_by_id is None


def held_job(job: Job) -> Job:
    """The resource, the request, then the job, held in this order everywhere."""
    Resource.objects.select_for_update(no_key=True).get(pk=job.request.resource_id)
    ResourceRequest.objects.select_for_update(no_key=True).get(pk=job.request_id)
    return (
        Job.objects.select_for_update(of=("self",), no_key=True)
        .select_related("resource", "request__resource", "request__group", "request__asked_by")
        .get(pk=job.pk)
    )


def _put_off(job: Job, error: ProviderError, *, now: datetime) -> None:
    """Try again with growing delay, or after the wait that the machine itself named; what is final goes to people."""
    delay = min(FIRST_DELAY * 2 ** min(job.attempts - 1, 10), LONGEST_DELAY)
    if job.act == Act.LOOK:
        delay = LOOKS_EVERY
    job.wake_at, job.last_error, job.claimed_at = now + (error.retry_in or delay), str(error)[:300], None
    job.save()
    if error.is_final and job.state == State.DUE and job.act != Act.LOOK:
        cancel_deadline(MAKE, job, now=now)
        _ask_stewards(job, now=now)


def _made(job: Job, outcome: Outcome, *, now: datetime) -> None:
    request, was_stuck = job.request, job.state == State.STUCK
    assert outcome.place is not None
    close_job(job, State.DONE, now=now)
    # What a network made has a reference, by which it is told from what people made.
    _keep_place(request, outcome.place, outcome.place.reference or {"key": job.key})
    write(words.MADE, by=None, now=now, group=request.group, resource=request.resource)
    if was_stuck:
        tell_group(words.MADE_AFTER_ALL, job, now=now)
    if request.resource.is_booked_by_time and request.starts_at and not queries.open_job(request, Act.LOOK):
        _open_job(request, Act.LOOK, wake_at=max(now, request.starts_at) + LOOKS_EVERY, now=now)
    _tell_of_changes(request, outcome.order, now=now)


def _in_step(job: Job, outcome: Outcome, *, now: datetime) -> None:
    close_job(job, State.DONE, now=now)
    _tell_of_changes(job.request, outcome.order, now=now)


def _tell_of_changes(request: ResourceRequest, told: Order, *, now: datetime) -> None:
    """Who takes part may have changed while the machine was told."""
    if queries.order_for(request).participants != told.participants:
        keep_in_step(request, now=now)


def _looked(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """Somebody is there: noted, and nobody looks again. What is gone is made again."""
    request = job.request
    if outcome.condition == Condition.RUNNING:
        _note_seen(request, was_used=True, now=now)
        close_job(job, State.DONE, now=now)
        return
    if outcome.condition == Condition.MISSING:
        make_again(request, now=now)
    # Not counted as tries: each of them came to its end.
    job.wake_at, job.claimed_at, job.attempts, job.last_error = now + LOOKS_EVERY, None, 0, ""
    job.save()
    if request.ends_at and job.wake_at >= request.ends_at:
        _note_seen(request, was_used=False, now=now)
        close_job(job, State.DONE, now=now)


def _ended(job: Job, outcome: Outcome, *, now: datetime) -> None:
    """It is over at the machine, too; what was written there stays with the group."""
    if outcome.text:
        job.request.kept_text = outcome.text
        job.request.save(update_fields=["kept_text"])
    close_job(job, State.DONE, now=now)


DONE = {Act.MAKE: _made, Act.KEEP_IN_STEP: _in_step, Act.LOOK: _looked, Act.END: _ended}


def _end_at_once(job: Job, *, now: datetime) -> None:
    """The try is over that the end of it waited for; an end that came before it is repeated."""
    waiting = queries.open_jobs().filter(key=job.key, act=Act.END)
    if not waiting.filter(claimed_at=None).update(wake_at=now):
        end_what_is_left(job.request, resource=job.resource, key=job.key, now=now)


def _keep_place(request: ResourceRequest, place: Place, reference: Mapping[str, str]) -> None:
    """The address that the group may share, and what only its machine has to know, sealed.

    An address that is the machine's own leads nobody anywhere: then each person gets one of their own.
    """
    is_shared = place.address != queries.server_address_of(request.resource)
    request.address = place.address if is_shared else ""
    request.reference = seal(json.dumps(dict(reference))) if reference else ""
    request.save(update_fields=["address", "reference"])


def _note_seen(request: ResourceRequest, *, was_used: bool, now: datetime) -> None:
    """Note whether anybody came, where a machine can tell; it overrules nobody who has said so.

    What counts twice from now on is told to the group, as it is when a person says it.
    """
    if request.was_used is not None:
        return
    request.was_used = was_used
    request.save(update_fields=["was_used"])
    verb = words.TOOK_PLACE if was_used else words.NOBODY_CAME
    write(verb, by=None, now=now, group=request.group, resource=request.resource)
    if not was_used:
        write_letters(
            words.NOBODY_CAME_LETTER,
            to=coordinators_of(request.group),
            key=f"{request.pk}:seen",
            link=request.get_absolute_url(),
            now=now,
            group=request.group,
            resource=lambda: request.resource.name,
            purpose=request.purpose,
            starts_at=request.starts_at,
        )


# --- When the machine does not do it ------------------------------------------------------------


@MAKE.when_silent
@transaction.atomic
def ask_stewards_after_silence(job: Job, *, now: datetime) -> None:
    """The machine was asked for an hour, in vain: the stewards are asked. It is tried on meanwhile."""
    job = held_job(job)
    if job.act == Act.LOOK:
        close_job(job, State.VOID, now=now)
    elif job.state == State.DUE:
        _ask_stewards(job, now=now)


def _ask_stewards(job: Job, *, now: datetime) -> None:
    job.state = State.STUCK
    job.save(update_fields=["state"])
    deadline = open_deadline(MAKE_BY_HAND, job, now=now)
    write(words.STUCK, by=None, now=now, group=job.request.group, resource=job.resource)
    write_letters(
        words.STEWARDS_ASKED_FOR_HANDS,
        to=queries.stewards_of(job.resource),
        key=str(deadline.pk),
        link=job.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=job.request.group,
        resource=lambda: job.resource.name,
        act=lambda: job.get_act_display(),
        error=job.last_error or words.NOBODY_ASKED,
        due_at=deadline.due_at,
        silence_at=MAKE_BY_HAND.rung_times(now, None)[-1][2],
        silence=lambda: MAKE_BY_HAND.silence_words(job),
    )
    if job.act == Act.MAKE:
        tell_group(words.NOT_MADE_YET, job, now=now, due_at=deadline.due_at)


def tell_group(kind: words.LetterKind, job: Job, *, now: datetime, **more: Any) -> None:
    request = job.request
    write_letters(
        kind,
        to=coordinators_of(request.group),
        key=f"{job.pk}",
        link=request.get_absolute_url(),
        now=now,
        group=request.group,
        resource=lambda: job.resource.name,
        purpose=request.purpose,
        **more,
    )


# --- For operators ------------------------------------------------------------------------------


def retry_jobs(ids: Iterable[int] | None = None, *, now: datetime) -> int:
    """Bring jobs that failed forward to now, all or these; returns how many. What a worker has in its hands is left."""
    put_off = queries.put_off_jobs().filter(wake_at__gt=now, claimed_at=None)
    if ids is not None:
        put_off = put_off.filter(pk__in=list(ids))
    return put_off.update(wake_at=now)
