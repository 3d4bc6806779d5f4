from django.db.models import Case, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.rules import Rule, days, remind, silence
from apps.deadlines.states import all_of, declare
from apps.groups.deadlines import coordinators, region_of_group
from apps.initiatives.badge import LAPSE_DAYS, REMINDER_DAYS, TERM_DAYS, TERM_REMINDER_DAYS
from apps.initiatives.models import Lead

KEEP_ALIVE = Rule(
    "initiatives.keep_alive",
    title=gettext_lazy("Signs of life of a lead"),
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=coordinators,
    region=region_of_group,
    what=lambda lead: (
        _("An update on %(initiative)s, or an engagement entry") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("on day 60 the badge turns quiet; on day 90 the term lapses, with thanks"),
    ladder=[*(remind(days(day)) for day in REMINDER_DAYS), silence(days(LAPSE_DAYS))],
    public=False,
)

RENEW_TERM = Rule(
    "initiatives.renew_term",
    title=gettext_lazy("Renewals of a term"),
    subject="initiatives.Lead",
    related=("group", "adoption__initiative"),
    owed_by=lambda lead: f"group:{lead.group_id}",
    owner_name=lambda lead: lead.group.name,
    answerers=coordinators,
    region=region_of_group,
    what=lambda lead: (
        _("A short summary that renews the term on %(initiative)s") % {"initiative": lead.adoption.initiative}
    ),
    silence_means=gettext_lazy("the term ends, with thanks"),
    outcomes={"renewed": gettext_lazy("renewed")},
    ladder=[*(remind(days(day)) for day in TERM_REMINDER_DAYS), silence(days(TERM_DAYS))],
    public=False,
)

declare(
    Lead,
    state=Case(When(ended_at=None, then=Value("leads")), default=Value("ended")),
    waiting={"leads": all_of(KEEP_ALIVE, RENEW_TERM)},
    resting={"ended"},
)
