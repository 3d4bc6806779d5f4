"""What stewards do when a machine does not, and what happens when they do not either."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions import making
from apps.resources.actions.giving import (
    move_up,
    use_rule,
)
from apps.resources.actions.passing_on import (
    pass_on,
)
from apps.resources.actions.telling import (
    tell_where_it_went,
)
from apps.resources.deadlines import MAKE_BY_HAND
from apps.resources.models import Job, ResourceRequest


@transaction.atomic
def try_again(job: Job, *, by: User, now: datetime) -> Job:
    """A steward has the machine asked at once, whatever the next try's time was.

    Refuses what is done or not needed any more, what a worker is at now, and what no machine does. What was given up
    begins anew, but for what was never made: that wish has gone on.
    """
    job = making.held_job(job)
    if job.is_for_people:
        raise Refused(_("No machine does this. Do it by hand, then say so."))
    if job.state == Job.State.GIVEN_UP:
        _begin_anew(job, now=now)
        return job
    _refuse_closed(job)
    if queries.is_in_hands(job, now):
        raise Refused(_("The machine is being asked at this moment. Look again in a minute."))
    job.wake_at, job.claimed_at = now, None
    job.save(update_fields=["wake_at", "claimed_at"])
    return job


def _begin_anew(job: Job, *, now: datetime) -> None:
    if job.act == Job.Act.END:
        making.end_what_is_left(job.request, **_about(job), place=job.place, now=now)
    elif job.act == Job.Act.MAKE:
        raise Refused(_("Nobody made it in time, and the wish went on. There is nothing to try again."))
    elif not job.request.is_held or job.request.key != job.key:
        raise Refused(_("The group has it no longer. There is nothing to try again."))
    else:
        making.keep_in_step(job.request, now=now)


@transaction.atomic
def do_by_hand(job: Job, *, address: str = "", by: User, now: datetime) -> Job:
    """A steward did what the machine did not do; what has to be made needs the address of what was made.

    What a try of the machine may have left behind is ended. Refuses what is done or not needed any more; what people
    alone can end is never too late.
    """
    job = making.held_job(job)
    if not (job.is_for_people and job.state == Job.State.GIVEN_UP):
        _refuse_closed(job)
    if job.act == Job.Act.MAKE and not address:
        raise Refused(_("Say where it is. Only the group sees it."), field="address")
    job.done_by = by
    claimed_at = job.claimed_at
    making.close_job(job, Job.State.DONE, now=now)
    if job.act == Job.Act.MAKE:
        _give_address(job, address, by=by, now=now)
        if job.attempts:
            ends_at = claimed_at and max(now, claimed_at + queries.CLAIM_LASTS)
            making.end_what_is_left(job.request, **_about(job), now=now, wake_at=ends_at)
    return job


def _give_address(job: Job, address: str, *, by: User, now: datetime) -> None:
    request = job.request
    request.address, request.reference, request.server = address, "", ""
    request.save(update_fields=["address", "reference", "server"])
    write(words.MADE_BY_HAND, by=by, now=now, group=request.group, resource=request.resource)
    making.tell_group(words.MADE_AFTER_ALL, job, now=now)


def _about(job: Job) -> dict[str, Any]:
    """What may be left of a job's tries: of which resource, under which key, on which server."""
    return {"resource": job.resource, "key": job.key, "server": job.server}


def _refuse_closed(job: Job) -> None:
    if not job.is_open:
        raise Refused(_("This was settled before you: %(state)s.") % {"state": job.get_state_display()})


@MAKE_BY_HAND.when_silent
@transaction.atomic
def pass_on_after_silence(job: Job, *, now: datetime) -> None:
    """Neither the machine nor a steward did it.

    What was not made is the group's no longer, and its wish goes on; whatever else it was is given up and found again
    by the daily comparison.
    """
    job = making.held_job(job)
    if not job.is_open:
        return
    if job.act != Job.Act.MAKE:
        making.close_job(job, Job.State.GIVEN_UP, now=now)
        return
    request, left = job.request, job.resource
    making.close_job(job, Job.State.GIVEN_UP, now=now)
    _take_away(request, job, now=now)
    write(words.NOT_MADE, by=None, now=now, group=request.group, resource=left)
    pass_on(request, now=now)
    move_up(left, now=now)
    tell_where_it_went(request, kind=words.WENT_ON_UNMADE, key=str(job.pk), now=now, resource=lambda: left.name)


def _take_away(request: ResourceRequest, job: Job, *, now: datetime) -> None:
    """End the use that never was one. What comes next has a key of its own, since an old try may still be somewhere."""
    cancel_deadline(use_rule(request), request, now=now)
    making.finish(request, now=now)
    if job.attempts:
        making.end_what_is_left(request, **_about(job), now=now)
    request.key = secrets.token_hex(12)
    request.answered_at = request.answered_by = None
    request.answer = ""
    request.save()
