"""Answers to those who would lead: share, hand over, go on alone, decline; and what silence does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import meet_deadline, open_deadline
from apps.groups.models import Group
from apps.groups.queries import active_members_of, coordinated_groups, coordinators_of
from apps.initiatives import words
from apps.initiatives.actions.adopting import refuse_beyond_limits
from apps.initiatives.actions.leads import close_bid, count_act, end_lead, hold_running, running_lead, take_the_lead
from apps.initiatives.deadlines import ANSWER_BID
from apps.initiatives.models import Adoption, Bid, Ending, Lead, Update
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.record.verbs import Verb

State = Bid.State


@transaction.atomic
def share_lead(bid: Bid, *, by: User, now: datetime) -> Lead:
    """The group that asked to join, or adopts a quiet one, leads beside those that lead. The answer counts."""
    bid = _open(bid)
    refuse_offer(bid)
    _answered(bid, State.SHARED, by=by, now=now)
    _count_answer(bid, verb=words.TOOK_THE_LEAD, by=by, now=now)
    return _lead_by(bid, now=now)


@transaction.atomic
def hand_over_to_bidder(bid: Bid, *, lead: Lead, by: User, now: datetime) -> Lead:
    """The lead gives way to the group that adopts a quiet initiative; other leading groups stay."""
    bid = _open(bid)
    refuse_offer(bid)
    lead = running_lead(lead)
    _answered(bid, State.HANDED_OVER, by=by, now=now)
    return _instead_of(lead, bid, by=by, now=now)


def _lead_by(bid: Bid, *, is_new_term: bool = False, now: datetime) -> Lead:
    plan: dict[str, Any] = {"plan": bid.plan, "first_steps": bid.first_steps}
    return take_the_lead(bid.adoption, bid.group, **plan, is_new_term=is_new_term, now=now)


def _instead_of(lead: Lead, bid: Bid, *, by: User, now: datetime) -> Lead:
    bid.adoption = lead.adoption
    is_only_one = not lead.adoption.leads.filter(ended_at=None).exclude(pk=lead.pk).exists()
    successor = _lead_by(bid, is_new_term=is_only_one, now=now)
    end_lead(lead, Ending.HANDED_OVER, verb=words.HANDED_OVER, by=by, now=now)
    return successor


@transaction.atomic
def go_on_alone(bid: Bid, *, lead: Lead, text: str, link: str, by: User, now: datetime) -> Update:
    """The lead of a quiet initiative wakes up and goes on without the other group: an update with evidence does it.

    It works once in a term; after that the lead shares or hands over, or silence does.
    """
    bid = _open(bid)
    lead = running_lead(lead)
    if bid.kind != Bid.Kind.QUIET:
        raise Refused(_("Only a group that adopts a quiet initiative is answered in this way."))
    if lead.has_gone_on:
        raise Refused(
            _("Your group went on alone once in this term already. Now share the lead or hand it over."), field="link"
        )
    if not link:
        raise Refused(_("To go on alone takes evidence: a link that shows what you did."), field="link")
    lead.continued_at = now
    lead.save(update_fields=["continued_at"])
    update = Update.objects.create(
        adoption=lead.adoption, group=lead.group, text=text, link=link, posted_at=now, posted_by=by
    )
    _answered(bid, State.CONTINUED, answer=text, by=by, now=now)
    write(words.WENT_ON, by=by, now=now, group=lead.group, initiative=lead.adoption.initiative)
    count_act(lead.adoption, lead.group, verb=words.WENT_ON, now=now)
    return update


@transaction.atomic
def decline_bid(bid: Bid, *, reason: str, by: User, now: datetime) -> Bid:
    """Say no, with a reason, to a group that asks to join the lead, or to the offer of one. A lead's answer counts.

    Whoever adopts a quiet initiative is not declined: see `go_on_alone`.
    """
    bid = _open(bid)
    if bid.kind == Bid.Kind.QUIET:
        raise Refused(_("A quiet lead shares, hands over, or goes on with an update that has evidence."))
    _answered(bid, State.DECLINED, answer=reason, by=by, now=now)
    verb = words.DECLINED if bid.kind == Bid.Kind.HANDOVER else words.DECLINED_BY_LEAD
    write(verb, by=by, now=now, group=bid.group, initiative=bid.adoption.initiative)
    _count_answer(bid, verb=verb, by=by, now=now)
    return bid


@transaction.atomic
def withdraw_bid(bid: Bid, *, by: User, now: datetime) -> None:
    """Whoever made a bid, or an offer, takes it back."""
    bid = _open(bid)
    close_bid(bid, State.WITHDRAWN, by=by, now=now)
    write(words.BID_WITHDRAWN, by=by, now=now, group=bid.group, initiative=bid.adoption.initiative)


# --- Handing over to a named group -----------------------------------------------------------


@transaction.atomic
def offer_lead(lead: Lead, *, group: Group, by: User, now: datetime) -> Bid:
    """Offer the lead to a group; until it accepts, nothing changes. One group at a time.

    Refuses a group that leads already, and one that nobody coordinates.
    """
    lead = running_lead(lead)
    adoption = lead.adoption
    if adoption.leads.filter(ended_at=None, group=group).exists():
        raise Refused(_("This group leads it already."), field="group")
    if not coordinators_of(group).exists():
        raise Refused(_("Nobody coordinates this group any more, so nobody could answer."), field="group")
    if adoption.bids.filter(state=State.OPEN, kind=Bid.Kind.HANDOVER).exists():
        raise Refused(_("The lead is offered to a group already. Take that offer back first."))
    if adoption.bids.filter(state=State.OPEN, group=group).exists():
        raise Refused(_("This group asks for a part in the lead itself. Answer that."), field="group")
    bid = Bid.objects.create(
        adoption=adoption,
        kind=Bid.Kind.HANDOVER,
        offered_by=lead,
        group=group,
        answered_by_group=group,
        made_at=now,
        made_by=by,
    )
    deadline = open_deadline(ANSWER_BID, bid, now=now)
    write(words.OFFERED, by=by, now=now, group=lead.group, successor=group, initiative=adoption.initiative)
    write_letters(
        words.OFFERED_LETTER,
        to=coordinators_of(group),
        key=str(bid.pk),
        link=bid.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        group=lead.group,
        successor=group,
        initiative=lambda: adoption.initiative.title,
        due_at=deadline.due_at,
    )
    return bid


@transaction.atomic
def accept_lead(bid: Bid, *, plan: str, first_steps: Iterable[str], by: User, now: datetime) -> Lead:
    """The group that was offered the lead takes it, under the guidelines of the running term, by a plan of its own."""
    bid = _open(bid)
    if bid.offered_by_id is None:
        raise Refused(_("The lead was not offered to this group."))
    refuse_beyond_limits(bid.group, by=by)
    bid.plan, bid.first_steps = plan, list(first_steps)
    bid.save(update_fields=["plan", "first_steps"])
    lead = Lead.objects.select_related("group", "adoption__initiative").get(pk=bid.offered_by_id)
    _answered(bid, State.HANDED_OVER, by=by, now=now)
    return _instead_of(running_lead(lead), bid, by=by, now=now)


# --- Silence ---------------------------------------------------------------------------------


@ANSWER_BID.when_silent
@transaction.atomic
def answer_bid_by_silence(bid: Bid, *, now: datetime) -> None:
    """Day 14: whoever bids for a part in the lead has it; an offer of the lead that nobody accepts changes nothing."""
    bid = _open(bid)
    if bid.kind == Bid.Kind.HANDOVER:
        close_bid(bid, State.LAPSED, now=now)
        write(words.OFFER_LAPSED, by=None, now=now, group=bid.group, initiative=bid.adoption.initiative)
        _tell(bid, words.OFFER_LAPSED_LETTER, by=None, now=now)
        return
    close_bid(bid, State.JOINED_BY_SILENCE, now=now)
    _lead_by(bid, now=now)
    _tell(bid, words.JOINED_LETTER, by=None, now=now)


# --- What these share ------------------------------------------------------------------------


def _open(bid: Bid) -> Bid:
    """The bid with its adoption, held in this order; refused when it was answered already."""
    adoption = Adoption.objects.select_for_update(of=("self",), no_key=True).get(pk=bid.adoption_id)
    bid = Bid.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=bid.pk)
    if bid.state != State.OPEN:
        raise Refused(_("This was answered already: %(state)s.") % {"state": bid.get_state_display()})
    bid.adoption = hold_running(adoption)
    return bid


def refuse_offer(bid: Bid) -> None:
    if bid.kind == Bid.Kind.HANDOVER:
        raise Refused(_("The lead was offered to this group: it accepts or declines."))


def _answered(bid: Bid, state: Bid.State, *, answer: str = "", by: User, now: datetime) -> None:
    meet_deadline(ANSWER_BID, bid, now=now, by=by, outcome=state.value)
    close_bid(bid, state, answer=answer, by=by, now=now)
    _tell(bid, words.OFFER_ANSWERED if bid.kind == Bid.Kind.HANDOVER else words.BID_ANSWERED, by=by, now=now)


def _count_answer(bid: Bid, *, verb: Verb, by: User, now: datetime) -> None:
    """An answer is an act of the leading groups for which it was given: those that its writer coordinates.

    Whoever hands over leads no more, whoever takes the lead begins at day 0, and whoever declines an offer leads not.
    """
    for lead in bid.adoption.leads.filter(ended_at=None, group__in=coordinated_groups(by)).select_related("group"):
        count_act(bid.adoption, lead.group, verb=verb, now=now)


def _tell(bid: Bid, kind: LetterKind, *, by: User | None, now: datetime) -> None:
    """Tell the members of the groups that it concerns."""
    leading = [lead.group for lead in bid.adoption.leads.filter(ended_at=None).select_related("group")]
    concerned = {person.pk: person for group in [bid.group, *leading] for person in active_members_of(group)}
    write_letters(
        kind,
        to=concerned.values(),
        key=str(bid.pk),
        link=bid.adoption.get_absolute_url(),
        now=now,
        by=by,
        group=bid.group,
        initiative=lambda: bid.adoption.initiative.title,
        outcome=lambda: bid.get_state_display(),
    )
