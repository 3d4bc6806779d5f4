"""Moving a running adoption to the guidelines that are in force."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.engagement import queries, words
from apps.engagement.actions.entries import measure_again
from apps.engagement.models import ChecklistStep, Entry
from apps.groups.models import Group
from apps.groups.queries import active_members_of, coordinators_of
from apps.guidelines.actions import when_in_force
from apps.guidelines.models import Step, Version
from apps.guidelines.queries import current_version
from apps.initiatives.actions import hold_running
from apps.initiatives.models import Adoption, Lead
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def move_to_guidelines(adoption: Adoption, *, number: str, group: Group, by: User, now: datetime) -> Adoption:
    """Move a running adoption to the version in force; `number` is the one whose changes were read.

    Steps are the same by their code: they keep entries, decisions and whom the group named. New ones are open, dropped
    ones stay to be read. Refuses while steps are in review, since a reviewer answers on what was handed in; while it
    concludes, since new steps are not settled; when the adoption is there already or ended; and when another version
    has come into force meanwhile.
    """
    adoption = hold_running(adoption)
    version = current_version()
    if adoption.guidelines_id == version.pk:
        raise Refused(_("This adoption is under guidelines %(number)s already.") % {"number": version})
    if number != version.number:
        raise Refused(
            _("Guidelines %(number)s are in force by now. Read what they change first.") % {"number": version}
        )
    if adoption.concludes_at:
        raise Refused(_("It concludes. Take the conclusion back first."))
    if queries.steps_in_review(adoption):
        raise Refused(_("Steps are in review. Move once they are answered, or on the day when silence settles them."))
    _move_steps(adoption, version)
    adoption.guidelines = version
    adoption.save(update_fields=["guidelines"])
    measure_again(adoption, now=now)
    write(words.MOVED, by=by, now=now, group=group, initiative=adoption.initiative, version=version)
    _tell_members(adoption, version, by=by, now=now)
    return adoption


def _move_steps(adoption: Adoption, version: Version) -> None:
    new_ids = dict(Step.objects.filter(version=version).values_list("code", "pk"))
    for step in Step.objects.filter(version=adoption.guidelines_id, code__in=new_ids):
        Entry.objects.filter(adoption=adoption, step=step).update(step=new_ids[step.code])
        ChecklistStep.objects.filter(adoption=adoption, step=step).update(step=new_ids[step.code])


def _tell_members(adoption: Adoption, version: Version, *, by: User, now: datetime) -> None:
    for lead in adoption.leads.filter(ended_at=None).select_related("group"):
        write_letters(
            words.MOVED_LETTER,
            to=active_members_of(lead.group).exclude(pk=by.pk),
            key=f"{adoption.pk}:{version.pk}:{lead.pk}",
            link=reverse("engagement:checklist", args=[adoption.initiative.number, adoption.initiative.words]),
            now=now,
            by=by,
            initiative=lambda: adoption.initiative.title,
            number=version.number,
        )


@when_in_force
@transaction.atomic
def tell_leads_of_new_guidelines(version: Version, *, now: datetime) -> None:
    """Tell those who can move their adoption that there is something to move to."""
    older = Lead.objects.filter(ended_at=None, adoption__ended_at=None).exclude(adoption__guidelines=version)
    for lead in older.select_related("group", "adoption__initiative", "adoption__guidelines"):
        initiative = lead.adoption.initiative
        write_letters(
            words.CAN_MOVE,
            to=coordinators_of(lead.group),
            key=f"{version.pk}:{lead.pk}",
            link=reverse("engagement:move", args=[initiative.number, initiative.words]),
            now=now,
            initiative=lambda initiative=initiative: initiative.title,
            number=version.number,
            before=lead.adoption.guidelines.number,
        )
