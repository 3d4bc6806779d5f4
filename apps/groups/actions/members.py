"""Forming groups, joining and leaving them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups import queries, words
from apps.groups.actions.changes import tell_that_members_changed
from apps.groups.actions.succession import end_succession, note_coordinators_are_there
from apps.groups.deadlines import ANSWER_INVITATION, ANSWER_JOIN
from apps.groups.models import INVITE_AT_ONCE, Facilitation, Group, Membership
from apps.notifications.actions import write_letters
from apps.people.models import Affiliate, RoleTerm
from apps.people.queries import holders_of
from apps.record.actions import write
from apps.record.verbs import Verb

# /groups/new/ is a page of its own.
PAGES_BESIDE_GROUPS = {"new"}


@transaction.atomic
def form_group(
    *,
    name: str,
    by: User,
    now: datetime,
    purpose: str = "",
    kind: str = Group.Kind.VOLUNTEERS,
    affiliate: Affiliate | None = None,
    region: str = "",
    seeks_members: bool = False,
) -> Group:
    """Form a group that `by` coordinates; a group can begin with one person.

    Refuses a name that is taken, also by another writing of it (upper case, spaces).
    """
    slug = slugify(name, allow_unicode=True)[:80].strip("-")
    if not slug:
        raise Refused(_("A name needs at least one letter or digit."), field="name")
    if (
        slug in PAGES_BESIDE_GROUPS
        or Group.objects.filter(slug=slug).exists()
        or Group.objects.filter(name__iexact=name).exists()
    ):
        raise _name_taken()
    try:
        with transaction.atomic():
            group = Group.objects.create(
                slug=slug,
                name=name,
                kind=kind,
                affiliate=affiliate,
                purpose=purpose,
                region=region or (affiliate.region if affiliate else ""),
                seeks_members=seeks_members,
                formed_at=now,
                is_example=by.is_example,
            )
    except IntegrityError as error:
        raise _name_taken() from error
    Membership.objects.create(
        group=group, user=by, state=Membership.State.ACTIVE, is_coordinator=True, began_at=now, joined_at=now
    )
    write(words.FORMED, by=by, now=now, group=group)
    return group


def _name_taken() -> Refused:
    return Refused(_("Another group has this name. Add a word, or ask to join that group."), field="name")


@transaction.atomic
def change_group(group: Group, *, purpose: str, region: str, seeks_members: bool, by: User, now: datetime) -> Group:
    """Change what a group says about itself."""
    group.purpose, group.region, group.seeks_members = purpose, region, seeks_members
    group.save(update_fields=["purpose", "region", "seeks_members"])
    write(words.CHANGED, by=by, now=now, group=group)
    return group


@transaction.atomic
def confirm_group(group: Group, *, by: User, now: datetime) -> None:
    """An administrator confirms that an affiliate or foundation group acts for its organisation."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if group.kind == Group.Kind.VOLUNTEERS:
        raise Refused(_("A group of volunteers needs no confirmation."))
    if group.confirmed_at:
        raise Refused(_("This group is confirmed already."))
    group.confirmed_at, group.confirmed_by = now, by
    group.save(update_fields=["confirmed_at", "confirmed_by"])
    write(words.CONFIRMED, by=by, now=now, group=group)


