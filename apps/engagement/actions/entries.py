"""Logging what was done towards the community; the checklist measures itself after each entry."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.engagement import queries, words
from apps.engagement.measures import measure
from apps.engagement.models import ChecklistStep, Entry
from apps.groups.models import Group
from apps.guidelines.models import Step
from apps.initiatives.actions import count_act, hold_running, note_progress
from apps.initiatives.models import Adoption
from apps.record.actions import write

EARLY_MUSTS = 4


@transaction.atomic
def log_entry(adoption: Adoption, *, step: Step, group: Group, by: User, now: datetime, **what: Any) -> Entry:
    """Log one thing done towards the community; it counts as an act, and the checklist measures itself anew.

    `what` holds the fields of the entry, as the form of the step gives them.
    """
    adoption = hold_running(adoption)
    if step.version_id != adoption.guidelines_id:
        raise Refused(_("This step belongs to another version of the guidelines."))
    refuse_second_click(adoption, step, what)
    entry = Entry.objects.create(adoption=adoption, step=step, group=group, logged_by=by, logged_at=now, **what)
    write(words.LOGGED, by=by, now=now, group=group, step=step, initiative=adoption.initiative)
    count_act(adoption, group, verb=words.LOGGED, now=now)
    measure_again(adoption, now=now)
    return entry


def refuse_second_click(adoption: Adoption, step: Step, what: dict[str, Any]) -> None:
    """The same thing at the same time with the same evidence is one entry."""
    alike = ("title", "url", "happened_on", "starts_at", "closed_on", "told")
    same = {name: what[name] for name in alike if name in what}
    if queries.entries_of(adoption).filter(step=step, **same).exists():
        raise Refused(_("This entry is logged already."))


@transaction.atomic
def withdraw_entry(entry: Entry, *, by: User, now: datetime) -> None:
    """Take an entry back; it stays in the history and counts no more."""
    adoption = hold_running(entry.adoption)
    entry = Entry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    if entry.withdrawn_at:
        raise Refused(_("This entry was withdrawn already."))
    entry.withdrawn_at, entry.withdrawn_by = now, by
    entry.save(update_fields=["withdrawn_at", "withdrawn_by"])
    write(words.WITHDRAWN, by=by, now=now, group=entry.group, initiative=adoption.initiative)
    measure_again(adoption, now=now)


@transaction.atomic
def name_neighbours(
    adoption: Adoption, *, step: Step, names: list[str], group: Group, by: User, now: datetime
) -> ChecklistStep:
    """Say which former leads and neighbouring groups there are to tell; an empty list says: none."""
    adoption = hold_running(adoption)
    line, _new = ChecklistStep.objects.get_or_create(adoption=adoption, step=step)
    line.named = names
    line.save(update_fields=["named"])
    write(words.NAMED, by=by, now=now, group=group, initiative=adoption.initiative)
    measure_again(adoption, now=now)
    return line


def measure_again(adoption: Adoption, *, now: datetime) -> None:
    """Measure every step from the entries, and tell the adoption how far it is."""
    entries = list(queries.entries_of(adoption))
    lines = {line.step_id: line for line in ChecklistStep.objects.filter(adoption=adoption)}
    shown = []
    for step in Step.objects.filter(version=adoption.guidelines_id).order_by("position"):
        line = lines.get(step.pk) or ChecklistStep(adoption=adoption, step=step)
        result = measure(step, entries, named=line.named)
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
