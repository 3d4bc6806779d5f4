"""The checklist measures itself: pure functions from entries to counts, with the numbers of the guidelines.

A measure is kept as data (`Measured.as_data`), so that a page can say it in any language later.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, timedelta
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.dates import day
from apps.core.languages import language, regions
from apps.core.text import listed
from apps.engagement.models import Entry
from apps.guidelines.models import Step

# What these steps count is a link by its nature: a conversation, a page, a text in another language.
COUNT_LINKS = frozenset({Step.Measure.LINKS, Step.Measure.PAGE, Step.Measure.LANGUAGES, Step.Measure.SUMMARY})


def takes_notes(step: Step) -> bool:
    """Whether an entry of this step may have a note as evidence, instead of a link."""
    return step.measure not in COUNT_LINKS


@dataclass(frozen=True)
class Measured:
    """A count beside what is needed, and what else is missing, by name."""

    count: int
    needed: int
    met: bool
    names: list[str] = field(default_factory=list)
    missing: dict[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def measure(step: Step, entries: Iterable[Entry], *, named: list[str] | None = None) -> Measured:
    """Measure one step from all entries of an adoption; `named` are those whom the group has to tell."""
    everything = list(entries)
    mine = [entry for entry in everything if entry.step_id == step.pk]
    if step.measure == Step.Measure.REACH:
        return _reach(step.needs, everything)
    if step.measure == Step.Measure.SUMMARY:
        return _summary(step.needs, mine, everything)
    if step.measure == Step.Measure.TOLD:
        return _told(mine, named)
    return _BY_MEASURE[step.measure](step.needs, mine)


def _links(needs: dict[str, int], mine: Sequence[Entry]) -> Measured:
    return _at_least(len({entry.evidence for entry in mine}), next(iter(needs.values())))


def _at_least(count: int, needed: int, **more: Any) -> Measured:
    return Measured(count, needed, count >= needed, **more)


def _languages(needs: dict[str, int], mine: Sequence[Entry]) -> Measured:
    """Different languages, each with a link of its own, some of them not in Latin script."""
    reached = _with_links_of_their_own(mine)
    not_latin = sum(not language(code).is_latin for code in reached)
    missing: dict[str, Any] = {}
    if len(reached) < min(needs["languages"], len({code for entry in mine for code in entry.languages})):
        missing["own_links"] = True
    if not_latin < needs["not_latin"]:
        missing["not_latin"] = needs["not_latin"] - not_latin
    met = len(reached) >= needs["languages"] and not missing
    return Measured(len(reached), needs["languages"], met, reached, missing)


def _with_links_of_their_own(mine: Sequence[Entry]) -> list[str]:
    """As many languages as there can be when each link counts for one of its languages only.

    A language takes a free link, or one whose language can move to another; scripts that are rarer choose first.
    """
    links: dict[str, list[str]] = defaultdict(list)
    for entry in mine:
        for code in entry.languages:
            links[code].append(entry.url)
    language_of: dict[str, str] = {}

    def finds_a_link(code: str, tried: set[str]) -> bool:
        for url in links[code]:
            if url in tried:
                continue
            tried.add(url)
            if url not in language_of or finds_a_link(language_of[url], tried):
                language_of[url] = code
                return True
        return False

    for code in sorted(links, key=lambda code: (language(code).is_latin, code)):
        finds_a_link(code, set())
    return sorted(language_of.values())


def _open_days(needs: dict[str, int], mine: Sequence[Entry]) -> Measured:
    """The longest time between opening and closing of one call for feedback."""
    days = max(((entry.closed_on - entry.happened_on).days for entry in mine if entry.closed_on), default=0)
    missing = {"closing": True} if mine and not any(entry.closed_on for entry in mine) else {}
    return _at_least(days, needs["days"], missing=missing)


def _calls(needs: dict[str, int], mine: Sequence[Entry]) -> Measured:
    """Calls whose start times lie apart on the clock, so that two sides of the earth can come."""
    calls = [entry for entry in mine if entry.starts_at]
    apart = _widest_on_the_clock(calls)
    missing = {} if apart >= needs["hours_apart"] else {"hours_apart": needs["hours_apart"]}
    return Measured(
        len(calls),
        needs["calls"],
        len(calls) >= needs["calls"] and not missing,
        [f"{apart:g}"] if apart else [],
        missing,
    )


def _widest_on_the_clock(calls: Sequence[Entry]) -> float:
    """The widest distance, in hours, between two times of day in UTC on a round clock."""
    hours = []
    for entry in calls:
        if entry.starts_at:
            start = entry.starts_at.astimezone(UTC)
            hours.append(start.hour + start.minute / 60)
    return max((min(abs(a - b), 24 - abs(a - b)) for a, b in combinations(hours, 2)), default=0.0)


def _reach(needs: dict[str, int], everything: Sequence[Entry]) -> Measured:
    """Regions and communities over all entries of the adoption."""
    reached = sorted({code for entry in everything for code in entry.regions})
    communities = {entry.community.casefold() for entry in everything if entry.community}
    missing: dict[str, Any] = {}
    if len(reached) < needs["regions"]:
        missing["regions"] = [code for code in regions() if code not in reached]
    if len(communities) < needs["communities"]:
        missing["communities"] = needs["communities"] - len(communities)
    return Measured(len(reached), needs["regions"], not missing, reached, missing)


def _told(mine: Sequence[Entry], named: list[str] | None) -> Measured:
    """Everybody who was named was told. Nobody to tell is an answer too, once the group has given it."""
    if named is None:
        return Measured(0, 0, met=False, missing={"names": True})
    told = {entry.told.casefold() for entry in mine}
    untold = [name for name in named if name.casefold() not in told]
    missing = {"told": untold} if untold else {}
    return Measured(len(named) - len(untold), len(named), not untold, missing=missing)


def _summary(needs: dict[str, int], mine: Sequence[Entry], everything: Sequence[Entry]) -> Measured:
    """Published soon after the feedback closed, and then open for corrections."""
    closings = [e.closed_on for e in everything if e.closed_on and e.step.measure == Step.Measure.OPEN_DAYS]
    if not closings:
        return Measured(0, 1, met=False, missing={"closing": True})
    within = timedelta(days=needs["within_days"])
    in_time = [entry for entry in mine if any(day <= entry.happened_on <= day + within for day in closings)]
    corrected = [e for e in in_time if e.closed_on and (e.closed_on - e.happened_on).days >= needs["correction_days"]]
    missing: dict[str, Any] = {}
    if not in_time:
        missing["by"] = (max(closings) + within).isoformat()
    elif not corrected:
        missing["corrections"] = needs["correction_days"]
    return Measured(len(in_time[:1]), 1, bool(corrected), missing=missing)


_BY_MEASURE: dict[str, Callable[[dict[str, int], Sequence[Entry]], Measured]] = {
    Step.Measure.LINKS: _links,
    Step.Measure.PAGE: _links,
    Step.Measure.VENUES: _links,
    Step.Measure.LANGUAGES: _languages,
    Step.Measure.OPEN_DAYS: _open_days,
    Step.Measure.CALLS: _calls,
}


# --- In words --------------------------------------------------------------------------------


def count_words(measure_name: str, measured: dict[str, Any]) -> str:
    """ "4 of 5 languages": the count as the checklist shows it."""
    count, needed = measured.get("count", 0), measured.get("needed", 0)
    words = {
        Step.Measure.LINKS: ngettext("%(count)d of %(needed)d link", "%(count)d of %(needed)d links", needed),
        Step.Measure.PAGE: ngettext("%(count)d of %(needed)d page", "%(count)d of %(needed)d pages", needed),
        Step.Measure.TOLD: ngettext("%(count)d of %(needed)d told", "%(count)d of %(needed)d told", needed),
        Step.Measure.VENUES: ngettext("%(count)d of %(needed)d venue", "%(count)d of %(needed)d venues", needed),
        Step.Measure.LANGUAGES: ngettext(
            "%(count)d of %(needed)d language", "%(count)d of %(needed)d languages", needed
        ),
        Step.Measure.OPEN_DAYS: ngettext("%(count)d of %(needed)d day", "%(count)d of %(needed)d days", needed),
        Step.Measure.CALLS: ngettext("%(count)d of %(needed)d call", "%(count)d of %(needed)d calls", needed),
        Step.Measure.REACH: ngettext("%(count)d of %(needed)d region", "%(count)d of %(needed)d regions", needed),
        Step.Measure.SUMMARY: ngettext("%(count)d of %(needed)d summary", "%(count)d of %(needed)d summaries", needed),
    }
    if measure_name == Step.Measure.TOLD and not needed:
        return _("Nobody to tell") if measured.get("met") else _("Nobody named yet")
    if count > needed:
        return _("%(count)d, at least %(needed)d") % {"count": count, "needed": needed}
    return words[Step.Measure(measure_name)] % {"count": count, "needed": needed}


def names_words(measure_name: str, measured: dict[str, Any]) -> str:
    """What was reached, by name: languages, regions, hours apart."""
    names = measured.get("names") or []
    if measure_name == Step.Measure.LANGUAGES:
        return listed(language(code).autonym for code in names)
    if measure_name == Step.Measure.REACH:
        return listed(regions()[code].short for code in names if code in regions())
    if measure_name == Step.Measure.CALLS and names:
        return _("%(hours)s hours apart") % {"hours": names[0]}
    return ""


def missing_words(measure_name: str, measured: dict[str, Any]) -> list[str]:
    """What is missing, by name; empty when the measure is met."""
    missing, words = measured.get("missing") or {}, []
    left = measured.get("needed", 0) - measured.get("count", 0)
    if left > 0 and measure_name in _LEFT_WORDS:
        words.append(_LEFT_WORDS[Step.Measure(measure_name)](left) % {"left": left})
    for name, value in missing.items():
        words.append(_MISSING_WORDS[name](value))
    return words


_LEFT_WORDS: dict[str, Callable[[int], str]] = {
    Step.Measure.LINKS: lambda n: ngettext("%(left)d link", "%(left)d links", n),
    Step.Measure.PAGE: lambda n: ngettext("the address of the page", "the addresses of the pages", n),
    Step.Measure.VENUES: lambda n: ngettext("%(left)d more venue", "%(left)d more venues", n),
    Step.Measure.LANGUAGES: lambda n: ngettext("%(left)d more language", "%(left)d more languages", n),
    Step.Measure.OPEN_DAYS: lambda n: ngettext("%(left)d more day", "%(left)d more days", n),
    Step.Measure.CALLS: lambda n: ngettext("%(left)d more call", "%(left)d more calls", n),
}

_MISSING_WORDS: dict[str, Callable[[Any], str]] = {
    "not_latin": lambda n: (
        ngettext("%(n)d language that is not in Latin script", "%(n)d languages that are not in Latin script", n)
        % {"n": n}
    ),
    "own_links": lambda _value: _("a link of its own for each language"),
    "closing": lambda _value: _("the day on which the feedback closed"),
    "hours_apart": lambda hours: (
        ngettext(
            "start times at least %(hours)d hour apart on the clock",
            "start times at least %(hours)d hours apart on the clock",
            hours,
        )
        % {"hours": hours}
    ),
    "regions": lambda codes: (
        _("one or more of %(regions)s") % {"regions": listed(regions()[code].name for code in codes)}
    ),
    "communities": lambda n: (
        ngettext("%(n)d under-represented community", "%(n)d under-represented communities", n) % {"n": n}
    ),
    "names": lambda _value: _("the names of former leads and neighbouring groups, or that there are none"),
    "told": lambda names: listed(names),
    "by": lambda iso: _("the summary, by %(day)s") % {"day": day(date.fromisoformat(iso))},
    "corrections": lambda days: (
        ngettext("%(days)d day for corrections", "%(days)d days for corrections", days) % {"days": days}
    ),
}
