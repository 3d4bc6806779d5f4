"""Reads of the review queue, and who may review what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from apps.accounts.models import StaffIdentity, User
from apps.deadlines.models import Deadline
from apps.deadlines.queries import asked_of, people_away
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.engagement.queries.checklist import StepShown
from apps.groups.models import Group
from apps.groups.queries import groups_in_conflict, people_in_conflict
from apps.people.queries import reviewers

EVIDENCE_SHOWN = 5


@dataclass(frozen=True)
class QueueLine:
    """One submission in the reviewers' queue, with its deadline and evidence."""

    submission: Submission
    deadline: Deadline
    steps: list[tuple[StepShown, list[Entry]]]


def open_submissions() -> QuerySet[Submission]:
    due = Deadline.objects.filter(rule="engagement.review", subject_id=OuterRef("pk"), state=Deadline.State.OPEN)
    return (
        Submission.objects.filter(state=Submission.State.OPEN)
        .annotate(due_at=Subquery(due.values("due_at")[:1]))
        .select_related("group", "adoption__initiative")
        .order_by("due_at", "pk")
    )


def submissions_for(reviewer: User, now: datetime) -> QuerySet[Submission]:
    """What this person may decide: nothing of groups they belong to or belonged to in the last 12 months."""
    mine = open_submissions().exclude(group__in=groups_in_conflict(reviewer, now).values("group"))
    if not StaffIdentity.objects.filter(user=reviewer).exists():
        return mine
    waiting = Submission.objects.filter(state=Submission.State.OPEN)
    of_staff = Group.objects.filter(kind=Group.Kind.FOUNDATION, pk__in=waiting.values("group"))
    for_others = [pk for pk, people in reviewers_of(of_staff, now).items() if reviewer not in people]
    return mine.exclude(group__in=for_others)


def queue_lines(submissions: Iterable[Submission]) -> list[QueueLine]:
    """The submissions with steps, evidence and deadlines, in a number of queries that does not grow.

    Of each step's evidence the newest entries; they say how many there are `in_all`, since a busy group has hundreds.
    """
    found = list(submissions)
    in_review = ChecklistStep.objects.filter(submission__in=found, state=ChecklistStep.State.IN_REVIEW)
    lines = defaultdict(list)
    for line in in_review.select_related("step").order_by("step__position"):
        lines[line.submission_id].append(line)
    entries: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    wanted = {(line.adoption_id, line.step_id) for rows in lines.values() for line in rows}
    of_one_step: Any = {"partition_by": [F("adoption"), F("step")]}
    evidence = (
        Entry.objects.filter(
            withdrawn_at=None,
            adoption__in={adoption for adoption, _step in wanted},
            step__in={step for _adoption, step in wanted},
        )
        .annotate(
            in_all=Window(Count("pk"), **of_one_step),
            newer=Window(RowNumber(), order_by=[F("happened_on").desc(), F("pk").desc()], **of_one_step),
        )
        .filter(newer__lte=EVIDENCE_SHOWN)
    )
    for entry in evidence.order_by("happened_on", "pk"):
        entries[entry.adoption_id, entry.step_id].append(entry)
    open_deadlines = Deadline.objects.filter(
        rule="engagement.review", state=Deadline.State.OPEN, subject_id__in=[s.pk for s in found]
    )
    deadlines = {deadline.subject_id: deadline for deadline in open_deadlines}
    return [
        QueueLine(
            submission,
            deadlines[submission.pk],
            [(StepShown(line, line.step), entries[line.adoption_id, line.step_id]) for line in lines[submission.pk]],
        )
        for submission in found
        if submission.pk in deadlines
    ]


def last_decisions_of(reviewer: User, count: int = 5) -> QuerySet[ChecklistStep]:
    return (
        ChecklistStep.objects.filter(decided_by=reviewer)
        .select_related("step", "adoption__initiative")
        .order_by("-decided_at")[:count]
    )


def reviewers_of(groups: Iterable[Group], now: datetime) -> dict[int, list[User]]:
    """Who may review each of some groups, by the group's id; two queries.

    Nobody with a part in it; staff review a foundation group only where nobody else can.
    """
    everybody = list(reviewers(now).select_related("staff_identity").order_by("pk"))
    by_id = {group.pk: group for group in groups}
    conflicts = set(people_in_conflict(by_id, now).values_list("group", "user"))
    return {
        pk: _without_staff_for_foundation([person for person in everybody if (pk, person.pk) not in conflicts], group)
        for pk, group in by_id.items()
    }


def _without_staff_for_foundation(free: list[User], group: Group) -> list[User]:
    if group.kind != Group.Kind.FOUNDATION:
        return free
    return [person for person in free if not is_staff(person)] or free


def is_staff(person: User) -> bool:
    return hasattr(person, "staff_identity")


def reviewers_for(group: Group, now: datetime) -> list[User]:
    return reviewers_of([group], now)[group.pk]


def reviewers_for_each(submissions: list[Submission], now: datetime) -> dict[int, list[User]]:
    """Who can answer on the whole of each submission: whoever asked for more on a step of it leaves it to another."""
    may_review = reviewers_of({submission.group for submission in submissions}, now)
    in_review = ChecklistStep.objects.filter(submission__in=submissions, state=ChecklistStep.State.IN_REVIEW)
    asked_for_more = set(in_review.exclude(more_asked_by=None).values_list("submission", "more_asked_by"))
    return {
        submission.pk: [
            person for person in may_review[submission.group_id] if (submission.pk, person.pk) not in asked_for_more
        ]
        for submission in submissions
    }


def reviewer_to_ask(submission: Submission, *, reads: str, now: datetime) -> User | None:
    """The one who is asked: can answer, is not away, reads the language, has the fewest open; None if nobody."""
    away = set(people_away(now))
    can_answer = reviewers_for_each([submission], now)[submission.pk]
    candidates = [person for person in can_answer if person.pk not in away]
    waiting = asked_of(candidates)

    def rank(person: User) -> tuple[bool, int, int]:
        return (reads not in {person.language, *person.languages}, waiting[person.pk], person.pk)

    return min(candidates, key=rank, default=None)
