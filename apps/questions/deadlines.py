from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.deadlines.rules import Rule, days, reads, remind, silence
from apps.deadlines.states import all_of, declare
from apps.groups.queries import coordinators_of_each
from apps.people.deadlines import REVIEWERS, reviewers_name
from apps.people.queries import reviewers
from apps.questions.models import Question


@reads("owner_id")
def who_answers(questions: list[Any], now: datetime) -> dict[int, list[User]]:
    """The coordinators of the group that leads; the reviewers, where nobody does."""
    by_group = coordinators_of_each(question.owner_id for question in questions if question.owner_id)
    nobody_leads = any(question.owner_id is None for question in questions)
    all_reviewers = list(reviewers(now)) if nobody_leads else []
    return {
        question.pk: by_group.get(question.owner_id, []) if question.owner_id else all_reviewers
        for question in questions
    }


ANSWER = Rule(
    "questions.answer",
    title=gettext_lazy("Answers to questions"),
    subject="questions.Question",
    related=("initiative", "owner"),
    owed_by=lambda question: f"group:{question.owner_id}" if question.owner_id else REVIEWERS,
    owner_name=lambda question: question.owner.name if question.owner else reviewers_name(),
    answerers=who_answers,
    what=lambda question: _("An answer to a question on %(initiative)s") % {"initiative": question.initiative},
    silence_means=gettext_lazy("it reads “not answered”, and stays open to a late answer"),
    outcomes={"answered": gettext_lazy("answered")},
    region=lambda question: question.owner.region if question.owner else "",
    ladder=[remind(days(7)), remind(days(12)), silence(days(14))],
)

declare(
    Question,
    waiting={Question.State.OPEN: all_of(ANSWER)},
    resting={Question.State.ANSWERED, Question.State.UNANSWERED, Question.State.SPLIT},
)
