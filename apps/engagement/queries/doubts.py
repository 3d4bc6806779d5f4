"""Who answers for an entry: finds a witness, answers a doubt; and who judges doubts."""

from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.deadlines.queries import asked_of, people_away
from apps.deadlines.rules import reads
from apps.engagement.models import Doubt, Entry
from apps.engagement.queries.review import reviewers_of
from apps.groups.models import Group
from apps.groups.queries import coordinators_of_each
from apps.initiatives.queries import leading_group_ids
from apps.initiatives.queries.telling import members_who_lead_each


def group_that_answers(entry: Entry) -> Group:
    """The group that owes what an entry waits for: its own while it leads, or else the first of those that lead.

    The checklist goes on with whoever leads, so what waits does, too. After the term it is the group of the entry.
    """
    leads = entry.adoption.leads.filter(ended_at=None).select_related("group").order_by("began_at", "pk")
    leading = [lead.group for lead in leads]
    return entry.group if entry.group in leading or not leading else leading[0]


@reads("group_id", "adoption_id")
def who_finds_witnesses(entries: list[Any], now: datetime) -> dict[int, list[User]]:
    """The coordinators of the group of each entry while it leads, or else of all that do."""
    leading = leading_group_ids(entry.adoption_id for entry in entries)
    owing = {entry.pk: {entry.group_id} & leading[entry.adoption_id] or leading[entry.adoption_id] for entry in entries}
    found = coordinators_of_each(set().union(*owing.values()))
    return {pk: list(dict.fromkeys(who for group in groups for who in found[group])) for pk, groups in owing.items()}


def who_answers_doubts(doubts: list[Doubt], now: datetime) -> dict[int, list[User]]:
    """Every member of a group that leads now: each of them may."""
    leading = members_who_lead_each(doubt.entry.adoption_id for doubt in doubts)
    return {doubt.pk: leading[doubt.entry.adoption_id] for doubt in doubts}


@reads("group_id", "doubted_by_id")
def judges_of_each(doubts: list[Doubt], now: datetime) -> dict[int, list[User]]:
    """Who may judge each doubt: reviewers with no part in who logged, answered or leads; and not who doubts."""
    about = Doubt.objects.filter(pk__in=[doubt.pk for doubt in doubts])
    rows = list(about.values_list("pk", "entry__group", "entry__adoption"))
    leading = leading_group_ids(adoption for _pk, _group, adoption in rows)
    concerned = {doubt.pk: {doubt.group_id} for doubt in doubts}
    for pk, group, adoption in rows:
        concerned[pk] |= {group} | leading[adoption]
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
