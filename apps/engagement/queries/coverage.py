"""The map: where and in which languages an initiative, a group or the whole movement was heard."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.languages import Language, Region, language, regions
from apps.core.text import listed
from apps.engagement.models import Entry
from apps.initiatives.models import Adoption
from apps.initiatives.queries import SMALL_CELL, is_few

COLUMNS = 7
COLUMNS_OF_ALL = 12
KEPT_FOR = timedelta(minutes=5)
# So many regions that were not reached are named in the headline; more are counted.
MOST_NAMED = 3


@dataclass(frozen=True)
class MapCell:
    count: int
    level: int


@dataclass(frozen=True)
class MapRow:
    region: Region
    cells: list[MapCell]

    @property
    def code(self) -> str:
        return self.region.short

    @property
    def name(self) -> str:
        return self.region.name


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
    entries = Entry.objects.filter(adoption=adoption, state__in=Entry.COUNTING).order_by()
    pairs = entries.values_list("regions", "languages").annotate(alike=Count("pk"))
    tally = Tally()
    for entry_regions, entry_languages, alike in pairs:
        tally.add(entry_regions, entry_languages, entries=alike)
    return tally.as_map(COLUMNS)


# --- The whole movement ----------------------------------------------------------------------


@dataclass(frozen=True)
class Where:
    """The filters of the map; what is empty leaves nothing out."""

    recommendation: str = ""
    initiative: str = ""
    group: str = ""
    region: str = ""
    language: str = ""
    year: str = ""

    @property
    def entries(self) -> QuerySet[Entry]:
        """Without region and language, which SQLite cannot look for inside a list: they are left to `fits`."""
        wanted = {
            "adoption__initiative__recommendation__number": self.recommendation,
            "adoption__initiative__number": self.initiative,
            "group__slug": self.group,
            "happened_on__year": self.year,
        }
        chosen = {name: value for name, value in wanted.items() if value}
        return Entry.objects.filter(state__in=Entry.COUNTING, **chosen).order_by()

    def fits(self, entry_regions: list[str], entry_languages: list[str]) -> bool:
        return (not self.region or self.region in entry_regions) and (
            not self.language or self.language in entry_languages
        )


@dataclass
class Reached:
    """What reached one region, language or community.

    Entries are acts of groups, public one by one, so every count of them is shown. `people` is what groups say of how
    many they reached, and people are never counted out: a sum of one to four reads "<5", wherever it is shown. An
    entry for two regions counts in both, so sums over rows are no totals and nobody is found by subtraction.
    """

    entries: int = 0
    people: int = 0
    last_on: date | None = None

    def add(self, *, entries: int, people: int | None, last_on: date | None) -> None:
        self.entries += entries
        self.people += people or 0
        self.last_on = max(filter(None, [self.last_on, last_on]), default=None)

    @property
    def people_shown(self) -> int | str | None:
        if is_few(self.people):
            return f"<{SMALL_CELL}"
        return self.people or None


@dataclass
class Tally:
    """Entries, added up by region, language and both."""

    total: Reached = field(default_factory=Reached)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_region: dict[str, Reached] = field(default_factory=lambda: defaultdict(Reached))
    by_language: dict[str, Reached] = field(default_factory=lambda: defaultdict(Reached))

    def add(
        self,
        entry_regions: list[str],
        entry_languages: list[str],
        *,
        entries: int,
        people: int | None = None,
        last_on: date | None = None,
    ) -> None:
        more: dict[str, Any] = {"entries": entries, "people": people, "last_on": last_on}
        self.total.add(**more)
        for code in entry_languages:
            self.by_language[code].add(**more)
        for region in entry_regions:
            self.by_region[region].add(**more)
            for code in entry_languages:
                self.cells[region, code] += entries

    def languages_heard(self) -> list[str]:
        return sorted(self.by_language, key=lambda code: -self.by_language[code].entries)

    def as_map(self, columns: int) -> CoverageMap:
        """The languages that were heard most, and every region, reached or not."""
        chosen = self.languages_heard()[:columns]
        most = max(self.cells.values(), default=1)
        rows = [
            MapRow(region, [MapCell(n, -(-4 * n // most)) for n in (self.cells[region.code, code] for code in chosen)])
            for region in regions().values()
        ]
        rows.sort(key=lambda row: -sum(cell.count for cell in row.cells))
        return CoverageMap([language(code) for code in chosen], rows, self.total.entries)


@dataclass(frozen=True)
class Coverage:
    """Where a part of the movement, or all of it, was heard; regions and languages with the most entries first."""

    map: CoverageMap
    total: Reached
    regions: list[tuple[Region, Reached]]
    languages: list[tuple[Language, Reached]]
    communities: list[tuple[str, Reached]]
    cells: list[tuple[Region, Language, int]]
    counted_at: datetime

    @property
    def not_reached(self) -> list[Region]:
        return [region for region, reached in self.regions if not reached.entries]

    @property
    def regions_reached(self) -> int:
        return len(self.regions) - len(self.not_reached)


def coverage(where: Where, now: datetime) -> Coverage:
    """Counted in the database, and again after five minutes: it reads every entry that fits."""
    key = f"coverage:{':'.join(vars(where).values())}"
    found: Coverage | None = cache.get(key)
    if found is None:
        found = count_coverage(where, now)
        cache.set(key, found, KEPT_FOR.total_seconds())
    return found


def count_coverage(where: Where, now: datetime) -> Coverage:
    """One query; entries that say the same of whom they reached come as one row."""
    alike = where.entries.values_list("regions", "languages", "community").annotate(
        entries=Count("pk"), of_people=Sum("people"), last_on=Max("happened_on")
    )
    tally, communities = Tally(), Communities()
    for entry_regions, entry_languages, community, entries, people, last_on in alike:
        if where.fits(entry_regions, entry_languages):
            tally.add(entry_regions, entry_languages, entries=entries, people=people, last_on=last_on)
            communities.add(community, entries=entries, people=people, last_on=last_on)
    known = regions()
    by_region = [(region, tally.by_region[code]) for code, region in known.items()]
    return Coverage(
        map=tally.as_map(COLUMNS_OF_ALL),
        total=tally.total,
        regions=sorted(by_region, key=lambda row: -row[1].entries),
        languages=[(language(code), tally.by_language[code]) for code in tally.languages_heard()],
        communities=communities.latest_first(),
        cells=_cells(tally, known),
        counted_at=now,
    )


def _cells(tally: Tally, known: dict[str, Region]) -> list[tuple[Region, Language, int]]:
    return [(known[region], language(code), n) for (region, code), n in sorted(tally.cells.items()) if region in known]


class Communities:
    """Communities as groups write them; the same letters, large or small, are the same community."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.reached: dict[str, Reached] = defaultdict(Reached)

    def add(self, name: str, **more: Any) -> None:
        if name:
            self.reached[self.names.setdefault(name.casefold(), name)].add(**more)

    def latest_first(self) -> list[tuple[str, Reached]]:
        return sorted(self.reached.items(), key=lambda row: (row[1].last_on or date.min, row[1].entries), reverse=True)


