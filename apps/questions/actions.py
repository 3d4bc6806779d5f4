"""Asking questions, answering and splitting them, and what silence does."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.deadlines.actions import bring_along, cancel_deadline, hand_on, meet_deadline, open_deadline
from apps.deadlines.models import Deadline
from apps.initiatives.actions import count_act, running_lead, when_lead_changes
from apps.initiatives.models import Adoption, Initiative, Lead
from apps.notifications.actions import write_letters
from apps.notifications.kinds import LetterKind
from apps.questions import queries, words
from apps.questions.deadlines import ANSWER, who_answers
from apps.questions.models import Question
from apps.record.actions import write

MOST_PARTS = 10
State = Question.State


@transaction.atomic
def ask_question(initiative: Initiative, *, title: str, details: str, by: User, now: datetime) -> Question:
    """Ask a question on an initiative; whoever leads it, or else the reviewers, owe an answer in 14 days.

    Refuses what the same person has asked there already and what still waits.
    """
    # Both are held, so that neither an adoption nor the end of a term comes between reading who leads and asking.
    initiative = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    Adoption.objects.select_for_update(no_key=True).filter(initiative=initiative, ended_at=None).first()
    try:
        with transaction.atomic():
            question = Question.objects.create(
                initiative=initiative,
                title=title,
                details=details,
                owner=queries.leading_group(initiative),
                asked_at=now,
                asked_by=by,
            )
    except IntegrityError as error:
        raise Refused(_("You have asked this already. The answer is owed."), field="title") from error
    deadline = open_deadline(ANSWER, question, now=now)
    write(words.ASKED, by=by, now=now, initiative=initiative, question=question)
    write_letters(
        words.ASKED_LETTER,
        to=[person for person in who_answers([question], now)[question.pk] if person != by],
        key=str(question.pk),
        link=question.get_absolute_url(),
        now=now,
        by=by,
        deadline=deadline,
        initiative=lambda: initiative.title,
        due_at=deadline.due_at,
    )
    return question


@transaction.atomic
def answer_question(question: Question, *, answer: str, lead: Lead | None, by: User, now: datetime) -> Question:
    """Answer a question for a leading group, or as a reviewer where nobody leads; late answers are welcome and say so.

    An answer of a leading group counts as its act, but not one to a question that the same person asked. The term
    is held first, as wherever the lead changes.
    """
    lead = running_lead(lead) if lead else None
    question = _held(question)
    if question.state not in {State.OPEN, State.UNANSWERED}:
        raise Refused(_("This was settled already: %(state)s.") % {"state": question.get_state_display()})
    if lead is None and question.owner_id:
        raise Refused(_("A group leads this initiative now, and owes the answer."))
    question.is_late = question.state == State.UNANSWERED
    if question.state == State.OPEN:
        meet_deadline(ANSWER, question, now=now, by=by, outcome="answered")
    question.state, question.answer, question.answered_at, question.answered_by = State.ANSWERED, answer, now, by
    question.answered_for = lead.group if lead else None
    question.save(update_fields=["state", "answer", "is_late", "answered_at", "answered_by", "answered_for"])
    about = {"initiative": question.initiative, "question": question}
    if lead:
        write(words.ANSWERED, by=by, now=now, group=lead.group, **about)
    else:
        write(words.ANSWERED_BY_REVIEWER, by=by, now=now, **about)
    if lead and question.asked_by_id != by.pk:
        count_act(lead.adoption, lead.group, verb=words.ANSWERED, now=now)
    # Whoever says "me too" is told when the wait closes; of a late answer it has closed before.
    too = queries.people_who_wait_too(question) if question.is_late else []
    _tell(words.ANSWERED_LETTER, question, to=[question.asked_by, *too], by=by, now=now)
    return question


@ANSWER.when_silent
@transaction.atomic
def leave_unanswered(question: Question, *, now: datetime) -> None:
    """Nobody answered in 14 days: it reads so in public, and stays open to a late answer."""
    question = _open_one(question)
    question.state = State.UNANSWERED
    question.save(update_fields=["state"])
    write(words.UNANSWERED, by=None, now=now, initiative=question.initiative, question=question)
    _tell(words.UNANSWERED_LETTER, question, to=[question.asked_by], by=None, now=now)


@transaction.atomic
def split_question(question: Question, *, parts: list[str], by: User, now: datetime) -> list[Question]:
    """Split a question into several, each with the date of the old one; whoever said "me too" comes along to each."""
    question = _open_one(question)
    titles = list(dict.fromkeys(parts))
    if not 2 <= len(titles) <= MOST_PARTS:
        raise Refused(_("Write at least two different questions, and at most ten."), field="parts")
    _refuse_what_is_asked(question, titles)
    old = Deadline.objects.select_for_update().get(rule=ANSWER.name, subject_id=question.pk, state=Deadline.State.OPEN)
    # First, since a part may have the words of the whole, which nobody may ask twice at a time.
    question.state, question.split_at, question.split_by = State.SPLIT, now, by
    question.save(update_fields=["state", "split_at", "split_by"])
    made = [_part(question, title) for title in titles]
    # Opened when the question was asked: to split moves no date.
    bring_along(old, to=[open_deadline(ANSWER, part, now=old.opened_at) for part in made])
    cancel_deadline(ANSWER, question, now=now, by=by)
    write(words.SPLIT, by=by, now=now, initiative=question.initiative, question=question)
    _tell(words.SPLIT_LETTER, question, to=[question.asked_by], by=by, now=now)
    return made


def _refuse_what_is_asked(question: Question, titles: list[str]) -> None:
    others = (
        queries.open_questions_on(question.initiative).filter(asked_by=question.asked_by_id).exclude(pk=question.pk)
    )
    if others.filter(title__in=titles).exists():
        raise Refused(_("One of these waits for an answer already. Leave it out."), field="parts")


def _part(question: Question, title: str) -> Question:
    return Question.objects.create(
        initiative=question.initiative,
        title=title,
        part_of=question,
        owner=question.owner,
        asked_at=question.asked_at,
        asked_by=question.asked_by,
    )


@when_lead_changes
@transaction.atomic
def pass_to_whoever_leads(initiative: Initiative, *, now: datetime) -> None:
    """The lead has changed: whoever leads now, or else the reviewers, owe the open answers; the dates stand.

    Whoever leads may also answer late what those before them did not.
    """
    owner = queries.leading_group(initiative)
    passed = []
    unanswered = initiative.questions.filter(state=State.UNANSWERED).exclude(owner=owner)
    unanswered.update(owner=owner)
    for question in queries.open_questions_on(initiative).select_for_update(no_key=True):
        if question.owner_id != (owner.pk if owner else None):
            question.owner = owner
            question.save(update_fields=["owner"])
            hand_on(ANSWER, question)
            passed.append(question)
    if not passed:
        return
    write_letters(
        words.PASSED_ON_LETTER,
        to=who_answers(passed[:1], now)[passed[0].pk],
        key=f"{initiative.pk}:{now:%Y%m%d%H%M%S}",
        link=reverse("questions:index", args=[initiative.number, initiative.words]),
        now=now,
        initiative=lambda: initiative.title,
        count=str(len(passed)),
    )


def _tell(kind: LetterKind, question: Question, *, to: list[User], by: User | None, now: datetime) -> None:
    write_letters(
        kind,
        to=to,
        key=str(question.pk),
        link=question.get_absolute_url(),
        now=now,
        by=by,
        initiative=lambda: question.initiative.title,
    )


def _held(question: Question) -> Question:
    """The question as it is now, held until the transaction ends."""
    with_names = Question.objects.select_for_update(of=("self",), no_key=True)
    return with_names.select_related("initiative", "owner", "asked_by").get(pk=question.pk)


def _open_one(question: Question) -> Question:
    question = _held(question)
    if question.state != State.OPEN:
        raise Refused(_("This was settled already: %(state)s.") % {"state": question.get_state_display()})
    return question
