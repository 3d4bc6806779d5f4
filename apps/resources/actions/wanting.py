"""The board of what is wanted: what nobody offers stands there, while its group still wants it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.core.text import listed
from apps.deadlines.actions import meet_deadline, open_deadline, set_end
from apps.deadlines.queries import deadlines_about
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.deadlines import STILL_WANTED
from apps.resources.models import ResourceRequest

State = ResourceRequest.State
WANTED_FOR = timedelta(days=90)


def put_up_as_wanted(request: ResourceRequest, *, now: datetime) -> ResourceRequest:
    """Show a wish as wanted, and tell those who could help, each of them once for this wish.

    After 90 days silence of the group takes it off the board. Takes part in the caller's transaction.
    """
    request.state, request.wanted_at = State.WANTED, now
    request.save()
    until = _shown_until(request, now=now)
    open_deadline(STILL_WANTED, request, now=now, ends_at=until)
    write(words.WANTED, by=None, now=now, group=request.group, resource=request.resource)
    write_letters(
        words.CAN_YOU_HELP_THEN if request.is_booking else words.CAN_YOU_HELP,
        to=queries.could_help(request, now),
        key=str(request.pk),
        link=request.get_absolute_url(),
        now=now,
        group=request.group,
        sort=lambda: listed([request.resource.get_kind_display(), *filter(None, [request.how_many])]),
        purpose=request.purpose,
        starts_at=request.starts_at,
        until=until,
    )
    return request


def _shown_until(request: ResourceRequest, *, now: datetime) -> datetime:
    """A room for a call is wanted until the call."""
    ends_at = now + WANTED_FOR
    return min(ends_at, request.starts_at) if request.starts_at and request.is_booking else ends_at


def want_at(request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """It is wanted for another time, and stands on the board until then. Takes part in the caller's transaction."""
    request.starts_at, request.ends_at = starts_at, ends_at
    request.save(update_fields=["starts_at", "ends_at"])
    set_end(STILL_WANTED, request, ends_at=_shown_until(request, now=now), now=now)


@transaction.atomic
def say_still_wanted(request: ResourceRequest, *, by: User, now: datetime) -> ResourceRequest:
    """The group still wants it: it stands on the board for another 90 days.

    Refused before the last 30 days of its time, so that one click is enough for a while.
    """
    request = _held(request)
    ends_at = deadlines_about(STILL_WANTED, [request.pk])[0].ends_at or now
    if not queries.can_still_be_wanted(request, ends_at, now):
        raise Refused(_("It is on the board until %(day)s. There is time.") % {"day": day(ends_at)})
    meet_deadline(STILL_WANTED, request, now=now, by=by, outcome="still wanted")
    open_deadline(STILL_WANTED, request, now=now, ends_at=_shown_until(request, now=now))
    write(words.STILL_WANTED, by=by, now=now, group=request.group, resource=request.resource)
    return request


@STILL_WANTED.when_silent
@transaction.atomic
def take_off_the_board(request: ResourceRequest, *, now: datetime) -> None:
    """Nobody offered it, and its group did not say that it is still wanted."""
    request = _held(request)
    request.state, request.closed_at = State.UNMET, now
    request.save(update_fields=["state", "closed_at"])
    write(words.UNMET, by=None, now=now, group=request.group, resource=request.resource)
    write_letters(
        words.OFF_THE_BOARD_THEN if request.is_booking else words.OFF_THE_BOARD,
        to=coordinators_of(request.group),
        key=str(request.pk),
        link=request.get_absolute_url(),
        now=now,
        group=request.group,
        resource=lambda: request.asked_for,
        purpose=request.purpose,
        starts_at=request.starts_at,
    )


def _held(request: ResourceRequest) -> ResourceRequest:
    """The wish as it is now, held until the transaction ends; refused when it is not wanted any more."""
    held = ResourceRequest.objects.select_for_update(of=("self",), no_key=True).select_related("resource", "group")
    request = held.get(pk=request.pk)
    if request.state != State.WANTED:
        raise Refused(_("This was settled before you: %(state)s.") % {"state": request.get_state_display()})
    return request
