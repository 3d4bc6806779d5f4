"""Rooms of meetings: which one to book, and what the meeting's page says about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.groups.models import Group, Meeting
from apps.groups.queries import MeetingRoom, rooms_of_meetings
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries.dates import Outcome, look_ahead
from apps.resources.queries.places import way_in
from apps.resources.queries.seats import Span, seats_taken

State = ResourceRequest.State
# So that whoever leads the call can come in first.
BEFORE_A_MEETING = timedelta(minutes=10)
HELD = [State.IN_USE, State.WAITING, State.ASKED]


def self_service(kind: str) -> QuerySet[Resource]:
    """What a group gets at once, of a kind and still on offer."""
    return Resource.objects.filter(kind=kind, policy=Resource.Policy.SELF_SERVICE, withdrawn_at=None)


def span_of(meeting: Meeting, room: Resource) -> Span:
    """From ten minutes before a meeting to its end; less before it where the room is not given for so long."""
    begins_at = meeting.starts_at - BEFORE_A_MEETING
    if room.max_hours:
        longest_from = meeting.ends_at - timedelta(hours=room.max_hours)
        begins_at = min(max(begins_at, longest_from), meeting.starts_at)
    return begins_at, meeting.ends_at


@dataclass(frozen=True)
class RoomChoice:
    """A room for a meeting, and what would become of asking for it."""

    room: Resource
    outcome: Outcome


def room_for(meeting: Meeting, group: Group, now: datetime) -> RoomChoice | None:
    """The self-service room with the most free seats at the time of a meeting; None if nobody offers any.

    If none is free it is one with a waiting list, else one whose outcome says why the group cannot have it.
    """
    best: tuple[tuple[bool, bool, int], RoomChoice] | None = None
    for room in self_service(Resource.Kind.ROOM):
        [outcome] = look_ahead(room, group, [span_of(meeting, room)], now=now)
        taken = seats_taken(room, outcome.starts_at, outcome.ends_at)
        rank = (outcome.can_be_had, outcome.is_free, (room.capacity or 1_000) - taken)
        if best is None or rank > best[0]:
            best = rank, RoomChoice(room, outcome)
    return best[1] if best else None


def bookings_for(meeting: Meeting) -> QuerySet[ResourceRequest]:
    """The rooms that a meeting has or waits for."""
    return meeting.bookings.filter(state__in=HELD, resource__kind=Resource.Kind.ROOM).order_by("resource", "pk")


@rooms_of_meetings
def _rooms(meetings: Iterable[Meeting], person: User | AnonymousUser | None, now: datetime) -> dict[int, MeetingRoom]:
    held = ResourceRequest.objects.filter(
        meeting__in=[meeting.pk for meeting in meetings], state__in=HELD, resource__kind=Resource.Kind.ROOM
    )
    return {
        request.meeting_id: MeetingRoom(
            name=request.resource.name,
            link=request.get_absolute_url(),
            address=way_in(request, now) if request.state == State.IN_USE else "",
            waits=request.state != State.IN_USE,
        )
        for request in held.select_related("resource", "group", "asked_by").order_by("-state", "-pk")
        if request.meeting_id
    }
