"""Who leads: adoptions, leads, their terms and limits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.deadlines.queries import LadderRung
from apps.groups.models import Group, Membership
from apps.groups.queries import unconfirmed, what_a_group_leads, why_to_stay
from apps.initiatives.badge import (
    BID_DAYS,
    EARLY_STEPS_DAYS,
    INCUMBENT_DAYS,
    LAPSE_DAYS,
    NOTICE_DAYS,
    QUIET_DAYS,
    TERM_REMINDER_DAYS,
)
from apps.initiatives.models import Adoption, Bid, Initiative, Interest, Lead, Place, Update

MUSTS_OF_A_GROWN_GROUP = 3


def adoptions_with_groups() -> QuerySet[Adoption]:
    with_group = Lead.objects.select_related("group").annotate(is_unconfirmed=unconfirmed("group__"))
    leads = Prefetch("leads", queryset=with_group)
    return Adoption.objects.select_related("guidelines").defer("guidelines__bodies").prefetch_related(leads)


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


@what_a_group_leads
def _led_now(group: Group) -> list[tuple[int, str]]:
    initiatives = [lead.adoption.initiative for lead in running_leads_of([group])]
    return [(initiative.number, initiative.title) for initiative in initiatives]


@why_to_stay
def _the_group_leads(group: Group) -> str:
    lead = running_leads_of([group]).first()
    if lead is None:
        return ""
    words = _("You are the last member, and your group leads %(initiative)s. Step down first, then leave.")
    return words % {"initiative": lead.adoption.initiative}


@why_to_stay
def _the_group_would_lead(group: Group) -> str:
    bid = Bid.objects.filter(group=group, state=Bid.State.OPEN).exclude(kind=Bid.Kind.HANDOVER).first()
    if bid is None:
        return ""
    words = _("You are the last member, and your group asked to lead %(initiative)s. Take that back first, then leave.")
    return words % {"initiative": bid.adoption.initiative}


def leads_of_members(person: User) -> QuerySet[Lead]:
    """The terms in which a person may act, as an active member of a leading group."""
    active = Membership.objects.filter(user=person, state=Membership.State.ACTIVE)
    return running_leads_of(Group.objects.filter(pk__in=active.values("group")))


def term_can_be_renewed(adoption: Adoption, now: datetime) -> bool:
    """In the last 30 days of its term."""
    return now >= adoption.term_began_at + timedelta(days=TERM_REMINDER_DAYS[0])


def incumbents_can_join(now: datetime) -> bool:
    """In the first 60 days after the launch of this site whoever led before can ask to lead, too, with evidence."""
    launched: date | None = settings.LAUNCHED_ON
    return launched is not None and launched <= now.date() < launched + timedelta(days=INCUMBENT_DAYS)


def young_leads_of(groups: QuerySet[Group]) -> QuerySet[Lead]:
    """Running leads of groups that have not met three must-steps in any term yet."""
    grown = Lead.objects.filter(adoption__musts_met__gte=MUSTS_OF_A_GROWN_GROUP)
    return Lead.objects.filter(group__in=groups, ended_at=None, adoption__ended_at=None).exclude(
        group__in=grown.values("group")
    )


def running_leads(adoption: Adoption) -> list[Lead]:
    """The groups that lead now, of an adoption that `adoptions_with_groups` has fetched."""
    return [lead for lead in adoption.leads.all() if lead.ended_at is None]


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


def bid_ladder(way: str, now: datetime) -> list[LadderRung]:
    """What happens after asking for a part in the lead, with dates; at once where a successor is sought."""
    if way == "take_over":
        return [LadderRung(now, _("Your group leads, under the guidelines of the running term."), "now", _("Today"))]
    answer = _("It shares the lead, hands over, or goes on with evidence") if way == "quiet" else _("It says yes or no")
    return [
        LadderRung(now, _("The lead is told, on the site and by mail."), "now", _("Today")),
        LadderRung(now + timedelta(days=7), _("A reminder"), "future"),
        LadderRung(now + timedelta(days=BID_DAYS), answer, "future", _("Until then")),
        LadderRung(now + timedelta(days=BID_DAYS), _("Nobody answered: your groups lead together."), "silence"),
    ]


@personal_data("initiatives")
def _said_by(person: User) -> dict[str, Any]:
    ways = ("initiative__number", *Interest.WAYS, "languages", "region", "is_named", "wants_news", "said_at")
    adoption = ("initiative__number", "plan", "first_steps", "evidence", "summary", "adopted_at")
    update = ("adoption__initiative__number", "group__name", "text", "next_step", "link", "posted_at")
    adopted, ended = Adoption.objects.filter(adopted_by=person), Adoption.objects.filter(ended_by=person)
    updates, places = Update.objects.filter(posted_by=person), Place.objects.filter(added_by=person)
    return {
        "interests": list(person.interests.values(*ways)),
        "adopted": list(adopted.values(*adoption)),
        "ended": list(ended.values("initiative__number", "ending", "notes", "ended_at")),
        "updates": list(updates.values(*update)),
        "places": list(places.values("initiative__number", "url", "title", "language", "added_at")),
    }
