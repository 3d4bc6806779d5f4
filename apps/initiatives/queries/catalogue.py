"""The catalogue: every initiative with its badge, and what fits a search."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from apps.groups.models import Group
from apps.groups.queries import unconfirmed
from apps.initiatives.badge import (
    Badge,
    State,
    badge_of,
)
from apps.initiatives.models import Adoption, Initiative, Interest, Recommendation
from apps.initiatives.queries.interest import is_few
from apps.people.queries import recommendation_titles

# What a badge is made of.
BADGE_READS = (
    "adopted_at",
    "notice_ends_at",
    "last_act_at",
    "early_steps_met_at",
    "taken_over_at",
    "hold_review_at",
    "on_hold_for",
    "forgotten_at",
    "handing_over_at",
    "concludes_at",
    "ended_at",
    "ending",
)


@dataclass(frozen=True)
class Shown:
    """An initiative as lists show it."""

    initiative: Initiative
    badge: Badge
    running: Adoption | None
    groups: list[Group]
    interested: int
    readers: int = 0  # Those of the interested who use the language that was asked about.

    @property
    def state(self) -> State:
        return self.badge.state

    @property
    def has_few(self) -> bool:
        return is_few(self.interested)


def all_initiatives(
    now: datetime, *, initiatives: QuerySet[Initiative] | None = None, language_code: str = ""
) -> list[Shown]:
    """The catalogue in its order, each initiative with its badge, leading groups and number of interested people.

    Five queries, however many initiatives there are. The biggest pages are made of this, so it reads no more than
    they show.
    """
    chosen = Initiative.objects.all() if initiatives is None else initiatives
    newest, groups, interested = newest_adoptions(chosen), leading_groups(chosen), interested_in(chosen, language_code)

    def shown(initiative: Initiative) -> Shown:
        adoption = newest.get(initiative.pk)
        running = adoption if adoption is not None and adoption.ended_at is None else None
        leading = groups[running.pk] if running else []
        badge = badge_of(running, adoption, now)
        return Shown(initiative, badge, running, leading, *interested.get(initiative.pk, (0, 0)))

    return [shown(initiative) for initiative in chosen.prefetch_related("recommendation").order_by("number")]


def newest_adoptions(initiatives: QuerySet[Initiative]) -> dict[int, Adoption]:
    """The running adoption of each initiative, or else the one that ended last; with what a badge is made of."""
    adoptions = (
        Adoption.objects.filter(initiative__in=initiatives.values("pk"))
        .only("initiative", *BADGE_READS)
        .order_by("adopted_at", "pk")
    )
    return {adoption.initiative_id: adoption for adoption in adoptions}


def leading_groups(initiatives: QuerySet[Initiative]) -> dict[int, list[Group]]:
    """The groups that lead each running adoption, with their names."""
    leading = (
        Group.objects.filter(leads__ended_at=None, leads__adoption__initiative__in=initiatives.values("pk"))
        .annotate(adoption=F("leads__adoption"), is_unconfirmed=unconfirmed())
        .only("slug", "name")
        .order_by("leads__pk")
    )
    found: dict[int, list[Group]] = defaultdict(list)
    for group in leading:
        found[group.adoption].append(group)
    return found


def interested_in(initiatives: QuerySet[Initiative], language_code: str = "") -> dict[int, tuple[int, int]]:
    """How many people are interested in each initiative, and how many of them use a language."""
    interests = Interest.objects.filter(initiative__in=initiatives.values("pk")).values("initiative")
    readers = Count("pk", filter=Q(languages__icontains=f'"{language_code}"'))
    counted = interests.annotate(people=Count("pk"), readers=readers).values_list("initiative", "people", "readers")
    return {pk: (people, readers) for pk, people, readers in counted}


def matching(
    shown: Iterable[Shown], *, words: str = "", state: str = "", recommendation: str = "", interest: str = ""
) -> list[Shown]:
    """The initiatives that fit a search and filters; words are looked for in the reader's language and in English."""
    found = list(shown)
    for word in words.casefold().split():
        found = [row for row in found if word in _searched(row.initiative)]
    if state:
        found = [row for row in found if row.state == state]
    if recommendation:
        found = [row for row in found if str(row.initiative.recommendation.number) == recommendation]
    if interest == "some":
        found = [row for row in found if row.interested]
    if interest == "none":
        found = [row for row in found if not row.interested]
    return found


def _searched(initiative: Initiative) -> str:
    texts = [
        str(initiative.number),
        initiative.title,
        initiative.summary,
        initiative.titles["en"],
        initiative.summaries["en"],
    ]
    return " ".join(texts).casefold()


def counts_by_state(shown: Iterable[Shown]) -> dict[str, int]:
    counts = Counter(row.state.value for row in shown)
    return {state.value: counts[state.value] for state in State}


@recommendation_titles
def _titles_of_recommendations() -> dict[int, str]:
    return {recommendation.number: recommendation.title for recommendation in Recommendation.objects.all()}
