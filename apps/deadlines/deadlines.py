"""The two rules of this app itself: an absence begins and ends by the clock."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.models import Absence
from apps.deadlines.owners import THE_CLOCK
from apps.deadlines.rules import Rule, days_before_end, nobody, silence
from apps.deadlines.states import all_of, declare

ABSENCE_BEGINS = Rule(
    "deadlines.absence_begins",
    title=gettext_lazy("Absences that begin"),
    subject="deadlines.Absence",
    related=("person",),
    owed_by=lambda absence: THE_CLOCK,
    owner_name=lambda absence: _("the clock"),
    answerers=nobody,
    what=lambda absence: _("An absence"),
    silence_means=gettext_lazy("what one person was asked goes to others who can answer"),
    ladder=[silence(days_before_end(0))],
    public=False,
)

ABSENCE_ENDS = Rule(
    "deadlines.absence_ends",
    title=gettext_lazy("Absences that end"),
    subject="deadlines.Absence",
    related=("person",),
    owed_by=lambda absence: THE_CLOCK,
    owner_name=lambda absence: _("the clock"),
    answerers=nobody,
    what=lambda absence: _("An absence"),
    silence_means=gettext_lazy("what is still open goes back to whoever was asked first"),
    outcomes={"came back": gettext_lazy("came back")},
    ladder=[silence(days_before_end(0))],
    public=False,
)

declare(
    Absence,
    waiting={Absence.State.DECLARED: all_of(ABSENCE_BEGINS), Absence.State.AWAY: all_of(ABSENCE_ENDS)},
    resting={Absence.State.OVER},
)
