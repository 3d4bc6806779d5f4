"""Groups, who belongs to them and who acts for them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.groups.models import (
    Facilitation,
    Group,
    Membership,
    Succession,
)
from apps.people.models import RoleTerm
from apps.people.queries import holders_of, terms_of_role

CONFLICT_LASTS = timedelta(days=365)


# A sentence that says why a group cannot be left without members, or "".
WhyToStay = Callable[[Group], str]


WHY_TO_STAY: list[WhyToStay] = []


def why_to_stay(find: WhyToStay) -> WhyToStay:
    """Register what a group still has to end before its last member leaves; groups knows no feature above."""
    WHY_TO_STAY.append(find)
    return find


def reason_to_stay(group: Group) -> str:
    """The first reason why somebody has to stay in a group; "" if it can be left empty."""
    return next((reason for find in WHY_TO_STAY if (reason := find(group))), "")


@why_to_stay
def _somebody_asks_to_join(group: Group) -> str:
    if not requests_to_join(group).exists():
        return ""
    return _("You are the last member, and somebody asks to join. Answer them first, then leave.")


# A sentence that says why a person cannot coordinate a group now, or "".
WhyNotCoordinate = Callable[[Group, User], str]


WHY_NOT_COORDINATE: list[WhyNotCoordinate] = []


def why_not_coordinate(find: WhyNotCoordinate) -> WhyNotCoordinate:
    """Register what keeps a member from coordinating a group; groups knows no feature above."""
    WHY_NOT_COORDINATE.append(find)
    return find


def reason_not_to_coordinate(group: Group, person: User) -> str:
    """The first reason why a person cannot become coordinator of a group; "" if they can."""
    return next((reason for find in WHY_NOT_COORDINATE if (reason := find(group, person))), "")


# What a group leads now: pairs of the number and the title of an initiative.
Led = list[tuple[int, str]]


LED: list[Callable[[Group], Led]] = []


def what_a_group_leads(find: Callable[[Group], Led]) -> Callable[[Group], Led]:
    """Register the answer to what a group leads; groups lies below initiatives."""
    LED.append(find)
    return find


def initiatives_led_by(group: Group) -> Led:
    return [led for find in LED for led in find(group)]


def unconfirmed(group: str = "") -> Combinable:
    """Whether a group names an organisation and nobody has confirmed that it acts for it.

    An administrator confirms it, or, for the Foundation, a coordinator with a linked staff sign-in. `group` is the
    path to the group from the rows that are read: "group__".
    """
    staff = Membership.objects.filter(
        group=OuterRef(f"{group}pk"), is_coordinator=True, user__staff_identity__isnull=False
    )
    confirmed = (
        Q(**{f"{group}kind": Group.Kind.VOLUNTEERS})
        | Q(**{f"{group}confirmed_at__isnull": False})
        | Q(Exists(staff), **{f"{group}kind": Group.Kind.FOUNDATION})
    )
    return ExpressionWrapper(~confirmed, output_field=BooleanField())


def all_groups() -> QuerySet[Group]:
    active = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE))
    return Group.objects.annotate(member_count=active, is_unconfirmed=unconfirmed()).order_by("name")


def groups_seeking_members() -> QuerySet[Group]:
    return all_groups().filter(seeks_members=True)


def groups_of(person: User) -> QuerySet[Membership]:
    return person.memberships.filter(state=Membership.State.ACTIVE).select_related("group").order_by("group__name")


def coordinated_groups(person: User) -> QuerySet[Group]:
    active = Membership.objects.filter(user=person, state=Membership.State.ACTIVE, is_coordinator=True)
    return Group.objects.filter(pk__in=active.values("group")).order_by("name")


def facilitated_groups(person: User, now: datetime) -> QuerySet[Group]:
    """The groups that accept this person as a facilitator, while they hold the role."""
    accepted = Facilitation.objects.filter(user=person, ended_at=None)
    accepted = accepted.filter(user__in=holders_of(RoleTerm.Role.FACILITATOR, now))
    return Group.objects.filter(pk__in=accepted.values("group")).order_by("name")


def groups_to_ask_for(person: User, now: datetime) -> QuerySet[Group]:
    """The groups in whose name a person asks for resources: as a coordinator, or as an accepted facilitator."""
    coordinated, facilitated = coordinated_groups(person), facilitated_groups(person, now)
    asks = Q(pk__in=coordinated.order_by().values("pk")) | Q(pk__in=facilitated.order_by().values("pk"))
    return Group.objects.filter(asks).order_by("name")


def facilitators_accepted_by(group: Group) -> QuerySet[Facilitation]:
    accepted = group.facilitations.filter(ended_at=None, user__blocked_at=None)
    return accepted.select_related("user").order_by("accepted_at", "pk")


def facilitators_to_accept(group: Group, now: datetime) -> list[RoleTerm]:
    """The facilitators whom a group could accept, those who cover its region first; each has its `user`."""
    taken = set(group.facilitations.filter(ended_at=None).values_list("user", flat=True))
    free = [term for term in terms_of_role(RoleTerm.Role.FACILITATOR, now) if term.user_id not in taken]
    return sorted(free, key=lambda term: group.region not in term.regions)


def members_of(group: Group) -> QuerySet[Membership]:
    return (
        group.memberships.filter(state=Membership.State.ACTIVE)
        .select_related("user")
        .order_by("-is_coordinator", "joined_at")
    )


def requests_to_join(group: Group) -> QuerySet[Membership]:
    return group.memberships.filter(state=Membership.State.ASKED).select_related("user").order_by("began_at")


def open_succession(group: Group) -> Succession | None:
    """Whether members wait for a sign of life of the coordinators."""
    return group.successions.filter(state=Succession.State.OPEN).first()


def willing_members(group: Group) -> QuerySet[Membership]:
    """Who would coordinate, whoever has been active longest first."""
    willing = group.memberships.filter(state=Membership.State.ACTIVE, is_coordinator=False, user__blocked_at=None)
    return willing.exclude(willing_at=None).select_related("user").order_by("joined_at", "pk")


def coordinators_of(group: Group) -> QuerySet[User]:
    active = group.memberships.filter(state=Membership.State.ACTIVE, is_coordinator=True)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def coordinators_of_each(group_ids: Iterable[int]) -> dict[int, list[User]]:
    """The coordinators of many groups, by the group's id; one query."""
    coordinating = User.objects.filter(
        blocked_at=None,
        memberships__group__in=set(group_ids),
        memberships__state=Membership.State.ACTIVE,
        memberships__is_coordinator=True,
    )
    found: dict[int, list[User]] = defaultdict(list)
    for person in coordinating.annotate(coordinates=F("memberships__group")).order_by("memberships__pk"):
        found[person.coordinates].append(person)
    return found


