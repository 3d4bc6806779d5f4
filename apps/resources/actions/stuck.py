"""When a machine does not do it: its stewards are asked, and the group is told."""

from datetime import datetime

from django.db import transaction

from apps.deadlines.actions import open_deadline
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making
from apps.resources.deadlines import MAKE, MAKE_BY_HAND
from apps.resources.models import Job

Act, State = Job.Act, Job.State


@MAKE.when_silent
@transaction.atomic
def ask_stewards_after_silence(job: Job, *, now: datetime) -> None:
    """The machine was asked for an hour, in vain: the stewards are asked. It is tried on meanwhile."""
    job = making.held_job(job)
    if job.act == Act.LOOK:
        making.close_job(job, State.VOID, now=now)
    elif job.state == State.DUE:
        ask_stewards_for_hands(job, now=now)


def ask_stewards_for_hands(job: Job, *, now: datetime) -> None:
    """Open what the stewards owe now, tell them why, and tell the group that waits for it."""
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
        making.tell_group(words.NOT_MADE_YET, job, now=now, due_at=deadline.due_at)
