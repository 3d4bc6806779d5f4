"""When a machine does not do it, or none can: its stewards are asked, and the group is told."""

from datetime import datetime

from django.db import transaction

from apps.deadlines.actions import open_deadline
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making
from apps.resources.deadlines import MAKE, MAKE_BY_HAND
from apps.resources.models import Job, Resource, ResourceRequest

Act, State = Job.Act, Job.State
HANDS_FOR = {
    Act.MAKE: words.STEWARDS_ASKED_FOR_HANDS,
    Act.KEEP_IN_STEP: words.HANDS_FOR_ITS_PEOPLE,
    Act.END: words.HANDS_FOR_ITS_END,
}


@MAKE.when_silent
@transaction.atomic
def ask_stewards_after_silence(job: Job, *, now: datetime) -> None:
    """The machine was asked for an hour, in vain: the stewards are asked. It is tried on meanwhile."""
    job = making.held_job(job)
    if job.act == Act.LOOK:
        making.close_job(job, State.VOID, now=now)
    elif job.state == State.DUE:
        ask_stewards_for_hands(job, now=now)


def what_people_end(request: ResourceRequest, *, now: datetime) -> str | None:
    """Where something is that people made and have to end once its use is over; None where nobody has to.

    A booking that ran to its end was over by itself.
    """
    made_by_people = request.resource.provider == Resource.Provider.BY_HAND or (
        request.resource.is_made_by_a_machine and request.address and not request.server
    )
    is_over = request.is_booking and request.ends_at is not None and request.ends_at <= now
    if request.state != ResourceRequest.State.IN_USE or not made_by_people or is_over:
        return None
    return request.address


def ask_stewards_to_end(request: ResourceRequest, address: str, *, now: datetime) -> None:
    """What people made is in use no longer: its stewards owe it to end it, and to say so."""
    job = Job.objects.create(
        request=request,
        resource=request.resource,
        key=request.key,
        place=making.sealed_place(address),
        act=Act.END,
        state=State.STUCK,
        opened_at=now,
        wake_at=now,
    )
    deadline = open_deadline(MAKE_BY_HAND, job, now=now)
    write_letters(
        words.STEWARDS_ASKED_TO_END,
        to=queries.stewards_of(job.resource),
        key=str(deadline.pk),
        link=job.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=request.group,
        resource=lambda: job.resource.name,
        purpose=request.purpose,
        due_at=deadline.due_at,
        silence_at=MAKE_BY_HAND.rung_times(now, None)[-1][2],
        silence=lambda: MAKE_BY_HAND.silence_words(job),
    )


def ask_stewards_for_hands(job: Job, *, now: datetime) -> None:
    """Open what the stewards owe now, tell them why, and tell the group that waits for it."""
    job.state = State.STUCK
    job.save(update_fields=["state"])
    deadline = open_deadline(MAKE_BY_HAND, job, now=now)
    write(words.STUCK, by=None, now=now, group=job.request.group, resource=job.resource)
    write_letters(
        HANDS_FOR[Act(job.act)],
        to=queries.stewards_of(job.resource),
        key=str(deadline.pk),
        link=job.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=job.request.group,
        resource=lambda: job.resource.name,
        purpose=job.request.purpose,
        tried=words.TRIED_AND_TRIED_AGAIN if job.last_error else words.NOT_EVEN_ASKED,
        quote=job.last_error,
        due_at=deadline.due_at,
        silence_at=MAKE_BY_HAND.rung_times(now, None)[-1][2],
        silence=lambda: MAKE_BY_HAND.silence_words(job),
    )
    if job.act == Act.MAKE:
        making.tell_group(words.NOT_MADE_YET, job, now=now, due_at=deadline.due_at)
