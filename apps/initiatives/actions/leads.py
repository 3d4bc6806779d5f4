"""Leads that begin and end. Everything that changes who leads goes through here."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, hand_on, open_deadline, restart_deadline
from apps.groups.models import Group
from apps.groups.queries import active_members_of
from apps.initiatives import queries, words
from apps.initiatives.deadlines import (
    ACCEPT_OBSTACLE,
    ANSWER_BID,
    ANSWER_OBSTACLE,
    CONCLUDE,
    DECIDE_OBJECTION,
    KEEP_ALIVE,
    LEAVE_LATER,
    RENEW_TERM,
    REVIEW_HOLD,
)
from apps.initiatives.models import Adoption, Bid, Ending, Hold, Initiative, Lead, Objection, Obstacle
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.record.actions import write
from apps.record.verbs import Verb

# What features above do when a term ends, or when another group leads; initiatives knows none of them.
Hook = Callable[..., None]
WHEN_TERM_ENDS: list[Hook] = []
WHEN_LEAD_CHANGES: list[Hook] = []


def when_term_ends(close: Hook) -> Hook:
    """Register an action, `close(adoption, *, now)`, that takes part in the transaction which ends a term."""
    WHEN_TERM_ENDS.append(close)
    return close


def when_lead_changes(follow: Hook) -> Hook:
    """Register an action, `follow(initiative, *, now)`: another group leads, or nobody does any more."""
    WHEN_LEAD_CHANGES.append(follow)
    return follow


def hold_running(adoption: Adoption) -> Adoption:
    """The adoption, held until the transaction ends; refused when its term has ended."""
    adoption = (
        Adoption.objects.select_for_update(of=("self",), no_key=True).select_related("initiative").get(pk=adoption.pk)
    )
    if adoption.ended_at:
        raise Refused(_("This term has ended. Adopt the initiative again to go on."))
    return adoption


def hold_term_led_by(group: Group, *, initiative: Initiative) -> Adoption | None:
    """The running term in which a group leads an initiative, held until the transaction ends; None if there is none."""
    running = Adoption.objects.filter(initiative=initiative, ended_at=None, leads__group=group, leads__ended_at=None)
    return running.select_for_update(of=("self",), no_key=True).select_related("initiative").first()


def running_lead(lead: Lead) -> Lead:
    """The lead with its adoption, held in this order everywhere: the adoption, then the lead."""
    adoption = hold_running(lead.adoption)
    lead = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=lead.pk)
    if lead.ended_at:
        raise Refused(_("This group does not lead any more."))
    lead.adoption = adoption
    return lead


def begin_lead(
    adoption: Adoption, group: Group, *, now: datetime, plan: str = "", first_steps: Iterable[str] = ()
) -> Lead:
    """Let a group lead from now on, for what is left of the term."""
    lead = Lead.objects.create(
        adoption=adoption, group=group, began_at=now, last_act_at=now, plan=plan, first_steps=list(first_steps)
    )
    if adoption.hold_review_at is None:
        open_deadline(KEEP_ALIVE, lead, now=now)
    open_deadline(RENEW_TERM, lead, now=adoption.term_began_at)
    for follow in WHEN_LEAD_CHANGES:
        follow(adoption.initiative, now=now)
    return lead


# --- Acts that show leadership ---------------------------------------------------------------


@transaction.atomic
def count_act(adoption: Adoption, group: Group, *, verb: Verb, now: datetime) -> None:
    """A member of a leading group did something that counts: its day 0 is now.

    Features call this for engagement entries and the like; an act of a group that does not lead moves nothing.
    """
    Adoption.objects.select_for_update(no_key=True).get(pk=adoption.pk)
    lead = Lead.objects.select_for_update(no_key=True).filter(adoption=adoption, group=group, ended_at=None).first()
    if lead is None or now < lead.last_act_at:
        return
    _stay(lead, now=now)
    lead.last_act_at = now
    lead.save(update_fields=["last_act_at"])
    Adoption.objects.filter(pk=adoption.pk, last_act_at__lt=now).update(
        last_act_at=now, last_act=verb.name, forgotten_at=None
    )
    restart_deadline(KEEP_ALIVE, lead, now=now)


def _stay(lead: Lead, *, now: datetime) -> None:
    """A silent group that was to leave beside a new one has woken up."""
    if lead.leaves_at is None:
        return
    leave_at(lead, None)
    cancel_deadline(LEAVE_LATER, lead, now=now)
    open_deadline(KEEP_ALIVE, lead, now=now)


@transaction.atomic
def note_progress(
    adoption: Adoption, *, musts_met: int, early_steps_met: bool, musts_settled: bool, now: datetime
) -> None:
    """The checklist tells how many must-steps are met, whether the first four are, and whether all are settled."""
    adoption.musts_met, adoption.musts_settled = musts_met, musts_settled
    adoption.early_steps_met_at = (adoption.early_steps_met_at or now) if early_steps_met else None
    adoption.save(update_fields=["musts_met", "musts_settled", "early_steps_met_at"])


# --- The end of a lead -----------------------------------------------------------------------


def end_lead(
    lead: Lead, ending: Ending, *, verb: Verb, now: datetime, notes: str = "", by: User | None = None
) -> Adoption:
    """End a group's lead. Others go on; after the last one a group that would lead does, or the term ends.

    Its members are thanked, except where the answer to a bid, an offer or an objection has told them.
    """
    adoption = lead.adoption
    _close_duties(lead, now=now)
    lead.ended_at, lead.ending, lead.leaves_at = now, ending, None
    lead.save(update_fields=["ended_at", "ending", "leaves_at"])
    write(verb, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    if not adoption.leads.filter(ended_at=None).exists() and not _next_in_line(adoption, ending, by=by, now=now):
        return _end_term(adoption, lead, ending, notes=notes, by=by, now=now)
    _follow(adoption, now=now)
    if ending not in {Ending.HANDED_OVER, Ending.OBJECTED}:
        thank_group(lead, ending, by=by, now=now)
    return adoption


def thank_group(lead: Lead, ending: Ending, *, by: User | None, now: datetime) -> None:
    """Tell the members of a group that it leads no more, and others do; by whose act, if a person's."""
    write_letters(
        words.PART_ENDED,
        to=active_members_of(lead.group),
        key=str(lead.pk),
        link=lead.get_absolute_url(),
        now=now,
        by=by,
        group=lead.group,
        initiative=lambda: lead.adoption.initiative.title,
        how=lambda: ending.label,
    )


