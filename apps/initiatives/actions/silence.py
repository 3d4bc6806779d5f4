"""What silence does to a lead: it leaves on day 90, later beside others, and with the end of its term."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.deadlines.actions import open_deadline
from apps.initiatives import queries, words
from apps.initiatives.actions.leads import end_lead, leave_at, running_lead, silence_on
from apps.initiatives.badge import TOGETHER_DAYS
from apps.initiatives.deadlines import KEEP_ALIVE, LEAVE_LATER, RENEW_TERM
from apps.initiatives.models import Ending, Lead


@KEEP_ALIVE.when_silent
@transaction.atomic
def lapse_after_silence(lead: Lead, *, now: datetime) -> None:
    """Day 90 without a counted act: the group leaves, with thanks, and with the last one the term lapses.

    Not before it has led together with a group that came later for 14 days, or while that one's bid runs.
    """
    lead = running_lead(lead)
    stays_until = _together_until(lead)
    if stays_until is None or stays_until <= now:
        end_lead(lead, Ending.LAPSED, verb=words.LAPSED, now=now)
        return
    leave_at(lead, stays_until)
    open_deadline(LEAVE_LATER, lead, now=now, ends_at=stays_until)


def _together_until(lead: Lead) -> datetime | None:
    """Until when it leads together with the newest other group: that one's beginning, or its answer, and 14 days."""
    joined = lead.adoption.leads.filter(ended_at=None, began_at__gt=lead.began_at).order_by("-began_at").first()
    answers = [silence_on(bid) for bid in queries.bids_to_lead(lead.adoption)]
    begins = [*answers, *([joined.began_at] if joined else [])]
    return max(begins) + timedelta(days=TOGETHER_DAYS) if begins else None


@LEAVE_LATER.when_silent
@transaction.atomic
def leave_after_silence(lead: Lead, *, now: datetime) -> None:
    """The silent group led together with another one for 14 days, and leaves, with thanks."""
    end_lead(running_lead(lead), Ending.LAPSED, verb=words.LAPSED, now=now)


@RENEW_TERM.when_silent
@transaction.atomic
def expire_after_silence(lead: Lead, *, now: datetime) -> None:
    """Twelve months passed and nobody renewed: the term ends, with thanks; concluded, if that was to come anyway."""
    lead = running_lead(lead)
    concludes = lead.adoption.concludes_at is not None and lead.adoption.musts_settled
    ending, verb = (Ending.CONCLUDED, words.CONCLUDED) if concludes else (Ending.EXPIRED, words.EXPIRED)
    end_lead(lead, ending, verb=verb, now=now)
