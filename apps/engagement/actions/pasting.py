"""Logging many entries of a step at once."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.engagement import queries, words
from apps.engagement.actions.entries import add_entry, measure_again
from apps.engagement.models import Entry, telling
from apps.groups.models import Group
from apps.guidelines.models import Step
from apps.initiatives.actions import count_act, hold_running
from apps.initiatives.models import Adoption
from apps.record.actions import write

MOST_LINES = 50


@transaction.atomic
def log_entries(
    adoption: Adoption, *, step: Step, lines: list[dict[str, Any]], group: Group, by: User, now: datetime
) -> list[Entry]:
    """Log all of them or none, in one act; what is logged already, or stands there twice, is left out."""
    if len(lines) > MOST_LINES:
        words_ = ngettext("At most %(most)d line at once.", "At most %(most)d lines at once.", MOST_LINES)
        raise Refused(words_ % {"most": MOST_LINES})
    adoption = hold_running(adoption)
    known, entries = queries.logged_already(adoption, step), []
    for what in lines:
        if telling(what) not in known:
            known.add(telling(what))
            entries.append(add_entry(adoption, step=step, group=group, by=by, now=now, **what))
    if not entries:
        raise Refused(_("All of these are logged already."))
    about = {f"entry_{number}": entry for number, entry in enumerate(entries)}
    write(words.LOGGED_SEVERAL, by=by, now=now, group=group, step=step, initiative=adoption.initiative, **about)
    count_act(adoption, group, verb=words.LOGGED_SEVERAL, now=now)
    measure_again(adoption, now=now)
    return entries
