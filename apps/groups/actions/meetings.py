"""Planning meetings, changing and cancelling them, and publishing what came of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups import policy, queries, words
from apps.groups.deadlines import MEETING_ENDS, PUBLISH_NOTES
from apps.groups.models import Coming, Group, Meeting, Notes
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write

# What features above do with published notes; groups knows none of them.
WhenNotesArePublished = Callable[..., None]
WHEN_NOTES_ARE_PUBLISHED: list[WhenNotesArePublished] = []


def when_notes_are_published(act: WhenNotesArePublished) -> WhenNotesArePublished:
    """Register an action, `act(meeting, *, notes, record, by, now)`, of the transaction that publishes notes.

    `record` is the act of the record, to which it may add what else it is about. Corrections are not told.
    """
    WHEN_NOTES_ARE_PUBLISHED.append(act)
    return act


# What features above do when a meeting moves or is cancelled, and when a room is wanted for it.
MeetingAct = Callable[..., object]
Act = TypeVar("Act", bound=MeetingAct)
WHEN_MEETING_CHANGES: list[MeetingAct] = []
WHEN_ROOM_IS_WANTED: list[MeetingAct] = []


def when_meeting_changes(act: Act) -> Act:
    """Register an action, `act(meeting, *, by, now)`, of the transaction that moves a meeting or cancels it."""
    WHEN_MEETING_CHANGES.append(act)
    return act


def when_room_is_wanted(act: Act) -> Act:
    """Register an action, `act(meeting, *, by, now)`, that finds a room for a meeting that was planned without one."""
    WHEN_ROOM_IS_WANTED.append(act)
    return act


@transaction.atomic
def plan_meeting(
    group: Group,
    *,
    title: str,
    agenda: str,
    starts_at: datetime,
    minutes: int,
    languages: list[str],
    place: str,
    is_open: bool,
    initiative_number: int | None,
    book_room: bool = False,
    by: User,
    now: datetime,
) -> Meeting:
    """Plan a meeting; the other members are told, and once it is over the group owes its notes.

    With `book_room` it gets a room in the same act.

    Refuses what has begun already, an initiative that the group does not lead, a room that the group cannot have,
    and the second click.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    _refuse_past(starts_at, now)
    refuse_what_others_lead(group, initiative_number)
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                group=group,
                title=title,
                agenda=agenda,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                languages=languages,
                place=place,
                is_open=is_open,
                initiative_number=initiative_number,
                planned_at=now,
                planned_by=by,
                changed_at=now,
            )
    except IntegrityError as error:
        raise _planned_already() from error
    open_deadline(MEETING_ENDS, meeting, now=now, ends_at=meeting.ends_at)
    write(words.MEETING_PLANNED, by=by, now=now, group=group, meeting=meeting)
    write_letters(
        words.MEETING_PLANNED_LETTER,
        to=queries.active_members_of(group).exclude(pk=by.pk),
        key=str(meeting.pk),
        link=meeting.get_absolute_url(),
        now=now,
        by=by,
        group=group,
        starts_at=starts_at,
    )
    if book_room:
        for act in WHEN_ROOM_IS_WANTED:
            act(meeting, by=by, now=now)
    return meeting


def _planned_already() -> Refused:
    return Refused(_("A meeting with this title is planned for that time already."), field="starts_at")


