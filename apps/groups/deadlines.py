from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.owners import OwnerKind
from apps.deadlines.rules import Rule, days, remind, silence
from apps.groups.models import Group, Membership
from apps.groups.queries import coordinated_groups, coordinators_of


def _names(ids: Iterable[str]) -> dict[str, str]:
    found = Group.objects.in_bulk([int(pk) for pk in ids])
    return {str(pk): group.name for pk, group in found.items()}


def _coordinated_by(person: User, now: datetime) -> Iterable[int]:
    return coordinated_groups(person).values_list("pk", flat=True)


GROUP = OwnerKind("group", names=_names, ids_of=_coordinated_by)

ANSWER_JOIN = Rule(
    "groups.answer_join",
    subject="groups.Membership",
    related=("group", "user"),
    owed_by=lambda membership: f"group:{membership.group_id}",
    answerers=lambda membership, now: coordinators_of(membership.group),
    what=lambda membership: _("A request to join %(group)s") % {"group": membership.group},
    silence_means=gettext_lazy("whoever asked becomes a member"),
    ladder=[remind(days(7)), silence(days(14))],
)

ANSWER_INVITATION = Rule(
    "groups.answer_invitation",
    subject="groups.Membership",
    related=("group", "user"),
    owed_by=lambda membership: f"person:{membership.user_id}",
    answerers=lambda membership, now: [membership.user],
    what=lambda membership: _("An invitation to %(group)s") % {"group": membership.group},
    silence_means=gettext_lazy("the invitation lapses"),
    ladder=[remind(days(7)), silence(days(14))],
    public=False,
)

WAITING = {
    (Membership, Membership.State.ASKED): (ANSWER_JOIN,),
    (Membership, Membership.State.INVITED): (ANSWER_INVITATION,),
}
RESTING = {
    (Membership, Membership.State.ACTIVE),
    (Membership, Membership.State.LEFT),
    (Membership, Membership.State.DECLINED),
    (Membership, Membership.State.LAPSED),
}
