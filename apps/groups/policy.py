from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups.models import Group, Membership


def is_member(person: User | AnonymousUser, group: Group) -> bool:
    return _active(person, group) is not None


def coordinates(person: User | AnonymousUser, group: Group) -> bool:
    """Coordinators adopt, end, request and admit."""
    membership = _active(person, group)
    return membership is not None and membership.is_coordinator


def _active(person: User | AnonymousUser, group: Group) -> Membership | None:
    if not person.pk:
        return None
    return group.memberships.filter(user=person.pk, state=Membership.State.ACTIVE).first()
