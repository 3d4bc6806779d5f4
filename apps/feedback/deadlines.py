from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import THE_CLOCK
from apps.deadlines.rules import Rule, days, days_before_end, remind, silence
from apps.deadlines.states import all_of, declare
from apps.feedback.models import Carry, Round
from apps.feedback.queries import wanted_words
from apps.groups.deadlines import coordinators, region_of_group

OPEN_DRAFT = Rule(
    "feedback.open_draft",
    title=gettext_lazy("Drafts of feedback rounds"),
    subject="feedback.Round",
    related=("group",),
    owed_by=lambda round_: f"group:{round_.group_id}",
    owner_name=lambda round_: round_.group.name,
    answerers=coordinators,
    what=lambda round_: _("The opening of the feedback round “%(round)s”") % {"round": round_},
    silence_means=gettext_lazy("the draft is put away"),
    outcomes={"opened": gettext_lazy("opened"), "put away": gettext_lazy("put away")},
    region=region_of_group,
    ladder=[remind(days(7)), silence(days(30))],
    public=False,
)

CLOSE = Rule(
    "feedback.close",
    title=gettext_lazy("Feedback rounds that close"),
    subject="feedback.Round",
    related=("group",),
    owed_by=lambda round_: THE_CLOCK,
    owner_name=lambda round_: _("the clock"),
    # Nobody can keep it from closing; the group is reminded that its summary is next.
    answerers=coordinators,
    what=lambda round_: _("The closing of the feedback round “%(round)s”") % {"round": round_},
    silence_means=gettext_lazy("the round closes, and the group owes a summary in 30 days"),
    region=region_of_group,
    ladder=[remind(days_before_end(7)), silence(days_before_end(0))],
    public=False,
)

SUMMARISE = Rule(
    "feedback.summarise",
    title=gettext_lazy("Summaries of feedback rounds"),
    subject="feedback.Round",
    related=("group",),
    owed_by=lambda round_: f"group:{round_.group_id}",
    owner_name=lambda round_: round_.group.name,
    answerers=coordinators,
    what=lambda round_: _("The summary of the feedback round “%(round)s”") % {"round": round_},
    silence_means=gettext_lazy("the round reads “no summary”, in public and for ever"),
    outcomes={"summarised": gettext_lazy("summarised")},
    region=region_of_group,
    ladder=[remind(days(14)), remind(days(25)), silence(days(30))],
)

declare(
    Round,
    waiting={
        Round.State.DRAFT: all_of(OPEN_DRAFT),
        Round.State.OPEN: all_of(CLOSE),
        Round.State.CLOSED: all_of(SUMMARISE),
    },
    resting={
        Round.State.SUMMARISED,
        Round.State.UNSUMMARISED,
        Round.State.CANCELLED,
        Round.State.DISCARDED,
    },
)


# --- Liaisons ---------------------------------------------------------------------------------


def a_liaison(carry: Carry) -> str:
    """In public a role, never a name."""
    return _("a liaison for %(what)s") % {"what": wanted_words(carry.languages, carry.regions)}


def the_liaison(carries: list[Carry], now: datetime) -> dict[int, list[User]]:
    return {carry.pk: [] if carry.liaison.is_blocked else [carry.liaison] for carry in carries}


def region_of_carry(carry: Carry) -> str:
    region: str = carry.regions[0] if carry.regions else ""
    return region


CARRY = Rule(
    "feedback.carry",
    title=gettext_lazy("Feedback rounds that liaisons are asked to carry"),
    subject="feedback.Carry",
    related=("round__group", "liaison"),
    owed_by=lambda carry: f"person:{carry.liaison_id}",
    owner_name=a_liaison,
    answerers=the_liaison,
    what=lambda carry: _("Whether “%(round)s” is carried to communities") % {"round": carry.round},
    silence_means=gettext_lazy("the round reads “nobody answered” there, without a name"),
    outcomes={"accepted": gettext_lazy("accepted"), "declined": gettext_lazy("declined")},
    region=region_of_carry,
    ladder=[remind(days(7)), silence(days(14))],
)

REPORT = Rule(
    "feedback.report",
    title=gettext_lazy("Reports of liaisons"),
    subject="feedback.Carry",
    related=("round__group", "liaison"),
    owed_by=lambda carry: f"person:{carry.liaison_id}",
    owner_name=a_liaison,
    answerers=the_liaison,
    what=lambda carry: _("A report on “%(round)s”") % {"round": carry.round},
    silence_means=gettext_lazy("the round reads “no report came” there, without a name"),
    outcomes={"reported": gettext_lazy("reported")},
    region=region_of_carry,
    # The end is 7 days after the closing of the round.
    ladder=[remind(days_before_end(14)), remind(days_before_end(7)), silence(days_before_end(0))],
)

declare(
    Carry,
    waiting={Carry.State.ASKED: all_of(CARRY), Carry.State.ACCEPTED: all_of(REPORT)},
    resting={
        Carry.State.DECLINED,
        Carry.State.LAPSED,
        Carry.State.REPORTED,
        Carry.State.UNREPORTED,
        Carry.State.CANCELLED,
    },
)
