"""Reading deadlines: what is open, who owes it, and its ladder in words."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models.expressions import Combinable, RawSQL
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.dates import time_of_day
from apps.deadlines.models import Absence, Deadline
from apps.deadlines.owners import ALL_TOLD, KINDS, THE_CLOCK, kind_of
from apps.deadlines.rules import RULES, Kind, Rule, Rung
from apps.deadlines.states import STATES, States
from apps.notifications.queries import Asked, Pair, describes_deadlines, still_asked

# A term that ends in a year is no debt of today.
SEEN_AHEAD = timedelta(days=120)
# Asking again is possible once in this time, whoever asks.
ASKED_AGAIN_AFTER = timedelta(days=7)


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

    @property
    def times(self) -> dict[str, datetime]:
        return {"opened_at": self.opened_at, "due_at": self.due_at, "silence_at": self.silence_at}

    @property
    def is_the_clocks(self) -> bool:
        """It ends by itself: nobody owes a word, so nobody is silent."""
        return self.deadline.owner == THE_CLOCK

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now

    @property
    def outcome_words(self) -> str:
        """What the answer was, of a closed one."""
        if self.deadline.state == Deadline.State.MET:
            return str(self.rule.outcomes.get(self.deadline.outcome, self.deadline.outcome))
        if self.deadline.state == Deadline.State.LAPSED and self.is_the_clocks:
            return self.silence_means
        if self.deadline.state == Deadline.State.LAPSED:
            return _("nobody answered: %(means)s") % {"means": self.silence_means}
        return _("it is not needed any more")

    def ladder(self, now: datetime) -> list[LadderRung]:
        """The whole ladder with dates; what has happened is past, whatever the calendar says."""
        rungs = [LadderRung(self.opened_at, _("Asked"), "past")]
        for number, rung, at in self.rule.rung_times(self.deadline.opened_at, self.deadline.ends_at):
            if number < self.deadline.rung:
                rungs.append(LadderRung(at, self._words_of(rung, at), "past"))
            elif self.deadline.closed_at is None:
                kind = "now" if number == self.deadline.rung else "future"
                rungs.append(LadderRung(at, self._words_of(rung, at), "silence" if rung.kind is Kind.SILENCE else kind))
        if self.deadline.closed_at:
            words = _("Closed: %(outcome)s") % {"outcome": self.outcome_words}
            rungs.append(LadderRung(self.deadline.closed_at, words, "past"))
        return rungs

    def _words_of(self, rung: Rung, at: datetime) -> str:
        if rung.kind is Kind.SILENCE and self.is_the_clocks:
            return _("Then, at %(time)s: %(means)s") % {"time": time_of_day(at), "means": self.silence_means}
        if rung.kind is Kind.SILENCE:
            return _("Silence: %(means)s") % {"means": self.silence_means}
        if rung.kind is Kind.TELL_ALL:
            owner = KINDS.get(kind_of(self.deadline.owner))
            return str(owner.all_told if owner else ALL_TOLD)
        return _("Reminder to whoever was asked") if self.deadline.asked_id else _("Reminder to all who can answer")


def open_deadlines() -> models.QuerySet[Deadline]:
    return Deadline.objects.filter(state=Deadline.State.OPEN).order_by("due_at", "pk")


def public_rules() -> list[str]:
    """The names of the rules whose waits everybody may see."""
    return [rule.name for rule in RULES.values() if rule.public]


def open_waits() -> models.QuerySet[Deadline]:
    """What the movement waits for: open, public, the longest overdue first."""
    return open_deadlines().filter(rule__in=public_rules())


def deadlines_owed_by(person: User, now: datetime) -> models.QuerySet[Deadline]:
    """What this person can settle in the next months, alone or as one of several.

    A role's duty counts for the one who was asked; while nobody is, for each of them.
    """
    myself = User.objects.filter(pk=person.pk).values(key=models.Value(f"person:{person.pk}"))
    # One list of owners, so that the database looks each up; joined by OR they would make it read every open row.
    owners = myself.union(*(kind.keys(person, now) for kind in KINDS.values()), all=True)
    # Compiled once. Every page asks this, and Django would resolve all parts anew at each step around them.
    mine = RawSQL(*owners.query.sql_with_params())
    of_the_one_asked = models.Q(owner__in=[kind.kind for kind in KINDS.values() if kind.asked_alone])
    return open_deadlines().filter(
        ~of_the_one_asked | models.Q(asked=person) | models.Q(asked=None), owner__in=mine, due_at__lte=now + SEEN_AHEAD
    )


def people_away(now: datetime) -> models.QuerySet[Absence, int]:
    """The ids of everybody who is away."""
    return Absence.objects.filter(begins_at__lte=now, ends_at__gt=now).values_list("person", flat=True)


def people_who_can_answer(rule: Rule, subjects: list[Any], now: datetime) -> dict[int, list[User]]:
    """Who can act on each of many subjects now, by its id; people who are away are left out."""
    away = set(people_away(now))
    found = rule.answerers(subjects, now) if subjects else {}
    if not away:
        return found
    return {pk: [person for person in people if person.pk not in away] for pk, people in found.items()}


def nobody_can_answer(waits: Iterable[Wait], now: datetime) -> set[int]:
    """The deadlines, by id, that everybody who could answer is away from; the date stands."""
    by_rule: dict[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        by_rule[wait.rule.name].append(wait)
    away = set(people_away(now)) if by_rule else set()
    nobody = set()
    for name, same in by_rule.items():
        found = RULES[name].answerers([wait.subject for wait in same], now)
        nobody |= {w.deadline.pk for w in same if away.issuperset(p.pk for p in found.get(w.subject.pk, []))}
    return nobody


def asked_of(people: Iterable[User]) -> Counter[int]:
    """How many open deadlines each of these people is asked for, by their ids."""
    return Counter(open_deadlines().filter(asked__in=list(people)).values_list("asked", flat=True))


def stand_in_for(deadline: Deadline, now: datetime) -> User | None:
    """Somebody else who can answer it: whom its rule asks, else the one who is asked for least; None if nobody can."""
    rule = RULES[deadline.rule]
    subjects = list(rule.subjects([deadline.subject_id]).values())
    chosen = rule.asks(subjects[0], now) if rule.asks and subjects else None
    if chosen is not None and chosen.pk != deadline.asked_id:
        return chosen
    can_answer = people_who_can_answer(rule, subjects, now).get(deadline.subject_id, [])
    others = [person for person in can_answer if person.pk != deadline.asked_id]
    asked = asked_of(others)
    return min(others, key=lambda person: (asked[person.pk], person.pk), default=None)


@personal_data("absences")
def _absences_of(person: User) -> list[Any]:
    return list(person.absences.values("state", "begins_at", "ends_at"))


def absence_of(person: User) -> Absence | None:
    """The absence that somebody has declared, or that runs."""
    return person.absences.exclude(state=Absence.State.OVER).first()


@personal_data("waiting")
def _me_toos_of(person: User) -> list[Any]:
    return [
        {"deadline": said.deadline_id, "wait": str(said.deadline), "said_at": said.at}
        for said in person.me_toos.select_related("deadline").order_by("at")
    ]


@still_asked
def pairs_still_asked(pairs: Collection[Pair], now: datetime) -> set[Pair]:
    """Of deadlines and people, by ids: those that are open and theirs to answer."""
    people: dict[int, set[int]] = defaultdict(set)
    for deadline, person in pairs:
        people[deadline].add(person)
    by_rule: dict[str, dict[int, int]] = defaultdict(dict)
    for deadline, rule, subject in (
        open_deadlines().filter(pk__in=people, rule__in=RULES).values_list("pk", "rule", "subject_id")
    ):
        by_rule[rule][subject] = deadline
    return {
        (deadline, person.pk)
        for name, rows in by_rule.items()
        for subject, found in RULES[name].answerers(list(RULES[name].seen_by_answerers(rows).values()), now).items()
        for deadline in [rows[subject]]
        for person in found
        if person.pk in people[deadline]
    }


@dataclass(frozen=True)
class Gone:
    """What a letter says of a deadline whose subject is gone."""

    deadline: Deadline

    @property
    def what(self) -> str:
        return str(self.deadline)

    @property
    def silence_means(self) -> str:
        return _("nothing follows, since it is gone")

    @property
    def times(self) -> dict[str, datetime]:
        due_at = self.deadline.due_at
        return {"opened_at": self.deadline.opened_at, "due_at": due_at, "silence_at": due_at}

    @property
    def link(self) -> str:
        return self.deadline.get_absolute_url()


@describes_deadlines
def waits_by_deadline(ids: Collection[int]) -> dict[int, Asked]:
    """What deadlines ask for, by their ids; of what is gone meanwhile, the kind of wait."""
    deadlines = Deadline.objects.in_bulk(list(ids))
    found: dict[int, Asked] = {pk: Gone(deadline) for pk, deadline in deadlines.items()}
    return found | {wait.deadline.pk: wait for wait in waits(deadlines.values())}


@personal_data("deadlines")
def _asked_and_away(person: User) -> dict[str, Any]:
    asked = Deadline.objects.filter(models.Q(asked=person) | models.Q(asked_first=person))
    return {
        "asked": list(asked.values("rule", "subject_id", "opened_at", "due_at", "state", "outcome")),
        "absences": list(person.absences.values("state", "begins_at", "ends_at")),
    }


def deadlines_about(rule: Rule, subject_ids: Iterable[int]) -> models.QuerySet[Deadline]:
    return open_deadlines().filter(rule=rule.name, subject_id__in=list(subject_ids))


def waits_about(subject: models.Model) -> list[Wait]:
    """Everything that is waited for in one row, the next date first."""
    rules = STATES[type(subject)].rules
    return waits(open_deadlines().filter(rule__in=rules, subject_id=subject.pk))


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


# --- The promise, compared with the rows -----------------------------------------------------


def broken_promises() -> list[str]:
    """Rows that wait for nothing, rest with a deadline open, or are gone; a sentence for each. Two queries a model."""
    return [sentence for states in STATES.values() for sentence in _broken_promises_of(states)]


def _broken_promises_of(states: States) -> Iterator[str]:
    name, found = states.model._meta.label, _open_rules(states)
    rows = states.model._default_manager.order_by("pk").annotate(state_now=as_expression(states.state))
    may_be_broken = models.Q(pk__in=found) | models.Q(state_now__in=list(states.waiting))
    for pk, state in rows.filter(may_be_broken).values_list("pk", "state_now"):
        open_ = frozenset(found.pop(pk, ()))
        if open_ not in states.expected(state):
            expected = " or ".join(", ".join(sorted(names)) or "nothing" for names in states.expected(state))
            yield f"{name} {pk} is {state} and waits for {', '.join(sorted(open_)) or 'nothing'}, not {expected}."
    for pk, names in found.items():
        yield f"{name} {pk} is gone, but still waits for {', '.join(sorted(names))}."


def _open_rules(states: States) -> dict[int, set[str]]:
    """The names of the rules whose deadlines are open, by the row that they are about."""
    found: dict[int, set[str]] = defaultdict(set)
    for rule, subject in open_deadlines().filter(rule__in=states.rules).values_list("rule", "subject_id"):
        found[subject].add(rule)
    return found


def as_expression(state: str | Combinable) -> Combinable:
    return models.F(state) if isinstance(state, str) else state


# For operators


@dataclass(frozen=True)
class DeadlineBacklog:
    """What stands in the way of deadlines: rungs whose time has come, and those that failed."""

    open: int
    due: int
    oldest_due_at: datetime | None
    put_off: int
    next_try_at: datetime | None


def put_off_deadlines() -> models.QuerySet[Deadline]:
    """Deadlines whose next rung failed and is tried again later."""
    return Deadline.objects.filter(state=Deadline.State.OPEN, attempts__gt=0)


def deadline_backlog(now: datetime) -> DeadlineBacklog:
    due, put_off = models.Q(wake_at__lte=now), models.Q(attempts__gt=0)
    counted = Deadline.objects.filter(state=Deadline.State.OPEN).aggregate(
        open=models.Count("pk"),
        due=models.Count("pk", filter=due),
        oldest_due_at=models.Min("wake_at", filter=due),
        put_off=models.Count("pk", filter=put_off),
        next_try_at=models.Min("wake_at", filter=put_off),
    )
    return DeadlineBacklog(**counted)


def oldest_due_deadline(now: datetime) -> Deadline | None:
    return Deadline.objects.filter(state=Deadline.State.OPEN, wake_at__lte=now).order_by("wake_at").first()
