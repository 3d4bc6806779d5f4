"""Whether an entry counts, and what it waits for: found anew after every act on it."""

from datetime import datetime

from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.engagement.actions.entries import measure_again
from apps.engagement.deadlines import CONFIRM_NOTE
from apps.engagement.models import Doubt, Entry
from apps.initiatives.actions import hold_running

State = Entry.State


def hold_entry(entry: Entry) -> Entry:
    """The entry, held with its running adoption until the transaction ends; the adoption first, as everywhere."""
    adoption = hold_running(entry.adoption)
    held = Entry.objects.select_for_update(of=("self",), no_key=True).select_related("group", "step").get(pk=entry.pk)
    held.adoption = adoption
    return held


def standing_of(entry: Entry) -> State:
    """What an entry that was not withdrawn is worth now."""
    doubts = set(entry.doubts.values_list("state", flat=True))
    if doubts & set(Doubt.STRIKING):
        return State.STRUCK
    if not entry.url and not entry.confirmations.filter(text_number=entry.text_number).exists():
        return State.UNCONFIRMED if entry.state == State.UNCONFIRMED else State.AWAITING
    return State.DOUBTED if doubts & set(Doubt.RUNNING) else State.COUNTS


def settle(entry: Entry, *, now: datetime, outcome: str = "") -> None:
    """Give the entry its state, open or close its wait, and measure the checklist again.

    `outcome` is the answer that ended its wait for somebody who was there; without one the wait has lost its point.
    """
    waited = entry.state == State.AWAITING
    if entry.withdrawn_at:
        entry.state = State.WITHDRAWN
    else:
        entry.state = standing_of(entry)
    entry.save()
    if waited and entry.state != State.AWAITING:
        close_wait(entry, now=now, outcome=outcome)
    elif entry.state == State.AWAITING and not waited:
        open_deadline(CONFIRM_NOTE, entry, now=now)
    measure_again(entry.adoption, now=now)


def close_wait(entry: Entry, *, now: datetime, outcome: str) -> None:
    if outcome:
        meet_deadline(CONFIRM_NOTE, entry, now=now, outcome=outcome)
    else:
        cancel_deadline(CONFIRM_NOTE, entry, now=now)
