"""Meetings of groups."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urldefrag

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.groups.models import (
    Coming,
    Group,
    Meeting,
    Notes,
)
from apps.groups.queries.members import why_to_stay


@why_to_stay
def _a_meeting_is_planned(group: Group) -> str:
    if not group.meetings.filter(state=Meeting.State.PLANNED).exists():
        return ""
    return _("You are the last member, and a meeting of your group is planned. Cancel it first, then leave.")


@dataclass(frozen=True)
class MeetingRoom:
    """The room that a meeting has, or waits for; `address` is empty while there is none yet."""

    name: str
    link: str
    address: str
    waits: bool

    @property
    def shown(self) -> str:
        """The address as people read it: what comes after its # is for its machine."""
        return urldefrag(self.address).url


# What features above know about the rooms of meetings, for one reader: the host's address is not the guest's.
FindRooms = Callable[[Iterable[Meeting], User | AnonymousUser | None, datetime], dict[int, MeetingRoom]]
ROOMS: list[FindRooms] = []


def rooms_of_meetings(find: FindRooms) -> FindRooms:
    """Register the answer to which rooms meetings have; groups lies below whoever gives them."""
    ROOMS.append(find)
    return find


def meeting_rooms(
    meetings: Iterable[Meeting], person: User | AnonymousUser | None, now: datetime
) -> dict[int, MeetingRoom]:
    """The rooms of meetings by the meeting's id; `person` is the reader, or None for everybody."""
    meetings = list(meetings)
    return {pk: room for find in ROOMS for pk, room in find(meetings, person, now).items()}


MEETINGS_OF_A_GROUP = 12
SHOWN_IN_CALENDARS = timedelta(days=30)


@dataclass(frozen=True)
class MeetingsShown:
    """The meetings of a group: what comes, the next one first, and what was, the latest first."""

    coming: list[Meeting]
    past: list[Meeting]


def meetings_of(group: Group) -> QuerySet[Meeting]:
    """The latest first."""
    attendance = Notes.objects.filter(meeting=OuterRef("pk")).order_by("-published_at", "-pk").values("attendance")
    return group.meetings.annotate(attendance=Subquery(attendance[:1])).order_by("-starts_at", "-pk")


def meetings_shown(group: Group, now: datetime) -> MeetingsShown:
    """What the page of a group says about its meetings; one query."""
    newest = list(meetings_of(group)[:MEETINGS_OF_A_GROUP])
    for meeting in newest:
        meeting.group = group
    coming = [m for m in newest if m.ends_at > now and m.state == Meeting.State.PLANNED]
    return MeetingsShown(coming[::-1], [m for m in newest if m not in coming])


def people_coming(meeting: Meeting, *, without: User | None = None) -> QuerySet[User]:
    coming = meeting.coming.exclude(person=without) if without else meeting.coming.all()
    return User.objects.filter(pk__in=coming.values("person"), blocked_at=None)


def wants_to_come(person: User | AnonymousUser, meeting: Meeting) -> bool:
    return bool(person.pk) and meeting.coming.filter(person=person.pk).exists()


def newest_notes(meeting: Meeting) -> Notes:
    return meeting.notes.select_related("published_by")[0]


def meetings_for(person: User, groups: Iterable[Group], now: datetime) -> QuerySet[Meeting]:
    """What stands in a person's calendar: the meetings of their groups, and those they want to come to."""
    wanted = Q(group__in=list(groups)) | Q(is_open=True, pk__in=person.coming.values("meeting"))
    return _in_calendars(now).filter(wanted)


def open_meetings_about(number: int, groups: Iterable[Group], now: datetime) -> QuerySet[Meeting]:
    """The open meetings about an initiative, and those of its leading groups that are about none in particular."""
    about = Q(initiative_number=number) | Q(initiative_number=None, group__in=list(groups))
    return _in_calendars(now).filter(about, is_open=True)


def _in_calendars(now: datetime) -> QuerySet[Meeting]:
    lately = Meeting.objects.filter(ends_at__gt=now - SHOWN_IN_CALENDARS).exclude(state=Meeting.State.CANCELLED)
    return lately.select_related("group").order_by("starts_at")


@personal_data("meetings")
def _meetings_of(person: User) -> dict[str, Any]:
    planned, cancelled = Meeting.objects.filter(planned_by=person), Meeting.objects.filter(cancelled_by=person)
    notes = Notes.objects.filter(published_by=person)
    times = ("starts_at", "ends_at", "planned_at", "changed_at")
    what = ("group__name", "title", "agenda", "languages", "state", *times)
    return {
        # Where it is may have changed since, and is told to those who may come: on its page.
        "planned": list(planned.values(*what)),
        "cancelled": list(cancelled.values("group__name", "title", "reason", "cancelled_at")),
        "notes": list(notes.values("meeting__title", "text", "link", "attendance", "languages", "published_at")),
        "coming": list(Coming.objects.filter(person=person).values("meeting__title", "at")),
    }