def _close_duties(lead: Lead, *, now: datetime) -> None:
    for rule in (KEEP_ALIVE, LEAVE_LATER, RENEW_TERM):
        cancel_deadline(rule, lead, now=now)


def _next_in_line(adoption: Adoption, ending: Ending, *, by: User | None, now: datetime) -> bool:
    """Whoever asked for a part in the lead has it now: nobody is left who could answer."""
    if ending in {Ending.CONCLUDED, Ending.OBJECTED}:
        return False
    bid = queries.bids_to_lead(adoption).first()
    if bid is None:
        return False
    close_bid(bid, Bid.State.HANDED_OVER, now=now)
    take_the_lead(adoption, bid.group, plan=bid.plan, first_steps=bid.first_steps, is_new_term=True, now=now)
    _tell_bidder(bid, words.NEXT_IN_LINE, adoption, by=by, now=now)
    return True


def _tell_bidder(bid: Bid, kind: LetterKind, adoption: Adoption, *, by: User | None, now: datetime) -> None:
    """Tell the members of a group that waits for the lead what became of it."""
    write_letters(
        kind,
        to=active_members_of(bid.group),
        key=str(bid.pk),
        link=adoption.get_absolute_url(),
        now=now,
        by=by,
        group=bid.group,
        initiative=lambda: adoption.initiative.title,
        how=lambda: adoption.get_ending_display(),
    )


