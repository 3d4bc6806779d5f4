"""Handing in steps, and reviewing them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import cancel_deadline, meet_deadline, open_deadline
from apps.engagement import queries, words
from apps.engagement.actions.entries import measure_again
from apps.engagement.deadlines import REVIEW, silence_words, steps_words
from apps.engagement.models import ChecklistStep, Decision, Submission
from apps.groups.models import Group
from apps.guidelines.models import Step
from apps.initiatives.actions import hold_running, when_term_ends
from apps.initiatives.models import Adoption
from apps.initiatives.queries.telling import members_who_lead
from apps.notifications.actions import write_letters
from apps.record.actions import write
from apps.record.verbs import Verb

State = ChecklistStep.State


# --- Handing in -----------------------------------------------------------------------------------


@transaction.atomic
def hand_in_measured(adoption: Adoption, *, group: Group, by: User, now: datetime) -> Submission:
    """Hand in every measured step that is open in one bundle; one reviewer is asked, any other may answer.

    What a reviewer asked more about, or refused, goes back with an answer alone: silence confirms no empty one.
    """
    adoption = hold_running(adoption)
    measure_again(adoption, now=now)
    lines = list(
        ChecklistStep.objects.select_for_update(of=("self",), no_key=True).filter(
            adoption=adoption,
            step__version=adoption.guidelines_id,
            is_met=True,
            state=State.OPEN,
        )
    )
    if not lines:
        raise Refused(_("No step is measured and waits to be handed in."))
    return _hand_in(adoption, lines, kind=Submission.Kind.BUNDLE, reason="", group=group, by=by, now=now)


@transaction.atomic
def hand_in_early(adoption: Adoption, *, step: Step, reason: str, group: Group, by: User, now: datetime) -> Submission:
    """Hand in one step whose measure is not met, with a reason that a reviewer judges."""
    adoption = hold_running(adoption)
    measure_again(adoption, now=now)
    line = ChecklistStep.objects.select_for_update(no_key=True).get(adoption=adoption, step=step)
    if line.state not in queries.CAN_BE_HANDED_IN:
        raise Refused(_("This step is handed in or settled already: %(state)s.") % {"state": line.get_state_display()})
    return _hand_in(adoption, [line], kind=Submission.Kind.EARLY, reason=reason, group=group, by=by, now=now)


@transaction.atomic
def hand_in_again(adoption: Adoption, *, step: Step, answer: str, group: Group, by: User, now: datetime) -> Submission:
    """Answer a reviewer who asked for more on a step, or refused it, and hand the step in again with that answer.

    Whether silence confirms it depends on its measure, as with every step.
    """
    adoption = hold_running(adoption)
    measure_again(adoption, now=now)
    line = ChecklistStep.objects.select_for_update(no_key=True).get(adoption=adoption, step=step)
    if line.state not in queries.CAN_BE_ANSWERED:
        raise Refused(_("No reviewer asks for more on this step now: %(state)s.") % {"state": line.get_state_display()})
    kind = Submission.Kind.BUNDLE if line.is_met else Submission.Kind.EARLY
    return _hand_in(adoption, [line], kind=kind, reason=answer, group=group, by=by, now=now)


def _hand_in(
    adoption: Adoption,
    lines: list[ChecklistStep],
    *,
    kind: Submission.Kind,
    reason: str,
    group: Group,
    by: User,
    now: datetime,
) -> Submission:
    submission = Submission.objects.create(
        adoption=adoption,
        group=group,
        kind=kind,
        reason=reason,
        step_count=len(lines),
        handed_in_at=now,
        handed_in_by=by,
    )
    ChecklistStep.objects.filter(pk__in=[line.pk for line in lines]).update(
        state=State.IN_REVIEW, submission=submission
    )
    asked = queries.reviewer_to_ask(submission, reads=by.language, now=now)
    deadline = open_deadline(REVIEW, submission, now=now, asked=asked)
    write(words.HANDED_IN, by=by, now=now, group=group, initiative=adoption.initiative)
    if asked:
        write_letters(
            words.REVIEW_ASKED,
            to=[asked],
            key=str(submission.pk),
            link=submission.get_absolute_url(),
            now=now,
            by=by,
            deadline=deadline,
            what=lambda: steps_words(submission),
            group=group,
            initiative=lambda: adoption.initiative.title,
            due_at=deadline.due_at,
            silence_at=REVIEW.rung_times(now, None)[-1][2],
            silence=lambda: silence_words(submission),
        )
    return submission


# --- Review ---------------------------------------------------------------------------------------


@transaction.atomic
def accept_steps(
    submission: Submission, *, steps: Iterable[int] | None = None, note: str = "", by: User, now: datetime
) -> Decision:
    """Accept the whole bundle, or the named steps of it."""
    return _decide(submission, steps, State.ACCEPTED, words.ACCEPTED, note=note, by=by, now=now)


@transaction.atomic
def ask_for_more(
    submission: Submission, *, steps: Iterable[int] | None, note: str, by: User, now: datetime
) -> Decision:
    """Ask the group for more, once per step."""
    return _decide(submission, steps, State.MORE_ASKED, words.MORE_ASKED, note=note, by=by, now=now)


@transaction.atomic
def waive_steps(submission: Submission, *, steps: Iterable[int] | None, note: str, by: User, now: datetime) -> Decision:
    """Waive steps, with a reason: they need not be done."""
    return _decide(submission, steps, State.WAIVED, words.WAIVED, note=note, by=by, now=now)


@transaction.atomic
def refuse_steps(
    submission: Submission, *, steps: Iterable[int] | None, note: str, by: User, now: datetime
) -> Decision:
    """Refuse steps on which more was asked before, with a reason."""
    return _decide(submission, steps, State.REFUSED, words.REFUSED, note=note, by=by, now=now)


def _decide(
    submission: Submission,
    steps: Iterable[int] | None,
    answer: ChecklistStep.State,
    verb: Verb,
    *,
    note: str,
    by: User,
    now: datetime,
) -> Decision:
    """Write one reviewer's answer on some or all steps of a submission; the first answer wins.

    Its letters leave when it cannot be taken back any more.
    """
    adoption, submission = locked(submission)
    lines = _lines_to_decide(submission, steps)
    for line in lines:
        _refuse_decision(line, answer, note=note)
    _leave_it_to_another(submission, lines, by=by, now=now)
    decision = _note_decision(submission, lines, answer, note=note, by=by, now=now)
    for line in lines:
        write(verb, by=by, now=now, step=line.step, group=submission.group, initiative=adoption.initiative)
    _tell_members(decision, lines, now=now)
    _settle_when_done(submission, decision, now=now)
    measure_again(adoption, now=now)
    return decision


def _note_decision(
    submission: Submission,
    lines: list[ChecklistStep],
    answer: ChecklistStep.State,
    *,
    note: str,
    by: User | None,
    now: datetime,
) -> Decision:
    """Keep the decision in the history, and show it on its lines."""
    by_staff_alone = by is not None and queries.is_staff(by) and queries.is_for_staff_last(submission)
    decision = Decision.objects.create(
        submission=submission, answer=answer, note=note, decided_at=now, decided_by=by, by_staff_alone=by_staff_alone
    )
    decision.steps.set(lines)
    for line in lines:
        line.state = answer
        show_decision(line, decision)
        if answer == State.MORE_ASKED:
            line.more_asked_at, line.more_asked_by, line.more_asked_note = now, by, note
        line.save()
    return decision


def show_decision(line: ChecklistStep, decision: Decision | None) -> None:
    """Let a line show who decided it last, when and why; None if nobody did."""
    line.note = decision.note if decision else ""
    line.decided_at = decision.decided_at if decision else None
    line.decided_by = decision.decided_by if decision else None
    line.by_staff_alone = decision.by_staff_alone if decision else False


def locked(submission: Submission) -> tuple[Adoption, Submission]:
    """The adoption, then the submission, held in this order everywhere."""
    adoption = (
        Adoption.objects.select_for_update(of=("self",), no_key=True)
        .select_related("initiative")
        .get(pk=submission.adoption_id)
    )
    submission = (
        Submission.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=submission.pk)
    )
    return adoption, submission


def _lines_to_decide(submission: Submission, steps: Iterable[int] | None) -> list[ChecklistStep]:
    wanted = set(steps) if steps is not None else None
    lines = [
        line for line in submission.steps.select_related("step", "decided_by") if wanted is None or line.pk in wanted
    ]
    undecided = [line for line in lines if line.state == State.IN_REVIEW]
    if undecided:
        return undecided
    if any(line.state == State.OPEN for line in lines):
        raise Refused(_("The term has ended, so nobody waits for an answer any more. Your note is still here."))
    if submission.state == Submission.State.SETTLED and lines:
        raise Refused(
            _("Somebody answered this before you: %(state)s. Your note is still here.")
            % {"state": lines[0].get_state_display()}
        )
    raise Refused(_("Choose at least one step that is still open."))


def _refuse_decision(line: ChecklistStep, answer: ChecklistStep.State, *, note: str) -> None:
    if answer in {State.MORE_ASKED, State.WAIVED, State.REFUSED} and not note:
        raise Refused(_("Say why: the group has to know what to do, and everybody can read it."), field="note")
    if answer == State.MORE_ASKED and line.more_asked_at:
        raise Refused(_("More was asked on “%(step)s” before. Now accept, waive or refuse it.") % {"step": line.step})
    if answer == State.REFUSED and not line.more_asked_at:
        raise Refused(_("Ask for more on “%(step)s” first. A step is refused only after that.") % {"step": line.step})


def _leave_it_to_another(submission: Submission, lines: list[ChecklistStep], *, by: User, now: datetime) -> None:
    """Whoever asked for more does not judge what came of it, as long as another reviewer is here."""
    mine = [line for line in lines if line.more_asked_by_id == by.pk]
    if mine and by not in queries.reviewers_for_each([submission], now)[submission.pk]:
        raise Refused(_("You asked for more on “%(step)s”, so another reviewer answers now.") % {"step": mine[0].step})


def _settle_when_done(submission: Submission, decision: Decision, *, now: datetime) -> None:
    if submission.steps.filter(state=State.IN_REVIEW).exists():
        return
    submission.state, submission.settled_at = Submission.State.SETTLED, now
    submission.save(update_fields=["state", "settled_at"])
    meet_deadline(REVIEW, submission, now=now, outcome=decision.answer, told_at=decision.told_at)


def _tell_members(decision: Decision, lines: list[ChecklistStep], *, now: datetime) -> None:
    """Tell whoever leads now, whichever group handed it in: they go on from the answer."""
    submission, titles = decision.submission, [line.step for line in lines]
    wants_more = decision.answer == State.MORE_ASKED
    write_letters(
        words.DECIDED,
        to=members_who_lead(submission.adoption),
        key=str(decision.pk),
        link=_checklist_url(submission.adoption, lines[0].step),
        now=now,
        leaves_at=decision.told_at,
        what=lambda: words.steps_named([step.title for step in titles]),
        steps=lambda: words.listed(f"“{step.title}”" for step in titles),
        decision=lambda: State(decision.answer).label,
        initiative=lambda: submission.adoption.initiative.title,
        note=decision.note,
        next=lambda: _("Answer beside it on the checklist, and hand it in again.") if wants_more else "",
    )


def _checklist_url(adoption: Adoption, step: Step) -> str:
    initiative = adoption.initiative
    return reverse("engagement:checklist", args=[initiative.number, initiative.words]) + f"#step-{step.code}"


@when_term_ends
@transaction.atomic
def end_reviews(adoption: Adoption, *, now: datetime) -> None:
    """The term is over before an answer came: nobody owes one any more, and its steps are open again."""
    for submission in Submission.objects.select_for_update(no_key=True).filter(
        adoption=adoption, state=Submission.State.OPEN
    ):
        cancel_deadline(REVIEW, submission, now=now)
        submission.steps.filter(state=State.IN_REVIEW).update(state=State.OPEN)
        submission.state, submission.settled_at = Submission.State.SETTLED, now
        submission.save(update_fields=["state", "settled_at"])


@REVIEW.when_silent
@transaction.atomic
def settle_by_silence(submission: Submission, *, now: datetime) -> None:
    """Day 20: a measured step is confirmed by silence, an unmeasured one reads "not reviewed", for ever."""
    adoption, submission = locked(submission)
    outcomes: dict[State, list[ChecklistStep]] = {State.CONFIRMED_BY_SILENCE: [], State.NOT_REVIEWED: []}
    for line in submission.steps.filter(state=State.IN_REVIEW).select_related("step"):
        measured = submission.kind == Submission.Kind.BUNDLE and line.is_met
        outcomes[State.CONFIRMED_BY_SILENCE if measured else State.NOT_REVIEWED].append(line)
        verb = words.CONFIRMED_BY_SILENCE if measured else words.NOT_REVIEWED
        write(verb, by=None, now=now, step=line.step, group=submission.group, initiative=adoption.initiative)
    for answer, lines in outcomes.items():
        if lines:
            _note_decision(submission, lines, answer, note="", by=None, now=now)
    submission.state, submission.settled_at = Submission.State.SETTLED, now
    submission.save(update_fields=["state", "settled_at"])
    measure_again(adoption, now=now)
    write_letters(
        words.SETTLED_BY_SILENCE,
        to=members_who_lead(adoption),
        key=str(submission.pk),
        link=adoption.get_absolute_url(),
        now=now,
        outcome=lambda: words.settled_words(
            confirmed=len(outcomes[State.CONFIRMED_BY_SILENCE]), not_reviewed=len(outcomes[State.NOT_REVIEWED])
        ),
        initiative=lambda: adoption.initiative.title,
    )