def _refuse_past(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Refused(_("This time has passed. Choose a later one."), field="starts_at")


def refuse_what_others_lead(group: Group, initiative_number: int | None) -> None:
    if initiative_number and initiative_number not in {number for number, _title in queries.initiatives_led_by(group)}:
        raise Refused(_("The group does not lead this initiative now. Choose another one, or none."))


@transaction.atomic
def change_meeting(
    meeting: Meeting,
    *,
    title: str,
    agenda: str,
    starts_at: datetime,
    minutes: int,
    languages: list[str],
    place: str,
    is_open: bool,
    initiative_number: int | None,
    by: User,
    now: datetime,
) -> Meeting:
    """Change a meeting that has not begun; whoever wants to come is told of a new time or place.

    What it was about before stays possible, although the group leads it no more. To change nothing leaves no trace.
    """
    meeting = _not_begun(meeting, now)
    _refuse_past(starts_at, now)
    if initiative_number != meeting.initiative_number:
        refuse_what_others_lead(meeting.group, initiative_number)
    new = {
        "title": title,
        "agenda": agenda,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "languages": languages,
        "place": place,
        "is_open": is_open,
        "initiative_number": initiative_number,
    }
    changed = {name for name, value in new.items() if getattr(meeting, name) != value}
    if not changed:
        return meeting
    for name, value in new.items():
        setattr(meeting, name, value)
    meeting.changed_at = now
    try:
        with transaction.atomic():
            meeting.save(update_fields=[*new, "changed_at"])
    except IntegrityError as error:
        raise _planned_already() from error
    if "ends_at" in changed:
        cancel_deadline(MEETING_ENDS, meeting, now=now, by=by)
        open_deadline(MEETING_ENDS, meeting, now=now, ends_at=meeting.ends_at)
    if "is_open" in changed and not is_open:
        meeting.coming.exclude(person__in=queries.active_members_of(meeting.group)).delete()
    write(words.MEETING_CHANGED, by=by, now=now, group=meeting.group, meeting=meeting)
    if changed & {"starts_at", "ends_at"}:
        for act in WHEN_MEETING_CHANGES:
            act(meeting, by=by, now=now)
    if changed & {"starts_at", "ends_at", "place"}:
        _tell_who_comes(words.MEETING_MOVED_LETTER, meeting, by=by, now=now)
    return meeting


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: User, now: datetime) -> Meeting:
    """Cancel a meeting that has not begun, with a reason; whoever wants to come is told."""
    meeting = _not_begun(meeting, now)
    cancel_deadline(MEETING_ENDS, meeting, now=now, by=by)
    meeting.state, meeting.reason = Meeting.State.CANCELLED, reason
    meeting.cancelled_at, meeting.cancelled_by, meeting.changed_at = now, by, now
    meeting.save(update_fields=["state", "reason", "cancelled_at", "cancelled_by", "changed_at"])
    write(words.MEETING_CANCELLED, by=by, now=now, group=meeting.group, meeting=meeting)
    for act in WHEN_MEETING_CHANGES:
        act(meeting, by=by, now=now)
    _tell_who_comes(words.MEETING_CANCELLED_LETTER, meeting, by=by, now=now)
    return meeting


