"""Who would lead, too, or objects, and who answers that; holds, and what is in the way."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data
from apps.deadlines.owners import owner_names
from apps.groups.models import Group
from apps.groups.queries import coordinated_groups, coordinators_of_each, people_in_conflict, why_not_coordinate
from apps.initiatives.badge import HOLD_DAYS, HOLD_WINDOW_DAYS
from apps.initiatives.models import Adoption, Bid, Hint, Hold, Initiative, Lead, Objection, Obstacle
from apps.initiatives.queries.leading import MUSTS_OF_A_GROWN_GROUP, young_leads_of
from apps.people.models import RoleTerm
from apps.people.queries import confirmers_of, reviewers

DAY = timedelta(days=1)


def open_bids(adoption: Adoption) -> QuerySet[Bid]:
    bids = adoption.bids.filter(state=Bid.State.OPEN).select_related("group", "answered_by_group")
    return bids.order_by("made_at", "pk")


def bids_to_lead(adoption: Adoption) -> QuerySet[Bid]:
    """The groups that have asked for a part in the lead, the first one first; an offer of the lead is none."""
    return open_bids(adoption).exclude(kind=Bid.Kind.HANDOVER)


def bids_of_young_groups(groups: QuerySet[Group]) -> QuerySet[Bid]:
    """Open bids of groups that have not met three must-steps in any term yet: they come before a second lead, too."""
    grown = Lead.objects.filter(adoption__musts_met__gte=MUSTS_OF_A_GROWN_GROUP)
    own = Bid.objects.filter(group__in=groups, state=Bid.State.OPEN).exclude(kind=Bid.Kind.HANDOVER)
    return own.exclude(group__in=grown.values("group"))


def disputes_over(initiative: Initiative) -> list[Objection | Bid]:
    """The objections and bids of an initiative that are closed, the latest first; two queries."""
    of_initiative = {"adoption__initiative": initiative, "closed_at__isnull": False}
    objections = Objection.objects.filter(**of_initiative).select_related("group")
    bids = Bid.objects.filter(**of_initiative).select_related("group")
    return sorted([*objections, *bids], key=lambda dispute: (dispute.closed_at, dispute.pk), reverse=True)


def young_claim_of(groups: QuerySet[Group]) -> Lead | Bid | None:
    """What a group leads, or would lead, that has not shown three must-steps yet."""
    related = ("group", "adoption__initiative")
    return (
        young_leads_of(groups).select_related(*related).first()
        or bids_of_young_groups(groups).select_related(*related).first()
    )


@why_not_coordinate
def _coordinates_a_young_group(group: Group, person: User) -> str:
    """Until three must-steps are met a person coordinates one group that leads, or would."""
    other = young_claim_of(coordinated_groups(person).exclude(pk=group.pk))
    if other is None or young_claim_of(Group.objects.filter(pk=group.pk)) is None:
        return ""
    words = _(
        "%(person)s coordinates %(group)s, which leads %(initiative)s. They can coordinate a second group that leads "
        "once three must-steps there are met."
    )
    return words % {"person": person, "group": other.group, "initiative": other.adoption.initiative}


def leading_group_ids(adoption_ids: Iterable[int]) -> dict[int, set[int]]:
    """The groups that lead some adoptions now, by the adoption's id."""
    found: dict[int, set[int]] = defaultdict(set)
    leads = Lead.objects.filter(adoption__in=set(adoption_ids), ended_at=None)
    for adoption, group in leads.values_list("adoption", "group"):
        found[adoption].add(group)
    return found


def who_answers_bids(bids: list[Bid], now: datetime) -> dict[int, list[User]]:
    """The coordinators of every leading group; of an offer those of the group that it was made to."""
    leading = leading_group_ids(bid.adoption_id for bid in bids)
    answering = {
        bid.pk: {bid.answered_by_group_id} if bid.kind == Bid.Kind.HANDOVER else leading[bid.adoption_id]
        for bid in bids
    }
    return _coordinators(answering)


def who_reviews_holds(holds: list[Hold], now: datetime) -> dict[int, list[User]]:
    leading = leading_group_ids(hold.adoption_id for hold in holds)
    return _coordinators({hold.pk: leading[hold.adoption_id] for hold in holds})


def _coordinators(groups_of: dict[int, set[int]]) -> dict[int, list[User]]:
    coordinators = coordinators_of_each(group for groups in groups_of.values() for group in groups)
    return {
        pk: list({person.pk: person for group in sorted(groups) for person in coordinators.get(group, [])}.values())
        for pk, groups in groups_of.items()
    }


