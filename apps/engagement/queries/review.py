"""Reads of the review queue, and who may review what."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value, When, Window
from django.db.models.functions import Cast, RowNumber

from apps.accounts.models import StaffIdentity, User
from apps.accounts.queries import personal_data
from apps.core.given import AnyOf
from apps.deadlines.models import Deadline
from apps.deadlines.queries import asked_of, people_away
from apps.deadlines.rules import reads
from apps.engagement import words
from apps.engagement.models import ChecklistStep, Decision, Entry, Pass, Reply, Submission
from apps.engagement.queries.checklist import StepShown
from apps.groups.models import Group, Membership
from apps.groups.queries import CONFLICT_LASTS, groups_in_conflict, people_in_conflict
from apps.initiatives.models import Lead
from apps.initiatives.queries import leading_group_ids
from apps.people.queries import reviewers

EVIDENCE_SHOWN = 5
HISTORY_SHOWN = 5
FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class QueueLine:
    """One submission in the reviewers' queue, with what one has to know to decide it."""

    submission: Submission
    deadline: Deadline
    steps: list[tuple[StepShown, list[Entry]]]
    decided_before: list[Decision]
    passes: list[Pass]

    @property
    def languages(self) -> list[str]:
        """The languages of its evidence, the most frequent first; without any, that of whoever handed it in."""
        found = Counter(code for _shown, entries in self.steps for entry in entries for code in entry.languages)
        return [code for code, _count in found.most_common()] or [self.submission.handed_in_by.language]

    @property
    def comes_again(self) -> bool:
        """More was asked on a step of it before: what the group says is an answer, and now it can be refused."""
        return any(shown.line.more_asked_at for shown, _entries in self.steps)


def open_submissions() -> QuerySet[Any]:
    """What waits for a reviewer, the oldest deadline first; each says when it is `due_at`."""
    due = Deadline.objects.filter(rule="engagement.review", subject_id=OuterRef("pk"), state=Deadline.State.OPEN)
    return (
        Submission.objects.filter(state=Submission.State.OPEN)
        .annotate(due_at=Subquery(due.values("due_at")[:1]))
        .select_related("group", "adoption__initiative", "handed_in_by")
        .order_by("due_at", "pk")
    )


def submissions_for(reviewer: User, now: datetime) -> QuerySet[Any]:
    """What this person may decide: nothing of groups they belong to or belonged to in the last 12 months."""
    mine = open_submissions().exclude(concerns(groups_in_conflict(reviewer, now).values("group")))
    if not StaffIdentity.objects.filter(user=reviewer).exists():
        return mine
    waiting = Submission.objects.filter(state=Submission.State.OPEN)
    of_staff = waiting.filter(concerns(Group.objects.filter(kind=Group.Kind.FOUNDATION).values("pk")))
    may_review = reviewers_of(groups_concerned(of_staff), now)
    return mine.exclude(pk__in=[pk for pk, people in may_review.items() if reviewer not in people])


def concerns(groups: Any) -> Q:
    """What one of some groups handed in, or a group that leads with one of them: the checklist is that of all leads."""
    led = Lead.objects.filter(group__in=groups, ended_at=None)
    return Q(group__in=groups) | Q(adoption__in=led.values("adoption"))


def groups_concerned(submissions: Iterable[Any]) -> dict[int, set[int]]:
    """Whose work each submission is: of the group that handed it in, and of every group that leads; one query."""
    found = list(submissions)
    leading = leading_group_ids(submission.adoption_id for submission in found)
    return {submission.pk: {submission.group_id} | leading[submission.adoption_id] for submission in found}


def place_in_queue(submissions: QuerySet[Any], pk: int) -> int | None:
    """How many lines of a queue stand before this one; None if it is not in it."""
    line = submissions.filter(pk=pk).first()
    if line is None:
        return None
    return submissions.filter(Q(due_at__lt=line.due_at) | Q(due_at=line.due_at, pk__lt=pk)).count()


@dataclass(frozen=True)
class NotShown:
    """Open lines of a group that the reviewer belongs to, or belonged to; `until` is when that ends by itself.

    Those that another group handed in, which leads together with it, are among them.
    """

    group: Group
    count: int
    until: datetime | None


def lines_in_conflict(reviewer: User, now: datetime) -> list[NotShown]:
    """What is kept from a reviewer, by group: nobody reviews their own, past memberships included."""
    memberships: dict[Group, list[Membership]] = defaultdict(list)
    for membership in groups_in_conflict(reviewer, now).select_related("group").order_by("group__name"):
        memberships[membership.group].append(membership)
    if not memberships:
        return []
    ends = {group: _conflict_ends(rows) for group, rows in memberships.items()}
    # A line of several of these groups is kept back as long as the last of them does.
    longest_first = sorted(ends, key=lambda group: ends[group] or FOR_EVER, reverse=True)
    open_ = Submission.objects.filter(concerns([group.pk for group in ends]), state=Submission.State.OPEN)
    counts = Counter(
        next(group for group in longest_first if group.pk in groups) for groups in groups_concerned(open_).values()
    )
    return [NotShown(group, counts[group], until) for group, until in ends.items() if counts[group]]


