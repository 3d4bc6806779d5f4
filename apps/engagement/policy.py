from datetime import datetime

from apps.accounts.models import User
from apps.engagement.queries import reviewers_for
from apps.groups.models import Group
from apps.groups.policy import coordinates, is_member
from apps.initiatives.models import Adoption


def may_log(person: User, adoption: Adoption) -> bool:
    """Members of a leading group log, correct and hand in."""
    return leading_group_of(person, adoption) is not None


def leading_group_of(person: User, adoption: Adoption) -> Group | None:
    """The leading group for which a person may act."""
    leads = adoption.leads.filter(ended_at=None).select_related("group")
    return next((lead.group for lead in leads if is_member(person, lead.group)), None)


def coordinated_group_of(person: User, adoption: Adoption) -> Group | None:
    """The leading group that a person coordinates; its coordinators move the adoption to newer guidelines."""
    leads = adoption.leads.filter(ended_at=None).select_related("group")
    return next((lead.group for lead in leads if coordinates(person, lead.group)), None)


def may_decide(person: User, group: Group, now: datetime) -> bool:
    """Reviewers who have no part in the group, and had none in the last 12 months."""
    return person in reviewers_for(group, now)