def _follow(adoption: Adoption, *, now: datetime) -> None:
    """What the adoption says of its leads, after one of them ended: the badge takes the best of those that lead."""
    leads = list(Lead.objects.filter(adoption=adoption, ended_at=None).order_by("began_at", "pk"))
    adoption.last_act_at = max(lead.last_act_at for lead in leads)
    note_handing_over(adoption, leads, now=now)
    adoption.save(update_fields=["last_act_at"])
    for bid in queries.bids_to_lead(adoption):
        bid.answered_by_group = leads[0].group
        bid.save(update_fields=["answered_by_group"])
        hand_on(ANSWER_BID, bid)
    for hold in adoption.holds.filter(state=Hold.State.RUNNING):
        hold.group = leads[0].group
        hold.save(update_fields=["group"])
        hand_on(REVIEW_HOLD, hold)
    for bid in queries.open_bids(adoption).filter(offered_by__ended_at__isnull=False):
        close_bid(bid, Bid.State.VOID, now=now)
    note_what_comes(adoption)
    for follow in WHEN_LEAD_CHANGES:
        follow(adoption.initiative, now=now)


def note_handing_over(adoption: Adoption, leads: Iterable[Lead], *, now: datetime) -> None:
    """The badge reads "handing over" while every leading group seeks a successor."""
    since = [lead.seeks_successor_at for lead in leads]
    everybody = [at for at in since if at is not None]
    adoption.handing_over_at = max(everybody) if everybody and len(everybody) == len(since) else None
    adoption.save(update_fields=["handing_over_at"])


def note_what_comes(adoption: Adoption) -> None:
    """The badge says when silence gives a part in the lead to whoever asked, and when a silent group leaves."""
    answered_at = [silence_on(bid) for bid in queries.bids_to_lead(adoption)]
    leading = Lead.objects.filter(adoption=adoption, ended_at=None)
    adoption.shared_at = min(answered_at, default=None)
    adoption.leaves_at = leading.aggregate(last=Max("leaves_at"))["last"]
    adoption.save(update_fields=["shared_at", "leaves_at"])


def silence_on(bid: Bid) -> datetime:
    """When silence answers a bid."""
    return ANSWER_BID.rung_times(bid.made_at, None)[-1][2]


def leave_at(lead: Lead, at: datetime | None) -> None:
    """A silent group leaves then, or, with None, does not leave any more."""
    lead.leaves_at = at
    lead.save(update_fields=["leaves_at"])
    note_what_comes(lead.adoption)


def take_the_lead(
    adoption: Adoption,
    group: Group,
    *,
    plan: str,
    first_steps: Iterable[str] = (),
    is_new_term: bool = False,
    now: datetime,
) -> Lead:
    """A group leads by its own plan, beside others or, in a new term, instead of them.

    To adopt is an act that counts. A new term is not concluded by those who led before, has 90 days for the first
    must-steps, and whatever else the group has asked for in this term has lost its point.
    """
    if is_new_term:
        adoption.term_began_at = adoption.taken_over_at = now
        adoption.concludes_at, adoption.summary = None, ""
        adoption.save(update_fields=["term_began_at", "taken_over_at", "concludes_at", "summary"])
        cancel_deadline(CONCLUDE, adoption, now=now)
    for bid in queries.open_bids(adoption).filter(group=group):
        close_bid(bid, Bid.State.VOID, now=now)
    lead = begin_lead(adoption, group, plan=plan, first_steps=first_steps, now=now)
    adoption.last_act_at, adoption.last_act, adoption.forgotten_at = now, words.ADOPTED.name, None
    adoption.handing_over_at = None
    adoption.save(update_fields=["last_act_at", "last_act", "forgotten_at", "handing_over_at"])
    write(words.TOOK_THE_LEAD, by=None, now=now, group=group, initiative=adoption.initiative)
    return lead


