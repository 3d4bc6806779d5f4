"""Who lets a group's mailing list have their address: each for themselves, taken back by one click."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.groups.actions import when_members_change
from apps.groups.models import Group, Membership
from apps.groups.queries import running_membership
from apps.resources.actions import making
from apps.resources.models import OnTheList, Resource, ResourceRequest


@transaction.atomic
def join_list(request: ResourceRequest, *, by: User, now: datetime) -> None:
    """Let this list have one's address; private, so it leaves no record.

    Refuses who is no member, who has no address, and a list that is over. Said twice, it counts once.
    """
    request = _held(request)
    membership = running_membership(by, request.group)
    if membership is None or membership.state != Membership.State.ACTIVE:
        raise Refused(_("Only members of the group are on its list."))
    if not by.email:
        raise Refused(_("Say first, in your settings, at which address you read mail."))
    if not request.is_held or request.resource.provider != Resource.Provider.MAILMAN:
        raise Refused(_("This is not a list of your group any more."))
    OnTheList.objects.get_or_create(request=request, membership=membership, defaults={"since_at": now})
    _tell_machine(request, now=now)


@transaction.atomic
def leave_list(request: ResourceRequest, *, by: User, now: datetime) -> None:
    """Take one's address back; whoever is not on the list is left as they are."""
    request = _held(request)
    request.on_the_list.filter(membership__user=by).delete()
    _tell_machine(request, now=now)


def _tell_machine(request: ResourceRequest, *, now: datetime) -> None:
    """What is not made yet is made with those who are on it then."""
    if request.is_held and request.reference:
        making.keep_in_step(request, now=now)


def _held(request: ResourceRequest) -> ResourceRequest:
    Resource.objects.select_for_update(no_key=True).get(pk=request.resource_id)
    held = ResourceRequest.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("resource", "group").get(pk=request.pk)


@when_members_change
def _follow(group: Group, *, now: datetime) -> None:
    making.follow_members(group, now=now)
