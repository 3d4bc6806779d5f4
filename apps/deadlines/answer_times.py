"""How fast answers come, so that what is never answered does not look fast.

The estimate is that of Kaplan and Meier. What was asked waits, in the count, until it is answered; what is still
open or was taken back leaves the count unanswered, at the age it has reached; what lapsed waits in it for ever.
Whoever answers three of four questions on the first day and never the fourth has no 90th percentile at all.

Times are counted in tenths of a day; one that has begun counts as a whole.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

HALF, NINETY = 0.5, 0.9
TENTHS = 10
TENTH = timedelta(days=1) / TENTHS
# Adding up shares in binary leaves a little over.
TOLERANCE = 1e-9
# An answer by name is no statistic below this.
FEWEST = 5

# A rule and one of its outcomes.
Outcome = tuple[str, str]


@dataclass
class Cohort:
    """What was asked of somebody in one quarter, or in several, and what became of it."""

    answered: Counter[int] = field(default_factory=Counter)  # by the time it took
    left: Counter[int] = field(default_factory=Counter)  # open or taken back, by age
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    still_open: int = 0
    cancelled: int = 0
    lapsed: int = 0
    late: int = 0
    promised: timedelta = timedelta()

    def __add__(self, other: "Cohort") -> "Cohort":
        return Cohort(
            self.answered + other.answered,
            self.left + other.left,
            self.outcomes + other.outcomes,
            self.still_open + other.still_open,
            self.cancelled + other.cancelled,
            self.lapsed + other.lapsed,
            self.late + other.late,
            self.promised + other.promised,
        )

    @property
    def asked(self) -> int:
        """All that an answer was owed to; what was taken back is owed none."""
        return self.answered.total() + self.still_open + self.lapsed

    @property
    def half(self) -> float | None:
        """In days: by then half was answered."""
        return in_days(self.answered_by(HALF))

    @property
    def ninety(self) -> float | None:
        """In days: by then nine of ten were answered."""
        return in_days(self.answered_by(NINETY))

    @property
    def promised_days(self) -> float:
        """How long an answer may take, on average."""
        return round(self.promised / timedelta(days=1) / self.asked, 1) if self.asked else 0.0

    @property
    def late_share(self) -> float:
        return self.late / self.asked if self.asked else 0.0

    @property
    def lapsed_share(self) -> float:
        return self.lapsed / self.asked if self.asked else 0.0

    @property
    def is_beyond(self) -> bool:
        """Nine of ten took longer than promised, or have not come while some are late."""
        return self.late > 0 if self.ninety is None else self.ninety > self.promised_days

    def answered_by(self, share: float) -> int | None:
        """The first time by which this share was answered, by the estimate; None if it has not come to that."""
        waiting = self.answered.total() + self.left.total() + self.lapsed
        unanswered = 1.0
        for time in sorted({*self.answered, *self.left}):
            if self.answered[time]:
                unanswered *= 1 - self.answered[time] / waiting
                if unanswered <= 1 - share + TOLERANCE:
                    return time
            waiting -= self.answered[time] + self.left[time]
        return None


def in_days(tenths: int | None) -> float | None:
    """With one decimal under ten days, else whole ones; what has begun counts as a whole."""
    if tenths is None:
        return None
    return tenths / TENTHS if tenths < 10 * TENTHS else float(-(-tenths // TENTHS))


def together(cohorts: Iterable[Cohort]) -> Cohort:
    return sum(cohorts, Cohort())


# --- Quarters --------------------------------------------------------------------------------


def quarter_of(moment: datetime) -> date:
    """The first day of the quarter, by the calendar of UTC."""
    day = moment.astimezone(UTC).date()
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarters_before(quarter: date, count: int) -> date:
    months = 12 * quarter.year + quarter.month - 1 - 3 * count
    return date(months // 12, months % 12 + 1, 1)


def quarter_code(quarter: date) -> str:
    """2026-Q3"""
    return f"{quarter.year}-Q{(quarter.month + 2) // 3}"


# --- Drawing ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plot:
    """A line of the chart, in percent of its width: a dot for half, a bar up to 90 of 100, a tick for the promise."""

    half: str
    end: str
    beyond: str
    promised: str


def plot(cohort: Cohort, axis: int) -> Plot:
    """What is late and never came to 90 of 100 runs on to the end of the axis."""
    half, promised = cohort.half, cohort.promised_days
    end = cohort.ninety or (axis if cohort.late else half)
    beyond = max(half or 0, promised)
    return Plot(
        half=_place(half, axis),
        end=_place(end, axis),
        beyond=_place(beyond, axis) if end is not None and end > beyond else "",
        promised=_place(promised, axis),
    )


def _place(days: float | None, axis: int) -> str:
    return "" if days is None else f"{100 * min(days / axis, 1):.1f}%"


def axis_for(cohorts: Iterable[Cohort]) -> int:
    """As many days as the longest line needs, up to the next five."""
    days = [days or 0 for cohort in cohorts for days in (cohort.half, cohort.ninety, cohort.promised_days)]
    return 5 * (int(max(days, default=0)) // 5 + 1)
