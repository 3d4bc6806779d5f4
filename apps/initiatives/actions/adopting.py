"""Adopting: at once where nobody leads or a successor is sought, by a bid where somebody does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.core.text import listed
from apps.deadlines.actions import open_deadline
from apps.groups.actions import change_group, form_group, invite
from apps.groups.models import Group
from apps.groups.queries import coordinated_groups
from apps.guidelines.models import Version
from apps.guidelines.queries import current_version
from apps.initiatives import queries, words
from apps.initiatives.actions.leads import (
    begin_lead,
    close_bid,
    end_lead,
    hold_running,
    note_what_comes,
    take_the_lead,
    thank_group,
)
from apps.initiatives.badge import NOTICE_DAYS, State, running_state
from apps.initiatives.deadlines import ANSWER_BID
from apps.initiatives.models import Adoption, Bid, Ending, Initiative, Lead
from apps.notifications.actions import write_letters
from apps.record.actions import write


@dataclass(frozen=True)
class Proposal:
    """What whoever would lead has written: accepted guidelines, a plan, its first steps, and with whom.

    `guidelines` is the version that was read (None: one that is not valid any more). `group` is one that the person
    coordinates; without it a new group is formed. People named `beside` are invited. `evidence` is a link that shows
    that the group led it before this site existed.
    """

    guidelines: Version | None
    plan: str
    first_steps: list[str]
    group: Group | None
    new_group_name: str = ""
    beside: Iterable[User] = ()
    seeks_members: bool = False
    evidence: str = ""


@transaction.atomic
def adopt_initiative(initiative: Initiative, proposal: Proposal, *, by: User, now: datetime) -> Adoption:
    """Lead an initiative that nobody leads, at once, under the current guidelines (product.md, Adoption).

    Refuses when somebody leads already, when the guidelines changed meanwhile, and beyond the limits of young
    groups. What is done is reopened in the same way.
    """
    initiative, by = _held(initiative, by)
    refuse_when_led(initiative, by=by)
    guidelines = current_version()
    refuse_other_guidelines(proposal, guidelines)
    group = _group_of(proposal, by=by, now=now)
    adoption = _begin_term(initiative, group, proposal, guidelines=guidelines, by=by, now=now)
    write(words.ADOPTED, by=by, now=now, group=group, initiative=initiative)
    invite(group, people=proposal.beside, by=by, now=now)
    _tell_the_interested(initiative, group, key=str(adoption.pk), by=by, now=now)
    return adoption


@transaction.atomic
def take_over(initiative: Initiative, proposal: Proposal, *, by: User, now: datetime) -> Lead:
    """Lead, at once, an initiative whose lead seeks a successor; that lead has handed it over.

    Whoever waits for a part in this lead already takes it over, too. Refuses when no successor is sought any more,
    when the guidelines changed meanwhile, and beyond the limits of young groups.
    """
    initiative, by = _held(initiative, by)
    adoption = _running(initiative)
    if running_state(adoption, now) is not State.HANDING_OVER:
        raise Refused(_("Its lead does not seek a successor any more. What you wrote is still here."))
    refuse_other_guidelines(proposal, adoption.guidelines)
    for offer in queries.open_bids(adoption).filter(kind=Bid.Kind.HANDOVER):
        close_bid(offer, Bid.State.VOID, now=now)
    _let_go_of_own_bids(adoption, proposal.group, by=by, now=now)
    bid = _bid(adoption, proposal, kind=Bid.Kind.HANDOVER, by=by, now=now)
    before = list(adoption.leads.filter(ended_at=None).select_related("group"))
    _close_at_once(bid, now=now)
    lead = take_the_lead(adoption, bid.group, plan=bid.plan, first_steps=bid.first_steps, is_new_term=True, now=now)
    for ended in before:
        ended.adoption = adoption
        end_lead(ended, Ending.HANDED_OVER, verb=words.HANDED_OVER, now=now)
        thank_group(ended, Ending.HANDED_OVER, by=by, now=now)
    invite(bid.group, people=proposal.beside, by=by, now=now)
    _tell_the_interested(initiative, bid.group, key=f"{adoption.pk}:{lead.pk}", by=by, now=now)
    return lead


def _let_go_of_own_bids(adoption: Adoption, group: Group | None, *, by: User, now: datetime) -> None:
    """What the group waits for in this lead is no second lead, nor is what another young group of the person does."""
    young = queries.bids_of_young_groups(coordinated_groups(by))
    for bid in queries.open_bids(adoption).filter(Q(group=group) | Q(pk__in=young.values("pk"))):
        close_bid(bid, Bid.State.VOID, now=now)


def _close_at_once(bid: Bid, *, now: datetime) -> None:
    bid.state, bid.closed_at = Bid.State.HANDED_OVER, now
    bid.save(update_fields=["state", "closed_at"])


@transaction.atomic
def bid_for_lead(initiative: Initiative, proposal: Proposal, *, kind: str, by: User, now: datetime) -> Bid:
    """Adopt a quiet initiative, or ask to join the lead while its notice runs: in 14 days silence makes both lead.

    Whoever led it before this site existed can ask to join at any time in the first 60 days, with evidence. Refuses
    when the initiative is in another state by now, a second bid of the same group, and beyond the limits.
    """
    initiative, by = _held(initiative, by)
    adoption = _running(initiative)
    refuse_wrong_way(adoption, kind, proposal, now=now)
    refuse_other_guidelines(proposal, adoption.guidelines)
    bid = _bid(adoption, proposal, kind=kind, by=by, now=now)
    deadline = open_deadline(ANSWER_BID, bid, now=now)
    note_what_comes(adoption)
    write(words.BID, by=by, now=now, group=bid.group, initiative=initiative)
    invite(bid.group, people=proposal.beside, by=by, now=now)
    write_letters(
        words.BID_FOR_QUIET if kind == Bid.Kind.QUIET else words.BID_TO_JOIN,
        to=queries.who_answers_bids([bid], now)[bid.pk],
        key=str(bid.pk),
        link=bid.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        group=bid.group,
        initiative=lambda: initiative.title,
        due_at=deadline.due_at,
    )
    return bid


def lead_in_a_way(
    initiative: Initiative, proposal: Proposal, *, way: str, by: User, now: datetime
) -> Adoption | Lead | Bid:
    """Lead, or ask to lead, in the way that was shown; refused with a sentence when another way is right by now."""
    if way == "take_over":
        return take_over(initiative, proposal, by=by, now=now)
    if way in {Bid.Kind.JOIN, Bid.Kind.QUIET}:
        return bid_for_lead(initiative, proposal, kind=way, by=by, now=now)
    return adopt_initiative(initiative, proposal, by=by, now=now)


def refuse_wrong_way(adoption: Adoption, kind: str, proposal: Proposal, *, now: datetime) -> None:
    """Quiet ones are adopted, proposed ones are joined; incumbents join with evidence."""
    state = running_state(adoption, now)
    if kind == Bid.Kind.QUIET and state is not State.QUIET:
        raise Refused(_("It is not quiet any more: its lead has shown an act. You can offer help to that group."))
    if kind == Bid.Kind.JOIN and state is not State.PROPOSED and not queries.incumbents_can_join(now):
        raise Refused(_("The 14 days in which groups can ask to join the lead are over. You can offer help."))
    if kind == Bid.Kind.JOIN and state is not State.PROPOSED and not proposal.evidence:
        raise Refused(_("Give a link that shows that your group led it before this site."), field="evidence")


def _held(initiative: Initiative, by: User) -> tuple[Initiative, User]:
    """The initiative, then the person, held in this order."""
    return (
        Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk),
        User.objects.select_for_update(no_key=True).get(pk=by.pk),
    )


def _running(initiative: Initiative) -> Adoption:
    adoption = queries.running_adoption(initiative)
    if adoption is None:
        raise Refused(_("Nobody leads it any more: you can adopt it at once. What you wrote is still here."))
    return hold_running(adoption)


def _bid(adoption: Adoption, proposal: Proposal, *, kind: str, by: User, now: datetime) -> Bid:
    if proposal.group and adoption.leads.filter(ended_at=None, group=proposal.group).exists():
        raise Refused(_("This group leads it already."), field="group")
    group = _group_of(proposal, by=by, now=now)
    first = adoption.leads.filter(ended_at=None).select_related("group").order_by("began_at", "pk")[0]
    try:
        with transaction.atomic():
            return Bid.objects.create(
                adoption=adoption,
                kind=kind,
                group=group,
                answered_by_group=first.group,
                plan=proposal.plan,
                first_steps=proposal.first_steps,
                evidence=proposal.evidence,
                made_at=now,
                made_by=by,
            )
    except IntegrityError as error:
        raise Refused(_("This group has asked already and waits for the answer."), field="group") from error


def refuse_when_led(initiative: Initiative, *, by: User) -> None:
    """One adoption runs at a time; whoever clicked twice is told so."""
    running = queries.running_adoption(initiative)
    if running is None:
        return
    if running.adopted_by_id == by.pk:
        raise Refused(_("Your group leads this initiative already. The first click did it."))
    names = listed(lead.group.name for lead in queries.running_leads(running))
    raise Refused(
        _(
            "%(group)s adopted this initiative before you. What you wrote is still here: take it to that group, "
            "or choose another initiative."
        )
        % {"group": names}
    )


def refuse_other_guidelines(proposal: Proposal, valid: Version) -> None:
    if proposal.guidelines != valid:
        raise Refused(_("The guidelines have a new version. Read it, then accept it."), field="accept")


def _group_of(proposal: Proposal, *, by: User, now: datetime) -> Group:
    """The group that leads, chosen or formed, within the limits."""
    refuse_beyond_limits(proposal.group, by=by)
    group = proposal.group
    if group is None:
        return form_group(name=proposal.new_group_name, by=by, now=now, seeks_members=proposal.seeks_members)
    if proposal.seeks_members and not group.seeks_members:
        change_group(group, purpose=group.purpose, region=group.region, seeks_members=True, by=by, now=now)
    return group


def refuse_beyond_limits(group: Group | None, *, by: User) -> None:
    """Until three must-steps are met a group leads one initiative, and a person coordinates one such group.

    A bid that waits for its answer counts as a lead: silence makes it one.
    """
    why = why_beyond_limits(group, by=by)
    if why:
        raise Refused(why, field="group")


def why_beyond_limits(group: Group | None, *, by: User) -> str:
    """The sentence with which a second lead is refused; "" within the limits. Holds the group."""
    if group is not None:
        Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        other = queries.young_claim_of(Group.objects.filter(pk=group.pk))
        if other:
            words = _("%(group)s leads %(initiative)s. It can lead a second one once three must-steps there are met.")
            if isinstance(other, Bid):
                words = _("%(group)s asks to lead %(initiative)s. Take that back first, or wait for the answer.")
            return words % {"group": group, "initiative": other.adoption.initiative}
    mine = coordinated_groups(by).exclude(pk__in=[group.pk] if group else [])
    other = queries.young_claim_of(mine)
    if other:
        words = _(
            "You coordinate %(group)s, which leads %(initiative)s. You can begin with a second group once "
            "three must-steps there are met."
        )
        if isinstance(other, Bid):
            words = _(
                "You coordinate %(group)s, which asks to lead %(initiative)s. Take that back first, or wait for the "
                "answer."
            )
        return words % {"group": other.group, "initiative": other.adoption.initiative}
    return ""


def _begin_term(
    initiative: Initiative, group: Group, proposal: Proposal, *, guidelines: Version, by: User, now: datetime
) -> Adoption:
    try:
        with transaction.atomic():
            adoption = Adoption.objects.create(
                initiative=initiative,
                guidelines=guidelines,
                plan=proposal.plan,
                first_steps=proposal.first_steps,
                evidence=proposal.evidence,
                adopted_at=now,
                adopted_by=by,
                notice_ends_at=now + timedelta(days=NOTICE_DAYS),
                term_began_at=now,
                last_act_at=now,
                last_act=words.ADOPTED.name,
            )
    except IntegrityError as error:
        raise Refused(_("Another group adopted this initiative in this very moment.")) from error
    begin_lead(adoption, group, now=now)
    return adoption


def _tell_the_interested(initiative: Initiative, group: Group, *, key: str, by: User, now: datetime) -> None:
    write_letters(
        words.ADOPTED_LETTER,
        to=queries.interested_who_want_news(initiative, without=[by]),
        key=key,
        link=initiative.get_absolute_url(),
        now=now,
        by=by,
        group=group,
        initiative=lambda: initiative.title,
        how_to_join=words.LOOKS_FOR_PEOPLE if group.seeks_members else words.ANYBODY_CAN_ASK,
    )
