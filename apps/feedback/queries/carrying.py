"""Reads about liaisons: who fits a round, who is at their cap, and how it stands for each language and region."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.core.languages import Language, language, regions
from apps.core.text import listed
from apps.feedback.models import CARRY_AT_MOST, Carry, Report, Round
from apps.feedback.queries.rounds import missing_languages, people_to_tell, translators_into
from apps.people.models import RoleTerm
from apps.people.queries import liaisons_for, terms_of_role

State = Carry.State
AT_CAP, WAITS_FOR_TEXT, CAN_CARRY = "at_cap", "waits_for_text", "can_carry"
# With one of these, somebody is there for a language or region.
SOMEBODY = {State.ASKED, State.ACCEPTED, State.REPORTED, AT_CAP, WAITS_FOR_TEXT, CAN_CARRY}


def wanted_words(languages: Iterable[str], region_codes: Iterable[str]) -> str:
    """ "Kiswahili, Sub-Saharan Africa"."""
    named = regions()
    names = [language(code).autonym for code in languages]
    return listed([*names, *(named[code].name for code in region_codes if code in named)])


def terms_that_fit(round_: Round, now: datetime) -> list[RoleTerm]:
    return liaisons_for(languages=round_.languages, regions=round_.regions, now=now)


def terms_of_liaisons(people: Iterable[int], now: datetime) -> list[RoleTerm]:
    """The running terms as liaisons of these people, by id."""
    return list(terms_of_role(RoleTerm.Role.LIAISON, now).filter(user__in=list(people)))


def term_that_fits(person: User | AnonymousUser, round_: Round, now: datetime) -> RoleTerm | None:
    """The running term under which somebody can carry a round; None for everybody else."""
    return next((term for term in terms_that_fit(round_, now) if term.user_id == person.pk), None)


def liaisons_to_ask(round_: Round, now: datetime) -> list[RoleTerm]:
    """Who fits, has not been asked, has a place free, and can read the text as it is there now."""
    terms = terms_that_fit(round_, now)
    asked, full = set(round_.carries.values_list("liaison", flat=True)), _at_cap(terms)
    return [term for term in terms if term.user_id not in asked | full and _reads(term, round_)]


def _at_cap(terms: Iterable[RoleTerm]) -> set[int]:
    """The liaisons, by id, who carry as many rounds as one may."""
    carried = Carry.objects.filter(liaison__in=[term.user_id for term in terms], state=State.ACCEPTED).order_by()
    counted = carried.values("liaison").annotate(number=Count("pk"))
    return set(counted.filter(number__gte=CARRY_AT_MOST).values_list("liaison", flat=True))


def _reads(term: RoleTerm, round_: Round) -> bool:
    """Whether the text is there in a language that the liaison uses."""
    there = {round_.language, *(row.language for row in round_.translations.all())}
    uses = {*term.languages, term.user.language, *term.user.fallbacks, *term.user.languages}
    return not there.isdisjoint(uses)


def told_of_an_opening(round_: Round, now: datetime) -> int:
    """How many people get a letter when it opens: who would translate it, and liaisons who can read it already."""
    translators = {person.pk for code in missing_languages(round_) for person in translators_into(code, round_)}
    return len(translators.union(term.user_id for term in liaisons_to_ask(round_, now)))


def told_of_a_cancel(round_: Round) -> int:
    """How many people get a letter when it is cancelled: who asked to be told, and its liaisons."""
    liaisons = round_.carries.filter(state__in=[State.ASKED, State.ACCEPTED], liaison__blocked_at=None)
    asked_to_be_told = people_to_tell(round_).values_list("pk", flat=True)
    return len(set(asked_to_be_told).union(liaisons.values_list("liaison", flat=True)))


def at_work(round_: Round, kind: str) -> set[str]:
    """The languages, or regions, for which a translation is there or a liaison was asked."""
    codes = {code for carry in round_.carries.exclude(state=State.CANCELLED) for code in getattr(carry, kind)}
    return codes | {row.language for row in round_.translations.all()} if kind == "languages" else codes


def wanted_names(kind: str, codes: Iterable[str]) -> str:
    return wanted_words(codes, []) if kind == "languages" else wanted_words([], codes)


def carries_to_widen(round_: Round, now: datetime) -> list[tuple[Carry, RoleTerm]]:
    """Who was asked or carries it, with the term that says what they cover."""
    terms = {term.user_id: term for term in terms_that_fit(round_, now)}
    running = round_.carries.filter(state__in=[State.ASKED, State.ACCEPTED]).select_related("liaison")
    return [(carry, terms[carry.liaison_id]) for carry in running if carry.liaison_id in terms]


def carry_of(person: User | AnonymousUser, round_: Round) -> Carry | None:
    return round_.carries.filter(liaison=person.pk).first() if person.pk else None


def carried_by(person: User) -> QuerySet[Carry]:
    """What a liaison carries now and owes a report on."""
    return person.carries.filter(state=State.ACCEPTED).select_related("round__group").order_by("round__closes_at")


# --- How it stands ----------------------------------------------------------------------------


@dataclass(frozen=True)
class WantedShown:
    """A wanted language or region, and how it stands with the liaisons there: by role, never by name."""

    name: str
    language: Language | None
    counts: Counter[str]
    notes: list[str]

    @property
    def has_nobody(self) -> bool:
        return not any(self.counts[state] for state in SOMEBODY)

    @property
    def lines(self) -> list[str]:
        return [words % {"count": self.counts[state]} for state, words in _words(self.counts) if self.counts[state]]


def _words(counts: Counter[str]) -> list[tuple[str, str]]:
    return [
        (State.REPORTED, _("reported by a liaison")),
        (State.ACCEPTED, _("carried by a liaison, whose report is due 7 days after the closing")),
        (
            State.ASKED,
            ngettext(
                "%(count)d liaison is asked and has 14 days",
                "%(count)d liaisons are asked and have 14 days",
                counts[State.ASKED],
            ),
        ),
        (
            WAITS_FOR_TEXT,
            ngettext(
                "%(count)d liaison is asked once the text is there in a language of theirs",
                "%(count)d liaisons are asked once the text is there in a language of theirs",
                counts[WAITS_FOR_TEXT],
            ),
        ),
        (
            AT_CAP,
            ngettext(
                "%(count)d liaison carries two rounds already and is asked once a place is free",
                "%(count)d liaisons carry two rounds already and are asked once a place is free",
                counts[AT_CAP],
            ),
        ),
        (
            CAN_CARRY,
            ngettext(
                "%(count)d liaison is there and can carry it without being asked",
                "%(count)d liaisons are there and can carry it without being asked",
                counts[CAN_CARRY],
            ),
        ),
        (State.LAPSED, _("a liaison was asked, and nobody answered")),
        (State.DECLINED, _("a liaison declined")),
        (State.UNREPORTED, _("a liaison carried it, and no report came")),
    ]


def wanted_shown(round_: Round, now: datetime) -> list[WantedShown]:
    """Each wanted language, then each wanted region, with how it stands; three queries."""
    carries = list(round_.carries.all())
    asked = {carry.liaison_id for carry in carries}
    others: list[tuple[RoleTerm, str]] = []
    if round_.state == Round.State.OPEN:
        terms = [term for term in terms_that_fit(round_, now) if term.user_id not in asked]
        full = _at_cap(terms)
        others = [(term, _why_not_asked(term, round_, full)) for term in terms]

    def shown(code: str, kind: str, name: str, own: Language | None = None) -> WantedShown:
        here = [carry for carry in carries if code in getattr(carry, kind)]
        states = [carry.state for carry in here] + [why for term, why in others if code in getattr(term, kind)]
        notes = [carry.note for carry in here if carry.state == State.DECLINED and carry.note]
        return WantedShown(name, own, Counter(states), notes)

    named = regions()
    return [
        *(shown(code, "languages", language(code).autonym, language(code)) for code in round_.languages),
        *(shown(code, "regions", named[code].name) for code in round_.regions if code in named),
    ]


def _why_not_asked(term: RoleTerm, round_: Round, full: set[int]) -> str:
    """The third is rare: somebody has learnt to read the text since, or may be written to again."""
    if term.user_id in full:
        return AT_CAP
    return CAN_CARRY if _reads(term, round_) else WAITS_FOR_TEXT


@dataclass(frozen=True)
class ReportShown:
    report: Report
    language: Language
    heard_in: str


def reports_shown(round_: Round) -> list[ReportShown]:
    """The reports that cover a round, with the languages and regions they speak of here."""
    carries = round_.carries.filter(state=State.REPORTED).select_related("report").order_by("report__reported_at")
    return [
        ReportShown(carry.report, language(carry.report.language), wanted_words(carry.languages, carry.regions))
        for carry in carries
        if carry.report
    ]