def _conflict_ends(memberships: list[Membership]) -> datetime | None:
    ended = [membership.ended_at + CONFLICT_LASTS for membership in memberships if membership.ended_at]
    return max(ended) if len(ended) == len(memberships) else None


def queue_lines(submissions: Iterable[Submission], *, reads: Collection[str] = ()) -> list[QueueLine]:
    """The submissions with steps, evidence and deadlines, in a number of queries that does not grow.

    Of each step's evidence what is in a language that the reviewer `reads`, then the newest entries; they say how
    many there are `in_all`, since a busy group has hundreds.
    """
    found = list(submissions)
    in_review = ChecklistStep.objects.filter(submission__in=found, state=ChecklistStep.State.IN_REVIEW)
    lines = defaultdict(list)
    for line in in_review.select_related("step").order_by("step__position"):
        lines[line.submission_id].append(line)
    entries = _evidence_of([line for rows in lines.values() for line in rows], reads)
    open_deadlines = Deadline.objects.filter(
        rule="engagement.review", state=Deadline.State.OPEN, subject_id__in=[s.pk for s in found]
    )
    deadlines = {deadline.subject_id: deadline for deadline in open_deadlines}
    before = _decided_before({submission.group_id for submission in found})
    passes: defaultdict[int, list[Pass]] = defaultdict(list)
    for passed in Pass.objects.filter(submission__in=found).order_by("passed_at"):
        passes[passed.submission_id].append(passed)
    return [
        QueueLine(
            submission,
            deadlines[submission.pk],
            [(StepShown(line, line.step), entries[line.adoption_id, line.step_id]) for line in lines[submission.pk]],
            before[submission.group_id],
            passes[submission.pk],
        )
        for submission in found
        if submission.pk in deadlines
    ]


def _evidence_of(lines: list[ChecklistStep], reads: Collection[str]) -> defaultdict[tuple[int, int], list[Entry]]:
    """The evidence of some lines, by adoption and step; each entry says whether it `is_read` by the reviewer."""
    of_one_step: Any = {"partition_by": [F("adoption"), F("step")]}
    evidence = (
        Entry.objects.filter(
            withdrawn_at=None,
            adoption__in={line.adoption_id for line in lines},
            step__in={line.step_id for line in lines},
        )
        .annotate(codes=Cast("languages", TextField()))
        .annotate(is_read=_is_in(reads))
        .annotate(
            in_all=Window(Count("pk"), **of_one_step),
            place=Window(
                RowNumber(), order_by=[F("is_read").desc(), F("happened_on").desc(), F("pk").desc()], **of_one_step
            ),
        )
        .filter(place__lte=EVIDENCE_SHOWN)
    )
    found: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in evidence.order_by("-is_read", "happened_on", "pk"):
        found[entry.adoption_id, entry.step_id].append(entry)
    return found


def _is_in(languages: Collection[str]) -> Case:
    """1 for an entry in one of these languages, else 0; JSON keeps each code between quotation marks."""
    cases = [When(codes__contains=f'"{code}"', then=Value(1)) for code in sorted(languages)]
    return Case(*cases, default=Value(0))


def _decided_before(groups: Collection[int]) -> defaultdict[int, list[Decision]]:
    """The latest decisions on each of some groups, silence included; they say how many there are `in_all`."""
    of_one_group: Any = {"partition_by": [F("submission__group")]}
    newest = (
        Decision.objects.filter(submission__group__in=groups, taken_back_at=None)
        .annotate(
            in_all=Window(Count("pk"), **of_one_group),
            place=Window(RowNumber(), order_by=[F("decided_at").desc(), F("pk").desc()], **of_one_group),
        )
        .filter(place__lte=HISTORY_SHOWN)
        .order_by("-decided_at", "-pk")
    )
    found: defaultdict[int, list[Decision]] = defaultdict(list)
    for decision in with_steps(newest):
        found[decision.submission.group_id].append(decision)
    return found


