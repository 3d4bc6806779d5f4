"""The map: where and in which languages an initiative was heard."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from apps.core.languages import Language, Region, language, regions
from apps.engagement.models import Entry
from apps.initiatives.models import Adoption


@dataclass(frozen=True)
class MapCell:
    count: int
    level: int


@dataclass(frozen=True)
class MapRow:
    region: Region
    cells: list[MapCell]


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
    counts: Counter[tuple[str, str]] = Counter()
    by_language: Counter[str] = Counter()
    total = 0
    for entry_regions, entry_languages, alike in pairs:
        total += alike
        by_language.update(dict.fromkeys(entry_languages, alike))
        counts.update({(region, code): alike for region in entry_regions for code in entry_languages})
    chosen = [code for code, _count in by_language.most_common(7)]
    most = max(counts.values(), default=1)
    rows = [
        MapRow(region, [MapCell(n, -(-4 * n // most)) for n in (counts[region.code, code] for code in chosen)])
        for region in regions().values()
    ]
    rows.sort(key=lambda row: -sum(cell.count for cell in row.cells))
    return CoverageMap([language(code) for code in chosen], rows, total)
