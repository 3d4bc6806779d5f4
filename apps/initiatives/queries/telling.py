"""Who gets a letter when somebody does something about a lead; how many these are is shown before they do it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet

from apps.accounts.models import User
from apps.groups.models import Group, Membership
from apps.groups.queries import people_in_conflict
from apps.guidelines.queries import lives_by_guidelines
from apps.initiatives.models import Adoption, Bid, Initiative, Lead, Objection, Obstacle
from apps.initiatives.queries.bids import bids_to_lead
from apps.initiatives.queries.interest import interested_who_want_news
from apps.people.queries import reviewers

ACTIVE = Membership.State.ACTIVE


@lives_by_guidelines
def coordinators_of_leads() -> QuerySet[User]:
    """Who coordinates a group that leads now, and so decides whether its adoption moves to newer guidelines."""
    leading = Lead.objects.filter(ended_at=None, adoption__ended_at=None)
    active = Membership.objects.filter(group__in=leading.values("group"), state=ACTIVE, is_coordinator=True)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def told_of_news(initiative: Initiative, *, by: User) -> int:
    """Everybody else who is interested and wants news: of an adoption, a hold, a conclusion, a successor sought."""
    return interested_who_want_news(initiative, without=[by]).filter(blocked_at=None).count()


def told_of_a_takeover(adoption: Adoption, *, by: User) -> int:
    """Members of the groups that lead no more, and who wants news."""
    interested = interested_who_want_news(adoption.initiative, without=[by])
    return _how_many(_members_of(_leading(adoption)), interested)


def told_of_an_end(lead: Lead) -> int:
    """The members of this group; if its lead is the last one, who is next in line, or else who wants news."""
    adoption, members = lead.adoption, _members_of([lead.group])
    if _leading(adoption).exclude(pk=lead.group_id).exists():
        return _how_many(members)
    for bid in bids_to_lead(adoption)[:1]:
        return _how_many(members, _members_of([bid.group]))
    objections = adoption.objections.filter(state=Objection.State.OPEN)
    objectors = User.objects.filter(pk__in=objections.values("made_by"))
    return _how_many(members, objectors, interested_who_want_news(adoption.initiative))


def told_of_an_answer(bid: Bid) -> int:
    """The members of the group that bids or is offered the lead, and of those that lead."""
    return _how_many(_members_of([bid.group]), _members_of(_leading(bid.adoption)))


def told_of_objecting(adoption: Adoption, *, by: User, now: datetime) -> int:
    """The members of the groups that lead, and the reviewers without a part in it."""
    leading = _leading(adoption)
    in_conflict = people_in_conflict(leading.values_list("pk", flat=True), now)
    free = reviewers(now).exclude(pk__in=in_conflict.values("user")).exclude(pk=by.pk)
    return _how_many(_members_of(leading), free)


def told_of_a_decision(objection: Objection) -> int:
    """The members of the groups that lead, and whoever objects."""
    return _how_many(_members_of(_leading(objection.adoption)), User.objects.filter(pk=objection.made_by_id))


def told_of_a_move(adoption: Adoption, *, by: User) -> int:
    """The other members of the groups that lead: their checklist moves to newer guidelines."""
    return _how_many(_members_of(_leading(adoption)).exclude(pk=by.pk))


def told_of_an_obstacle(obstacle: Obstacle) -> int:
    """Those whom it is in the way of."""
    return _how_many(whom_it_is_in_the_way_of(obstacle))


def whom_it_is_in_the_way_of(obstacle: Obstacle) -> QuerySet[User]:
    """The members of the groups that lead now, whoever named it; after the term, those of the group that did."""
    if _leading(obstacle.adoption).exists():
        return members_who_lead(obstacle.adoption)
    return _members_of([obstacle.update.group])


def members_who_lead(adoption: Adoption) -> QuerySet[User]:
    """The members of every group that leads now, each once; nobody after the term."""
    return _members_of(_leading(adoption)).filter(blocked_at=None)


def members_who_lead_each(adoption_ids: Iterable[int]) -> dict[int, list[User]]:
    """The members of every group that leads some adoptions now, each once, by the adoption's id; one query."""
    leading = User.objects.filter(
        blocked_at=None,
        memberships__state=ACTIVE,
        memberships__group__leads__adoption__in=set(adoption_ids),
        memberships__group__leads__ended_at=None,
    )
    found: dict[int, list[User]] = defaultdict(list)
    for person in leading.annotate(leads_in=F("memberships__group__leads__adoption")).order_by("pk").distinct():
        found[person.leads_in].append(person)
    return found


def _leading(adoption: Adoption) -> QuerySet[Group]:
    return Group.objects.filter(leads__adoption=adoption, leads__ended_at=None)


def _members_of(groups: Iterable[Group]) -> QuerySet[User]:
    active = Membership.objects.filter(group__in=groups, state=ACTIVE)
    return User.objects.filter(pk__in=active.values("user"))


def _how_many(*told: QuerySet[User]) -> int:
    """Different people; whoever is blocked gets no letter."""
    any_of = Q()
    for people in told:
        any_of |= Q(pk__in=people.order_by().values("pk"))
    return User.objects.filter(any_of, blocked_at=None).count()
