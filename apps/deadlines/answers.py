"""How fast each role has answered: counted in the database, with the estimate of answer_times.py."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models import Case, Count, F, Func, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncQuarter
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.deadlines.answer_times import (
    FEWEST,
    Cohort,
    Plot,
    axis_for,
    plot,
    quarter_code,
    quarter_of,
    quarters_before,
    together,
)
from apps.deadlines.board import PERSON, Chosen, Data, is_one, owned_by, owner_filter, title_of
from apps.deadlines.models import Deadline
from apps.deadlines.owners import KINDS, owner_names
from apps.deadlines.rules import RULES

QUARTERS = 5
MOST_OWNERS = 25
KEPT_FOR = timedelta(minutes=5)
# So many colours; further outcomes share the last one, and words say which is which.
TONES = 3


class TenthsOfADay(Func):
    """From the second moment to the first, in tenths of a day; one that has begun counts as a whole."""

    output_field = models.IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CEIL(EXTRACT(EPOCH FROM %(expressions)s) / 8640)::int"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((django_timestamp_diff(%(expressions)s) + 8639999999) / 8640000000)"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Answers:
    """What one owner, or one kind of them, was asked in the latest quarters, the newest first."""

    owner: str
    quarters: dict[date, Cohort]

    @property
    def cohorts(self) -> list[tuple[date | None, Cohort]]:
        """All quarters together, then each of them. What says little about an owner by name is left out."""
        fewest = FEWEST if is_one(self.owner) else 0
        found = [(None, together(self.quarters.values())), *self.quarters.items()]
        return [(quarter, cohort) for quarter, cohort in found if cohort.asked >= fewest]


@dataclass(frozen=True)
class AnswerTimes:
    """How fast each kind of owners has answered, and, where a kind was chosen, each of its owners."""

    kinds: list[Answers]
    owners: list[Answers]
    counted_at: datetime


def answer_times(chosen: Chosen, now: datetime) -> AnswerTimes:
    """Counted in the database, and again after five minutes: it reads every deadline of the last quarters."""
    key = f"answer_times:{chosen.owner}:{chosen.kind}:{chosen.region}"
    found: AnswerTimes | None = cache.get(key)
    if found is None:
        found = count_answers(chosen, now)
        cache.set(key, found, KEPT_FOR.total_seconds())
    return found


def count_answers(chosen: Chosen, now: datetime) -> AnswerTimes:
    with _room_to_count():
        return _count_answers(chosen, now)


@contextmanager
def _room_to_count() -> Iterator[None]:
    """PostgreSQL cannot know how few groups there are, and would sort a million rows where it could add them up."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        yield


def _count_answers(chosen: Chosen, now: datetime) -> AnswerTimes:
    since = datetime.combine(quarters_before(quarter_of(now), QUARTERS - 1), time.min, UTC)
    asked = Deadline.objects.filter(chosen.rows, opened_at__gte=since)
    kinds = _answers(asked, of=Value(chosen.owner) if chosen.owner else _kind(), now=now)
    owners = _answers(asked.filter(owner__in=_most_asked(asked)), of=F("owner"), now=now) if chosen.has_names else []
    return AnswerTimes(kinds, owners, now)


def _kind() -> Case:
    """The kind of an owner; the clock is none."""
    whens = [When(owned_by(kind), then=Value(kind)) for kind in (*KINDS, PERSON)]
    return Case(*whens, default=Value(""))


def _most_asked(asked: models.QuerySet[Deadline]) -> list[str]:
    found = asked.exclude(state=Deadline.State.CANCELLED).order_by().values("owner").annotate(number=Count("pk"))
    enough = found.filter(number__gte=FEWEST).order_by("-number", "owner")
    return list(enough.values_list("owner", flat=True)[:MOST_OWNERS])


def _answers(asked: models.QuerySet[Deadline], *, of: Any, now: datetime) -> list[Answers]:
    """One query, whose answer grows with the days that answers take and not with the deadlines."""
    found: dict[str, dict[date, Cohort]] = defaultdict(lambda: defaultdict(Cohort))
    for owner, quarter, *counted in _grouped(asked, of=of, now=now):
        _add(found[owner][quarter.date()], *counted)
    found.pop("", None)
    return [Answers(owner, dict(sorted(quarters.items(), reverse=True))) for owner, quarters in sorted(found.items())]


def _grouped(asked: models.QuerySet[Deadline], *, of: Any, now: datetime) -> Iterable[Any]:
    is_late = (
        Q(state=Deadline.State.LAPSED)
        | Q(state=Deadline.State.OPEN, due_at__lt=now)
        | Q(state=Deadline.State.MET, closed_at__gt=F("due_at"))
    )
    closed_or_now = Coalesce("closed_at", Value(now, output_field=models.DateTimeField()))
    return (
        asked.order_by()
        .annotate(
            of=of,
            quarter=TruncQuarter("opened_at", tzinfo=UTC),
            # What lapsed was never answered, so that its time means nothing.
            tenths=Case(When(state=Deadline.State.LAPSED, then=0), default=TenthsOfADay(closed_or_now, "opened_at")),
        )
        .values_list("of", "quarter", "rule", "state", "outcome", "tenths")
        .annotate(
            number=Count("pk"),
            late=Count("pk", filter=is_late),
            promised=Sum(F("due_at") - F("opened_at"), output_field=models.DurationField()),
        )
    )