def active_members_of(group: Group) -> QuerySet[User]:
    active = group.memberships.filter(state=Membership.State.ACTIVE)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def running_membership(person: User | AnonymousUser, group: Group) -> Membership | None:
    """The person's membership, request or invitation in this group, whichever runs."""
    if not person.pk:
        return None
    running = [Membership.State.ASKED, Membership.State.INVITED, Membership.State.ACTIVE]
    return group.memberships.filter(user=person.pk, state__in=running).first()


def is_invited(person: User, group: Group) -> bool:
    return group.memberships.filter(user=person, state=Membership.State.INVITED).exists()


def groups_in_conflict(person: User, now: datetime) -> QuerySet[Membership]:
    """Memberships that keep a person from reviewing: of now, or ended in the last 12 months (product.md)."""
    return person.memberships.filter(
        Q(state=Membership.State.ACTIVE) | Q(state=Membership.State.LEFT, ended_at__gt=now - CONFLICT_LASTS)
    )


def people_in_conflict(group_ids: Iterable[int], now: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(group__in=group_ids).filter(
        Q(state=Membership.State.ACTIVE) | Q(state=Membership.State.LEFT, ended_at__gt=now - CONFLICT_LASTS)
    )


@role_words
def _memberships_in_words(people: list[User]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    active = Membership.objects.filter(user__in=people, state=Membership.State.ACTIVE).select_related("group")
    for membership in active.order_by("-is_coordinator", "group__name"):
        sentence = _("coordinates %(group)s") if membership.is_coordinator else _("member of %(group)s")
        words.setdefault(membership.user_id, []).append(sentence % {"group": membership.group})
    return words


@personal_data("groups")
def _memberships_of(person: User) -> dict[str, Any]:
    fields = ("group__name", "state", "is_coordinator", "message", "began_at", "joined_at", "willing_at", "ended_at")
    return {
        "memberships": list(person.memberships.values(*fields)),
        "facilitates": list(person.facilitations.values("group__name", "accepted_at", "ended_at")),
        "accepted_facilitators": list(
            Facilitation.objects.filter(accepted_by=person).values("group__name", "user__username", "accepted_at")
        ),
        "confirmed": list(Group.objects.filter(confirmed_by=person).values("name", "kind", "confirmed_at")),
    }
