from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.rules import Rule, days, remind, silence
from apps.groups.queries import coordinators_of
from apps.initiatives.badge import LAPSE_DAYS, REMINDER_DAYS, TERM_DAYS, TERM_REMINDER_DAYS
from apps.initiatives.models import Lead


def _coordinators(lead: Lead, now: datetime) -> "list[User]":
    return list(coordinators_of(lead.group))


KEEP_ALIVE = Rule(
    "initiatives.keep_alive",
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=_coordinators,
    what=lambda lead: (
        _("An update on %(initiative)s, or an engagement entry") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("on day 60 the badge turns quiet; on day 90 the term lapses, with thanks"),
    ladder=[*(remind(days(day)) for day in REMINDER_DAYS), silence(days(LAPSE_DAYS))],
    public=False,
)

RENEW_TERM = Rule(
    "initiatives.renew_term",
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=_coordinators,
    what=lambda lead: (
        _("A short summary that renews the term on %(initiative)s") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("the term ends, with thanks"),
    ladder=[*(remind(days(day)) for day in TERM_REMINDER_DAYS), silence(days(TERM_DAYS))],
    public=False,
)
