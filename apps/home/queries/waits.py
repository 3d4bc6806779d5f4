"""What waits around an initiative, a group or a person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from apps.accounts.models import User
from apps.deadlines.models import Deadline
from apps.deadlines.queries import (
    Wait,
    deadlines_about,
    open_deadlines,
    open_waits,
    waits,
    waits_about,
)
from apps.deadlines.rules import RULES
from apps.engagement.models import Submission
from apps.groups.models import Group, Membership
from apps.groups.queries import open_succession, requests_to_join
from apps.initiatives.models import (
    Adoption,
    Bid,
    Hold,
    Objection,
    Obstacle,
)
from apps.initiatives.queries import term_can_be_renewed
from apps.people.models import RoleTerm
from apps.resources.models import ResourceRequest


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


def succession_wait(group: Group) -> list[Wait]:
    """The wait for a sign of life of a group's coordinators, if members ask for one."""
    succession = open_succession(group)
    return waits_about(succession) if succession else []


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
