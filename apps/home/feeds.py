"""iCalendar files, which calendar programs fetch by themselves and signed out (RFC 5545, RFC 7986)."""

import re
from collections.abc import Iterable
from datetime import UTC, timedelta

import icalendar
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_safe

from apps.accounts.queries import person_with_calendar_key
from apps.core.dates import zone
from apps.groups.models import Meeting
from apps.groups.policy import may_come
from apps.groups.queries import meeting_rooms
from apps.home import calendar
from apps.initiatives.models import Initiative

FETCH_AGAIN_AFTER = timedelta(hours=1)
# The library escapes and folds, but leaves in what no calendar text may hold.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# The address is the secret: no cache, no search engine and no other site shall learn it.
KEPT_SECRET = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@require_safe
def calendar_of_person(request: HttpRequest, key: str) -> HttpResponse:
    """What the person owes and their groups' dates; the secret in the address is the proof."""
    person = person_with_calendar_key(key)
    if person is None:
        raise Http404
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        events = calendar.events_of_person(person, timezone.now())
        response = calendar_file(events, name=_("What I owe"), page=reverse("home:me"), uid=f"person-{person.pk}")
    for header, value in KEPT_SECRET.items():
        response[header] = value
    return response


@require_safe
@conditional_page
def calendar_of_initiative(request: HttpRequest, number: int) -> HttpResponse:
    """The same file for everybody who reads the same language."""
    initiative = get_object_or_404(Initiative, number=number)
    with timezone.override(UTC):
        events = calendar.events_of_initiative(initiative, timezone.now())
    page = initiative.get_absolute_url()
    return calendar_file(events, name=str(initiative), page=page, uid=f"initiative-{number}")


@require_safe
@never_cache
def calendar_of_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting, to take into a calendar by hand; where it is only for who may come."""
    meeting = get_object_or_404(Meeting.objects.select_related("group"), pk=pk)
    room = meeting_rooms([meeting], None, timezone.now()).get(meeting.pk)
    event = calendar.meeting_shown(meeting, room=room, with_place=may_come(request.user, meeting))
    return calendar_file([event], name=str(meeting.group), page=event.link, uid=event.uid)


def calendar_file(events: Iterable[calendar.Event], *, name: str, page: str, uid: str) -> HttpResponse:
    found = icalendar.Calendar.new(
        prodid=f"-//Movement Strategy//{settings.VERSION}//EN",
        name=plain(f"{_('Movement Strategy')} · {name}"),
        uid=at_host(uid),
        url=settings.SITE_URL + page,
        subcomponents=[component(event) for event in events],
    )
    # The type has to be said, which the library leaves out; Outlook knows the older name alone.
    found.add("refresh-interval", FETCH_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", icalendar.vDuration(FETCH_AGAIN_AFTER))
    response = HttpResponse(found.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{uid}.ics"'
    response["Content-Language"] = translation.get_language() or "en"
    return response


def component(event: calendar.Event) -> icalendar.Event:
    address = settings.SITE_URL + event.link
    return icalendar.Event.new(
        uid=at_host(event.uid),
        # Without a METHOD this is when the entry was last changed, not when the file was written.
        stamp=event.changed_at.astimezone(UTC),
        last_modified=event.changed_at.astimezone(UTC),
        start=event.at.astimezone(UTC),
        end=event.ends_at.astimezone(UTC) if event.ends_at else None,
        summary=plain(event.summary),
        description=plain(f"{event.description}\n{address}"),
        location=plain(event.location) or None,
        url=address,
        status=icalendar.STATUS.CANCELLED if event.is_cancelled else None,
        # A date by which something is due makes nobody busy; a meeting does.
        transparency=icalendar.TRANSP.OPAQUE if event.ends_at else icalendar.TRANSP.TRANSPARENT,
    )


def at_host(uid: str) -> str:
    return f"{uid}@{settings.SITE_HOST}"


def plain(text: str) -> str:
    return CONTROLS.sub("", text)
