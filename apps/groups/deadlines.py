from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import OwnerKind, OwnerPart, id_in, keys_of
from apps.deadlines.rules import Rule, days, remind, silence
from apps.deadlines.states import all_of, declare
from apps.groups.models import Group, Membership
from apps.groups.queries import coordinated_groups, coordinators_of_each


def names_of_groups(keys: Iterable[str]) -> dict[str, str]:
    names = Group.objects.filter(pk__in=[id_in(key) for key in keys]).values_list("pk", "name")
    return {f"group:{pk}": name for pk, name in names}


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
