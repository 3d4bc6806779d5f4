"""Who is interested: names for those who agreed, counts for the rest."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.core.languages import Region, language, regions
from apps.initiatives.models import Hint, Initiative, Interest

SMALL_CELL = 5


def is_few(people: int) -> bool:
    """So few that they could be picked out; their number is not shown (product.md, People, roles, safety)."""
    return 0 < people < SMALL_CELL


@dataclass(frozen=True)
class Cell:
    """A count of people; under five it reads "<5", so that nobody can be picked out."""

    name: str
    count: int

    @property
    def shown(self) -> str:
        return f"<{SMALL_CELL}" if is_few(self.count) else str(self.count)


@dataclass(frozen=True)
class InterestShown:
    everybody: list[Interest]
    languages: list[Cell]
    regions: list[Cell]

    @property
    def total(self) -> int:
        return len(self.everybody)

    @property
    def is_few(self) -> bool:
        return is_few(self.total)

    @property
    def named(self) -> list[Interest]:
        return [interest for interest in self.everybody if interest.is_named]

    def of(self, person: User | AnonymousUser) -> Interest | None:
        """What this person said."""
        return next((interest for interest in self.everybody if interest.user_id == person.pk), None)

    @property
    def unnamed(self) -> int:
        return self.total - len(self.named)


def interest_of(person: User | AnonymousUser, initiative: Initiative) -> Interest | None:
    """What this person said about an initiative."""
    return Interest.objects.filter(initiative=initiative, user=person.pk).first() if person.pk else None


def interest_shown(initiative: Initiative) -> InterestShown:
    """Who is interested: names for those who agreed, the rest as counts by language and region.

    While they are few there are no such counts, since what a named person said would be plain from them.
    """
    interests = list(initiative.interests.select_related("user").order_by("said_at"))
    if is_few(len(interests)):
        return InterestShown(everybody=interests, languages=[], regions=[])
    by_language = Counter(code for interest in interests for code in interest.languages)
    by_region = Counter(interest.region for interest in interests if interest.region)
    known: dict[str, Region] = regions()
    return InterestShown(
        everybody=interests,
        languages=[Cell(language(code).autonym, count) for code, count in by_language.most_common()],
        regions=[Cell(known[code].name, count) for code, count in by_region.most_common() if code in known],
    )


def interested_who_want_news(initiative: Initiative, *, without: Iterable[User] = ()) -> QuerySet[User]:
    told = Interest.objects.filter(initiative=initiative, wants_news=True)
    return User.objects.filter(pk__in=told.values("user")).exclude(pk__in=[person.pk for person in without])


def willing_to_join(initiative: Initiative, *, without: User) -> list[User]:
    """Who would join or lead and agreed to be told, the first ones first."""
    said = initiative.interests.filter(Q(would_join=True) | Q(would_lead=True), wants_news=True, user__blocked_at=None)
    return [interest.user for interest in said.exclude(user=without).select_related("user").order_by("said_at", "pk")]


def hints_about(initiative: Initiative) -> QuerySet[Hint]:
    """Who is said to lead it elsewhere."""
    return initiative.hints.order_by("-left_at")
