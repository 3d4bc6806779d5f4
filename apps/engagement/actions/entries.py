"""Logging what was done towards the community; the checklist measures itself after each entry."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.core.text import listed
from apps.deadlines.actions import open_deadline
from apps.engagement import queries, words
from apps.engagement.deadlines import CONFIRM_NOTE
from apps.engagement.measures import measure, takes_notes
from apps.engagement.models import ChecklistStep, Entry, telling
from apps.groups.models import Group
from apps.guidelines.models import Step
from apps.initiatives.actions import count_act, hold_running, note_progress
from apps.initiatives.models import Adoption
from apps.record.actions import write

EARLY_MUSTS = 4


@transaction.atomic
def log_entry(adoption: Adoption, *, step: Step, group: Group, by: User, now: datetime, **what: Any) -> Entry:
    """Log one thing done towards the community; it counts as an act, and the checklist measures itself anew.

    `what` holds the fields of the entry, as the form of the step gives them. A note without a link is measured only
    once somebody outside the group has said that they were there.
    """
    adoption = hold_running(adoption)
    entry = add_entry(adoption, step=step, group=group, by=by, now=now, **what)
    write(words.LOGGED, by=by, now=now, group=group, step=step, initiative=adoption.initiative, entry=entry)
    count_act(adoption, group, verb=words.LOGGED, now=now)
    measure_again(adoption, now=now)
    return entry


def add_entry(adoption: Adoption, *, step: Step, group: Group, by: User, now: datetime, **what: Any) -> Entry:
    """A new entry with its wait, if it has one; the caller holds the adoption, and measures."""
    if step.version_id != adoption.guidelines_id:
        raise Refused(_("This step belongs to another version of the guidelines."))
    refuse_without_link(step, what)
    refuse_second_click(adoption, step, what)
    state = Entry.State.COUNTS if what.get("url") else Entry.State.AWAITING
    entry = Entry.objects.create(
        adoption=adoption, step=step, group=group, state=state, logged_by=by, logged_at=now, **what
    )
    if state == Entry.State.AWAITING:
        open_deadline(CONFIRM_NOTE, entry, now=now)
    return entry


def refuse_without_link(step: Step, what: dict[str, Any]) -> None:
    if what.get("url"):
        return
    if not takes_notes(step):
        raise Refused(_("This step counts links, so an entry of it needs one."), field="url")
    if not what.get("note"):
        raise Refused(_("An entry needs a link as evidence, or a note that somebody who was there can confirm."))


def refuse_second_click(adoption: Adoption, step: Step, what: dict[str, Any], *, but: int = 0) -> None:
    """The same thing at the same time with the same evidence is one entry."""
    same_day = queries.entries_of(adoption).filter(step=step, happened_on=what["happened_on"]).exclude(pk=but)
    if any(entry.telling == telling(what) for entry in same_day):
        raise Refused(_("This entry is logged already."))


@transaction.atomic
def name_neighbours(
    adoption: Adoption, *, step: Step, names: list[str], group: Group, by: User, now: datetime
) -> ChecklistStep:
    """Say which former leads and neighbouring groups there are to tell; an empty list says: none.

    Refuses a list without a group that led the initiative before: it is told in any case.
    """
    adoption = hold_running(adoption)
    _refuse_without_former_leads(adoption, names)
    line, _new = ChecklistStep.objects.get_or_create(adoption=adoption, step=step)
    line.named = names
    line.save(update_fields=["named"])
    write(words.NAMED, by=by, now=now, group=group, initiative=adoption.initiative)
    measure_again(adoption, now=now)
    return line


def _refuse_without_former_leads(adoption: Adoption, names: list[str]) -> None:
    given = {name.casefold() for name in names}
    left_out = [name for name in queries.former_leads(adoption) if name.casefold() not in given]
    if left_out:
        raise Refused(
            _("These led the initiative before, so they are told in any case: %(groups)s.")
            % {"groups": listed(left_out)},
            field="names",
        )


def measure_again(adoption: Adoption, *, now: datetime) -> None:
    """Measure every step from the entries, and tell the adoption how far it is."""
    entries = list(queries.counting_entries(adoption))
    lines = {line.step_id: line for line in ChecklistStep.objects.filter(adoption=adoption)}
    shown = []
    for step in Step.objects.filter(version=adoption.guidelines_id).order_by("position"):
        line = lines.get(step.pk) or ChecklistStep(adoption=adoption, step=step)
        to_tell = None if line.named is None else queries.whom_to_tell(adoption, line.named)
        result = measure(step, entries, named=to_tell)
        line.measured, line.is_met = result.as_data(), result.met
        line.save()
        shown.append(queries.StepShown(line, step))
    musts = [row for row in shown if row.step.level == Step.Level.MUST]
    note_progress(
        adoption,
        musts_met=sum(row.is_met for row in musts),
        early_steps_met=all(row.is_met for row in musts[:EARLY_MUSTS]),
        musts_settled=all(row.is_settled for row in musts),
        now=now,
    )
