from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import THE_CLOCK, OwnerKind, OwnerPart, id_in, keys_of
from apps.deadlines.rules import Rule, days, days_before_end, nobody, reads, remind, silence
from apps.deadlines.states import all_of, declare
from apps.groups.models import Group, Meeting, Membership, Position, Proposal, Succession
from apps.groups.queries import coordinated_groups, coordinators_of_each


def names_of_groups(keys: Iterable[str]) -> dict[str, str]:
    names = Group.objects.filter(pk__in=[id_in(key) for key in keys]).values_list("pk", "name")
    return {f"group:{pk}": name for pk, name in names}


@reads("group_id")
def coordinators(subjects: list[Any], now: datetime) -> dict[int, list[User]]:
    """Who acts for the groups of some subjects."""
    found = coordinators_of_each(subject.group_id for subject in subjects)
    return {subject.pk: found.get(subject.group_id, []) for subject in subjects}


def region_of_group(subject: Any) -> str:
    region: str = subject.group.region
    return region


GROUP = OwnerKind(
    "group",
    title=gettext_lazy("Working groups"),
    keys=lambda person, now: keys_of(coordinated_groups(person), "group"),
    names=names_of_groups,
    all_told=gettext_lazy("Due; all coordinators are told"),
)
AFFILIATES = OwnerPart(
    "affiliate",
    title=gettext_lazy("Groups of affiliates"),
    keys=lambda: keys_of(Group.objects.filter(kind=Group.Kind.AFFILIATE), "group"),
)

ANSWER_JOIN = Rule(
    "groups.answer_join",
    title=gettext_lazy("Requests to join a group"),
    subject="groups.Membership",
    related=("group", "user"),
    owed_by=lambda membership: f"group:{membership.group_id}",
    owner_name=lambda membership: membership.group.name,
    answerers=coordinators,
    what=lambda membership: _("A request to join %(group)s") % {"group": membership.group},
    silence_means=gettext_lazy("whoever asked becomes a member"),
    outcomes={"admitted": gettext_lazy("admitted"), "declined": gettext_lazy("declined")},
    region=region_of_group,
    ladder=[remind(days(7)), silence(days(14))],
)

ANSWER_INVITATION = Rule(
    "groups.answer_invitation",
    title=gettext_lazy("Invitations to a group"),
    subject="groups.Membership",
    related=("group", "user"),
    owed_by=lambda membership: f"person:{membership.user_id}",
    owner_name=lambda membership: _("one person"),
    answerers=lambda memberships, now: {membership.pk: [membership.user] for membership in memberships},
    what=lambda membership: _("An invitation to %(group)s") % {"group": membership.group},
    silence_means=gettext_lazy("the invitation lapses"),
    outcomes={"accepted": gettext_lazy("accepted"), "declined": gettext_lazy("declined")},
    region=region_of_group,
    ladder=[remind(days(7)), silence(days(14))],
    public=False,
)

declare(
    Membership,
    waiting={Membership.State.ASKED: all_of(ANSWER_JOIN), Membership.State.INVITED: all_of(ANSWER_INVITATION)},
    resting={
        Membership.State.ACTIVE,
        Membership.State.LEFT,
        Membership.State.DECLINED,
        Membership.State.LAPSED,
    },
)

# --- Meetings --------------------------------------------------------------------------------

NOTES_OWED_DAYS = 7

MEETING_ENDS = Rule(
    "groups.meeting_ends",
    title=gettext_lazy("Meetings that are held"),
    subject="groups.Meeting",
    related=("group",),
    owed_by=lambda meeting: THE_CLOCK,
    owner_name=lambda meeting: _("the clock"),
    answerers=nobody,
    what=lambda meeting: _("The end of a meeting of %(group)s") % {"group": meeting.group},
    silence_means=gettext_lazy("the group owes its notes"),
    region=region_of_group,
    ladder=[silence(days_before_end(0))],
    public=False,
)

PUBLISH_NOTES = Rule(
    "groups.publish_notes",
    title=gettext_lazy("Notes of meetings"),
    subject="groups.Meeting",
    related=("group",),
    owed_by=lambda meeting: f"group:{meeting.group_id}",
    owner_name=lambda meeting: meeting.group.name,
    answerers=coordinators,
    what=lambda meeting: _("The notes of a meeting of %(group)s") % {"group": meeting.group},
    silence_means=gettext_lazy("the meeting reads “no notes”, for ever"),
    outcomes={"published": gettext_lazy("published")},
    region=region_of_group,
    ladder=[remind(days(1)), remind(days(5)), silence(days(NOTES_OWED_DAYS))],
)

