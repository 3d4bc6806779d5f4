"""The summary that a group owes, and what those who answered say about it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import meet_deadline
from apps.feedback import policy, words
from apps.feedback.actions.changes import held, tell_of_change, write_act
from apps.feedback.deadlines import SUMMARISE
from apps.feedback.models import Correction, Round
from apps.feedback.queries import people_to_tell
from apps.groups.queries import coordinators_of
from apps.notifications.actions import write_letters
from apps.record.actions import write

State = Round.State


@transaction.atomic
def publish_summary(round_: Round, *, text: str, language: str, by: User, now: datetime) -> Round:
    """Say what was heard; those who answered have 14 days for corrections. It counts as an act of the lead.

    Refused once silence has settled it: "no summary" stays.
    """
    round_ = held(round_, State.CLOSED)
    round_.state, round_.summary, round_.summary_language = State.SUMMARISED, text, language
    round_.summarised_at, round_.summarised_by = now, by
    round_.save()
    meet_deadline(SUMMARISE, round_, now=now, by=by, outcome="summarised")
    write_act(round_, words.SUMMARISED, by_lead=words.SUMMARISED_BY_LEAD, by=by, now=now)
    write_letters(
        words.SUMMARY_THERE,
        to=people_to_tell(round_),
        key=str(round_.pk),
        link=f"{round_.get_absolute_url()}#summary",
        now=now,
        by=by,
        group=round_.group,
        round=round_,
        until=round_.corrections_end_at,
    )
    tell_of_change(round_, now=now)
    return round_


@SUMMARISE.when_silent
@transaction.atomic
def leave_without_summary(round_: Round, *, now: datetime) -> None:
    """30 days passed: the round reads "no summary", and those who asked to be told wait no longer."""
    round_ = held(round_, State.CLOSED)
    round_.state = State.UNSUMMARISED
    round_.save(update_fields=["state"])
    write(words.UNSUMMARISED, by=None, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    write_letters(
        words.NO_SUMMARY,
        to=people_to_tell(round_),
        key=str(round_.pk),
        link=round_.get_absolute_url(),
        now=now,
        group=round_.group,
        round=round_,
    )


@transaction.atomic
def change_summary(round_: Round, *, text: str, language: str, by: User, now: datetime) -> Round:
    """Take corrections up, while they are open; afterwards the summary stands."""
    round_ = held(round_, State.SUMMARISED)
    refuse_after_corrections(round_, now=now)
    if (text, language) == (round_.summary, round_.summary_language):
        raise Refused(_("Nothing is changed: it reads like this already."))
    round_.summary, round_.summary_language = text, language
    round_.save(update_fields=["summary", "summary_language"])
    write(words.SUMMARY_CHANGED, by=by, now=now, group=round_.group, round=round_, initiative=round_.initiative)
    return round_


@transaction.atomic
def note_correction(round_: Round, *, text: str, by: User, now: datetime) -> Correction:
    """Say what the summary should say differently: for whoever answered, once, within 14 days."""
    round_ = held(round_, State.SUMMARISED)
    refuse_after_corrections(round_, now=now)
    if not policy.may_correct_summary(by, round_, now):
        raise Refused(_("Those who answered correct the summary."))
    if round_.corrections.filter(noted_by=by).exists():
        raise Refused(_("You have noted your correction already; it stands beside the summary."))
    correction = Correction.objects.create(round=round_, text=text, noted_at=now, noted_by=by)
    write(words.CORRECTED, by=None, now=now, round=round_, initiative=round_.initiative)
    write_letters(
        words.CORRECTION_THERE,
        to=coordinators_of(round_.group),
        key=str(correction.pk),
        link=f"{round_.get_absolute_url()}#summary",
        now=now,
        by=by,
        round=round_,
        until=round_.corrections_end_at,
    )
    return correction


def refuse_after_corrections(round_: Round, *, now: datetime) -> None:
    ends_at = round_.corrections_end_at
    if ends_at is not None and now >= ends_at:
        raise Refused(_("The 14 days for corrections are over; the summary stands as it is."))
