"""Stepping down, seeking a successor, pausing and concluding."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.dates import day
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.groups.queries import active_members_of
from apps.initiatives import queries, words
from apps.initiatives.actions.leads import count_act, end_lead, hold_running, leave_at, note_handing_over, running_lead
from apps.initiatives.badge import CONCLUSION_DAYS, State, forgotten_at, running_state
from apps.initiatives.deadlines import CONCLUDE, KEEP_ALIVE, LEAVE_LATER, REVIEW_HOLD
from apps.initiatives.models import Adoption, Bid, Ending, Hold, Lead, Objection, Update
from apps.notifications.actions import write_letters
from apps.record.actions import write


@transaction.atomic
def step_down(lead: Lead, *, notes: str, by: User, now: datetime) -> Adoption:
    """Give the lead back, with notes for whoever comes next. No reason is needed."""
    lead = running_lead(lead)
    return end_lead(lead, Ending.STEPPED_DOWN, verb=words.STEPPED_DOWN, notes=notes, by=by, now=now)


# --- Seeking a successor ---------------------------------------------------------------------


@transaction.atomic
def seek_successor(lead: Lead, *, by: User, now: datetime) -> Lead:
    """Say in public that another group may take over; the group leads on until one does."""
    lead = running_lead(lead)
    if lead.seeks_successor_at:
        raise Refused(_("Your group seeks a successor already."))
    if lead.adoption.hold_review_at:
        raise Refused(_("It is on hold. Resume it first: nobody takes over what stands still."))
    lead.seeks_successor_at = now
    lead.save(update_fields=["seeks_successor_at"])
    _note_seeking(lead, now=now)
    write(words.SEEKS_SUCCESSOR, by=by, now=now, group=lead.group, initiative=lead.adoption.initiative)
    write_letters(
        words.SUCCESSOR_SOUGHT,
        to=queries.interested_who_want_news(lead.adoption.initiative, without=[by]),
        key=f"{lead.pk}:{now:%Y%m%d%H%M}",
        link=lead.adoption.get_absolute_url(),
        now=now,
        by=by,
        group=lead.group,
        initiative=lambda: lead.adoption.initiative.title,
    )
    return lead


@transaction.atomic
def stop_seeking(lead: Lead, *, by: User, now: datetime) -> Lead:
    lead = running_lead(lead)
    if not lead.seeks_successor_at:
        raise Refused(_("Your group does not seek a successor."))
    lead.seeks_successor_at = None
    lead.save(update_fields=["seeks_successor_at"])
    _note_seeking(lead, now=now)
    write(words.STAYS, by=by, now=now, group=lead.group, initiative=lead.adoption.initiative)
    return lead


def _note_seeking(lead: Lead, *, now: datetime) -> None:
    note_handing_over(lead.adoption, lead.adoption.leads.filter(ended_at=None), now=now)


# --- On hold ---------------------------------------------------------------------------------


@transaction.atomic
def put_on_hold(lead: Lead, *, reason: str, waits_for: str, review_at: datetime, by: User, now: datetime) -> Hold:
    """Pause in public: why, what it waits for, and when the lead looks again; at most 180 days in any 365.

    Refused during the notice, while it is quiet, is concluding, or somebody waits for an answer about the lead.
    """
    lead = running_lead(lead)
    adoption = lead.adoption
    _refuse_hold(adoption, now=now)
    _refuse_review_at(review_at, adoption, now=now)
    hold = Hold.objects.create(
        adoption=adoption,
        group=lead.group,
        reason=reason,
        waits_for=waits_for,
        began_at=now,
        began_by=by,
        review_at=review_at,
    )
    adoption.hold_review_at, adoption.on_hold_for = review_at, waits_for
    adoption.save(update_fields=["hold_review_at", "on_hold_for"])
    for other in adoption.leads.filter(ended_at=None):
        _rest(other, now=now)
    open_deadline(REVIEW_HOLD, hold, now=now, ends_at=forgotten_at(review_at))
    write(words.ON_HOLD, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    write_letters(
        words.ON_HOLD_LETTER,
        to=queries.interested_who_want_news(adoption.initiative, without=[by]),
        key=str(hold.pk),
        link=adoption.get_absolute_url(),
        now=now,
        by=by,
        group=lead.group,
        initiative=lambda: adoption.initiative.title,
        review_at=review_at,
    )
    return hold


@transaction.atomic
def hold_for_longer(lead: Lead, *, reason: str, waits_for: str, review_at: datetime, by: User, now: datetime) -> Hold:
    """Look again and pause on: why, what it waits for, and the next day to look, as public as the first time.

    Refused when it is not on hold, for a day that is no later than the one there is, and beyond the same 180 days in
    any 365, those that have passed included.
    """
    lead = running_lead(lead)
    adoption = lead.adoption
    hold = _running_hold(adoption)
    if review_at <= hold.review_at:
        raise Refused(
            _("It is on hold until %(date)s already. Choose a later day, or resume it.")
            % {"date": day(hold.review_at)},
            field="review_on",
        )
    _refuse_review_at(review_at, adoption, now=now)
    hold.reason, hold.waits_for, hold.review_at = reason, waits_for, review_at
    hold.save(update_fields=["reason", "waits_for", "review_at"])
    adoption.hold_review_at, adoption.on_hold_for = review_at, waits_for
    adoption.save(update_fields=["hold_review_at", "on_hold_for"])
    meet_deadline(REVIEW_HOLD, hold, now=now, by=by, outcome="longer")
    open_deadline(REVIEW_HOLD, hold, now=now, ends_at=forgotten_at(review_at))
    write(words.HOLD_LONGER, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    return hold


def _refuse_review_at(review_at: datetime, adoption: Adoption, *, now: datetime) -> None:
    latest = queries.longest_hold(adoption, now)
    if review_at <= now:
        raise Refused(_("The day of the next look lies in the future."), field="review_on")
    if review_at > latest:
        raise Refused(
            _("An initiative is on hold for at most 180 days of any 365. Look at it again by %(date)s.")
            % {"date": day(latest)},
            field="review_on",
        )


def _refuse_hold(adoption: Adoption, *, now: datetime) -> None:
    if adoption.hold_review_at:
        raise Refused(_("It is on hold already."))
    if adoption.concludes_at:
        raise Refused(_("It concludes. Take the conclusion back first."))
    if now < adoption.notice_ends_at:
        raise Refused(
            _("Until %(date)s anybody may object or ask to join. Put it on hold afterwards.")
            % {"date": day(adoption.notice_ends_at)}
        )
    if running_state(adoption, now) is State.QUIET:
        raise Refused(_("It is quiet. Post an update first: what is quiet cannot be put on hold."))
    _refuse_open_answers(adoption)


def _refuse_open_answers(adoption: Adoption) -> None:
    if adoption.bids.filter(state=Bid.State.OPEN).exists():
        raise Refused(_("A group waits for an answer about the lead. Answer it first."))
    if adoption.objections.filter(state=Objection.State.OPEN).exists():
        raise Refused(_("An objection waits for a reviewer. Wait for the decision first."))


def _rest(lead: Lead, *, now: datetime) -> None:
    """On hold nobody owes a sign of life."""
    cancel_deadline(KEEP_ALIVE, lead, now=now)
    cancel_deadline(LEAVE_LATER, lead, now=now)
    leave_at(lead, None)


@transaction.atomic
def resume(lead: Lead, *, text: str, by: User, now: datetime) -> Adoption:
    """End the hold with an update; the days count from now."""
    lead = running_lead(lead)
    hold = _running_hold(lead.adoption)
    meet_deadline(REVIEW_HOLD, hold, now=now, by=by, outcome="resumed")
    _end_hold(hold, Hold.State.RESUMED, lead.adoption, now=now)
    Update.objects.create(adoption=lead.adoption, group=lead.group, text=text, posted_at=now, posted_by=by)
    write(words.RESUMED, by=by, now=now, group=lead.group, initiative=lead.adoption.initiative)
    count_act(lead.adoption, lead.group, verb=words.RESUMED, now=now)
    return lead.adoption


@REVIEW_HOLD.when_silent
@transaction.atomic
def forget_hold(hold: Hold, *, now: datetime) -> None:
    """Fourteen days after the review date nobody has looked: it turns quiet, and the days count again."""
    adoption = hold_running(hold.adoption)
    hold = _running_hold(adoption)
    _end_hold(hold, Hold.State.FORGOTTEN, adoption, now=now)
    adoption.forgotten_at = now
    adoption.save(update_fields=["forgotten_at"])
    write(words.HOLD_FORGOTTEN, by=None, now=now, group=hold.group, initiative=adoption.initiative)
    people = {p.pk: p for lead in adoption.leads.filter(ended_at=None) for p in active_members_of(lead.group)}
    write_letters(
        words.HOLD_FORGOTTEN_LETTER,
        to=people.values(),
        key=str(hold.pk),
        link=adoption.get_absolute_url(),
        now=now,
        initiative=lambda: adoption.initiative.title,
    )


def _running_hold(adoption: Adoption) -> Hold:
    hold = adoption.holds.select_for_update(of=("self",), no_key=True).select_related("group")
    found = hold.filter(state=Hold.State.RUNNING).first()
    if found is None:
        raise Refused(_("It is not on hold any more."))
    return found


def _end_hold(hold: Hold, state: Hold.State, adoption: Adoption, *, now: datetime) -> None:
    hold.state, hold.ended_at = state, now
    hold.save(update_fields=["state", "ended_at"])
    adoption.hold_review_at, adoption.on_hold_for = None, ""
    adoption.save(update_fields=["hold_review_at", "on_hold_for"])
    for lead in adoption.leads.filter(ended_at=None):
        open_deadline(KEEP_ALIVE, lead, now=now)


# --- Concluding ------------------------------------------------------------------------------


@transaction.atomic
def conclude(lead: Lead, *, summary: str, by: User, now: datetime) -> Adoption:
    """Say that it is done: all must-steps are settled, and a summary tells what was reached. 14 days' notice.

    In that time the lead can take it back. Afterwards anybody can reopen it by adopting it again.
    """
    lead = running_lead(lead)
    adoption = lead.adoption
    _refuse_conclusion(adoption)
    adoption.concludes_at, adoption.summary = now + timedelta(days=CONCLUSION_DAYS), summary
    adoption.save(update_fields=["concludes_at", "summary"])
    open_deadline(CONCLUDE, adoption, now=now, ends_at=adoption.concludes_at)
    write(words.CONCLUDES, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    write_letters(
        words.CONCLUDES_LETTER,
        to=queries.interested_who_want_news(adoption.initiative, without=[by]),
        key=f"{adoption.pk}:{now:%Y%m%d%H%M}",
        link=adoption.get_absolute_url(),
        now=now,
        by=by,
        group=lead.group,
        initiative=lambda: adoption.initiative.title,
        concludes_at=adoption.concludes_at,
    )
    count_act(adoption, lead.group, verb=words.CONCLUDES, now=now)
    return adoption


def _refuse_conclusion(adoption: Adoption) -> None:
    if adoption.concludes_at:
        raise Refused(_("It concludes already."))
    if not adoption.musts_settled:
        raise Refused(
            _("Not all must-steps of the checklist are settled yet. Hand them in; silence settles them in 20 days.")
        )
    if adoption.hold_review_at:
        raise Refused(_("It is on hold. Resume it first."))
    _refuse_open_answers(adoption)


@transaction.atomic
def take_back_conclusion(lead: Lead, *, by: User, now: datetime) -> Adoption:
    lead = running_lead(lead)
    adoption = lead.adoption
    if not adoption.concludes_at:
        raise Refused(_("It does not conclude."))
    _go_on(adoption)
    cancel_deadline(CONCLUDE, adoption, now=now, by=by)
    write(words.GOES_ON, by=by, now=now, group=lead.group, initiative=adoption.initiative)
    return adoption


@CONCLUDE.when_silent
@transaction.atomic
def finish(adoption: Adoption, *, now: datetime) -> None:
    """The notice is over: the term ends, and the initiative is done.

    If a must-step is not settled any more, it is not done: the conclusion has no effect, and the groups are told.
    """
    adoption = hold_running(adoption)
    if not adoption.musts_settled:
        _go_on(adoption)
        _tell_that_it_is_not_done(adoption, now=now)
        return
    for lead in adoption.leads.filter(ended_at=None).select_related("group"):
        lead.adoption = adoption
        end_lead(lead, Ending.CONCLUDED, verb=words.CONCLUDED, now=now)


def _go_on(adoption: Adoption) -> None:
    adoption.concludes_at, adoption.summary = None, ""
    adoption.save(update_fields=["concludes_at", "summary"])


def _tell_that_it_is_not_done(adoption: Adoption, *, now: datetime) -> None:
    write(words.NOT_CONCLUDED, by=None, now=now, initiative=adoption.initiative)
    people = {p.pk: p for lead in adoption.leads.filter(ended_at=None) for p in active_members_of(lead.group)}
    write_letters(
        words.NOT_CONCLUDED_LETTER,
        to=people.values(),
        key=f"{adoption.pk}:{now:%Y%m%d%H%M}",
        link=adoption.get_absolute_url(),
        now=now,
        initiative=lambda: adoption.initiative.title,
    )