@transaction.atomic
def ask_to_join(group: Group, *, message: str, by: User, now: datetime) -> Membership:
    """Ask to join; a coordinator owes the answer in 14 days, and silence admits."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if not _active(group).exists():
        raise Refused(_("Nobody is a member of this group any more. Form a group of your own, or join another one."))
    running = queries.running_membership(by, group)
    if running and running.state == Membership.State.INVITED:
        return answer_invitation(running, accept=True, now=now)
    if running:
        raise Refused(
            _("You are a member already.")
            if running.state == Membership.State.ACTIVE
            else _("You have asked already. The group owes you an answer.")
        )
    membership = Membership.objects.create(
        group=group, user=by, state=Membership.State.ASKED, message=message, began_at=now
    )
    deadline = open_deadline(ANSWER_JOIN, membership, now=now)
    write(words.ASKED, by=by, now=now, group=group)
    write_letters(
        words.ASKS_TO_JOIN,
        to=queries.coordinators_of(group),
        key=str(membership.pk),
        link=group.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        person=by,
        group=group,
        due_at=deadline.due_at,
    )
    return membership


@transaction.atomic
def answer_join(membership: Membership, *, admit: bool, by: User, now: datetime) -> Membership:
    """Admit or decline somebody who asked to join."""
    membership = _locked(membership, Membership.State.ASKED)
    meet_deadline(ANSWER_JOIN, membership, now=now, by=by, outcome="admitted" if admit else "declined")
    if admit:
        _admit(membership, verb=words.JOINED, now=now)
        return _tell_admitted(membership, now=now)
    _end(membership, Membership.State.DECLINED, now=now)
    write(words.DECLINED, by=by, now=now, group=membership.group)
    write_letters(
        words.NOT_ADMITTED,
        to=[membership.user],
        key=str(membership.pk),
        link=reverse("groups:index"),
        now=now,
        by=by,
        group=membership.group,
    )
    return membership


@ANSWER_JOIN.when_silent
@transaction.atomic
def admit_after_silence(membership: Membership, *, now: datetime) -> None:
    """Nobody answered for 14 days: whoever asked becomes a member."""
    membership = _locked(membership, Membership.State.ASKED)
    _admit(membership, verb=words.JOINED_BY_SILENCE, now=now)
    _tell_admitted(membership, now=now)


@transaction.atomic
def take_back_request(membership: Membership, *, by: User, now: datetime) -> None:
    membership = _locked(membership, Membership.State.ASKED)
    cancel_deadline(ANSWER_JOIN, membership, now=now, by=by)
    _end(membership, Membership.State.LAPSED, now=now)


@transaction.atomic
def invite(group: Group, *, people: Iterable[User], by: User, now: datetime) -> list[Membership]:
    """Invite people; whoever is in the group, asked or invited already is passed over."""
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    invited = []
    for person in people:
        if person == by or person.is_blocked or queries.running_membership(person, group):
            continue
        membership = Membership.objects.create(group=group, user=person, state=Membership.State.INVITED, began_at=now)
        deadline = open_deadline(ANSWER_INVITATION, membership, now=now)
        write(words.INVITED, by=by, now=now, group=group)
        write_letters(
            words.INVITATION,
            to=[person],
            key=str(membership.pk),
            link=group.get_absolute_url(),
            now=now,
            by=by,
            deadline=deadline,
            person=by,
            group=group,
            due_at=deadline.due_at,
        )
        invited.append(membership)
    if len(invited) > INVITE_AT_ONCE:
        raise Refused(_("Invite at most 20 people at once."))
    return invited


@transaction.atomic
def answer_invitation(membership: Membership, *, accept: bool, now: datetime) -> Membership:
    """Accept or decline an invitation; only acceptance is shown."""
    membership = _locked(membership, Membership.State.INVITED)
    meet_deadline(ANSWER_INVITATION, membership, now=now, outcome="accepted" if accept else "declined")
    if accept:
        return _admit(membership, verb=words.JOINED, now=now)
    return _end(membership, Membership.State.DECLINED, now=now)


@ANSWER_INVITATION.when_silent
@transaction.atomic
def let_invitation_lapse(membership: Membership, *, now: datetime) -> None:
    """No answer is an answer: the invitation lapses and nobody is told."""
    _end(_locked(membership, Membership.State.INVITED), Membership.State.LAPSED, now=now)


@transaction.atomic
def leave_group(group: Group, *, by: User, now: datetime) -> None:
    """Leave; the only coordinator names another one first, so that no group of several is left without.

    The last member leaves when the group leads nothing and nothing of it is open; its invitations lapse.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    membership = queries.running_membership(by, group)
    if membership is None or membership.state != Membership.State.ACTIVE:
        raise Refused(_("You are not a member of this group."))
    if not _active(group).exclude(pk=membership.pk).exists():
        _close_group(group, now=now)
    elif membership.is_coordinator and _active(group).filter(is_coordinator=True).count() == 1:
        raise Refused(_("You are the only coordinator. Make another member coordinator first, then leave."))
    _end(membership, Membership.State.LEFT, now=now)
    tell_that_members_changed(group, now=now)
    write(words.LEFT, by=by, now=now, group=group)


def _close_group(group: Group, *, now: datetime) -> None:
    """Nobody will be left: refused while somebody is needed; whoever is invited is not kept waiting."""
    reason = queries.reason_to_stay(group)
    if reason:
        raise Refused(reason)
    for invitation in group.memberships.filter(state=Membership.State.INVITED):
        cancel_deadline(ANSWER_INVITATION, invitation, now=now)
        _end(invitation, Membership.State.LAPSED, now=now)
    end_succession(group, now=now)
    group.seeks_members = False
    group.save(update_fields=["seeks_members"])


