from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.queries import personal_data, role_words
from apps.groups.models import Group, Membership

CONFLICT_LASTS = timedelta(days=365)


def all_groups() -> QuerySet[Group]:
    active = Count("memberships", filter=Q(memberships__state=Membership.State.ACTIVE))
    return Group.objects.annotate(member_count=active).order_by("name")


def groups_seeking_members() -> QuerySet[Group]:
    return all_groups().filter(seeks_members=True)


def groups_of(person: User) -> QuerySet[Membership]:
    return person.memberships.filter(state=Membership.State.ACTIVE).select_related("group").order_by("group__name")


def coordinated_groups(person: User) -> QuerySet[Group]:
    active = Membership.objects.filter(user=person, state=Membership.State.ACTIVE, is_coordinator=True)
    return Group.objects.filter(pk__in=active.values("group")).order_by("name")


def members_of(group: Group) -> QuerySet[Membership]:
    return (
        group.memberships.filter(state=Membership.State.ACTIVE)
        .select_related("user")
        .order_by("-is_coordinator", "joined_at")
    )


def requests_to_join(group: Group) -> QuerySet[Membership]:
    return group.memberships.filter(state=Membership.State.ASKED).select_related("user").order_by("began_at")


def coordinators_of(group: Group) -> QuerySet[User]:
    active = group.memberships.filter(state=Membership.State.ACTIVE, is_coordinator=True)
    return User.objects.filter(pk__in=active.values("user"), blocked_at=None)


def coordinators_of_each(group_ids: Iterable[int]) -> dict[int, list[User]]:
    """The coordinators of many groups, by the group's id; one query."""
    coordinating = Membership.objects.filter(
        group__in=set(group_ids), state=Membership.State.ACTIVE, is_coordinator=True, user__blocked_at=None
    )
    found: dict[int, list[User]] = defaultdict(list)
    for membership in coordinating.select_related("user").order_by("pk"):
        found[membership.group_id].append(membership.user)
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


def invitations_of(person: User) -> QuerySet[Membership]:
    return person.memberships.filter(state=Membership.State.INVITED).select_related("group").order_by("began_at")


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
    fields = ("group__name", "state", "is_coordinator", "message", "began_at", "joined_at", "ended_at")
    return {
        "memberships": list(person.memberships.values(*fields)),
        "confirmed": list(Group.objects.filter(confirmed_by=person).values("name", "kind", "confirmed_at")),
    }
