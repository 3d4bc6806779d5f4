"""Reads of the catalogue: initiatives with their badges, who is interested, what nobody leads."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.core.languages import Region, language, regions
from apps.deadlines.queries import LadderRung
from apps.groups.models import Group, Membership
from apps.groups.queries import active_members_of, unconfirmed, why_to_stay
from apps.initiatives.badge import (
    EARLY_STEPS_DAYS,
    LAPSE_DAYS,
    NOTICE_DAYS,
    QUIET_DAYS,
    TERM_REMINDER_DAYS,
    Badge,
    State,
    badge_of,
)
from apps.initiatives.models import Adoption, Initiative, Interest, Lead, Place, Recommendation, Update
from apps.people.queries import recommendation_titles

SMALL_CELL = 5
MUSTS_OF_A_GROWN_GROUP = 3


@recommendation_titles
def _titles_of_recommendations() -> dict[int, str]:
    return {recommendation.number: recommendation.title for recommendation in Recommendation.objects.all()}


def is_few(people: int) -> bool:
    """So few that they could be picked out; their number is not shown (product.md, People, roles, safety)."""
    return 0 < people < SMALL_CELL


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


def adoptions_with_groups() -> QuerySet[Adoption]:
    with_group = Lead.objects.select_related("group").annotate(is_unconfirmed=unconfirmed("group__"))
    leads = Prefetch("leads", queryset=with_group)
    return Adoption.objects.select_related("guidelines").defer("guidelines__bodies").prefetch_related(leads)


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
        .only("initiative", "adopted_at", "notice_ends_at", "last_act_at", "early_steps_met_at", "ended_at", "ending")
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


def running_adoption(initiative: Initiative) -> Adoption | None:
    return adoptions_with_groups().filter(initiative=initiative, ended_at=None).first()


def adoptions_of(initiative: Initiative) -> list[Adoption]:
    """Every term of an initiative with its groups: the running one first, then the latest."""
    return list(
        adoptions_with_groups().filter(initiative=initiative).order_by(F("ended_at").desc(nulls_first=True), "-pk")
    )


def running_leads_of(groups: Iterable[Group]) -> QuerySet[Lead]:
    return (
        Lead.objects.filter(group__in=list(groups), ended_at=None, adoption__ended_at=None)
        .select_related("group", "adoption__initiative", "adoption__guidelines")
        .order_by("adoption__initiative__number")
    )


@why_to_stay
def _the_group_leads(group: Group) -> str:
    lead = running_leads_of([group]).first()
    if lead is None:
        return ""
    words = _("You are the last member, and your group leads %(initiative)s. Step down first, then leave.")
    return words % {"initiative": lead.adoption.initiative}


def leads_of_members(person: User) -> QuerySet[Lead]:
    """The terms in which a person may act, as an active member of a leading group."""
    active = Membership.objects.filter(user=person, state=Membership.State.ACTIVE)
    return running_leads_of(Group.objects.filter(pk__in=active.values("group")))


def term_can_be_renewed(adoption: Adoption, now: datetime) -> bool:
    """In the last 30 days of its term."""
    return now >= adoption.term_began_at + timedelta(days=TERM_REMINDER_DAYS[0])


def young_leads_of(groups: QuerySet[Group]) -> QuerySet[Lead]:
    """Running leads of groups that have not met three must-steps in any term yet."""
    grown = Lead.objects.filter(adoption__musts_met__gte=MUSTS_OF_A_GROWN_GROUP)
    return Lead.objects.filter(group__in=groups, ended_at=None, adoption__ended_at=None).exclude(
        group__in=grown.values("group")
    )


def running_leads(adoption: Adoption) -> list[Lead]:
    """The groups that lead now, of an adoption that `adoptions_with_groups` has fetched."""
    return [lead for lead in adoption.leads.all() if lead.ended_at is None]


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


def told_of_an_adoption(initiative: Initiative, *, by: User) -> int:
    """How many people get a letter when this person's group adopts it."""
    return interested_who_want_news(initiative, without=[by]).filter(blocked_at=None).count()


def told_of_an_end(lead: Lead) -> int:
    """How many people get a letter when this group's term ends: its members, and who wants news."""
    if Lead.objects.filter(adoption=lead.adoption_id, ended_at=None).exclude(pk=lead.pk).exists():
        return 0
    members = active_members_of(lead.group).filter(blocked_at=None)
    interested = interested_who_want_news(lead.adoption.initiative).filter(blocked_at=None)
    return members.union(interested).count()


def latest_updates(count: int) -> QuerySet[Update]:
    return Update.objects.order_by("-posted_at", "-pk")[:count]


def adoption_ladder(now: datetime) -> list[LadderRung]:
    """What happens after adopting, with dates."""
    return [
        LadderRung(now, _("Your group leads at once. The badge reads “proposed”."), "now", _("Today")),
        LadderRung(now + timedelta(days=NOTICE_DAYS), _("The notice ends; the badge reads “led”."), "future"),
        LadderRung(
            now + timedelta(days=EARLY_STEPS_DAYS),
            _("The first four must-steps are met; otherwise the badge turns quiet."),
            "future",
        ),
        LadderRung(
            now + timedelta(days=QUIET_DAYS),
            _(
                "Quiet, if nothing happened for 60 days. Reminders come on days 46 and 57. On day %(days)d the "
                "term lapses, with thanks."
            )
            % {"days": LAPSE_DAYS},
            "silence",
            _("60 days without an update"),
        ),
    ]


@personal_data("initiatives")
def _said_by(person: User) -> dict[str, Any]:
    ways = ("initiative__number", *Interest.WAYS, "languages", "region", "is_named", "wants_news", "said_at")
    adopted, ended = Adoption.objects.filter(adopted_by=person), Adoption.objects.filter(ended_by=person)
    updates, places = Update.objects.filter(posted_by=person), Place.objects.filter(added_by=person)
    return {
        "interests": list(person.interests.values(*ways)),
        "adopted": list(adopted.values("initiative__number", "plan", "first_steps", "adopted_at")),
        "ended": list(ended.values("initiative__number", "ending", "notes", "ended_at")),
        "updates": list(updates.values("adoption__initiative__number", "group__name", "text", "link", "posted_at")),
        "places": list(places.values("initiative__number", "url", "title", "language", "added_at")),
    }
