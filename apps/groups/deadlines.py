from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.deadlines.owners import OwnerKind, keys_of
from apps.deadlines.rules import Rule, days, remind, silence
from apps.groups.models import Membership
from apps.groups.queries import coordinated_groups, coordinators_of

GROUP = OwnerKind("group", keys=lambda person, now: keys_of(coordinated_groups(person), "group"))

ANSWER_JOIN = Rule(
    "groups.answer_join",
    subject="groups.Membership",
    related=("group", "user"),
    owed_by=lambda membership: f"group:{membership.group_id}",
    owner_name=lambda membership: membership.group.name,
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
    owner_name=lambda membership: _("one person"),
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
