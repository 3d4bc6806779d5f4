"""Rooms of meetings: booked from the meeting's page, and going along with it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.groups.actions import when_meeting_changes, when_room_is_wanted
from apps.groups.models import Meeting
from apps.resources import queries
from apps.resources.actions.booking import enter, request_resource, wish_at
from apps.resources.actions.changing import change_times, hold_all
from apps.resources.actions.using import State, give_back_held, move_up, tell_who_comes
from apps.resources.models import ResourceRequest


@when_room_is_wanted
@transaction.atomic
def book_room_for(meeting: Meeting, *, may_wait: bool = True, by: User, now: datetime) -> ResourceRequest:
    """Book the best free self-service room for a meeting, from ten minutes before it to its end.

    If all are full it waits for one, or refuses unless it `may_wait`. Refuses a meeting that has a room, has begun
    or was cancelled, and one for which the group can have no room. The meeting is held first, then the resource.
    """
    meetings = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("group")
    meeting = meetings.get(pk=meeting.pk)
    if meeting.state != Meeting.State.PLANNED or meeting.starts_at <= now:
        raise Refused(_("A room is booked for a meeting that is planned and has not begun."))
    if queries.bookings_for(meeting).exists():
        raise Refused(_("This meeting has a room already, or waits for one."))
    choice = queries.room_for(meeting, meeting.group, now)
    if choice is None:
        raise Refused(_("Nobody offers a room that is given at once. Say where people go."), field="place")
    starts_at, ends_at = queries.span_of(meeting, choice.room)
    request = request_resource(
        choice.room,
        group=meeting.group,
        purpose=meeting.title,
        starts_at=starts_at,
        ends_at=ends_at,
        meeting=meeting,
        may_wait=may_wait,
        by=by,
        now=now,
    )
    if request.state == State.IN_USE:
        tell_who_comes(request, by=by, now=now)
    return request


@when_meeting_changes
@transaction.atomic
def follow_meeting(meeting: Meeting, *, by: User, now: datetime) -> None:
    """The room of a meeting goes along to its new time, or waits for it; with a cancelled one it is given back.

    Where the group can have no room at the new time it has none. Whoever comes is told by the meeting's own letter.
    """
    for request in hold_all(queries.bookings_for(meeting)):
        starts_at, ends_at = queries.span_of(meeting, request.resource)
        if meeting.state == Meeting.State.CANCELLED:
            give_back_held(request, by=by, now=now, tells=False)
        elif (request.starts_at, request.ends_at) != (starts_at, ends_at):
            _move_with_meeting(request, starts_at, ends_at, by=by, now=now)


def _move_with_meeting(
    request: ResourceRequest, starts_at: datetime, ends_at: datetime, *, by: User, now: datetime
) -> None:
    [outcome] = queries.look_ahead(
        request.resource, request.group, [(starts_at, ends_at)], now=now, without=[request.pk]
    )
    goes_along = outcome.is_free or (outcome.is_full and request.state != State.IN_USE)
    if goes_along and not queries.needs_another_yes(request):
        change_times(request, starts_at, ends_at, by=by, now=now)
        move_up(request.resource, now=now)
        return
    give_back_held(request, by=by, now=now, tells=False)
    if outcome.can_be_had:
        enter(wish_at(request, starts_at, ends_at, request.series), now=now)
