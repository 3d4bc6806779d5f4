from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups.models import Group
from apps.groups.policy import coordinates, facilitates, is_member
from apps.people.policy import may_grant_roles
from apps.resources import queries
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries import stewards_of


def may_answer(person: User | AnonymousUser, resource: Resource) -> bool:
    """The stewards of a resource, any one of them."""
    return person.pk is not None and stewards_of(resource).filter(pk=person.pk).exists()


def may_ask_for(person: User | AnonymousUser, group: Group, now: datetime) -> bool:
    """Coordinators ask, keep and give back for their group, and so do the facilitators whom it accepts."""
    return coordinates(person, group) or facilitates(person, group, now)


def may_see_address(person: User | AnonymousUser, request: ResourceRequest, now: datetime) -> bool:
    """Only the group, and a facilitator whom it accepts, sees where its room or pad is; blocked people never."""
    return queries.is_of_group(request, person, now)


def may_enter(person: User | AnonymousUser, request: ResourceRequest, now: datetime) -> bool:
    """Its group and accepted facilitators; everybody while an open meeting is held; blocked people never."""
    return queries.may_enter(request, person, now)


def may_enter_later(person: User | AnonymousUser, request: ResourceRequest, now: datetime) -> bool:
    """Whoever is let in once it begins, such as guests of an open meeting who come too early."""
    return queries.may_enter_later(request, person, now)


def may_be_on_list(person: User | AnonymousUser, request: ResourceRequest) -> bool:
    """Members, each for themselves, while the group has the list."""
    is_list = request.resource.provider == Resource.Provider.MAILMAN and request.is_held
    return is_list and is_member(person, request.group)


def is_reachable(person: User) -> bool:
    """Whether letters reach a person, or they chose to read them on the site."""
    return person.mail == User.Mail.SITE or bool(person.email and not person.mail_paused_at)


def may_withdraw(person: User | AnonymousUser, resource: Resource, now: datetime) -> bool:
    """Its stewards, and administrators, also once nobody stewards it any more."""
    return may_answer(person, resource) or may_grant_roles(person, now)