def _add(
    cohort: Cohort, rule: str, state: str, outcome: str, tenths: int, number: int, late: int, promised: timedelta
) -> None:
    if state in {Deadline.State.OPEN, Deadline.State.CANCELLED}:
        cohort.left[tenths] += number
    else:
        cohort.outcomes[rule, outcome] += number
    if state == Deadline.State.CANCELLED:
        cohort.cancelled += number
        return
    cohort.late += late
    cohort.promised += promised
    if state == Deadline.State.OPEN:
        cohort.still_open += number
    elif state == Deadline.State.LAPSED:
        cohort.lapsed += number
    else:
        cohort.answered[tenths] += number


@dataclass(frozen=True)
class OutcomePart:
    """What some answers were, as a part of a bar; places in percent."""

    tone: str
    words: str
    number: float
    start: str
    width: str


@dataclass(frozen=True)
class AnswerLine:
    """A line of the table: one owner or kind of them, in one quarter or in all."""

    when: str
    cohort: Cohort
    plot: Plot
    outcomes: list[OutcomePart]

    @property
    def half(self) -> str:
        return in_words(self.cohort.half)

    @property
    def ninety(self) -> str:
        return in_words(self.cohort.ninety)

    @property
    def promised(self) -> str:
        return in_words(self.cohort.promised_days)

    @property
    def late(self) -> str:
        return percent(self.cohort.late_share)

    @property
    def lapsed(self) -> str:
        return percent(self.cohort.lapsed_share)


def in_words(days: float | None) -> str:
    """4.5, or 12: one decimal under ten days."""
    if days is None:
        return _("not reached")
    return number_format(days, decimal_pos=1 if days < 10 else 0)


def percent(share: float) -> str:
    return _("%(percent)d%%") % {"percent": round(100 * share)}


@dataclass(frozen=True)
class AnswerTable:
    """The table of answer times with its chart, whose lines share one axis."""

    owners: list[tuple[str, str, list[AnswerLine]]]  # where they are shown alone, name, lines
    axis: int


def answer_table(answers: list[Answers]) -> AnswerTable:
    names = names_of(answers)
    axis = axis_for(cohort for found in answers for _quarter, cohort in found.cohorts)
    shown = [(owner_filter(found.owner), names[found.owner], _lines(found, axis)) for found in answers]
    return AnswerTable([row for row in shown if row[2]], axis)


def _lines(found: Answers, axis: int) -> list[AnswerLine]:
    since = _("since %(quarter)s") % {"quarter": quarter_words(min(found.quarters))}
    return [
        AnswerLine(quarter_words(quarter) if quarter else since, cohort, plot(cohort, axis), outcome_parts(cohort))
        for quarter, cohort in found.cohorts
    ]


def quarter_words(quarter: date) -> str:
    return _("Q%(number)d %(year)d") % {"number": quarter.month // 3 + 1, "year": quarter.year}


def outcome_parts(cohort: Cohort) -> list[OutcomePart]:
    """The answers in the order in which rules name them, silence last."""
    numbers: Counter[tuple[str, str]] = Counter()
    for rule in RULES.values():
        for position, (outcome, label) in enumerate(rule.outcomes.items(), start=1):
            numbers[str(min(position, TONES)), str(label)] += cohort.outcomes[rule.name, outcome]
    numbers["silence", _("silence")] = cohort.lapsed
    ordered = sorted(numbers.items(), key=lambda part: part[0][0])
    return parts_of_bar((tone, label, number) for (tone, label), number in ordered)


def parts_of_bar(numbers: Iterable[tuple[str, str, float]]) -> list[OutcomePart]:
    """Tones, words and numbers side by side, as parts of their sum; those of nothing are left out."""
    numbers = [part for part in numbers if part[2]]
    whole, before = sum(number for _tone, _label, number in numbers), 0.0
    parts = []
    for tone, label, number in numbers:
        parts.append(OutcomePart(tone, label, number, f"{before / whole:.2%}", f"{number / whole:.2%}"))
        before += number
    return parts


# --- As data ---------------------------------------------------------------------------------

ANSWER_FIELDS = (
    "owner", "owner_name", "quarter", "asked", "answered", "open", "late", "lapsed", "taken_back", "half_by_days",
    "ninety_by_days", "promised_days", "late_share", "lapsed_share", "outcomes",
)  # fmt: skip


def answers_as_data(times: AnswerTimes) -> list[Data]:
    """The answer times for machines: for each owner all quarters together, then each of them."""
    everybody = [*times.kinds, *times.owners]
    names = names_of(everybody)
    return [
        {
            "owner": found.owner,
            "owner_name": names[found.owner],
            "quarter": quarter_code(quarter) if quarter else None,
            "asked": cohort.asked,
            "answered": cohort.answered.total(),
            "open": cohort.still_open,
            "late": cohort.late,
            "lapsed": cohort.lapsed,
            "taken_back": cohort.cancelled,
            "half_by_days": cohort.half,
            "ninety_by_days": cohort.ninety,
            "promised_days": cohort.promised_days,
            "late_share": round(cohort.late_share, 4),
            "lapsed_share": round(cohort.lapsed_share, 4),
            "outcomes": {f"{rule}:{outcome}": number for (rule, outcome), number in sorted(cohort.outcomes.items())},
        }
        for found in everybody
        for quarter, cohort in found.cohorts
    ]


def names_of(answers: Iterable[Answers]) -> dict[str, str]:
    """What owners and kinds of them are called."""
    owners = [found.owner for found in answers]
    names = owner_names(owner for owner in owners if is_one(owner))
    return {owner: str(names.get(owner) or title_of(owner)) for owner in owners}