@transaction.atomic
def make_coordinator(membership: Membership, *, by: User, now: datetime) -> None:
    """Make a member coordinator, beside those who are it already.

    Refused beyond the limits: until three must-steps are met a person coordinates one group that leads.
    """
    # The person before the group, as whoever adopts holds them.
    person = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
    group = Group.objects.select_for_update(no_key=True).get(pk=membership.group_id)
    membership = _locked(membership, Membership.State.ACTIVE)
    if membership.is_coordinator:
        raise Refused(_("This member is coordinator already."))
    reason = queries.reason_not_to_coordinate(group, person)
    if reason:
        raise Refused(reason)
    note_coordinators_are_there(membership.group, now=now)
    membership.is_coordinator = True
    membership.save(update_fields=["is_coordinator"])
    tell_that_members_changed(membership.group, now=now)
    write(words.COORDINATES, by=by, now=now, group=membership.group)


# --- Facilitators ------------------------------------------------------------------------------


@transaction.atomic
def accept_facilitator(group: Group, *, person: User, by: User, now: datetime) -> Facilitation:
    """A coordinator lets a facilitator ask for resources in the name of the group.

    Refuses who does not hold the role now, and who is accepted already.
    """
    group = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
    if not holders_of(RoleTerm.Role.FACILITATOR, now).filter(pk=person.pk).exists():
        raise Refused(_("This person is no facilitator at the moment. Choose another one."))
    if group.facilitations.filter(user=person, ended_at=None).exists():
        raise Refused(_("Your group accepts this facilitator already."))
    facilitation = Facilitation.objects.create(group=group, user=person, accepted_at=now, accepted_by=by)
    write(words.FACILITATOR_ACCEPTED, by=by, now=now, group=group)
    write_letters(
        words.YOU_FACILITATE,
        to=[person],
        key=str(facilitation.pk),
        link=group.get_absolute_url(),
        now=now,
        by=by,
        group=group,
    )
    return facilitation


@transaction.atomic
def end_facilitation(facilitation: Facilitation, *, by: User, now: datetime) -> None:
    """The group or the facilitator stops it, at any time; what was booked stays with the group."""
    group = Group.objects.select_for_update(no_key=True).get(pk=facilitation.group_id)
    if not group.facilitations.filter(pk=facilitation.pk, ended_at=None).update(ended_at=now):
        raise Refused(_("This has ended already."))
    write(words.FACILITATION_ENDED, by=by, now=now, group=group)
    people = [facilitation.user, *queries.coordinators_of(group)]
    write_letters(
        words.FACILITATION_OVER,
        to=[person for person in people if person != by],
        key=str(facilitation.pk),
        link=group.get_absolute_url(),
        now=now,
        by=by,
        group=group,
        person=facilitation.user,
    )


def _active(group: Group) -> QuerySet[Membership]:
    return group.memberships.filter(state=Membership.State.ACTIVE)


def _locked(membership: Membership, expected: Membership.State) -> Membership:
    """The membership as it is now, held until the transaction ends; refused when somebody was faster."""
    membership = (
        Membership.objects.select_for_update(of=("self",), no_key=True)
        .select_related("group", "user")
        .get(pk=membership.pk)
    )
    if membership.state != expected:
        raise Refused(_("This was answered already: %(state)s.") % {"state": membership.get_state_display()})
    return membership


def _admit(membership: Membership, *, verb: Verb, now: datetime) -> Membership:
    membership.state, membership.joined_at = Membership.State.ACTIVE, now
    membership.save(update_fields=["state", "joined_at"])
    write(verb, by=None, now=now, group=membership.group)
    return membership


def _tell_admitted(membership: Membership, *, now: datetime) -> Membership:
    write_letters(
        words.ADMITTED,
        to=[membership.user],
        key=str(membership.pk),
        link=membership.group.get_absolute_url(),
        now=now,
        group=membership.group,
    )
    return membership


def _end(membership: Membership, state: Membership.State, *, now: datetime) -> Membership:
    membership.state, membership.ended_at, membership.is_coordinator = state, now, False
    membership.save(update_fields=["state", "ended_at", "is_coordinator"])
    return membership
