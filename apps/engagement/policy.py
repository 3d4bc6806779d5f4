from datetime import datetime

from apps.accounts.models import User
from apps.engagement.models import Doubt, Entry, Submission
from apps.engagement.queries import judges_of_each, reviewers_for
from apps.groups.models import Group
from apps.groups.policy import coordinates, is_member
from apps.groups.queries import people_in_conflict
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


def may_decide(person: User, submission: Submission, now: datetime) -> bool:
    """Reviewers with no part, now or in the last 12 months, in the group that handed in or another one that leads."""
    return person in reviewers_for(submission, now)


def may_confirm(person: User, entry: Entry, now: datetime) -> bool:
    """Whoever is in no group that leads or logged it, and was in none in the last 12 months."""
    groups = {entry.group_id, *entry.adoption.leads.values_list("group", flat=True)}
    return not people_in_conflict(groups, now).filter(user=person).exists()


def may_doubt(person: User, entry: Entry) -> bool:
    """Everybody but the members, who correct or withdraw it instead."""
    return not may_log(person, entry.adoption) and not is_member(person, entry.group)


def may_judge(person: User, doubt: Doubt, now: datetime) -> bool:
    """Reviewers without a part in the group or in another one that leads, but not whoever doubts."""
    return person in judges_of_each([doubt], now)[doubt.pk]
