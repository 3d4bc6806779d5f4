"""Notes as evidence: somebody outside the group who was there says so."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, hand_on
from apps.engagement import words
from apps.engagement.actions.standing import State, hold_entry, settle
from apps.engagement.deadlines import CONFIRM_NOTE
from apps.engagement.models import Confirmation, Entry
from apps.initiatives.actions import when_lead_changes, when_term_ends
from apps.initiatives.models import Adoption, Initiative
from apps.initiatives.queries.telling import members_who_lead
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def confirm_entry(entry: Entry, *, is_named: bool, by: User, now: datetime) -> Confirmation:
    """Say "I was there": a note counts from the first who does. The name is shown if they agree, else counted."""
    entry = hold_entry(entry)
    if entry.withdrawn_at:
        raise Refused(_("This entry was withdrawn, so nobody needs to confirm it any more."))
    if entry.url:
        raise Refused(_("This entry has a link that everybody can open, so nobody needs to confirm it."))
    said, is_new = Confirmation.objects.get_or_create(
        entry=entry,
        confirmed_by=by,
        text_number=entry.text_number,
        defaults={"is_named": is_named, "confirmed_at": now},
    )
    if not is_new:
        raise Refused(_("You said already that you were there."))
    write(words.CONFIRMED, by=by, now=now, entry=entry, group=entry.group)
    settle(entry, now=now, outcome="confirmed")
    return said


@transaction.atomic
def take_back_confirmation(entry: Entry, *, by: User, now: datetime) -> None:
    """It was a mistake, or the name shall not stand there: without anybody else the note waits again."""
    entry = hold_entry(entry)
    gone, _rows = Confirmation.objects.filter(entry=entry, confirmed_by=by, text_number=entry.text_number).delete()
    if not gone:
        raise Refused(_("You have not said that you were there, so there is nothing to take back."))
    write(words.CONFIRMATION_TAKEN_BACK, by=by, now=now, entry=entry, group=entry.group)
    settle(entry, now=now)


@CONFIRM_NOTE.when_silent
@transaction.atomic
def leave_unconfirmed(entry: Entry, *, now: datetime) -> None:
    """Nobody who was there has said so: the note does not count, until somebody does after all."""
    entry = hold_entry(entry)
    entry.state = State.UNCONFIRMED
    entry.save(update_fields=["state"])
    write(words.NOT_CONFIRMED, by=None, now=now, entry=entry, group=entry.group)
    write_letters(
        words.NOTE_NOT_CONFIRMED,
        to=members_who_lead(entry.adoption),
        key=f"{entry.pk}:{entry.text_number}",
        link=entry.get_absolute_url(),
        now=now,
        entry=entry.title,
    )


@when_lead_changes
@transaction.atomic
def pass_notes_to_whoever_leads(initiative: Initiative, *, now: datetime) -> None:
    """The lead has changed: who leads now finds somebody who was there, or a link; the date stands."""
    waiting = Entry.objects.filter(adoption__initiative=initiative, adoption__ended_at=None, state=State.AWAITING)
    for entry in waiting.select_related("group", "adoption"):
        hand_on(CONFIRM_NOTE, entry)


@when_term_ends
def end_waits_for_witnesses(adoption: Adoption, *, now: datetime) -> None:
    """Nothing of an ended term is measured any more, so its notes wait for nobody."""
    for entry in Entry.objects.filter(adoption=adoption, state=State.AWAITING):
        cancel_deadline(CONFIRM_NOTE, entry, now=now)
    Entry.objects.filter(adoption=adoption, state=State.AWAITING).update(state=State.UNCONFIRMED)
