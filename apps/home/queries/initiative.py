"""The page of an initiative."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.dates import days_ago
from apps.core.languages import Language, language
from apps.deadlines.queries import (
    LadderRung,
)
from apps.feedback.models import Round
from apps.groups.models import Group, Membership
from apps.home.queries.town_square import SOON_DAYS, count_of
from apps.home.words import LAST_ACT_WORDS
from apps.initiatives.badge import (
    CONCLUSION_DAYS,
    LAPSE_DAYS,
    QUIET_DAYS,
    REMINDER_DAYS,
    TERM_DAYS,
    TERM_REMINDER_DAYS,
    early_steps_by,
    lapse_at,
    quiet_at,
)
from apps.initiatives.models import (
    Adoption,
    Bid,
    Initiative,
    Lead,
    Objection,
    Place,
)
from apps.initiatives.queries import adoptions_of, running_leads
from apps.questions.models import Question


def with_what_is_open(initiatives: models.QuerySet[Initiative]) -> models.QuerySet[Initiative]:
    """How many questions wait, how many feedback rounds are open, and how many disputes are over, with the row."""
    here = {"initiative": models.OuterRef("pk")}
    questions = Question.objects.filter(state=Question.State.OPEN, **here)
    rounds = Round.objects.filter(state=Round.State.OPEN, **here)
    of_its_terms = {"adoption__initiative": models.OuterRef("pk"), "closed_at__isnull": False}
    return initiatives.annotate(
        open_questions=count_of(questions),
        open_rounds=count_of(rounds),
        disputes_over=count_of(Objection.objects.filter(**of_its_terms)) + count_of(Bid.objects.filter(**of_its_terms)),
    )


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
    def act_ago(self) -> str:
        return days_ago(self.adoption.last_act_at, self.now)

    @property
    def early_steps_by(self) -> datetime:
        return early_steps_by(self.adoption)

    @property
    def needs_early_steps(self) -> bool:
        """The missing early steps, and not the silence, make the badge quiet."""
        before_silence = self.quiet_at < self.adoption.last_act_at + timedelta(days=QUIET_DAYS)
        return before_silence and self.adoption.forgotten_at is None

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
    def lapses_on_day_90(self) -> bool:
        return self.lapse_at == self.adoption.last_act_at + timedelta(days=LAPSE_DAYS)

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
        if self.adoption.shared_at:
            words = _("Without an answer, whoever asked for it leads, too")
            rungs.append(LadderRung(self.adoption.shared_at, words, "silence"))
        else:
            rungs.append(LadderRung(self.lapse_at, _("The term lapses, with thanks"), "silence"))
        rungs += [
            LadderRung(lead.leaves_at, _("%(group)s leaves the lead, with thanks") % {"group": lead.group}, "silence")
            for lead in running_leads(self.adoption)
            if lead.leaves_at
        ]
        return sorted(rungs, key=lambda rung: rung.at)

    @property
    def renewal_ladder(self) -> list[LadderRung]:
        """From the beginning of the term to its end, of the lead that renews it or does not."""
        began = self.adoption.term_began_at
        rungs = [LadderRung(began, _("The term begins"), "past")]
        for days in TERM_REMINDER_DAYS:
            at = began + timedelta(days=days)
            rungs.append(LadderRung(at, _("A reminder to renew it"), "past" if at <= self.now else "future"))
        return [*rungs, LadderRung(self.ends_at, _("Nobody renewed it: the term ends, with thanks"), "silence")]

    @property
    def conclusion_ladder(self) -> list[LadderRung]:
        """The notice of a conclusion."""
        ends_at = self.adoption.concludes_at
        if ends_at is None:
            return []
        announced_at = ends_at - timedelta(days=CONCLUSION_DAYS)
        return [
            LadderRung(announced_at, _("Its lead says that it is done"), "past"),
            LadderRung(ends_at, _("It is done; anybody can reopen it by adopting it again"), "silence"),
        ]

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
        """The lead of a group in which the reader is an active member; rather one that they coordinate."""
        leads = [lead for lead in self.leads if self._state_in(lead) == Membership.State.ACTIVE]
        return min(leads, key=lambda lead: not self.mine[lead.group_id].is_coordinator, default=None)

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
