"""Pages that compose several features."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.languages import Language, all_languages, language, offered_languages
from apps.deadlines.models import Deadline
from apps.deadlines.queries import (
    LadderRung,
    Wait,
    deadlines_about,
    deadlines_owed_by,
    open_deadlines,
    open_waits,
    waits,
)
from apps.deadlines.rules import RULES
from apps.engagement.models import Submission
from apps.engagement.queries import CoverageMap
from apps.feedback.models import Round
from apps.groups.models import Group, Membership
from apps.groups.queries import requests_to_join
from apps.home.words import LAST_ACT_WORDS
from apps.initiatives.badge import (
    EARLY_STEPS_DAYS,
    QUIET_DAYS,
    REMINDER_DAYS,
    TERM_DAYS,
    State,
    lapse_at,
    quiet_at,
)
from apps.initiatives.models import (
    Adoption,
    Bid,
    Hold,
    Initiative,
    Lead,
    Objection,
    Obstacle,
    Place,
    Recommendation,
    Update,
)
from apps.initiatives.queries import Shown, adoptions_of, is_few, latest_updates, running_leads, term_can_be_renewed
from apps.notifications.queries import letters_to
from apps.people.models import RoleTerm
from apps.people.queries import administrators, reviewers
from apps.questions.models import Question
from apps.resources.models import ResourceRequest

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


def oldest_waits(count: int = 3) -> tuple[list[Wait], int]:
    """The longest waits of the movement, and how many there are in all."""
    oldest = list(open_waits().annotate(total=models.Window(models.Count("*")))[:count])
    return waits(oldest), oldest[0].total if oldest else 0


def waits_of_initiative(adoption: Adoption | None, groups: list[Group]) -> list[Wait]:
    """What is waiting around an initiative: its reviews, and what its leading groups asked for."""
    if adoption is None:
        return []
    reviews = Submission.objects.filter(adoption=adoption, state=Submission.State.OPEN)
    about_lead = {
        "initiatives.answer_bid": adoption.bids.filter(state=Bid.State.OPEN),
        "initiatives.decide_objection": adoption.objections.filter(state=Objection.State.OPEN),
        "initiatives.review_hold": adoption.holds.filter(state=Hold.State.RUNNING),
        "initiatives.answer_obstacle": adoption.obstacles.filter(state=Obstacle.State.WAITING),
    }
    return waits(_open_about({"engagement.review": reviews, **about_lead, **_wishes_of(groups)}))


def waits_of_group(group: Group) -> list[Wait]:
    """What others owe a group."""
    reviews = Submission.objects.filter(group=group, state=Submission.State.OPEN)
    return waits(_open_about({"engagement.review": reviews, **_wishes_of([group])}))


def _wishes_of(groups: Iterable[Group]) -> dict[str, models.QuerySet[Any]]:
    states = [ResourceRequest.State.ASKED, ResourceRequest.State.WAITING]
    wishes = ResourceRequest.objects.filter(group__in=list(groups), state__in=states)
    return {"resources.answer": wishes, "resources.wait_for_seat": wishes}


def _open_about(subjects: dict[str, models.QuerySet[Any]]) -> models.QuerySet[Deadline]:
    """The open deadlines of some rules about some subjects, in one query."""
    about = models.Q()
    for name, found in subjects.items():
        about |= models.Q(rule=RULES[name].name, subject_id__in=found.order_by().values("pk"))
    return open_deadlines().filter(about)


def renewable_leads(owed: Iterable[Wait], now: datetime) -> set[int]:
    """Which of the owed renewals can be given already."""
    renewals = [wait.subject for wait in owed if wait.rule.name == "initiatives.renew_term"]
    return {lead.pk for lead in renewals if term_can_be_renewed(lead.adoption, now)}


def requests_with_waits(group: Group) -> list[tuple[Membership, Wait | None]]:
    """Who asks to join, each with the dates of the answer, on the last of which silence admits them."""
    asked, rule = list(requests_to_join(group)), RULES["groups.answer_join"]
    open_ = {row.subject_id: row for row in deadlines_about(rule, [membership.pk for membership in asked])}
    return [
        (membership, Wait(open_[membership.pk], rule, membership) if membership.pk in open_ else None)
        for membership in asked
    ]


def waits_for(person: User, groups: Iterable[Group]) -> list[Wait]:
    """What waits for others, for me: requests of my groups, reviews, and my own to join or for a role."""
    groups = list(groups)
    reviews = Submission.objects.filter(group__in=groups, state=Submission.State.OPEN)
    joins = person.memberships.filter(state=Membership.State.ASKED)
    roles = person.role_terms.filter(state=RoleTerm.State.ASKED)
    mine = {"groups.answer_join": joins, "people.confirm_role": roles}
    return waits(_open_about({"engagement.review": reviews, **mine, **_wishes_of(groups)}))


# --- The page of an initiative ---------------------------------------------------------------


def with_what_is_open(initiatives: models.QuerySet[Initiative]) -> models.QuerySet[Initiative]:
    """How many questions wait for an answer, and how many feedback rounds are open, with the row itself."""
    here = {"initiative": models.OuterRef("pk")}
    questions = Question.objects.filter(state=Question.State.OPEN, **here)
    rounds = Round.objects.filter(state=Round.State.OPEN, **here)
    return initiatives.annotate(open_questions=count_of(questions), open_rounds=count_of(rounds))


@dataclass(frozen=True)
class TermShown:
    """The running term: its latest counted act, and the dates of what comes without another one."""

    adoption: Adoption
    now: datetime

    @property
    def act_words(self) -> str:
        return str(LAST_ACT_WORDS.get(self.adoption.last_act, _("an act of the lead")))

    @property
    def day(self) -> int:
        """Days since the latest counted act."""
        return (self.now - self.adoption.last_act_at).days

    @property
    def early_steps_by(self) -> datetime:
        return self.adoption.adopted_at + timedelta(days=EARLY_STEPS_DAYS)

    @property
    def needs_early_steps(self) -> bool:
        """The missing early steps, and not the silence, make the badge quiet."""
        silent = self.quiet_at >= self.adoption.last_act_at + timedelta(days=QUIET_DAYS)
        return not silent and self.adoption.forgotten_at is None

    @property
    def quiet_at(self) -> datetime:
        return quiet_at(self.adoption)

    @property
    def quiet_in(self) -> int:
        return (self.quiet_at - self.now).days

    @property
    def is_quiet(self) -> bool:
        return self.now >= self.quiet_at

    @property
    def is_soon(self) -> bool:
        return self.quiet_in <= SOON_DAYS

    @property
    def lapse_at(self) -> datetime:
        return lapse_at(self.adoption)

    @property
    def ends_at(self) -> datetime:
        return self.adoption.term_began_at + timedelta(days=TERM_DAYS)

    @property
    def term_day(self) -> int:
        return max(0, (self.now - self.adoption.term_began_at).days)

    @property
    def term_days(self) -> int:
        return TERM_DAYS

    @property
    def ladder(self) -> list[LadderRung]:
        """The latest counted act, today, the reminders, the quiet badge and the lapse, in the order of time."""
        act = self.adoption.last_act_at
        rungs = [LadderRung(act, _("Latest counted act: %(act)s") % {"act": self.act_words}, "past")]
        for number, days in enumerate(REMINDER_DAYS):
            at = act + timedelta(days=days)
            words = _("Second reminder") if number else _("First reminder")
            rungs.append(LadderRung(at, words, "past" if at <= self.now else "future"))
        rungs.append(LadderRung(self.now, self._today_words, "now", _("Today")))
        rungs.append(LadderRung(self.quiet_at, self.quiet_words, "past" if self.is_quiet else "silence"))
        rungs.append(LadderRung(self.lapse_at, _("The term lapses, with thanks"), "silence"))
        return sorted(rungs, key=lambda rung: rung.at)

    @property
    def quiet_words(self) -> str:
        if self.needs_early_steps:
            return _("The badge turns quiet: the first four must-steps are not met")
        return _("The badge turns quiet")

    @property
    def _today_words(self) -> str:
        if self.needs_early_steps:
            return _("The first four must-steps of the checklist are what is missing")
        words = ngettext("Day %(day)d; one update is enough", "Day %(day)d; one update is enough", self.day)
        return words % {"day": self.day}


@dataclass(frozen=True)
class PlaceShown:
    """Where an initiative is discussed, with its language and the name of the host."""

    place: Place
    language: Language
    host: str


def places_of(initiative: Initiative) -> list[PlaceShown]:
    return [
        PlaceShown(place, language(place.language), (urlsplit(place.url).hostname or "").removeprefix("www."))
        for place in initiative.places.all()
    ]


def map_shown(coverage: CoverageMap) -> dict[str, Any]:
    """The map in the shape that ui/map.html draws."""
    return {
        "languages": coverage.languages,
        "rows": [{"code": row.region.short, "name": row.region.name, "cells": row.cells} for row in coverage.rows],
        "entries": coverage.entries,
        "reached": coverage.reached,
        "not_reached": coverage.not_reached,
    }


@dataclass(frozen=True)
class Leading:
    """Who leads an initiative now, and what the reader is to them."""

    terms: list[Adoption]
    leads: list[Lead]
    mine: dict[int, Membership]

    @property
    def newest(self) -> Adoption | None:
        return self.terms[0] if self.terms else None

    @property
    def running(self) -> Adoption | None:
        return self.newest if self.newest and self.newest.ended_at is None else None

    @property
    def history(self) -> list[Lead]:
        """Every lead that ended, the latest first."""
        ended = [lead for term in self.terms for lead in term.leads.all() if lead.ended_at]
        return sorted(ended, key=lambda lead: (lead.ended_at, lead.pk), reverse=True)

    @property
    def notes(self) -> list[Adoption]:
        """The terms whose last lead left notes for whoever comes next, or a summary."""
        return [term for term in self.terms if term.ended_at and (term.notes or term.summary)]

    @property
    def groups(self) -> list[Group]:
        return [lead.group for lead in self.leads]

    @property
    def my_lead(self) -> Lead | None:
        """The lead of a group in which the reader is an active member."""
        return next((lead for lead in self.leads if self._state_in(lead) == Membership.State.ACTIVE), None)

    @property
    def i_coordinate(self) -> bool:
        return self.my_lead is not None and self.mine[self.my_lead.group_id].is_coordinator

    @property
    def my_request(self) -> Membership | None:
        """A request to join or an invitation that waits for an answer."""
        return next((found for found in self.mine.values() if found.state != Membership.State.ACTIVE), None)

    def _state_in(self, lead: Lead) -> str:
        return self.mine[lead.group_id].state if lead.group_id in self.mine else ""


def leading(initiative: Initiative, person: Any) -> Leading:
    terms = adoptions_of(initiative)
    leads = running_leads(terms[0]) if terms and terms[0].ended_at is None else []
    return Leading(terms, leads, _memberships_in(person, [lead.group for lead in leads]))


def _memberships_in(person: Any, groups: list[Group]) -> dict[int, Membership]:
    """A person's running memberships, requests and invitations in some groups, by group; one query."""
    if not person.is_authenticated:
        return {}
    running = [Membership.State.ASKED, Membership.State.INVITED, Membership.State.ACTIVE]
    found = Membership.objects.filter(user=person, group__in=groups, state__in=running)
    return {membership.group_id: membership for membership in found}


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
