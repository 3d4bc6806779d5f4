from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups.policy import is_member
from apps.resources.models import Resource, ResourceRequest
from apps.resources.queries import stewards_of


def may_answer(person: User | AnonymousUser, resource: Resource) -> bool:
    """The stewards of a resource, any one of them."""
    return person.pk is not None and stewards_of(resource).filter(pk=person.pk).exists()


def may_see_address(person: User | AnonymousUser, request: ResourceRequest) -> bool:
    """Only the group sees where its room or pad is."""
    return is_member(person, request.group)
