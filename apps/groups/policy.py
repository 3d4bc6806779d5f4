from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups.models import Group, Membership
from apps.groups.queries import facilitated_groups


def is_member(person: User | AnonymousUser, group: Group) -> bool:
    return _active(person, group) is not None


def coordinates(person: User | AnonymousUser, group: Group) -> bool:
    """Coordinators adopt, end, request and admit."""
    membership = _active(person, group)
    return membership is not None and membership.is_coordinator


def facilitates(person: User | AnonymousUser, group: Group, now: datetime) -> bool:
    """A facilitator whom the group accepts, while they hold the role."""
    return isinstance(person, User) and facilitated_groups(person, now).filter(pk=group.pk).exists()


def _active(person: User | AnonymousUser, group: Group) -> Membership | None:
    if not person.pk:
        return None
    return group.memberships.filter(user=person.pk, state=Membership.State.ACTIVE).first()
