"""Who is there for which recommendation, region and language, and where nobody is yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.languages import Language, language, offered_languages, regions
from apps.core.text import Words
from apps.people.models import Affiliate, RoleTerm
from apps.people.queries import affiliates_by_region, recommendations, running_terms

Role = RoleTerm.Role
OF_REGIONS = (Role.LIAISON, Role.FACILITATOR)
OF_LANGUAGES = (Role.LIAISON, Role.FACILITATOR, Role.TRANSLATOR)
OF_RECOMMENDATIONS = (Role.FACILITATOR,)
OF_THE_SITE = (Role.EDITOR, Role.MODERATOR)


@dataclass(frozen=True)
class Chosen:
    """The filters of the page; what is empty leaves nothing out."""

    role: str = ""
    region: str = ""
    language: str = ""

    def roles(self, roles: Iterable[str]) -> list[str]:
        return [role for role in roles if self.role in {"", role}]


@dataclass(frozen=True)
class Cell:
    """Those who hold one role in one place."""

    role: str
    terms: list[RoleTerm]

    @property
    def label(self) -> Words:
        return Role(self.role).label


@dataclass(frozen=True)
class Place:
    """A region, a language, a recommendation or the whole site, and who holds which role for it.

    `invites` is what the form of asking takes to begin with this place; `code` is that of a language.
    """

    name: str
    cells: list[Cell]
    invites: str = ""
    code: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(cell.terms for cell in self.cells)


@dataclass(frozen=True)
class Section:
    """Places of one kind. Where they are many, those without anybody are `folded` into one line."""

    name: str
    title: str
    places: list[Place]
    folds: bool = False

    @property
    def rows(self) -> list[Place]:
        return [place for place in self.places if not (self.folds and place.is_empty)]

    @property
    def folded(self) -> list[Place]:
        return [place for place in self.places if self.folds and place.is_empty]

    @property
    def labels(self) -> list[Words]:
        return [cell.label for cell in self.places[0].cells] if self.places else []

    @property
    def empty(self) -> int:
        return sum(place.is_empty for place in self.places)


@dataclass(frozen=True)
class Board:
    people: int
    regions_without: int
    sections: list[Section]
    languages: list[Language]


def board(chosen: Chosen, now: datetime) -> Board:
    """The page of people; two queries, however many there are."""
    terms = list(
        running_terms(now)
        .filter(role__in=RoleTerm.ASKED_FOR, user__blocked_at=None)
        .select_related("user", "affiliate")
        .order_by("is_unconfirmed", "user__username")
    )
    everywhere = _by_region(terms, Chosen())
    sections = [
        _by_region(terms, chosen),
        _by_language(terms, chosen),
        _by_recommendation(terms, chosen),
        _of_the_site(terms, chosen),
    ]
    return Board(
        people=len({term.user_id for term in terms}),
        regions_without=everywhere.empty,
        sections=[section for section in sections if section.places and section.labels],
        languages=_languages(terms),
    )


def _cells(terms: Iterable[RoleTerm], roles: Iterable[str]) -> list[Cell]:
    terms = list(terms)
    return [Cell(role, [term for term in terms if term.role == role]) for role in roles]


def _by_region(terms: list[RoleTerm], chosen: Chosen) -> Section:
    roles = chosen.roles(OF_REGIONS)
    shown = [] if chosen.language and not chosen.region else regions().values()
    places = [
        Place(region.name, _cells((t for t in terms if region.code in t.regions), roles), f"region={region.code}")
        for region in shown
        if chosen.region in {"", region.code}
    ]
    return Section("regions", _("By region"), places)


def _languages(terms: list[RoleTerm]) -> list[Language]:
    """The offered languages, and those that somebody covers."""
    offered = offered_languages()
    covered = {code for term in terms for code in term.languages} - {one.code for one in offered}
    return [*offered, *(language(code) for code in sorted(covered))]


def _by_language(terms: list[RoleTerm], chosen: Chosen) -> Section:
    roles = chosen.roles(OF_LANGUAGES)
    shown = [] if chosen.region and not chosen.language else _languages(terms)
    places = [
        Place(
            one.autonym,
            _cells((t for t in terms if one.code in t.languages), roles),
            f"language={one.code}",
            code=one.code,
        )
        for one in shown
        if chosen.language in {"", one.code}
    ]
    return Section("languages", _("By language"), places, folds=not chosen.language)


def _by_recommendation(terms: list[RoleTerm], chosen: Chosen) -> Section:
    if chosen.region or chosen.language or chosen.role not in {"", Role.FACILITATOR}:
        return Section("recommendations", "", [])
    places = [
        Place(
            f"{number} {title}",
            _cells((t for t in terms if number in t.recommendations), OF_RECOMMENDATIONS),
            f"recommendation={number}",
        )
        for number, title in recommendations().items()
    ]
    return Section("recommendations", _("By recommendation"), places)


def _of_the_site(terms: list[RoleTerm], chosen: Chosen) -> Section:
    if chosen.region or chosen.language:
        return Section("site", "", [])
    return Section(
        "site", _("For the whole site"), [Place(_("The whole site"), _cells(terms, chosen.roles(OF_THE_SITE)))]
    )


@dataclass(frozen=True)
class AffiliatesOfRegion:
    name: str
    affiliates: list[Affiliate]

    @property
    def with_contacts(self) -> list[Affiliate]:
        return [affiliate for affiliate in self.affiliates if affiliate.named]  # type: ignore[attr-defined]


def affiliates_shown(chosen: Chosen) -> list[AffiliatesOfRegion]:
    """The affiliates by region, each with the people who agreed to be named; two queries."""
    by_region: dict[str, list[Affiliate]] = {}
    for affiliate in affiliates_by_region():
        if chosen.region in {"", affiliate.region}:
            by_region.setdefault(affiliate.region, []).append(affiliate)
    named = regions()
    return [
        AffiliatesOfRegion(named[code].name if code in named else _("Across regions"), found)
        for code, found in by_region.items()
    ]
