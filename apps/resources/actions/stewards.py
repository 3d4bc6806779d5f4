"""Stewards: naming, inviting, accepting and leaving."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.resources import queries, words
from apps.resources.actions.passing_on import (
    pass_on_open_wishes,
)
from apps.resources.actions.reach import make_reachable
from apps.resources.actions.taking_on import take_on_wishes
from apps.resources.deadlines import ANSWER_STEWARDSHIP
from apps.resources.models import Resource, Stewardship

State = Stewardship.State
# Nobody is asked the same thing again and again.
INVITED_AGAIN_AFTER = timedelta(days=30)
INVITED_AT_MOST = 20


@transaction.atomic
def name_steward(resource: Resource, *, person: User, now: datetime) -> None:
    """Make somebody a steward; wishes that nobody answered are put before them."""
    _become_steward(_held(resource), person, now=now)


def _become_steward(resource: Resource, person: User, *, now: datetime) -> None:
    resource.stewards.add(person)
    write(words.STEWARD_NAMED, by=person, now=now, resource=resource)
    take_on_wishes(resource, now=now)


@transaction.atomic
def invite_steward(resource: Resource, *, person: User, by: User, now: datetime) -> Stewardship:
    """Invite somebody to become a steward; they have 14 days to accept, and their name is shown only then.

    Refuses for what was withdrawn, whoever is a steward, is blocked, was invited in the last 30 days, and more than
    20 at once.
    """
    resource = _held(resource)
    if resource.withdrawn_at:
        raise Refused(_("This was withdrawn. Offer it again first."))
    if person.is_blocked:
        raise Refused(_("This person is blocked and cannot take a duty now."), field="name")
    if resource.stewards.filter(pk=person.pk).exists():
        raise Refused(_("%(person)s is a steward of this already.") % {"person": person}, field="name")
    lately = resource.invitations.filter(person=person, invited_at__gt=now - INVITED_AGAIN_AFTER)
    if lately.exclude(state=State.TAKEN_BACK).exists():
        raise Refused(_("%(person)s was invited within the last 30 days.") % {"person": person}, field="name")
    if queries.open_invitations(resource).count() >= INVITED_AT_MOST:
        raise Refused(_("20 people are invited and have not answered yet. Wait for them, or take some back."))
    invitation = Stewardship.objects.create(resource=resource, person=person, invited_at=now, invited_by=by)
    deadline = open_deadline(ANSWER_STEWARDSHIP, invitation, now=now)
    write(words.STEWARD_INVITED, by=by, now=now, resource=resource)
    write_letters(
        words.STEWARD_INVITATION,
        to=[person],
        key=str(invitation.pk),
        link=invitation.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        person=by,
        resource=lambda: resource.name,
        due_at=deadline.due_at,
    )
    return invitation


@transaction.atomic
def accept_stewardship(invitation: Stewardship, *, reads_on_site: bool = False, by: User, now: datetime) -> Stewardship:
    """Become a steward; open wishes are put before them, and the others are told.

    Refuses somebody whom no letter and no notice would reach.
    """
    invitation = held_request(invitation)
    make_reachable(by, reads_on_site=reads_on_site)
    meet_deadline(ANSWER_STEWARDSHIP, invitation, now=now, by=by, outcome="accepted")
    _close(invitation, State.ACCEPTED, now=now)
    others = list(queries.stewards_of(invitation.resource))
    _become_steward(invitation.resource, by, now=now)
    _tell(invitation.resource, words.STEWARD_JOINED, to=others, about=by, now=now)
    return invitation


@transaction.atomic
def decline_stewardship(invitation: Stewardship, *, by: User, now: datetime) -> Stewardship:
    """Decline; nobody is told, and no name is shown."""
    invitation = held_request(invitation)
    meet_deadline(ANSWER_STEWARDSHIP, invitation, now=now, by=by, outcome="declined")
    return _close(invitation, State.DECLINED, now=now)


@transaction.atomic
def take_back_stewardship(invitation: Stewardship, *, by: User, now: datetime) -> Stewardship:
    """A steward takes an invitation back before it is answered."""
    invitation = held_request(invitation)
    cancel_deadline(ANSWER_STEWARDSHIP, invitation, now=now, by=by)
    return _close(invitation, State.TAKEN_BACK, now=now)


@ANSWER_STEWARDSHIP.when_silent
@transaction.atomic
def let_stewardship_lapse(invitation: Stewardship, *, now: datetime) -> None:
    """No answer is an answer: the invitation lapses and nobody is told."""
    _close(held_request(invitation), State.LAPSED, now=now)


@transaction.atomic
def leave_stewards(resource: Resource, *, by: User, now: datetime) -> None:
    """Be a steward no more. After the last one open wishes go on to other offers, and their groups are told.

    Whoever is the only one left is told so. Refused to who is no steward.
    """
    resource = _held(resource)
    if not resource.stewards.filter(pk=by.pk).exists():
        raise Refused(_("You are no steward of this."))
    resource.stewards.remove(by)
    write(words.STEWARD_LEFT, by=by, now=now, resource=resource)
    left = list(queries.stewards_of(resource))
    if not left and resource.policy != Resource.Policy.SELF_SERVICE:
        pass_on_open_wishes(resource, now=now)
    elif len(left) == 1:
        _tell(resource, words.LEFT_WITHOUT, to=left, about=by, now=now)


def _tell(resource: Resource, kind: LetterKind, *, to: list[User], about: User, now: datetime) -> None:
    write_letters(
        kind,
        to=to,
        key=f"{resource.pk}:{about.pk}:{now.isoformat()}",
        link=reverse("resources:stewards", args=[resource.slug]),
        now=now,
        resource=lambda: resource.name,
        person=about,
    )


def _held(resource: Resource) -> Resource:
    return Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)


def held_request(invitation: Stewardship) -> Stewardship:
    """The resource, then the invitation, held until the transaction ends; refused when it was answered."""
    resource = _held(invitation.resource)
    held = Stewardship.objects.select_for_update(of=("self",), no_key=True).select_related("person")
    invitation = held.get(pk=invitation.pk)
    if invitation.state != State.INVITED:
        raise Refused(_("This was answered already: %(state)s.") % {"state": invitation.get_state_display()})
    invitation.resource = resource
    return invitation


def _close(invitation: Stewardship, state: State, *, now: datetime) -> Stewardship:
    invitation.state, invitation.answered_at = state, now
    invitation.save(update_fields=["state", "answered_at"])
    return invitation
