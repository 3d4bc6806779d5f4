"""The header of every page, and the town square."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.core.languages import Language, all_languages, offered_languages
from apps.deadlines.queries import (
    deadlines_owed_by,
)
from apps.initiatives.badge import (
    State,
    quiet_at,
)
from apps.initiatives.models import (
    Adoption,
    Initiative,
    Recommendation,
    Update,
)
from apps.initiatives.queries import Shown, is_few, latest_updates
from apps.notifications.queries import letters_to
from apps.people.queries import administrators, reviewers

IN_A_COLUMN = 5


@dataclass(frozen=True)
class Header:
    """What the top of every page says to the person who reads it."""

    owed: int
    unread: int
    is_reviewer: bool
    is_administrator: bool


def header_of(person: User, now: datetime) -> Header:
    """How much a person owes, has not read, and whether they review or administer; one query."""
    found = User.objects.filter(pk=person.pk).values_list(
        count_of(deadlines_owed_by(person, now)),
        count_of(letters_to(person, now).filter(read_at=None)),
        models.Exists(reviewers(now).filter(pk=person.pk)),
        models.Exists(administrators(now).filter(pk=person.pk)),
    )
    return Header(*found[0])


def count_of(rows: models.QuerySet[Any]) -> Coalesce:
    """The number of rows, as a subquery."""
    counted = rows.order_by().values(one=models.Value(1)).annotate(number=models.Count("*")).values("number")
    return Coalesce(models.Subquery(counted), 0)


SOON_DAYS = 14


@dataclass(frozen=True)
class Happening:
    """Something that happens now: an initiative with its latest update, or its adoption."""

    shown: Shown
    update: Update | None
    at: datetime
    quiet_in: int | None = None


@dataclass(frozen=True)
class WayToHelp:
    initiative: Initiative
    icon: str
    count: int

    @property
    def is_few(self) -> bool:
        return is_few(self.count)


class UnderRecommendation(NamedTuple):
    """A recommendation with its initiatives."""

    recommendation: Recommendation
    shown: list[Shown]

    @property
    def free(self) -> int:
        return sum(row.running is None for row in self.shown)


def by_recommendation(shown: Iterable[Shown]) -> list[UnderRecommendation]:
    """The initiatives under their recommendations, both in the order of the catalogue."""
    found: dict[int, UnderRecommendation] = {}
    for row in shown:
        recommendation = row.initiative.recommendation
        found.setdefault(recommendation.pk, UnderRecommendation(recommendation, [])).shown.append(row)
    return sorted(found.values(), key=lambda pair: pair.recommendation.number)


def happening_now(shown: Iterable[Shown], now: datetime) -> list[Happening]:
    """The led and proposed initiatives with the newest acts first."""
    led = [row for row in shown if row.running and row.state in {State.LED, State.PROPOSED, State.HANDING_OVER}]
    newest: dict[int, Update] = {}
    for update in latest_updates(50):
        newest.setdefault(update.adoption_id, update)
    rows = [
        Happening(row, newest.get(row.running.pk), row.running.last_act_at, quiet_soon(row.running, now))
        for row in led
        if row.running
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:IN_A_COLUMN]


def quiet_soon(adoption: Adoption, now: datetime) -> int | None:
    """In how many days the badge turns quiet, when that is soon."""
    left = (quiet_at(adoption) - now).days
    return left if 0 <= left <= SOON_DAYS else None


def on_hold_or_quiet(shown: Iterable[Shown]) -> list[Shown]:
    """What stands still: on hold first, then quiet, each with the next date on top."""
    still = [row for row in shown if row.state in {State.ON_HOLD, State.QUIET} and row.badge.changes_at]
    return sorted(still, key=lambda row: (row.state is State.QUIET, row.badge.changes_at))[:IN_A_COLUMN]


def nobody_leads(shown: Iterable[Shown]) -> list[Shown]:
    """What nobody leads, with most interest first."""
    free = [row for row in shown if row.running is None]
    return sorted(free, key=lambda row: (-row.interested, row.initiative.number))[:IN_A_COLUMN]


def help_language(chosen: str, person: Any) -> Language:
    """The language in which somebody may help: the one they chose, else their first, else that of the page."""
    own = person.languages if person.is_authenticated else []
    return next(all_languages()[code] for code in (chosen, *own, get_language(), "en") if code in all_languages())


def with_offered(chosen: Language) -> list[Language]:
    """The languages to choose from: those that are offered, and the one that is chosen."""
    offered = offered_languages()
    return offered if chosen in offered else [chosen, *offered]


def ways_to_help(shown: Iterable[Shown]) -> list[WayToHelp]:
    """What nobody leads and the readers of a language are interested in, most of them first."""
    wanted = sorted((row for row in shown if row.running is None and row.readers), key=lambda row: -row.readers)
    return [WayToHelp(row.initiative, "userAdd", row.readers) for row in wanted[:3]]