declare(
    Meeting,
    waiting={Meeting.State.PLANNED: all_of(MEETING_ENDS), Meeting.State.HELD: all_of(PUBLISH_NOTES)},
    resting={Meeting.State.NOTED, Meeting.State.NO_NOTES, Meeting.State.CANCELLED},
)

# --- Proposals -------------------------------------------------------------------------------

CLOSE_PROPOSAL = Rule(
    "groups.close_proposal",
    title=gettext_lazy("Proposals that close"),
    subject="groups.Proposal",
    related=("group",),
    owed_by=lambda proposal: THE_CLOCK,
    owner_name=lambda proposal: _("the clock"),
    answerers=nobody,
    what=lambda proposal: _("The end date of a proposal of %(group)s") % {"group": proposal.group},
    silence_means=gettext_lazy("without an open objection it is adopted by lazy consensus"),
    region=region_of_group,
    ladder=[silence(days_before_end(0))],
    public=False,
)

ANSWER_OBJECTIONS = Rule(
    "groups.answer_objections",
    title=gettext_lazy("Answers to objections"),
    subject="groups.Proposal",
    related=("group",),
    owed_by=lambda proposal: f"group:{proposal.group_id}",
    owner_name=lambda proposal: proposal.group.name,
    answerers=coordinators,
    what=lambda proposal: _("An answer to the objections to a proposal of %(group)s") % {"group": proposal.group},
    silence_means=gettext_lazy("the proposal falls"),
    outcomes={"answered": gettext_lazy("answered")},
    region=region_of_group,
    ladder=[remind(days(7)), remind(days(12)), silence(days(14))],
)

SETTLE_OBJECTION = Rule(
    "groups.settle_objection",
    title=gettext_lazy("Objections that were answered"),
    subject="groups.Position",
    related=("proposal__group", "person"),
    owed_by=lambda position: f"person:{position.person_id}",
    owner_name=lambda position: _("whoever objected"),
    answerers=lambda positions, now: {position.pk: [position.person] for position in positions},
    what=lambda position: (
        _("Whether an objection to a proposal of %(group)s is answered") % {"group": position.proposal.group}
    ),
    silence_means=gettext_lazy("the objection counts as answered"),
    outcomes={"settled": gettext_lazy("settled"), "stands": gettext_lazy("it stands")},
    region=lambda position: position.proposal.group.region,
    ladder=[remind(days(7)), silence(days(14))],
    public=False,
)

declare(
    Proposal,
    waiting={Proposal.State.OPEN: all_of(CLOSE_PROPOSAL), Proposal.State.OWED: all_of(ANSWER_OBJECTIONS)},
    # While it settles, it waits through its answered objections.
    resting={
        Proposal.State.SETTLING,
        Proposal.State.ADOPTED,
        Proposal.State.FALLEN,
        Proposal.State.WITHDRAWN,
    },
)
declare(
    Position,
    waiting={Position.State.ANSWERED: all_of(SETTLE_OBJECTION)},
    # An open objection waits through its proposal: for the end date, and then for the answer.
    resting={Position.State.SAID, Position.State.OBJECTS, Position.State.SETTLED, Position.State.CLOSED},
)

ANSWER_SUCCESSION = Rule(
    "groups.answer_succession",
    title=gettext_lazy("Groups whose coordinators seem to be gone"),
    subject="groups.Succession",
    related=("group",),
    owed_by=lambda succession: f"group:{succession.group_id}",
    owner_name=lambda succession: succession.group.name,
    answerers=coordinators,
    what=lambda succession: _("A sign of life of the coordinators of %(group)s") % {"group": succession.group},
    silence_means=gettext_lazy("the member who offers to, and has been active longest, becomes coordinator"),
    outcomes={"here": gettext_lazy("they are there")},
    region=region_of_group,
    ladder=[remind(days(7)), remind(days(12)), silence(days(14))],
)

declare(
    Succession,
    waiting={Succession.State.OPEN: all_of(ANSWER_SUCCESSION)},
    resting={Succession.State.ANSWERED, Succession.State.FILLED, Succession.State.VOID},
)
