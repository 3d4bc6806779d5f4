"""When the coordinators of a group seem to be gone: members offer to coordinate, and silence lets one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups import queries, words
from apps.groups.actions.changes import tell_that_members_changed
from apps.groups.deadlines import ANSWER_SUCCESSION
from apps.groups.models import Group, Membership, Succession
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def offer_to_coordinate(group: Group, *, by: User, now: datetime) -> Succession:
    """A member would coordinate, since the coordinators seem to be gone; these have 14 days to say that they are not.

    Others may offer in the same days. Refused to coordinators, to people outside, and the second time.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    member = _member(group, by)
    if member.is_coordinator:
        raise Refused(_("You coordinate this group already."))
    if member.willing_at:
        raise Refused(_("You have offered already. The coordinators have 14 days to answer."))
    member.willing_at = now
    member.save(update_fields=["willing_at"])
    write(words.WILLING, by=None, now=now, group=group)
    return queries.open_succession(group) or _ask_the_coordinators(group, now=now)


def _ask_the_coordinators(group: Group, *, now: datetime) -> Succession:
    succession = Succession.objects.create(group=group, opened_at=now)
    deadline = open_deadline(ANSWER_SUCCESSION, succession, now=now)
    write_letters(
        words.ARE_YOU_THERE,
        to=queries.coordinators_of(group),
        key=str(succession.pk),
        link=group.get_absolute_url(),
        now=now,
        deadline=deadline,
        group=group,
        due_at=deadline.due_at,
    )
    return succession


@transaction.atomic
def take_back_offer(group: Group, *, by: User, now: datetime) -> None:
    """Whoever offered does not any more; without anybody who does, the coordinators owe nothing."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    member = _member(group, by)
    member.willing_at = None
    member.save(update_fields=["willing_at"])
    succession = queries.open_succession(group)
    if succession and not queries.willing_members(group).exists():
        cancel_deadline(ANSWER_SUCCESSION, succession, now=now, by=by)
        _close(succession, Succession.State.VOID, now=now)


@transaction.atomic
def say_still_here(group: Group, *, by: User, now: datetime) -> None:
    """A coordinator is there: nothing changes."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if queries.open_succession(group) is None:
        raise Refused(_("Nobody asks that any more."))
    note_coordinators_are_there(group, now=now)
    write(words.STILL_HERE, by=None, now=now, group=group)


def note_coordinators_are_there(group: Group, *, now: datetime) -> None:
    """Whatever shows that a coordinator is there answers the question; the caller holds the group."""
    succession = queries.open_succession(group)
    if succession:
        meet_deadline(ANSWER_SUCCESSION, succession, now=now, outcome="here")
        _close(succession, Succession.State.ANSWERED, now=now)


def end_succession(group: Group, *, now: datetime) -> None:
    """The group has no members any more; the caller holds it."""
    succession = queries.open_succession(group)
    if succession:
        cancel_deadline(ANSWER_SUCCESSION, succession, now=now)
        _close(succession, Succession.State.VOID, now=now)


@ANSWER_SUCCESSION.when_silent
@transaction.atomic
def let_a_member_coordinate(succession: Succession, *, now: datetime) -> None:
    """Fourteen days without an answer: the willing member who has been active longest coordinates, too.

    Whoever is beyond the limits is passed over for somebody who is not; a group is not left without anybody for them.
    """
    # The people before the group, as whoever adopts holds them.
    willing = queries.willing_members(succession.group).order_by().values("user")
    list(User.objects.select_for_update(no_key=True).filter(pk__in=willing).order_by("pk").values_list("pk"))
    group = Group.objects.select_for_update(no_key=True).get(pk=succession.group_id)
    candidates = list(queries.willing_members(group))
    free = (member for member in candidates if not queries.reason_not_to_coordinate(group, member.user))
    successor = next(free, candidates[0] if candidates else None)
    if successor is None:
        _close(succession, Succession.State.VOID, now=now)
        return
    successor.is_coordinator = True
    successor.save(update_fields=["is_coordinator"])
    _close(succession, Succession.State.FILLED, now=now)
    tell_that_members_changed(group, now=now)
    write(words.COORDINATES_BY_SILENCE, by=None, now=now, group=group)
    write_letters(
        words.YOU_COORDINATE,
        to=[successor.user],
        key=str(succession.pk),
        link=group.get_absolute_url(),
        now=now,
        group=group,
    )


def _close(succession: Succession, state: Succession.State, *, now: datetime) -> None:
    succession.state, succession.closed_at = state, now
    succession.save(update_fields=["state", "closed_at"])
    Membership.objects.filter(group=succession.group_id).exclude(willing_at=None).update(willing_at=None)


def _member(group: Group, person: User) -> Membership:
    member = group.memberships.select_for_update(no_key=True).filter(user=person, state=Membership.State.ACTIVE).first()
    if member is None:
        raise Refused(_("You are not a member of this group."))
    return member
