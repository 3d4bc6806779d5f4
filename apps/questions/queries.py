"""Reads of questions: those on an initiative, who leads there, and who waits for the same answer."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.deadlines.models import Deadline, MeToo
from apps.groups.models import Group, Membership
from apps.initiatives.models import Initiative, Lead
from apps.questions.models import Question

ANSWER = "questions.answer"


def questions_on(initiative: Initiative) -> QuerySet[Question]:
    """The newest first, each with how many people wait for the same answer; one that was split stands in its parts."""
    waiting = MeToo.objects.filter(deadline__rule=ANSWER, deadline__subject_id=OuterRef("pk")).order_by()
    counted = waiting.values("deadline__subject_id").annotate(number=Count("person", distinct=True)).values("number")
    me_toos = Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
    unsplit = initiative.questions.exclude(state=Question.State.SPLIT).select_related("owner", "answered_for")
    return unsplit.annotate(me_toos=me_toos).order_by("-asked_at", "-pk")


def open_questions_on(initiative: Initiative) -> QuerySet[Question]:
    return initiative.questions.filter(state=Question.State.OPEN)


def leads_of(initiative: Initiative) -> QuerySet[Lead]:
    """The groups that lead an initiative now, the first one first."""
    running = Lead.objects.filter(adoption__initiative=initiative, adoption__ended_at=None, ended_at=None)
    return running.select_related("group", "adoption").order_by("began_at", "pk")


def leading_group(initiative: Initiative) -> Group | None:
    """The group that owes answers: the first of those that lead."""
    lead = leads_of(initiative).first()
    return lead.group if lead else None


def lead_of_member(person: User | AnonymousUser, initiative: Initiative) -> Lead | None:
    """The lead for which a person can answer, as an active member of its group."""
    mine = Membership.objects.filter(user=person.pk, state=Membership.State.ACTIVE)
    return leads_of(initiative).filter(group__in=mine.values("group")).first() if person.pk else None


def latest_wait(question: Question) -> Deadline | None:
    """The deadline of its answer, open or closed."""
    return Deadline.objects.filter(rule=ANSWER, subject_id=question.pk).order_by("-opened_at", "-pk").first()


def people_who_wait_too(question: Question) -> QuerySet[User]:
    said = MeToo.objects.filter(deadline__rule=ANSWER, deadline__subject_id=question.pk)
    return User.objects.filter(pk__in=said.values("person"), blocked_at=None)


def says_me_too(person: User | AnonymousUser, question: Question) -> bool:
    return isinstance(person, User) and people_who_wait_too(question).filter(pk=person.pk).exists()


def parts_of(question: Question) -> Iterable[Question]:
    return question.parts.order_by("pk")


@personal_data("questions")
def _questions_of(person: User) -> dict[str, Any]:
    asked, answered = Question.objects.filter(asked_by=person), Question.objects.filter(answered_by=person)
    split = Question.objects.filter(split_by=person)
    return {
        "asked": list(asked.values("initiative__number", "title", "details", "state", "asked_at")),
        "answered": list(answered.values("title", "answer", "answered_at", "answered_for__name")),
        "split": list(split.values("title", "split_at")),
    }