def who_decides_objections(objections: list[Objection], now: datetime) -> dict[int, list[User]]:
    """Reviewers without a part in it: not the one who objects, nobody of the groups that lead or would lead.

    Whoever left one of these groups in the last 12 months has a part in it, too.
    """
    leading = leading_group_ids(objection.adoption_id for objection in objections)
    groups = {o.pk: leading[o.adoption_id] | ({o.group_id} if o.group_id else set()) for o in objections}
    everybody = list(reviewers(now).order_by("pk"))
    in_conflict: dict[int, set[int]] = defaultdict(set)
    concerned = {group for found in groups.values() for group in found}
    for group, person in people_in_conflict(concerned, now).values_list("group", "user"):
        in_conflict[group].add(person)
    return {
        o.pk: [
            person
            for person in everybody
            if person.pk != o.made_by_id and not any(person.pk in in_conflict[group] for group in groups[o.pk])
        ]
        for o in objections
    }


def may_decide(person: User | AnonymousUser, objection: Objection, now: datetime) -> bool:
    return person in who_decides_objections([objection], now)[objection.pk]


def objections_for(person: User, now: datetime) -> list[Objection]:
    """What this person may decide, as a reviewer without a part in it; the oldest first."""
    open_ = list(Objection.objects.filter(state=Objection.State.OPEN).select_related("group", "adoption__initiative"))
    deciding = who_decides_objections(open_, now) if open_ else {}
    return [objection for objection in open_ if person in deciding[objection.pk]]


def who_clears_obstacles(obstacles: list[Obstacle], now: datetime) -> dict[int, list[User]]:
    """The holders of the role, the coordinators of the group, or the person who said that it waits for them."""
    coordinators = coordinators_of_each(o.group_id for o in obstacles if o.group_id)
    holders = {role: list(_holders(role, now)) for role in {o.role for o in obstacles if o.role}}

    def answering(obstacle: Obstacle) -> list[User]:
        if obstacle.role:
            return holders[obstacle.role]
        if obstacle.group_id:
            return coordinators.get(obstacle.group_id, [])
        return [obstacle.person] if obstacle.person else []

    return {obstacle.pk: answering(obstacle) for obstacle in obstacles}


def _holders(role: str, now: datetime) -> QuerySet[User]:
    """Reviewers; of other roles the holders and administrators, who answer in their place."""
    return reviewers(now) if role == RoleTerm.Role.REVIEWER else confirmers_of(role, now)


def whom_it_waits_for(obstacle: Obstacle) -> str:
    """A role or a group by name; a person never."""
    if obstacle.group:
        return obstacle.group.name
    return owner_names([obstacle.owner]).get(obstacle.owner) or _("one person")


def running_hold(adoption: Adoption) -> Hold | None:
    return adoption.holds.filter(state=Hold.State.RUNNING).first()


def days_on_hold(adoption: Adoption, *, until: datetime) -> float:
    """For how many of the 365 days before `until` this initiative was on hold, the running hold included."""
    begins = until - timedelta(days=HOLD_WINDOW_DAYS)
    of_initiative = Hold.objects.filter(adoption__initiative=adoption.initiative_id)
    times = of_initiative.values_list("began_at", "ended_at")
    spent = (min(ended or until, until) - max(began, begins) for began, ended in times)
    return sum(max(length / DAY, 0) for length in spent)


def longest_hold(adoption: Adoption, now: datetime) -> datetime:
    """The latest review date of a hold that begins now, or of the one that runs: 180 days of any 365, all included."""

    def spent(lasts: int) -> float:
        already = days_on_hold(adoption, until=now + lasts * DAY)
        return already if adoption.hold_review_at else already + lasts

    return next((now + lasts * DAY for lasts in range(HOLD_DAYS, 0, -1) if spent(lasts) <= HOLD_DAYS), now)


@personal_data("leading")
def _done_by(person: User) -> dict[str, Any]:
    about = ("adoption__initiative__number", "group__name", "state")
    bids = Bid.objects.filter(Q(made_by=person) | Q(closed_by=person))
    objections = Objection.objects.filter(Q(made_by=person) | Q(closed_by=person))
    obstacles = Obstacle.objects.filter(Q(person=person) | Q(closed_by=person))
    return {
        "bids": list(bids.values(*about, "kind", "plan", "first_steps", "evidence", "answer", "made_at", "closed_at")),
        "objections": list(objections.values(*about, "reason", "plan", "answer", "made_at", "closed_at")),
        "holds": list(Hold.objects.filter(began_by=person).values(*about, "reason", "waits_for", "began_at")),
        "obstacles": list(
            obstacles.values("adoption__initiative__number", "state", "text", "answer", "named_at", "closed_at")
        ),
        "hints": list(Hint.objects.filter(left_by=person).values("initiative__number", "text", "url", "left_at")),
    }
