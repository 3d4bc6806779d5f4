"""What engagement holds about a person."""

from typing import Any

from django.db.models import Q

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.engagement.models import ChecklistStep, Confirmation, Doubt, EarlierText, Entry, Submission

ABOUT = ("adoption__initiative__number", "group__name")


@personal_data("engagement")
def data_of(person: User) -> dict[str, Any]:
    entry = (*ABOUT, "step__code", "state", *Entry.SAID, "logged_at", "withdrawn_at")
    step = ("adoption__initiative__number", "step__code", "state", "note", "decided_at", "more_asked_at")
    decided = ChecklistStep.objects.filter(Q(decided_by=person) | Q(more_asked_by=person))
    confirmed = Confirmation.objects.filter(confirmed_by=person)
    corrected = EarlierText.objects.filter(corrected_by=person)
    about_doubt = ("entry", "entry__title", "text_number", "state")
    doubts = Doubt.objects.filter(doubted_by=person)
    answered = Doubt.objects.filter(answered_by=person)
    judged = Doubt.objects.filter(judged_by=person)
    return {
        "entries": list(Entry.objects.filter(logged_by=person).values(*entry)),
        "withdrawn": list(Entry.objects.filter(withdrawn_by=person).values(*ABOUT, "title", "withdrawn_at")),
        "confirmed": list(confirmed.values("entry", "entry__title", "text_number", "is_named", "confirmed_at")),
        "corrected": list(corrected.values("entry", "number", "what", "corrected_at")),
        "doubts": list(doubts.values(*about_doubt, "reason", "doubted_at", "ended_at")),
        "doubts_answered": list(answered.values(*about_doubt, "answer", "answered_at")),
        "doubts_judged": list(judged.values(*about_doubt, "note", "judged_at")),
        "handed_in": list(
            Submission.objects.filter(handed_in_by=person).values(*ABOUT, "kind", "reason", "state", "handed_in_at")
        ),
        "decisions": list(decided.values(*step)),
    }
