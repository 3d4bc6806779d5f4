"""Reads of the checklist and its entries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from apps.core.languages import Language, Region, language, regions
from apps.engagement import measures
from apps.engagement.models import ChecklistStep, Entry
from apps.guidelines.models import Step
from apps.initiatives.models import Adoption, Lead
from apps.initiatives.queries import is_few

SETTLED_WELL = {
    ChecklistStep.State.ACCEPTED,
    ChecklistStep.State.WAIVED,
    ChecklistStep.State.CONFIRMED_BY_SILENCE,
}
CAN_BE_ANSWERED = {ChecklistStep.State.MORE_ASKED, ChecklistStep.State.REFUSED}
# A bundle says nothing, so it takes what nobody has asked about; these go alone, with a reason or an answer.
CAN_BE_HANDED_IN = {ChecklistStep.State.OPEN, *CAN_BE_ANSWERED}


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
    def is_settled(self) -> bool:
        """Nobody waits for anything about it: a reviewer has answered for good, or silence has."""
        return self.line.state in SETTLED_WELL | {ChecklistStep.State.NOT_REVIEWED}

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
    def can_be_answered(self) -> bool:
        """A reviewer wants something from the group: more, or something else than what was refused."""
        return self.line.state in CAN_BE_ANSWERED

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
    """The steps of the adoption's guidelines; `earlier` are those of a version that it was moved from."""

    steps: list[StepShown]
    earlier: list[StepShown] = field(default_factory=list)

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
        """Measured steps that wait for nothing but being handed in; of those that a reviewer asked about, an answer."""
        return [
            shown
            for shown in self.steps
            if shown.line.is_met and shown.line.state == ChecklistStep.State.OPEN and shown.line.pk is not None
        ]

    @property
    def to_answer(self) -> list[StepShown]:
        """Steps on which a reviewer waits for the group's answer."""
        return [shown for shown in self.steps if shown.can_be_answered]


def checklist_of(adoption: Adoption) -> Checklist:
    """The checklist of the adoption's own guidelines version.

    The first act on a checklist writes a line for every step of it; until then there are none.
    """
    lines = ChecklistStep.objects.filter(adoption=adoption).select_related("step", "submission")
    if lines:
        shown = [StepShown(line, line.step) for line in lines]
        current = [row for row in shown if row.step.version_id == adoption.guidelines_id]
        return Checklist(current, [row for row in shown if row.step.version_id != adoption.guidelines_id])
    steps = Step.objects.filter(version=adoption.guidelines_id).order_by("position")
    return Checklist([StepShown(ChecklistStep(adoption=adoption, step=step), step) for step in steps])


def former_leads(adoption: Adoption) -> list[str]:
    """The groups that led the initiative before and do not lead it now, by name: the group tells each of them."""
    led = Lead.objects.filter(adoption__initiative=adoption.initiative_id).exclude(
        group__in=Lead.objects.filter(adoption=adoption.pk, ended_at=None).values("group")
    )
    return list(led.order_by("group__name").values_list("group__name", flat=True).distinct())


def whom_to_tell(adoption: Adoption, named: list[str] | None) -> list[str]:
    """The former leads, then whom else the group named; nobody before it has said whether there is anybody else."""
    if named is None:
        return []
    former = former_leads(adoption)
    known = {name.casefold() for name in former}
    return [*former, *(name for name in named if name.casefold() not in known)]


def steps_in_review(adoption: Adoption) -> bool:
    return ChecklistStep.objects.filter(adoption=adoption, state=ChecklistStep.State.IN_REVIEW).exists()


def entries_of(adoption: Adoption) -> QuerySet[Entry]:
    """The entries that were not withdrawn; not all of them count."""
    return (
        Entry.objects.filter(adoption=adoption, withdrawn_at=None).select_related("step").order_by("happened_on", "pk")
    )


def logged_already(adoption: Adoption, step: Step) -> set[tuple[Any, ...]]:
    """What the entries of a step say, to tell what is new."""
    return {entry.telling for entry in entries_of(adoption).filter(step=step)}


def counting_entries(adoption: Adoption) -> QuerySet[Entry]:
    """The entries that are measured: a link or a confirmed note, and no doubt that was upheld or left unanswered."""
    return entries_of(adoption).filter(state__in=Entry.COUNTING)


@dataclass(frozen=True)
class EntryShown:
    """An entry with its languages and regions by name."""

    entry: Entry
    languages: list[Language]
    regions: list[Region]

    @property
    def has_few_people(self) -> bool:
        """So few were reached that they could be picked out."""
        return is_few(self.entry.people or 0)


def in_words(entries: Iterable[Entry]) -> list[EntryShown]:
    named = regions()

    def shown(entry: Entry) -> EntryShown:
        reached = [named[code] for code in entry.regions if code in named]
        return EntryShown(entry, [language(code) for code in entry.languages], reached)

    return [shown(entry) for entry in entries]
