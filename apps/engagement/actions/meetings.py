"""An open meeting of the lead logs itself as a call, once its notes are published."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.engagement.actions.entries import measure_again
from apps.engagement.models import Entry
from apps.groups.actions import when_notes_are_published
from apps.groups.models import Meeting, Notes
from apps.guidelines.models import Step
from apps.initiatives.models import Adoption
from apps.initiatives.queries import running_leads_of


@when_notes_are_published
def log_meeting(meeting: Meeting, *, notes: Notes, by: User, now: datetime, **_record: Any) -> None:
    """Nobody types it, and the notes have an act of their own in the record; a closed meeting is no open call."""
    if not meeting.is_open:
        return
    for lead in running_leads_of([meeting.group]):
        if meeting.initiative_number in {None, lead.adoption.initiative.number}:
            _log_call(lead.adoption, meeting, notes, by=by, now=now)


def _log_call(adoption: Adoption, meeting: Meeting, notes: Notes, *, by: User, now: datetime) -> None:
    step = Step.objects.filter(version=adoption.guidelines_id, measure=Step.Measure.CALLS).first()
    if step is None:
        return
    Entry.objects.get_or_create(
        adoption=adoption,
        step=step,
        url=settings.SITE_URL + meeting.get_absolute_url(),
        defaults={
            "group": meeting.group,
            "title": meeting.title,
            "happened_on": meeting.starts_at.astimezone(UTC).date(),
            "starts_at": meeting.starts_at,
            "languages": notes.languages or meeting.languages,
            "regions": [meeting.group.region] if meeting.group.region else [],
            "people": notes.attendance,
            "logged_at": now,
            "logged_by": by,
        },
    )
    measure_again(adoption, now=now)
