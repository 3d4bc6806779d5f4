"""Reads of the checklist, the review queue and the map."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from apps.accounts.models import StaffIdentity, User
from apps.accounts.queries import personal_data
from apps.core.languages import Language, Region, language, regions
from apps.deadlines.models import Deadline
from apps.deadlines.queries import asked_of, people_away
from apps.engagement import measures
from apps.engagement.models import ChecklistStep, Entry, Submission
from apps.groups.models import Group
from apps.groups.queries import groups_in_conflict, people_in_conflict
from apps.guidelines.models import Step
from apps.initiatives.models import Adoption
from apps.people.queries import reviewers

SETTLED_WELL = {
    ChecklistStep.State.ACCEPTED,
    ChecklistStep.State.WAIVED,
    ChecklistStep.State.CONFIRMED_BY_SILENCE,
}
CAN_BE_HANDED_IN = {ChecklistStep.State.OPEN, ChecklistStep.State.MORE_ASKED, ChecklistStep.State.REFUSED}


@dataclass(frozen=True)
class StepShown:
    """A line of the checklist as people see it."""

    line: ChecklistStep
    step: Step

    @property
    def is_met(self) -> bool:
        """Met by its measure, or settled by an answer or by silence."""
        return self.line.is_met or self.line.state in SETTLED_WELL

    @property
    def count(self) -> str:
        return measures.count_words(self.step.measure, self.line.measured or self._nothing)

    @property
    def names(self) -> str:
        return measures.names_words(self.step.measure, self.line.measured)

    @property
    def missing(self) -> list[str]:
        if self.is_met:
            return []
        return measures.missing_words(self.step.measure, self.line.measured or self._nothing)

    @property
    def percent(self) -> int:
        data = self.line.measured or self._nothing
        if not data["needed"]:
            return 100 if data["met"] else 0
        share: float = data["count"] / data["needed"]
        return min(100, round(100 * share))

    @property
    def look(self) -> str:
        """How the line is drawn: accepted, silence, in_review, in_progress or not_started."""
        state = self.line.state
        if state in {ChecklistStep.State.ACCEPTED, ChecklistStep.State.WAIVED}:
            return "accepted"
        if state in {ChecklistStep.State.CONFIRMED_BY_SILENCE, ChecklistStep.State.NOT_REVIEWED}:
            return "silence"
        if state == ChecklistStep.State.IN_REVIEW:
            return "in_review"
        return "in_progress" if (self.line.measured or {}).get("count") else "not_started"

    @property
    def was_left_in_review(self) -> bool:
        """The term ended before a reviewer answered."""
        return self.line.state == ChecklistStep.State.OPEN and self.line.submission_id is not None

    @property
    def was_refused(self) -> bool:
        """Handed in again after a refusal, whose reason still stands in its note."""
        return self.line.state == ChecklistStep.State.IN_REVIEW and self.line.decided_at != self.line.more_asked_at

    @property
    def _nothing(self) -> dict[str, Any]:
        return measures.measure(self.step, [], named=self.line.named).as_data()


@dataclass(frozen=True)
class Checklist:
    steps: list[StepShown]

    @property
    def guidelines_steps(self) -> list[Step]:
        return [shown.step for shown in self.steps]

    @property
    def met(self) -> int:
        return sum(shown.is_met for shown in self.steps)

    @property
    def musts(self) -> list[StepShown]:
        return [shown for shown in self.steps if shown.step.level == Step.Level.MUST]

    @property
    def musts_met(self) -> int:
        return sum(shown.is_met for shown in self.musts)

    @property
    def to_hand_in(self) -> list[StepShown]:
        """Measured steps that wait for nothing but being handed in."""
        return [
            shown
            for shown in self.steps
            if shown.line.is_met and shown.line.state in CAN_BE_HANDED_IN and shown.line.pk is not None
        ]


def checklist_of(adoption: Adoption) -> Checklist:
    """The checklist of the adoption's own guidelines version.

    The first act on a checklist writes a line for every step of it; until then there are none.
    """
    lines = ChecklistStep.objects.filter(adoption=adoption).select_related("step", "submission")
    if lines:
        return Checklist([StepShown(line, line.step) for line in lines])
    steps = Step.objects.filter(version=adoption.guidelines_id).order_by("position")
    return Checklist([StepShown(ChecklistStep(adoption=adoption, step=step), step) for step in steps])


def entries_of(adoption: Adoption) -> QuerySet[Entry]:
    """The entries that count: those that were not withdrawn."""
    return (
        Entry.objects.filter(adoption=adoption, withdrawn_at=None).select_related("step").order_by("happened_on", "pk")
    )


# --- Review ----------------------------------------------------------------------------------


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


# --- The map ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapCell:
    count: int
    level: int


@dataclass(frozen=True)
class MapRow:
    region: Region
    cells: list[MapCell]


@dataclass(frozen=True)
class CoverageMap:
    """Entries by region and language, with empty cells visible."""

    languages: list[Language]
    rows: list[MapRow]
    entries: int

    @property
    def reached(self) -> list[Region]:
        return [row.region for row in self.rows if any(cell.count for cell in row.cells)]

    @property
    def not_reached(self) -> list[Region]:
        return [row.region for row in self.rows if not any(cell.count for cell in row.cells)]


def coverage_of(adoption: Adoption) -> CoverageMap:
    """Where and in which languages it was heard."""
    entries = Entry.objects.filter(adoption=adoption, withdrawn_at=None).order_by()
    pairs = entries.values_list("regions", "languages").annotate(alike=Count("pk"))
    counts: Counter[tuple[str, str]] = Counter()
    by_language: Counter[str] = Counter()
    total = 0
    for entry_regions, entry_languages, alike in pairs:
        total += alike
        by_language.update(dict.fromkeys(entry_languages, alike))
        counts.update({(region, code): alike for region in entry_regions for code in entry_languages})
    chosen = [code for code, _count in by_language.most_common(7)]
    most = max(counts.values(), default=1)
    rows = [
        MapRow(region, [MapCell(n, -(-4 * n // most)) for n in (counts[region.code, code] for code in chosen)])
        for region in regions().values()
    ]
    rows.sort(key=lambda row: -sum(cell.count for cell in row.cells))
    return CoverageMap([language(code) for code in chosen], rows, total)


# --- What is held about a person -------------------------------------------------------------


@personal_data("engagement")
def _done_by(person: User) -> dict[str, Any]:
    about = ("adoption__initiative__number", "group__name")
    entry = (
        *about, "step__code", "title", "url", "happened_on", "languages", "regions", "community", "told", "starts_at",
        "closed_on", "people", "logged_at", "withdrawn_at",
    )  # fmt: skip
    step = ("adoption__initiative__number", "step__code", "state", "note", "decided_at", "more_asked_at")
    decided = ChecklistStep.objects.filter(Q(decided_by=person) | Q(more_asked_by=person))
    return {
        "entries": list(Entry.objects.filter(logged_by=person).values(*entry)),
        "withdrawn": list(Entry.objects.filter(withdrawn_by=person).values(*about, "title", "withdrawn_at")),
        "handed_in": list(
            Submission.objects.filter(handed_in_by=person).values(*about, "kind", "reason", "state", "handed_in_at")
        ),
        "decisions": list(decided.values(*step)),
    }
