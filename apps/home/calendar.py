"""Dates for calendar programs: what a person owes and is owed, and the dates of groups and initiatives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day, day_and_time
from apps.core.text import listed
from apps.deadlines.queries import Wait, deadlines_owed_by, waits
from apps.groups.models import Group, Meeting
from apps.groups.queries import MeetingRoom, groups_of, meeting_rooms, meetings_for, open_meetings_about
from apps.home.queries import TermShown, waits_for, waits_of_initiative
from apps.initiatives.models import Adoption, Initiative
from apps.initiatives.queries import running_adoption, running_leads, running_leads_of
from apps.resources.models import ResourceRequest
from apps.resources.queries import bookings_of, way_in


@dataclass(frozen=True)
class Event:
    """A date with words. `uid` stays the same while its date moves; `changed_at` is what the date was counted from."""

    uid: str
    at: datetime
    summary: str
    description: str
    link: str
    changed_at: datetime
    ends_at: datetime | None = None
    location: str = ""
    is_cancelled: bool = False


def events_of_person(person: User, now: datetime) -> list[Event]:
    """What a person owes, what others owe them and their groups, and the dates of their groups."""
    groups = [membership.group for membership in groups_of(person)]
    owed = [debt(wait) for wait in waits(deadlines_owed_by(person, now))]
    already_there = {(event.link, event.at) for event in owed}
    terms = [
        event
        for lead in running_leads_of(groups)
        for event in dates_of_term(lead.adoption, [lead.group], now)
        # To keep a term alive is a debt that is due when the term lapses: it stands there once.
        if (event.link, event.at) not in already_there
    ]
    theirs = [claim(wait, reverse("home:me")) for wait in waits_for(person, groups)]
    meetings = with_rooms(meetings_for(person, groups, now), now)
    return in_order([*terms, *bookings(groups, now), *meetings, *theirs, *owed])


def events_of_initiative(initiative: Initiative, now: datetime) -> list[Event]:
    """The dates of the running term, if there is one, and what is owed around it, as everybody may know them."""
    adoption, page = running_adoption(initiative), initiative.get_absolute_url()
    groups = [lead.group for lead in running_leads(adoption)] if adoption else []
    theirs = [claim(wait, page) for wait in waits_of_initiative(initiative, groups) if wait.rule.public]
    if adoption is None:
        return in_order(theirs)
    meetings = with_rooms(open_meetings_about(initiative.number, groups, now), now)
    return in_order([*dates_of_term(adoption, groups, now), *meetings, *theirs])


def in_order(events: Iterable[Event]) -> list[Event]:
    """By date. What is both owed to me and by me comes twice; the later one, my debt, stays."""
    return sorted({event.uid: event for event in events}.values(), key=lambda event: (event.at, event.uid))


def debt(wait: Wait) -> Event:
    """What this person can settle, with the link to do it."""
    return Event(
        uid=uid_of(wait),
        at=wait.due_at,
        summary=_("You owe: %(what)s") % {"what": wait.what},
        description=silence_words(wait),
        link=wait.link,
        changed_at=wait.opened_at,
    )


def claim(wait: Wait, page: str) -> Event:
    """What others owe. It leads to a page that lists it: the link of the wait is for those who answer."""
    owed_by = _("Owed by %(owner)s.") % {"owner": wait.owner_name}
    return Event(
        uid=uid_of(wait),
        at=wait.due_at,
        summary=wait.what,
        description=f"{owed_by}\n{silence_words(wait)}",
        link=page,
        changed_at=wait.opened_at,
    )


def uid_of(wait: Wait) -> str:
    return f"{wait.rule.name}-{wait.deadline.subject_id}"


def silence_words(wait: Wait) -> str:
    words = {"date": day_and_time(wait.silence_at), "means": wait.silence_means}
    return _("Silence until %(date)s: %(means)s.") % words


def dates_of_term(adoption: Adoption, groups: Iterable[Group], now: datetime) -> list[Event]:
    """When the notice ends, the badge turns quiet, the term lapses without an act, and the term is over."""
    term = TermShown(adoption, now)
    act_at = adoption.last_act_at
    steps_at = max(act_at, adoption.early_steps_met_at or act_at)
    quiet = _("If nothing more happens, the badge turns quiet on %(date)s.")
    lapses, lapse = _("The term lapses, with thanks"), _("Without another counted act the term lapses on %(date)s.")
    if adoption.shared_at:
        lapses = _("Without an answer, whoever asked for it leads, too")
        lapse = _("A group asks for a part in the lead. Without an answer it leads, too, from %(date)s.")
    elif term.lapses_on_day_90:
        lapse = _("Without another counted act the term lapses on %(date)s, which is day 90.")
    notice = _("On %(date)s the notice ends and the badge reads “led”.")
    over = _("The lead renews it with a short summary in its last 30 days.")
    dates = [
        ("notice", adoption.notice_ends_at, adoption.adopted_at, _("The notice ends"), notice),
        ("quiet", term.quiet_at, steps_at, term.quiet_words, quiet),
        ("lapse", adoption.shared_at or term.lapse_at, act_at, lapses, lapse),
        ("term", term.ends_at, adoption.term_began_at, _("The term ends"), over),
    ]
    led_by = _("Led by %(groups)s.") % {"groups": listed(groups)}
    return [
        Event(
            uid=f"{kind}-{adoption.pk}",
            at=at,
            summary=f"{adoption.initiative} · {words}",
            description=f"{sentence % {'date': day(at)}}\n{led_by}",
            link=adoption.get_absolute_url(),
            changed_at=changed_at,
        )
        for kind, at, changed_at, words, sentence in dates
    ]


def bookings(groups: Iterable[Group], now: datetime) -> list[Event]:
    """What groups have booked: only for their members."""
    return [booking(use, now) for use in bookings_of(groups)]


def booking(use: ResourceRequest, now: datetime) -> Event:
    """What is booked, with the way in if it has one."""
    return Event(
        uid=f"booking-{use.pk}",
        at=use.starts_at or use.asked_at,
        ends_at=use.ends_at,
        summary=use.purpose,
        description=_("%(resource)s for %(group)s") % {"resource": use.asked_for, "group": use.group},
        location=way_in(use, now),
        link=use.get_absolute_url(),
        changed_at=use.changed_at or use.answered_at or use.asked_at,
    )


def with_rooms(meetings: Iterable[Meeting], now: datetime) -> list[Event]:
    """Meetings that whoever reads this may come to, with the guests' address of those that have a room."""
    meetings = list(meetings)
    rooms = meeting_rooms(meetings, None, now)
    return [meeting_shown(meeting, room=rooms.get(meeting.pk)) for meeting in meetings]


def meeting_shown(meeting: Meeting, *, room: MeetingRoom | None, with_place: bool = True) -> Event:
    """A meeting; where it is only for who may come."""
    place = room.address if room and room.address else meeting.place
    return Event(
        uid=f"meeting-{meeting.pk}",
        at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{meeting.group} · {meeting.title}",
        description=meeting.agenda,
        location=place if with_place else "",
        link=meeting.get_absolute_url(),
        changed_at=meeting.changed_at,
        is_cancelled=meeting.state == Meeting.State.CANCELLED,
    )
