"""Correcting and withdrawing entries; what they said before stays readable."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.engagement import words
from apps.engagement.actions.doubts import end_doubt_of, note_answer
from apps.engagement.actions.entries import refuse_second_click, refuse_without_link
from apps.engagement.actions.standing import State, close_wait, hold_entry, settle
from apps.engagement.models import Doubt, EarlierText, Entry
from apps.groups.models import Group
from apps.record.actions import write


@transaction.atomic
def correct_entry(entry: Entry, *, group: Group, by: User, now: datetime, **what: Any) -> Entry:
    """Say it better. The earlier text stays readable, and a step that was settled stays settled.

    A corrected note is another one: somebody who was there confirms it anew. A doubt that waited for the group is
    answered by it. What does not count after a doubt is logged again instead, so that nothing slips back.
    """
    entry = hold_entry(entry)
    _refuse_gone(entry)
    changed = {name: value for name, value in what.items() if getattr(entry, name) != value}
    if not changed:
        raise Refused(_("Nothing is different from what is there already."))
    said = entry.said | what
    refuse_without_link(entry.step, said)
    refuse_second_click(entry.adoption, entry.step, said, but=entry.pk)
    EarlierText.objects.create(
        entry=entry, number=entry.text_number, what=entry.said, corrected_at=now, corrected_by=by
    )
    for name, value in changed.items():
        setattr(entry, name, value)
    entry.text_number += 1
    entry.corrected = sorted({*entry.corrected, *changed})
    if entry.state == State.AWAITING:
        close_wait(entry, now=now, outcome="corrected")
    entry.state = State.COUNTS
    write(words.CORRECTED, by=by, now=now, group=group, entry=entry, initiative=entry.adoption.initiative)
    for doubt in entry.doubts.filter(state=Doubt.State.OPEN).select_related("group", "doubted_by"):
        note_answer(doubt, entry, answer="", group=group, by=by, now=now)
    settle(entry, now=now)
    return entry


@transaction.atomic
def withdraw_entry(entry: Entry, *, by: User, now: datetime) -> None:
    """Take an entry back; it stays in the history and counts no more."""
    entry = hold_entry(entry)
    _refuse_gone(entry)
    entry.withdrawn_at, entry.withdrawn_by = now, by
    write(words.WITHDRAWN, by=by, now=now, group=entry.group, initiative=entry.adoption.initiative, entry=entry)
    settle(entry, now=now)
    end_doubt_of(entry, now=now)


def _refuse_gone(entry: Entry) -> None:
    if entry.withdrawn_at:
        raise Refused(_("This entry was withdrawn already."))
    if entry.state == State.STRUCK:
        raise Refused(
            _("This entry does not count after a doubt, and stays as it is. Log it again, with better evidence.")
        )