def tell_of_place(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Tell whoever wants to come that a meeting has another place; `by` knows it already. Not once it has begun."""
    if meeting.state == Meeting.State.PLANNED and meeting.starts_at > now:
        _tell_who_comes(words.MEETING_MOVED_LETTER, meeting, by=by, now=now)


@transaction.atomic
def want_to_come(meeting: Meeting, *, by: User, now: datetime) -> None:
    """Want to come and be told of changes; private, so it leaves no record. Said twice, it counts once."""
    meeting = _not_begun(meeting, now)
    if not policy.may_come(by, meeting):
        raise Refused(_("This meeting is for members of the group. Ask to join it first."))
    Coming.objects.get_or_create(meeting=meeting, person=by, defaults={"at": now})


def take_back_coming(meeting: Meeting, *, by: User) -> None:
    meeting.coming.filter(person=by).delete()


# --- Notes -----------------------------------------------------------------------------------


@MEETING_ENDS.when_silent
@transaction.atomic
def end_meeting(meeting: Meeting, *, now: datetime) -> None:
    """The meeting is over: from now on its notes are owed."""
    meeting = _held(meeting)
    if meeting.state != Meeting.State.PLANNED:
        raise Refused(_("This meeting was cancelled, or has ended already."))
    _end(meeting, now=now)


def _end(meeting: Meeting, *, now: datetime) -> None:
    meeting.state = Meeting.State.HELD
    meeting.save(update_fields=["state"])
    open_deadline(PUBLISH_NOTES, meeting, now=now)


@transaction.atomic
def publish_notes(
    meeting: Meeting, *, text: str, link: str, attendance: int, languages: list[str], by: User, now: datetime
) -> Notes:
    """Publish what came of a meeting, in the 7 days after its end: an act that counts.

    Refuses what has not ended, a second time, and what reads "no notes".
    """
    meeting = _held(meeting)
    if meeting.state == Meeting.State.PLANNED and meeting.ends_at <= now:
        # The clock comes within seconds; nobody has to wait for it.
        cancel_deadline(MEETING_ENDS, meeting, now=now, by=by)
        _end(meeting, now=now)
    if meeting.state != Meeting.State.HELD:
        raise Refused(_why_no_notes(meeting))
    meeting.state = Meeting.State.NOTED
    meeting.save(update_fields=["state"])
    notes = _write_notes(meeting, text=text, link=link, attendance=attendance, languages=languages, by=by, now=now)
    meet_deadline(PUBLISH_NOTES, meeting, now=now, by=by, outcome="published")
    record = write(words.NOTES_PUBLISHED, by=by, now=now, group=meeting.group, meeting=meeting)
    for act in WHEN_NOTES_ARE_PUBLISHED:
        act(meeting, notes=notes, record=record, by=by, now=now)
    _tell_who_comes(words.NOTES_LETTER, meeting, by=by, now=now)
    return notes


def _why_no_notes(meeting: Meeting) -> str:
    return {
        Meeting.State.PLANNED: _("The meeting is not over yet."),
        Meeting.State.NOTED: _("Its notes are published already. You can correct them."),
        Meeting.State.NO_NOTES: _("The 7 days are over: it reads “no notes”. Say what came of it in an update."),
        Meeting.State.CANCELLED: _("This meeting was cancelled."),
    }[Meeting.State(meeting.state)]


def _write_notes(
    meeting: Meeting, *, text: str, link: str, attendance: int, languages: list[str], by: User, now: datetime
) -> Notes:
    return Notes.objects.create(
        meeting=meeting,
        text=text,
        link=link,
        attendance=attendance,
        languages=languages,
        published_at=now,
        published_by=by,
    )


@transaction.atomic
def correct_notes(
    meeting: Meeting, *, text: str, link: str, attendance: int, languages: list[str], by: User, now: datetime
) -> Notes:
    """Correct published notes at any time; what stood there before stays readable. It counts for nothing."""
    meeting = _held(meeting)
    if meeting.state != Meeting.State.NOTED:
        raise Refused(_("There are no notes to correct."))
    newest = queries.newest_notes(meeting)
    if (newest.text, newest.link, newest.attendance, newest.languages) == (text, link, attendance, languages):
        raise Refused(_("These notes stand there already."))
    notes = _write_notes(meeting, text=text, link=link, attendance=attendance, languages=languages, by=by, now=now)
    write(words.NOTES_CORRECTED, by=by, now=now, group=meeting.group, meeting=meeting)
    return notes


@PUBLISH_NOTES.when_silent
@transaction.atomic
def leave_without_notes(meeting: Meeting, *, now: datetime) -> None:
    """Nobody published notes in 7 days: the meeting says so, for ever."""
    meeting = _held(meeting)
    if meeting.state != Meeting.State.HELD:
        raise Refused(_why_no_notes(meeting))
    meeting.state = Meeting.State.NO_NOTES
    meeting.save(update_fields=["state"])
    write(words.NO_NOTES, by=None, now=now, group=meeting.group, meeting=meeting)


def _held(meeting: Meeting) -> Meeting:
    """The meeting as it is now, held until the transaction ends."""
    with_group = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("group")
    return with_group.get(pk=meeting.pk)


def _not_begun(meeting: Meeting, now: datetime) -> Meeting:
    meeting = _held(meeting)
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("This meeting was cancelled."))
    if meeting.starts_at <= now:
        raise Refused(_("This meeting has begun already."))
    return meeting


def _tell_who_comes(kind: LetterKind, meeting: Meeting, *, by: User | None, now: datetime) -> None:
    write_letters(
        kind,
        to=queries.people_coming(meeting, without=by),
        key=f"{meeting.pk}:{now:%Y%m%d%H%M%S}",
        link=meeting.get_absolute_url(),
        now=now,
        by=by,
        group=meeting.group,
        starts_at=meeting.starts_at,
    )
