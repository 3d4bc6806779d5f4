"""Second thoughts of a reviewer: an answer is taken back, or a submission is passed to others."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.languages import language as language_called
from apps.core.refused import Refused
from apps.deadlines.actions import ask_another, reopen_deadline
from apps.deadlines.models import Deadline
from apps.engagement import queries, words
from apps.engagement.actions.entries import measure_again
from apps.engagement.actions.review import locked, show_decision
from apps.engagement.deadlines import REVIEW, silence_words, steps_words
from apps.engagement.models import ChecklistStep, Decision, Pass, Submission
from apps.initiatives.models import Adoption
from apps.notifications.actions import take_back_letters, write_letters
from apps.record.actions import write

State = ChecklistStep.State


# --- Taking back ----------------------------------------------------------------------------------


@transaction.atomic
def take_back(decision: Decision, *, by: User, now: datetime) -> Submission:
    """Undo a decision within ten minutes: its steps are in review again, with their old date, and nobody was told.

    Refused later, when the group has gone on from it, while it concludes, when silence would settle it at once, and
    after the term.
    """
    adoption, submission = locked(decision.submission)
    decision = Decision.objects.select_for_update(of=("self",), no_key=True).get(pk=decision.pk)
    lines = list(decision.steps.select_related("step"))
    _refuse_to_take_back(decision, by=by, now=now)
    _refuse_what_went_on(adoption, submission, decision, lines, now=now)
    take_back_letters(words.DECIDED, key=str(decision.pk), now=now)
    decision.taken_back_at = now
    decision.save(update_fields=["taken_back_at"])
    for line in lines:
        _show_as_before(line)
        write(words.TAKEN_BACK, by=by, now=now, step=line.step, group=submission.group, initiative=adoption.initiative)
    if submission.state == Submission.State.SETTLED:
        submission.state, submission.settled_at = Submission.State.OPEN, None
        submission.save(update_fields=["state", "settled_at"])
        reopen_deadline(REVIEW, submission, now=now)
    measure_again(adoption, now=now)
    return submission


def _refuse_to_take_back(decision: Decision, *, by: User, now: datetime) -> None:
    if decision.decided_by_id != by.pk:
        raise Refused(_("Only the reviewer who gave an answer takes it back."))
    if decision.taken_back_at:
        raise Refused(_("You have taken this answer back already."))
    if now >= decision.told_at:
        raise Refused(_("Ten minutes have passed and the group is told, so this answer stands."))


def _refuse_what_went_on(
    adoption: Adoption, submission: Submission, decision: Decision, lines: list[ChecklistStep], *, now: datetime
) -> None:
    if adoption.ended_at:
        raise Refused(_("The term has ended meanwhile, so this answer stands."))
    if adoption.concludes_at:
        raise Refused(_("The group has said meanwhile that the initiative is done, so this answer stands."))
    if any(line.submission_id != submission.pk or line.state != decision.answer for line in lines):
        raise Refused(_("The group has handed it in again meanwhile, so your answer stands. Answer the new line."))
    if REVIEW.rung_times(submission.handed_in_at, None)[-1][2] <= now:
        raise Refused(_("Its last day has come: without your answer silence would settle it. So your answer stands."))


def _show_as_before(line: ChecklistStep) -> None:
    """In review, with what the decisions before say about it."""
    before = line.decisions.filter(taken_back_at=None).order_by("-decided_at", "-pk")
    more_asked = before.filter(answer=State.MORE_ASKED).first()
    line.state = State.IN_REVIEW
    show_decision(line, before.first())
    line.more_asked_at = more_asked.decided_at if more_asked else None
    line.more_asked_by = more_asked.decided_by if more_asked else None
    line.more_asked_note = more_asked.note if more_asked else ""
    line.save()


# --- Passing on -----------------------------------------------------------------------------------


@transaction.atomic
def pass_on(submission: Submission, *, language: str, by: User, now: datetime) -> Pass:
    """Leave a submission to reviewers who read a language; one of them is asked now, and the date stands.

    Whoever passed it is not asked for it again, and may still answer. Somebody else who reads it and is asked already
    stays so; if nobody reads it, it is left with all who can answer.
    """
    adoption, submission = locked(submission)
    if submission.state == Submission.State.SETTLED:
        raise Refused(_("Somebody answered this before you, so there is nothing to pass on."))
    try:
        with transaction.atomic():
            passed = Pass.objects.create(
                submission=submission, language=language, found_reader=False, passed_at=now, passed_by=by
            )
    except IntegrityError as error:
        raise Refused(_("You have passed this on already. You can still answer it.")) from error
    deadline = Deadline.objects.get(rule=REVIEW.name, subject_id=submission.pk, state=Deadline.State.OPEN)
    reader = queries.reader_to_ask(submission, language=language, rather=deadline.asked_id, now=now)
    if reader is not None and reader.pk != deadline.asked_id:
        _ask_reader(adoption, passed, reader, now=now)
    elif reader is None and deadline.asked_id == by.pk:
        ask_another(REVIEW, submission, asked=None)
    passed.found_reader = reader is not None
    passed.save(update_fields=["found_reader"])
    write(words.PASSED, by=by, now=now, group=submission.group, initiative=adoption.initiative)
    return passed


def _ask_reader(adoption: Adoption, passed: Pass, reader: User, *, now: datetime) -> None:
    submission = passed.submission
    deadline = ask_another(REVIEW, submission, asked=reader)
    write_letters(
        words.PASSED_TO_YOU,
        to=[reader],
        key=str(passed.pk),
        link=submission.get_absolute_url(),
        now=now,
        deadline=deadline,
        what=lambda: steps_words(submission),
        initiative=lambda: adoption.initiative.title,
        language=language_called(passed.language).autonym,
        due_at=deadline.due_at,
        silence_at=REVIEW.rung_times(deadline.opened_at, None)[-1][2],
        silence=lambda: silence_words(submission),
    )
