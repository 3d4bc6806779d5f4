from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.groups import policy as groups
from apps.initiatives import queries
from apps.initiatives.models import Bid, Lead, Obstacle
from apps.initiatives.queries.telling import members_who_lead


def may_act_for(person: User, lead: Lead | None) -> bool:
    """Members of a leading group post updates and log entries."""
    return lead is not None and groups.is_member(person, lead.group)


def may_end(person: User, lead: Lead | None) -> bool:
    """Coordinators of the leading group renew its term, pause it, hand it over, or step down."""
    return lead is not None and groups.coordinates(person, lead.group)


def may_answer_bid(person: User | AnonymousUser, bid: Bid, my_lead: Lead | None) -> bool:
    """Coordinators of a leading group; of an offer, those of the group that it was made to."""
    if bid.state != Bid.State.OPEN:
        return False
    return groups.coordinates(person, bid.group) if bid.kind == Bid.Kind.HANDOVER else my_lead is not None


def may_take_back_bid(person: User | AnonymousUser, bid: Bid) -> bool:
    """Coordinators of the group that bids, or offers."""
    maker = bid.offered_by.group if bid.offered_by else bid.group
    return bid.state == Bid.State.OPEN and groups.coordinates(person, maker)


def may_answer_obstacle(person: User | AnonymousUser, obstacle: Obstacle, now: datetime) -> bool:
    """Whoever it waits for, also late."""
    if obstacle.state not in {Obstacle.State.WAITING, Obstacle.State.UNANSWERED}:
        return False
    return person in queries.who_clears_obstacles([obstacle], now)[obstacle.pk]


def may_clear_obstacle(person: User | AnonymousUser, obstacle: Obstacle) -> bool:
    """Members of every group that leads now, whichever named it."""
    is_settled = obstacle.state in {Obstacle.State.ANSWERED, Obstacle.State.GONE}
    return not is_settled and person in members_who_lead(obstacle.adoption)
