from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.initiatives.models import Lead
from apps.people.policy import may_review
from apps.questions.models import Question


def may_answer(person: User | AnonymousUser, question: Question, lead: Lead | None, now: datetime) -> bool:
    """Members of a leading group, of whom one is `lead`; where nobody leads, the reviewers."""
    return lead is not None or (question.owner_id is None and may_review(person, now))


def may_split(person: User | AnonymousUser, lead: Lead | None, now: datetime) -> bool:
    """Members of a leading group, and the reviewers."""
    return lead is not None or may_review(person, now)
