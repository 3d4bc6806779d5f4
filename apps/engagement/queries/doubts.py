"""Who judges doubts, and the doubts of an entry."""

from datetime import datetime

from apps.accounts.models import User
from apps.deadlines.queries import asked_of, people_away
from apps.deadlines.rules import reads
from apps.engagement.models import Doubt
from apps.engagement.queries.review import reviewers_of
from apps.initiatives.queries import leading_group_ids


@reads("group_id", "doubted_by_id")
def judges_of_each(doubts: list[Doubt], now: datetime) -> dict[int, list[User]]:
    """Who may judge each doubt: reviewers with no part in its group or in another one that leads; not who doubts."""
    about = Doubt.objects.filter(pk__in=[doubt.pk for doubt in doubts]).values_list("pk", "entry__adoption")
    leading = leading_group_ids(adoption for _pk, adoption in about)
    concerned = {doubt.pk: {doubt.group_id} for doubt in doubts}
    for pk, adoption in about:
        concerned[pk] |= leading[adoption]
    may_review = reviewers_of(concerned, now)
    return {
        doubt.pk: [person for person in may_review[doubt.pk] if person.pk != doubt.doubted_by_id] for doubt in doubts
    }


def judge_to_ask(doubt: Doubt, *, now: datetime) -> User | None:
    """The one who is asked: may judge, is not away, has the fewest open; None if nobody."""
    away = set(people_away(now))
    candidates = [person for person in judges_of_each([doubt], now)[doubt.pk] if person.pk not in away]
    waiting = asked_of(candidates)
    return min(candidates, key=lambda person: (waiting[person.pk], person.pk), default=None)