def with_steps(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions with what their words name; two queries."""
    steps = Prefetch("steps", ChecklistStep.objects.select_related("step").order_by("step__position"))
    return decisions.select_related("submission__group", "submission__adoption__initiative").prefetch_related(steps)


def last_decisions_of(reviewer: User, count: int = 20) -> QuerySet[Decision]:
    return with_steps(Decision.objects.filter(decided_by=reviewer).order_by("-decided_at", "-pk"))[:count]


def reviewers_of(groups_of: Mapping[int, set[int]], now: datetime) -> dict[int, list[User]]:
    """Who may review what is the work of some groups, by its id; two queries, and a third where there are staff.

    Nobody with a part in one of them; staff review the work of a foundation group only where nobody else can.
    """
    everybody = list(reviewers(now).select_related("staff_identity").order_by("pk"))
    concerned = {group for groups in groups_of.values() for group in groups}
    in_conflict: dict[int, set[int]] = defaultdict(set)
    for group, person in people_in_conflict(concerned, now).values_list("group", "user"):
        in_conflict[group].add(person)
    foundation = _of_foundation(concerned) if any(map(is_staff, everybody)) else set()

    # Most of what a group hands in concerns that group alone, so there are few answers for thousands of rows.
    @cache
    def without_part(groups: frozenset[int]) -> list[User]:
        free = [person for person in everybody if not any(person.pk in in_conflict[group] for group in groups)]
        if groups & foundation:
            return [person for person in free if not is_staff(person)] or free
        return free

    return {pk: without_part(frozenset(groups)) for pk, groups in groups_of.items()}


def _of_foundation(group_ids: Collection[int]) -> set[int]:
    foundation = Group.objects.filter(pk__in=group_ids, kind=Group.Kind.FOUNDATION)
    return set(foundation.values_list("pk", flat=True))


def is_staff(person: User) -> bool:
    return hasattr(person, "staff_identity")


def is_for_staff_last(submission: Submission) -> bool:
    """Whether a group of the Foundation has a part in it, so that staff answer only where nobody else can."""
    return bool(_of_foundation(groups_concerned([submission])[submission.pk]))


def reviewers_for(submission: Submission, now: datetime) -> list[User]:
    return reviewers_of(groups_concerned([submission]), now)[submission.pk]


@reads("group_id", "adoption_id")
def reviewers_for_each(submissions: list[Submission], now: datetime) -> dict[int, list[User]]:
    """Who can answer on the whole of each submission: whoever asked for more on a step of it leaves it to another.

    Where there is no other one who is here, they answer again: better the same reviewer than none.
    """
    may_review = reviewers_of(groups_concerned(submissions), now)
    handed_in = [submission.pk for submission in submissions]
    in_review = ChecklistStep.objects.filter(AnyOf(F("submission"), handed_in), state=ChecklistStep.State.IN_REVIEW)
    asked_for_more: dict[int, set[int]] = defaultdict(set)
    for submission, person in in_review.exclude(more_asked_by=None).values_list("submission", "more_asked_by"):
        asked_for_more[submission].add(person)
    away = set(people_away(now)) if asked_for_more else set()

    def can_answer(submission: Submission) -> list[User]:
        free = may_review[submission.pk]
        if submission.pk not in asked_for_more:
            return free
        others = [person for person in free if person.pk not in asked_for_more[submission.pk]]
        return others if any(person.pk not in away for person in others) else free

    return {submission.pk: can_answer(submission) for submission in submissions}


def reviewer_to_ask(submission: Submission, *, reads: str, now: datetime) -> User | None:
    """The one who is asked: can answer, is here, reads the language, has the fewest open; None if nobody."""
    candidates = _who_can_be_asked(submission, now)
    waiting = asked_of(candidates)

    def rank(person: User) -> tuple[bool, int, int]:
        return (reads not in person.reads, waiting[person.pk], person.pk)

    return min(candidates, key=rank, default=None)


def reader_to_ask(submission: Submission, *, language: str, rather: int | None, now: datetime) -> User | None:
    """Of those who can be asked and read a language: `rather` this one, else the one with the fewest open."""
    readers = [person for person in _who_can_be_asked(submission, now) if language in person.reads]
    waiting = asked_of(readers)
    return min(readers, key=lambda person: (person.pk != rather, waiting[person.pk], person.pk), default=None)


def _who_can_be_asked(submission: Submission, now: datetime) -> list[User]:
    """Who can answer, is not away and has not passed it on."""
    without = set(people_away(now)) | set(submission.passes.values_list("passed_by", flat=True))
    can_answer = reviewers_for_each([submission], now)[submission.pk]
    return [person for person in can_answer if person.pk not in without]


def languages_of_reviewers(now: datetime) -> set[str]:
    """Every language that some reviewer reads."""
    return {code for person in reviewers(now) for code in person.reads}


@dataclass(frozen=True)
class ReplyShown:
    """A text to begin a note with: the reviewer's own, or one of the site's in their language."""

    key: str
    title: str
    answer: str
    text: str
    is_own: bool = False


def replies_of(person: User) -> list[ReplyShown]:
    """The reviewer's own replies, then the site's."""
    own = [ReplyShown(f"own-{row.pk}", row.title, row.answer, row.text, is_own=True) for row in own_replies(person)]
    ours = [ReplyShown(key, str(title), answer, str(text)) for key, (answer, title, text) in words.REPLIES.items()]
    return own + ours


def own_replies(person: User) -> QuerySet[Reply]:
    return Reply.objects.filter(written_by=person)


# --- What is held about a person ------------------------------------------------------------------


@personal_data("review")
def _reviewed_by(person: User) -> dict[str, Any]:
    about = ("submission__adoption__initiative__number", "submission__group__name")
    decision = (*about, "answer", "note", "by_staff_alone", "decided_at", "taken_back_at")
    return {
        "decisions": list(Decision.objects.filter(decided_by=person).values(*decision)),
        "passed": list(Pass.objects.filter(passed_by=person).values(*about, "language", "passed_at")),
        "replies": list(person.review_replies.values("title", "answer", "text", "written_at")),
    }