# --- In words ------------------------------------------------------------------------------------


def heard_words(found: Coverage, *, about: str, is_part: bool) -> str:
    """Where they were heard, and who has not been reached, as the headline of the map.

    `about` is a group, an initiative or a recommendation by name; `is_part` whether any filter was chosen.
    """
    if not found.total.entries:
        return (
            _("Nothing that fits is logged yet.")
            if is_part
            else _("The movement was heard nowhere yet: nothing is logged.")
        )
    languages = len(found.languages)
    reached = {
        "languages": ngettext("%(count)d language", "%(count)d languages", languages) % {"count": languages},
        "reached": found.regions_reached,
        "regions": len(found.regions),
        "about": about,
    }
    if about:
        heard = _("“%(about)s” was heard in %(languages)s and %(reached)d of %(regions)d regions.")
    elif is_part:
        heard = _("What fits was heard in %(languages)s and %(reached)d of %(regions)d regions.")
    else:
        heard = _("The movement was heard in %(languages)s and %(reached)d of %(regions)d regions.")
    return f"{heard % reached} {_missing_words(found)}"


def _missing_words(found: Coverage) -> str:
    missing = found.not_reached
    if not missing:
        return _("Every region is reached.")
    if len(missing) == 1:
        return _("Nobody has reached %(region)s yet.") % {"region": missing[0].name}
    if len(missing) > MOST_NAMED:
        return ngettext(
            "%(count)d region is not reached yet.", "%(count)d regions are not reached yet.", len(missing)
        ) % {"count": len(missing)}
    return _("Not reached yet: %(regions)s.") % {"regions": listed(region.name for region in missing)}


# --- As data ---------------------------------------------------------------------------------

FIELDS = ("kind", "region", "region_name", "language", "language_name", "community", "entries", "people", "last_on")


def as_data(found: Coverage) -> list[dict[str, Any]]:
    """One row for each number of the page; `kind` says of what."""
    return [
        _row("total", found.total),
        *(_row("region", reached, region=region) for region, reached in found.regions),
        *(_row("language", reached, lang=lang) for lang, reached in found.languages),
        *(_row("community", reached, community=name) for name, reached in found.communities),
        *(_row("cell", Reached(entries=n), region=region, lang=lang) for region, lang, n in found.cells),
    ]


def _row(
    kind: str, reached: Reached, *, region: Region | None = None, lang: Language | None = None, community: str = ""
) -> dict[str, Any]:
    return {
        "kind": kind,
        "region": region.code if region else "",
        "region_name": region.name if region else "",
        "language": lang.code if lang else "",
        "language_name": lang.autonym if lang else "",
        "community": community,
        "entries": reached.entries,
        "people": reached.people_shown,
        "last_on": reached.last_on.isoformat() if reached.last_on else None,
    }
