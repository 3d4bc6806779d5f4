from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups.models import Group, Meeting, Membership, Position
from apps.groups.queries import facilitated_groups, people_in_conflict
from apps.people.queries import reviewers


def is_member(person: User | AnonymousUser, group: Group) -> bool:
    return _active(person, group) is not None


def coordinates(person: User | AnonymousUser, group: Group) -> bool:
    """Coordinators adopt, end, request and admit."""
    membership = _active(person, group)
    return membership is not None and membership.is_coordinator


def facilitates(person: User | AnonymousUser, group: Group, now: datetime) -> bool:
    """A facilitator whom the group accepts, while they hold the role."""
    return isinstance(person, User) and facilitated_groups(person, now).filter(pk=group.pk).exists()


def may_plan(person: User | AnonymousUser, group: Group, now: datetime) -> bool:
    """Coordinators, and facilitators whom the group accepts."""
    return coordinates(person, group) or facilitates(person, group, now)


def may_change_meeting(person: User | AnonymousUser, meeting: Meeting, now: datetime) -> bool:
    """Members, and facilitators whom the group accepts, change and cancel a meeting; blocked people do not."""
    if _is_blocked(person):
        return False
    return is_member(person, meeting.group) or facilitates(person, meeting.group, now)


def may_come(person: User | AnonymousUser, meeting: Meeting) -> bool:
    """Everybody to an open meeting, members to one of theirs; who may come is also told where it is.

    Blocked people come to none of those that are for members alone.
    """
    return meeting.is_open or (is_member(person, meeting.group) and not _is_blocked(person))


def may_settle(person: User | AnonymousUser, position: Position, now: datetime) -> bool:
    """Whoever objected says that it is answered; of an answer also a reviewer who is and was no member of late."""
    if person.pk == position.person_id:
        return True
    reviews = isinstance(person, User) and reviewers(now).filter(pk=person.pk).exists()
    return reviews and not people_in_conflict([position.proposal.group_id], now).filter(user=person.pk).exists()


def _is_blocked(person: User | AnonymousUser) -> bool:
    return isinstance(person, User) and person.is_blocked


def _active(person: User | AnonymousUser, group: Group) -> Membership | None:
    if not person.pk:
        return None
    return group.memberships.filter(user=person.pk, state=Membership.State.ACTIVE).first()