def close_bid(bid: Bid, state: Bid.State, *, now: datetime, answer: str = "", by: User | None = None) -> None:
    """Close a bid; its deadline is closed by whoever met it, or cancelled here."""
    bid.state, bid.closed_at, bid.answer, bid.closed_by = state, now, answer, by
    bid.save(update_fields=["state", "closed_at", "answer", "closed_by"])
    cancel_deadline(ANSWER_BID, bid, now=now, by=by)
    note_what_comes(bid.adoption)


def _end_term(
    adoption: Adoption, last: Lead, ending: Ending, *, notes: str, by: User | None, now: datetime
) -> Adoption:
    """End the adoption with its last lead; tell members and the interested."""
    adoption.ended_at, adoption.ending, adoption.ended_by, adoption.notes = now, ending, by, notes
    adoption.hold_review_at, adoption.on_hold_for, adoption.handing_over_at = None, "", None
    at_rest = ["hold_review_at", "on_hold_for", "handing_over_at"]
    adoption.save(update_fields=["ended_at", "ending", "ended_by", "notes", *at_rest])
    _close_all_that_waits(adoption, by=by, now=now)
    for close in WHEN_TERM_ENDS:
        close(adoption, now=now)
    for follow in WHEN_LEAD_CHANGES:
        follow(adoption.initiative, now=now)
    initiative, members = adoption.initiative, list(active_members_of(last.group))
    letter: dict[str, Any] = {
        "key": str(adoption.pk),
        "link": initiative.get_absolute_url(),
        "now": now,
        "by": by,
        "initiative": lambda: initiative.title,
        "how": lambda: ending.label,
    }
    write_letters(words.TERM_ENDED, to=members, group=last.group, **letter)
    free_again = words.DONE_LETTER if ending == Ending.CONCLUDED else words.FREE_AGAIN
    write_letters(free_again, to=queries.interested_who_want_news(initiative, without=members), **letter)
    return adoption


def _close_all_that_waits(adoption: Adoption, *, by: User | None, now: datetime) -> None:
    """The term is over: nobody owes an answer about it any more."""
    cancel_deadline(CONCLUDE, adoption, now=now, by=by)
    for bid in queries.open_bids(adoption):
        close_bid(bid, Bid.State.VOID, now=now)
        if bid.kind != Bid.Kind.HANDOVER:
            _tell_bidder(bid, words.BID_VOID, adoption, by=by, now=now)
    for objection in adoption.objections.filter(state=Objection.State.OPEN):
        objection.state, objection.closed_at = Objection.State.VOID, now
        objection.save(update_fields=["state", "closed_at"])
        cancel_deadline(DECIDE_OBJECTION, objection, by=by, now=now)
        _tell_objector(objection, adoption, by=by, now=now)
    for hold in adoption.holds.filter(state=Hold.State.RUNNING):
        hold.state, hold.ended_at = Hold.State.ENDED, now
        hold.save(update_fields=["state", "ended_at"])
        cancel_deadline(REVIEW_HOLD, hold, by=by, now=now)
    for obstacle in adoption.obstacles.filter(state__in=[Obstacle.State.ASKED, Obstacle.State.WAITING]):
        obstacle.state, obstacle.closed_at = Obstacle.State.GONE, now
        obstacle.save(update_fields=["state", "closed_at"])
        cancel_deadline(ACCEPT_OBSTACLE, obstacle, now=now, by=by)
        cancel_deadline(ANSWER_OBSTACLE, obstacle, by=by, now=now)


def _tell_objector(objection: Objection, adoption: Adoption, *, by: User | None, now: datetime) -> None:
    write_letters(
        words.OBJECTION_DECIDED,
        to=[objection.made_by],
        key=str(objection.pk),
        link=objection.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: adoption.initiative.title,
        outcome=lambda: objection.get_state_display(),
    )
