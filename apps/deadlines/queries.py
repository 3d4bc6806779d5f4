"""Reading deadlines: what is open, who owes it, and its ladder in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.owners import KINDS
from apps.deadlines.rules import RULES, Kind, Rule

# A term that ends in a year is no debt of today.
SEEN_AHEAD = timedelta(days=120)


@dataclass(frozen=True)
class LadderRung:
    """A date of the ladder with words; `kind` is past, now, future or silence."""

    at: datetime
    words: str
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Wait:
    """An open deadline as people see it."""

    deadline: Deadline
    rule: Rule
    subject: Any

    @property
    def owner_name(self) -> str:
        return self.rule.owner_name(self.subject)

    @property
    def what(self) -> str:
        return self.rule.what(self.subject)

    @property
    def link(self) -> str:
        return self.rule.link(self.subject)

    @property
    def due_at(self) -> datetime:
        return self.deadline.due_at

    @property
    def opened_at(self) -> datetime:
        return self.deadline.opened_at

    @property
    def silence_means(self) -> str:
        return self.rule.silence_words(self.subject)

    @property
    def silence_at(self) -> datetime:
        return self.rule.rung_times(self.deadline.opened_at, self.deadline.ends_at)[-1][2]

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now

    def ladder(self, now: datetime) -> list[LadderRung]:
        """The whole ladder with dates; what has happened is past, whatever the calendar says."""
        rungs = [LadderRung(self.opened_at, _("Asked"), "past")]
        is_next = True
        for number, rung, at in self.rule.rung_times(self.deadline.opened_at, self.deadline.ends_at):
            happened = number < self.deadline.rung
            if rung.kind is Kind.SILENCE:
                rungs.append(LadderRung(at, _("Silence: %(means)s") % {"means": self.silence_means}, "silence"))
                continue
            words = _("Reminder") if rung.kind is Kind.REMIND else _("Due; everybody who can answer is told")
            rungs.append(LadderRung(at, words, "past" if happened else "now" if is_next else "future"))
            is_next = is_next and happened
        return rungs


def open_deadlines() -> models.QuerySet[Deadline]:
    return Deadline.objects.filter(state=Deadline.State.OPEN).order_by("due_at", "pk")


def open_waits() -> models.QuerySet[Deadline]:
    """What the movement waits for: open, public, the longest overdue first."""
    return open_deadlines().filter(rule__in=[rule.name for rule in RULES.values() if rule.public])


def deadlines_owed_by(person: User, now: datetime) -> models.QuerySet[Deadline]:
    """What this person can settle in the next months, alone or as one of several.

    A role's duty counts for the one who was asked.
    """
    myself = User.objects.filter(pk=person.pk).values(key=models.Value(f"person:{person.pk}"))
    # One list of owners, so that the database looks each up; joined by OR they would make it read every open row.
    mine = myself.union(*(kind.keys(person, now) for kind in KINDS.values()), all=True)
    of_the_one_asked = models.Q(owner__in=[kind.kind for kind in KINDS.values() if kind.asked_alone])
    return open_deadlines().filter(
        ~of_the_one_asked | models.Q(asked=person), owner__in=mine, due_at__lte=now + SEEN_AHEAD
    )


def deadlines_about(rule: Rule, subject_ids: Iterable[int]) -> models.QuerySet[Deadline]:
    return open_deadlines().filter(rule=rule.name, subject_id__in=list(subject_ids))


def waits(deadlines: Iterable[Deadline]) -> list[Wait]:
    """The deadlines with their subjects, in a number of queries that does not grow with the rows."""
    deadlines = [deadline for deadline in deadlines if deadline.rule in RULES]
    rules: dict[tuple[object, ...], Rule] = {}
    ids: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for deadline in deadlines:
        rule = RULES[deadline.rule]
        rules[rule.fetched] = rule
        ids[rule.fetched].add(deadline.subject_id)
    subjects = {fetched: rules[fetched].subjects(subject_ids) for fetched, subject_ids in ids.items()}
    found = [(deadline, RULES[deadline.rule]) for deadline in deadlines]
    return [
        Wait(deadline, rule, subjects[rule.fetched][deadline.subject_id])
        for deadline, rule in found
        if deadline.subject_id in subjects[rule.fetched]
    ]
