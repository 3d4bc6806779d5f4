"""Anybody answers, in any language, and can correct or take back their answer until the round closes."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.refused import Refused
from apps.feedback import words
from apps.feedback.actions.changes import held
from apps.feedback.models import Answer, Round
from apps.record.actions import write


@transaction.atomic
def give_answer(
    round_: Round,
    *,
    language: str,
    replies: list[str],
    text: str,
    is_named: bool,
    wants_news: bool,
    by: User,
    now: datetime,
) -> Answer:
    """Answer, or correct the answer that one has given: a person has one in each round.

    Refuses an empty answer, and anything once the round is closed.
    """
    round_ = held(round_, Round.State.OPEN)
    if not text and not any(replies):
        raise Refused(_("Answer at least one question, or write in your own words."), field="text")
    said = {
        "language": language,
        "replies": replies,
        "text": text,
        "is_named": is_named,
        "wants_news": wants_news,
    }
    answer = round_.answers.filter(person=by).first()
    if answer is None:
        # Without a name: whoever is not named with their answer is not named in the record either.
        write(words.ANSWERED, by=None, now=now, round=round_, initiative=round_.initiative)
        return Answer.objects.create(round=round_, person=by, answered_at=now, **said)
    if {name: getattr(answer, name) for name in said} == said:
        raise Refused(_("Your answer reads like this already."))
    for name, value in said.items():
        setattr(answer, name, value)
    answer.corrected_at = now
    answer.save()
    return answer


@transaction.atomic
def take_back_answer(round_: Round, *, by: User, now: datetime) -> None:
    """Text and name are gone; that somebody answered stays in the record, where it never had a name."""
    round_ = held(round_, Round.State.OPEN)
    deleted, _models = round_.answers.filter(person=by).delete()
    if not deleted:
        raise Refused(_("You have no answer here, or took it back already."))
